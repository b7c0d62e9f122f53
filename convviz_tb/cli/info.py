"""What a log directory holds: runs, steps, layers, sizes and problems, as data and as text."""

import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypedDict

from convviz_tb import schema
from convviz_tb.serve.local import open_log
from convviz_tb.serve.store import NotStored, Problem, Ref, RunIndex, SeriesEntry, Store


class LayerInfo(TypedDict):
    """The series of one layer."""

    layer: str
    kind: str
    steps: int
    sheet: schema.Sheet | None


class RunInfo(TypedDict):
    """One run."""

    name: str
    steps: list[int]
    planned: int | None
    bytes: int
    written: float
    layers: list[LayerInfo]
    problems: list[Problem]


def runs_in(log_dir: str) -> list[RunInfo]:
    """The runs in a log directory, by name.

    Raises:
        FileNotFoundError: there is no such directory.
        Unanswered: it cannot be read.
    """
    with open_log(log_dir) as store:
        return [_run(store, entry["run"], Path(log_dir)) for entry in store.runs()]


def _run(store: Store, run: str, log_dir: Path) -> RunInfo:
    index = store.series(run)
    steps = next((each["steps"] for each in index["series"] if each["kind"] == "model"), [])
    model = index["model"]
    name = index["name"] if index["name"] != "." else Path(os.path.abspath(log_dir)).name
    return RunInfo(
        name=name,
        steps=steps,
        planned=model.get("planned") if model else None,
        bytes=sum(file.stat().st_size for file in (log_dir / run).glob("*tfevents*")),
        written=max((at for each in index["series"] for at in each["wall_times"]), default=0.0),
        layers=[
            _layer(store, run, each)
            for each in index["series"]
            if each["kind"] in ("patterns", "heatmaps")
        ],
        problems=_problems(index),
    )


def _layer(store: Store, run: str, series: SeriesEntry) -> LayerInfo:
    newest = Ref(run, series["tag"], series["steps"][-1], series["wall_times"][-1])
    try:
        sheet = store.facts(newest)["sheet"]
    except NotStored:
        sheet = None
    return LayerInfo(
        layer=series["layer"], kind=series["kind"], steps=len(series["steps"]), sheet=sheet
    )


def _problems(index: RunIndex) -> list[Problem]:
    """What cannot be read, and what failed while it was logged."""
    failures = [
        Problem(tag=each["tag"], reason=f"step {each['step']}: {each['reason']}")
        for each in index["failures"]
    ]
    return [*index["problems"], *failures]


def as_text(runs: Sequence[RunInfo]) -> str:
    """What people read."""
    return "\n\n".join("\n".join(map(_printable, _lines(run))) for run in runs)


def _printable(line: str) -> str:
    """A log may hold anything: no escape sequence of it reaches the terminal."""
    return "".join(each if each.isprintable() else "?" for each in line)


def _lines(run: RunInfo) -> Iterable[str]:
    planned = f" of {run['planned']}" if run["planned"] else ""
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(run["written"]))
    yield (
        f"{run['name']}: step {_ranges(run['steps'])}{planned}, "
        f"{run['bytes'] / 1e6:.1f} MB, last written {when}"
    )
    width = max((len(layer["layer"]) for layer in run["layers"]), default=0)
    for layer in run["layers"]:
        what = f"{layer['layer']:{width}}  {layer['kind']:8}"
        yield f"  {what}  {layer['steps']} steps{_tiles(layer['sheet'])}"
    for problem in run["problems"]:
        yield f"  problem: {problem['tag']}: {problem['reason']}"


def _tiles(sheet: schema.Sheet | None) -> str:
    if sheet is None:
        return ", the newest cannot be read"
    height, width = sheet["tile"]
    return f", {sheet['count']} tiles of {width} x {height} pixels"


def _ranges(steps: Sequence[int]) -> str:
    """`[0, 1, 2, 5]` -> "0-2, 5"."""
    parts: list[list[int]] = []
    for step in steps:
        if parts and step == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], step]
        else:
            parts.append([step])
    return ", ".join("-".join(map(str, part)) for part in parts) or "none"
