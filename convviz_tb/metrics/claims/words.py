"""Words of findings: the sentence with what it is about, lists, shares, names."""

from collections.abc import Sequence
from typing import Any

from convviz_tb.metrics.claims.series import Filters, Finding


def about(
    text: str, kind: str, layer: str, step: Any, tile: Any, severity: str | None = None
) -> Finding:
    """A finding; `tile` is the filter or the picture where it can be seen."""
    which = {"filter" if kind == "patterns" else "image": int(tile)}
    found = {"text": text, "kind": kind, "layer": layer, "step": int(step)} | which
    return found | ({"severity": severity} if severity else {})


def listed(items: Sequence[Any], one: str = "") -> str:
    """`filters 1, 2, 3`."""
    shown = ", ".join(map(str, items[:6]))
    more = f" and {len(items) - 6} more" if len(items) > 6 else ""
    return f"{one}{'s' if one and len(items) > 1 else ''} {shown}{more}".strip()


def one_filter(layer: Filters, column: int) -> str:
    """The class that a filter stands for, or `filter 3`."""
    return layer.names[column] or f"filter {layer.filters[column]}"


def some_filters(layer: Filters, columns: Sequence[int]) -> str:
    """`filters 1, 2, 3`, or the classes that they stand for."""
    names = [layer.names[column] for column in columns]
    if all(names):
        return f"{'classes' if len(names) > 1 else 'class'} {listed(names)}"
    return listed([layer.filters[column] for column in columns], "filter")


def listed_names(names: Sequence[str]) -> str:
    """`conv1, conv2 and 3 more`."""
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def percent(share: float) -> str:
    """A share in words, with one decimal where it is small; never rounded to nothing."""
    if 0 < share < 0.0005:
        return "less than 0.1%"
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"


def sure(probability: float) -> str:
    """A probability in words, never rounded to certainty."""
    if probability >= 0.995:
        return "over 99%"
    return f"{probability:.0%}" if probability >= 0.005 else "under 1%"


def at(step: Any) -> str:
    """A step as a point in time."""
    return f"at epoch {step}" if step else "before training"


def plain(name: str) -> str:
    """The name of a region in words."""
    return name.replace("_", " ")
