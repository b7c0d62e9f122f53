"""Checkpoints of a training: paths -> files in the order of their steps, which their names tell."""

import itertools
import os
import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

from convviz_tb.model import OF_MODEL, is_saved_model

Paths: TypeAlias = "str | os.PathLike[str] | Iterable[str | os.PathLike[str]]"

_NAMED: Final = re.compile(r"(?<![a-z])(?:epochs?|ep|e|steps?)[_=-]?(\d+)", re.IGNORECASE)
#: A whole number, no part of one with a decimal point.
_WHOLE: Final = re.compile(r"(?<!\d)(?<!\d\.)(\d+)(?!\d*\.\d)(?!\d)")
_ENDING: Final = re.compile(r"(\.weights)?\.(keras|h5|hdf5)$")


class Checkpoint(NamedTuple):
    """A saved model, and the number of epochs completed when it was saved."""

    step: int
    path: str


def checkpoints_of(paths: Paths, steps: Sequence[int] | None = None) -> list[Checkpoint]:
    """The checkpoints at some paths, in the order of their steps.

    Args:
        paths: files, folders of SavedModels, or folders that hold such.
        steps: the step of each, in order; by default the number in its name.

    Raises:
        ValueError: there are none, or names do not tell their steps.
    """
    given = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    found = [file for path in given for file in _files(os.fspath(path))]
    if not found:
        raise ValueError("checkpoints: received none.")
    steps = _told_by_names(found) if steps is None else list(steps)
    if len(steps) != len(found):
        raise ValueError(f"steps: received {len(steps)} for {len(found)} checkpoints.")
    if any(isinstance(step, bool) or not isinstance(step, int) or step < 0 for step in steps):
        raise ValueError(f"steps: received {steps}; numbers of epochs completed, from 0.")
    ordered = sorted(map(Checkpoint, steps, found))
    for one, other in itertools.pairwise(ordered):
        if one.step == other.step:
            raise ValueError(f"steps: {one.path!r} and {other.path!r} are both of {one.step}.")
    return ordered


def _files(path: str) -> list[str]:
    """The checkpoints at a path: itself, or what a folder holds."""
    if is_saved_model(path):
        return [path]
    if os.path.isdir(path):
        inside = (os.path.join(path, name) for name in sorted(os.listdir(path)))
        files = [each for each in inside if each.endswith(OF_MODEL) or is_saved_model(each)]
        if not files:
            raise ValueError(f"checkpoints: no saved models in the folder {path!r}.")
        return files
    if not os.path.isfile(path):
        raise ValueError(f"checkpoints: there is no {path!r}.")
    if not path.endswith(OF_MODEL):
        raise ValueError(f"checkpoints: received {path!r}; files that end in .keras or .h5.")
    return [path]


def _told_by_names(files: Sequence[str]) -> list[int]:
    """The number after "epoch" in each name, else the one whole number that tells them apart."""
    names = [_ENDING.sub("", os.path.basename(file.rstrip("/"))) for file in files]
    named = [_NAMED.findall(name) for name in names]
    if all(named):
        return [int(numbers[0]) for numbers in named]
    numbers = [_WHOLE.findall(name) for name in names]
    if len({len(each) for each in numbers}) == 1:
        columns = [column for column in zip(*numbers, strict=True) if _all_differ(column)]
        if len(columns) == 1:
            return [int(number) for number in columns[0]]
    raise ValueError(f"steps: the names do not tell them, as in {names[0]!r}; give steps.")


def _all_differ(numbers: Sequence[str]) -> bool:
    return len({int(number) for number in numbers}) == len(numbers)
