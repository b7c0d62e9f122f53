"""Histories written by hand, as `ConvViz.history` has them, for rules to find what is planted."""

from collections.abc import Sequence
from typing import Any

from convviz_tb.metrics.findings import findings


def history(**parts: Any) -> dict[str, Any]:
    """Four steps of nothing, but for the parts that are given."""
    steps = parts.pop("steps", [0, 1, 2, 3])
    return {"steps": steps, "layers": {}, "filters": {}, "pictures": {}} | parts


def filters(count: int = 3, layer: str = "conv", **numbers: Any) -> dict[str, Any]:
    """The filters 0, 10, 20, ... of a layer, and their numbers at each step."""
    return {layer: {"filter": [10 * i for i in range(count)]} | numbers}


def maps(
    energy: Sequence[float | None] | None, centres: Any = None, **numbers: Any
) -> dict[str, Any]:
    """Heatmaps of two pictures of class 2 and one of class 0, whose energy stays."""
    steps = len(energy or numbers["overlap_baseline"])
    found = {"image": [[0, 1, 2]] * steps, "class_index": [[2, 2, 0]] * steps} | numbers
    found["centre"] = centres or [[[0.5, 0.5]] * 3] * steps
    if energy:
        found["energy_inside"] = [[each, each, 0.6] for each in energy]
    return {"last": found}


def explained(
    pairs: Sequence[Sequence[tuple[int, int] | None]], layer: str = "last", **numbers: Any
) -> dict[str, Any]:
    """Heatmaps of the pictures and classes that are listed for each step."""
    images = [[image for image, _ in of_step] for of_step in pairs]
    classes = [[class_index for _, class_index in of_step] for of_step in pairs]
    return {layer: {"image": images, "class_index": classes} | numbers}


def predictions(*steps: str, **numbers: Any) -> dict[str, Any]:
    """Heatmaps of the predicted classes: one digit for each picture, one word for each step."""
    classes = [[int(each) for each in word] for word in steps]
    pairs = [list(enumerate(of_step)) for of_step in classes]
    found = explained(pairs, predicted=classes, **numbers)
    return history(steps=list(range(len(steps))), pictures=found)


def texts(found: dict[str, Any], *names: str, **known: Any) -> list[str]:
    """What is told."""
    return [finding["text"] for finding in findings(found, names, **known)]


def told(found: dict[str, Any], part: str, *names: str, **known: Any) -> dict[str, Any]:
    """The one finding whose text has this part."""
    (finding,) = [each for each in findings(found, names, **known) if part in each["text"]]
    return finding
