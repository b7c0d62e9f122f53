"""A run in; the curves that Keras' own TensorBoard callback logged beside it out.

They are scalars of the sibling runs `train` and `validation`, tags `epoch_*`. Nothing here is
ours: where there are none, or such as nobody can draw, there are simply no curves.
"""

import math
from typing import Any, Final, TypedDict

from tensorboard.data import provider
from tensorboard.plugins.scalar import metadata

from convviz_tb.serve.store import LONGEST, Store, run_name

PARTS: Final = ("train", "validation")
_PREFIX: Final = "epoch_"
#: Bounds of one answer: more cannot be told apart on a line, or in a menu.
MOST_METRICS: Final = 24
MOST_POINTS: Final = 1000


class Curve(TypedDict):
    """One metric of one part of the data; what is not finite is None."""

    metric: str
    part: str
    steps: list[int]
    wall_times: list[float]
    values: list[float | None]


def curves(store: Store, run: str) -> list[Curve]:
    """The curves beside a run, by metric and part, over our steps.

    Keras logs the end of epoch e under e; for us that is step e + 1, since e + 1 epochs are then
    completed.
    """
    if not store.holds(run):
        return []
    parent = run_name(run)
    siblings = {part if parent == "." else f"{parent}/{part}": part for part in PARTS}
    listed = store.ask(
        "list_scalars",
        plugin_name=metadata.PLUGIN_NAME,
        run_tag_filter=provider.RunTagFilter(runs=list(siblings)),
    )
    tags = {tag for found in listed.values() for tag in found if _is_metric(tag)}
    if not tags:
        return []
    found = store.ask(
        "read_scalars",
        plugin_name=metadata.PLUGIN_NAME,
        downsample=MOST_POINTS,
        run_tag_filter=provider.RunTagFilter(
            runs=list(siblings), tags=sorted(tags, key=_order)[:MOST_METRICS]
        ),
    )
    return [
        _curve(tag, part, found[sibling][tag])
        for sibling, part in siblings.items()
        for tag in sorted(found.get(sibling, {}), key=_order)
    ]


def _is_metric(tag: str) -> bool:
    return tag.startswith(_PREFIX) and len(tag) <= LONGEST


def _order(tag: str) -> tuple[bool, str]:
    """The loss first, since every model has one; the rest by name."""
    return tag != f"{_PREFIX}loss", tag


def _curve(tag: str, part: str, points: list[Any]) -> Curve:
    return Curve(
        metric=tag.removeprefix(_PREFIX),
        part=part,
        steps=[point.step + 1 for point in points],
        wall_times=[finite(point.wall_time) or 0.0 for point in points],
        values=[finite(point.value) for point in points],
    )


def finite(number: float) -> float | None:
    """The number, or None where JSON could not hold it."""
    return float(number) if math.isfinite(number) else None
