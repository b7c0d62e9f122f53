"""The numbers of a run over its steps -> what a reader should know, in a few sentences.

Each rule looks at one kind of change and states its thresholds; `docs/metrics.md` lists them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from convviz_tb.schema import ON_REGION

#: See `ConvViz.history`.
History: TypeAlias = dict[str, Any]
Finding: TypeAlias = dict[str, Any]
Array = npt.NDArray[Any]

MOST: Final = 5
_PER_RULE: Final = 2
_ON_OBJECT: Final = 0.25  # energy on the object at first, below which a map cannot leave it
_LEFT: Final = 0.5  # of that energy; below, a map has left the object
_TO_REGION: Final = 0.5  # of what the object lost; above, it went to that region
_ELSEWHERE: Final = 0.35  # overlap with the baseline, below which a map lies elsewhere
_ASIDE: Final = 0.06  # of the picture's side, by which a centre has moved
_OTHER_ANSWERS: Final = 0.5  # function drift of a filter that does something else now
_TWINS: Final = 0.98  # correlation
_MOVED: Final = 0.05  # kernel drift
_NO_EFFECT: Final = 0.01  # function drift


def findings(
    history: History, class_names: Sequence[str] = (), object_name: str = "object"
) -> list[Finding]:
    """At most five sentences, the most important first, each with what it is about.

    Args:
        history: the numbers of all steps so far, see `ConvViz.history`.
        class_names: names by class index.
        object_name: what the region is called that `energy_inside` is of.

    Returns:
        `text`, `kind` ("patterns" or "heatmaps"), `layer`, `step`, and `filter` or `image`.
    """
    if len(history["steps"]) < 2:
        return list(_died(history))[:MOST]
    rules: list[Callable[[History], Iterable[Finding]]] = [
        lambda found: _left(found, class_names, object_name),
        _died,
        _moved_most,
        _other_answers,
        _became_twins,
        _became_stuck,
        _without_effect,
    ]
    return [finding for rule in rules for finding in list(rule(history))[:_PER_RULE]][:MOST]


# ------------------------------------------------------------------------------------ heatmaps


class _Change(NamedTuple):
    """What became of the heatmaps of a class."""

    text: str  # after the name of the class
    step: int
    image: int
    weight: float  # against the changes of other layers and classes


def _left(history: History, class_names: Sequence[str], object_name: str) -> Iterator[Finding]:
    """Classes whose heatmaps left the object, or, without boxes, lie elsewhere now."""
    found: dict[int, tuple[str, _Change]] = {}  # of several layers, the one where it shows most
    for layer, numbers in history["pictures"].items():
        for class_index in _classes(numbers):
            change = (
                _moved_to_region(history, numbers, class_index, object_name)
                or _left_object(history, numbers, class_index, object_name)
                or _lies_elsewhere(history, numbers, class_index)
            )
            known = found.get(class_index)
            if change and (known is None or change.weight >= known[1].weight):
                found[class_index] = layer, change
    for class_index, (layer, change) in sorted(found.items(), key=lambda each: -each[1][1].weight):
        yield {
            "text": f"On class {_named(class_index, class_names)}{change.text}",
            "kind": "heatmaps",
            "layer": layer,
            "image": change.image,
            "step": change.step,
        }


def _moved_to_region(
    history: History, numbers: History, class_index: int, object_name: str
) -> _Change | None:
    """To the region that took most of what the object lost, on the maps that know both."""
    found = []
    regions = [name for name in numbers if name.startswith(ON_REGION)]
    for column in regions if "energy_inside" in numbers else ():
        both = _knowing(numbers, "energy_inside", column)
        inside, onto = (_of_class(both, name, class_index) for name in ("energy_inside", column))
        lost, gained = inside[0] - inside, onto - onto[0]
        has_moved = (inside < _LEFT * inside[0]) & (gained > _TO_REGION * lost)
        since = _since(history, has_moved, ~np.isnan(inside))
        if inside[0] >= _ON_OBJECT and since is not None:
            found.append((gained[-1], since, column, both, inside, onto))
    if not found:
        return None
    _, since, column, both, inside, onto = max(found, key=lambda each: each[0])
    old, new = _words(object_name), _words(column.removeprefix(ON_REGION))
    return _Change(
        f"{_part(numbers, both, class_index, new)} the heatmaps moved from the {old} to the {new} "
        f"at epoch {since}: energy on the {old} fell from {inside[0]:.0%} to {inside[-1]:.0%}, on "
        f"the {new} it rose from {onto[0]:.0%} to {onto[-1]:.0%}.",
        since,
        _image(both, class_index),
        1 + inside[0] - inside[-1],  # where they went is worth more than that they left
    )


def _knowing(numbers: History, *names: str) -> History:
    """These numbers of those maps alone that have all of them."""
    wanted = ("class_index", "image", *names)
    found: History = {name: [] for name in wanted}
    for lists in zip(*(numbers.get(name, ()) for name in wanted), strict=False):
        maps = zip(*(each or () for each in lists), strict=False)
        known = [values for values in maps if None not in values]
        for place, name in enumerate(wanted):
            found[name].append([values[place] for values in known])
    return found


def _part(numbers: History, both: History, class_index: int, region: str) -> str:
    """Which of the class's pictures have the region, in words; nothing where all do."""
    all_, known = (_pictures(each, class_index) for each in (numbers, both))
    if known == all_:
        return ""
    return f", on the {len(known)} of {len(all_)} pictures with the {region},"


def _pictures(numbers: History, class_index: int) -> set[int]:
    """The pictures of which the class was explained at any step."""
    return {
        image
        for classes, images in zip(numbers["class_index"], numbers["image"], strict=True)
        for each, image in zip(classes or (), images or (), strict=False)
        if each == class_index
    }


def _left_object(
    history: History, numbers: History, class_index: int, object_name: str
) -> _Change | None:
    inside = _of_class(numbers, "energy_inside", class_index)
    first, last = inside[0], inside[-1]
    if not first >= _ON_OBJECT:
        return None
    since = _since(history, inside < _LEFT * first, ~np.isnan(inside))
    if since is None:
        return None
    return _Change(
        f" the heatmaps left the {_words(object_name)} at epoch {since}: {first:.0%} of their "
        f"energy lay on it at first, {last:.0%} now{_whither(numbers, class_index)}.",
        since,
        _image(numbers, class_index),
        first - last,
    )


def _lies_elsewhere(history: History, numbers: History, class_index: int) -> _Change | None:
    """Said only where it is not known where the object is."""
    if not np.isnan(_of_class(numbers, "energy_inside", class_index)).all():
        return None
    overlap = _of_class(numbers, "overlap_baseline", class_index)
    since = _since(history, overlap < _ELSEWHERE, ~np.isnan(overlap))
    if since is None:
        return None
    return _Change(
        f" the heatmaps lie elsewhere since epoch {since}: their overlap with those of the "
        f"baseline is {overlap[-1]:.0%}{_whither(numbers, class_index)}.",
        since,
        _image(numbers, class_index),
        1 - overlap[-1],
    )


def _whither(numbers: History, class_index: int) -> str:
    """Where the centres of a class's maps went, in words."""
    x, y = (_of_class(numbers, "centre", class_index, axis) for axis in (0, 1))
    right, down = x[-1] - x[0], y[-1] - y[0]
    words = [
        word
        for word, distance in (
            ("down", down),
            ("up", -down),
            ("to the right", right),
            ("to the left", -right),
        )
        if distance > _ASIDE
    ]
    return f"; they moved {' and '.join(words)}" if words else ""


def _classes(numbers: History) -> list[int]:
    """The classes that were explained at the first step and at the last."""
    known = [set(classes) for classes in numbers["class_index"] if classes]
    return sorted(known[0] & known[-1]) if known else []


def _of_class(numbers: History, name: str, class_index: int, axis: int | None = None) -> Array:
    """The mean of a number over the maps of a class, at each step; NaN where there is none."""
    means = []
    for classes, values in zip(numbers["class_index"], numbers.get(name, ()), strict=False):
        of_class = [
            value if axis is None else value[axis]
            for each, value in zip(classes or (), values or (), strict=False)
            if each == class_index and value is not None
        ]
        means.append(np.mean(of_class) if of_class else np.nan)
    return np.array(means) if means else np.full(len(numbers["class_index"]), np.nan)


def _image(numbers: History, class_index: int) -> int:
    """The first picture of which the class is explained now."""
    classes = next(classes for classes in reversed(numbers["class_index"]) if classes)
    images = next(images for images in reversed(numbers["image"]) if images)
    return int(images[classes.index(class_index)])


def _named(class_index: int, class_names: Sequence[str]) -> str:
    known = class_index < len(class_names)
    return str(class_names[class_index]) if known else str(class_index)


# ------------------------------------------------------------------------------------- filters


def _died(history: History) -> Iterator[Finding]:
    yield from _flagged(history, "dead", "died", "dead")


def _became_stuck(history: History) -> Iterator[Finding]:
    if len(history["steps"]) > 1:
        yield from _flagged(history, "stuck", "got stuck", None)


def _flagged(history: History, flag: str, became: str, were: str | None) -> Iterator[Finding]:
    """Filters that carry a flag now; the layers with the most of them first."""
    found = []
    for layer, numbers in history["filters"].items():
        flags = _table(numbers, flag)
        filters, total = numbers["filter"], flags.shape[1]
        since = {
            place: _since(history, flags[:, place] == 1)
            for place in range(total)
            if len(flags) and flags[-1, place] == 1
        }
        first = history["steps"][0]
        late = {place: step for place, step in since.items() if step is not None and step > first}
        if late:
            step = max(late.values())
            at = "at" if len(set(late.values())) == 1 else "by"
            which = _listed([filters[place] for place in late])
            text = f"{len(late)} of {total} filters of {layer} {became} {at} epoch {step}: {which}."
        elif since and were:
            step = first
            which = _listed([filters[place] for place in since])
            verb = "was" if len(since) == 1 else "were"
            text = f"{len(since)} of {total} filters of {layer} {verb} {were} from the start: "
            text += f"{which}."
        else:
            continue
        place = min(late or since)
        found.append((step == first, -len(since), _finding(text, layer, filters[place], step)))
    yield from (finding for *_, finding in sorted(found, key=lambda each: each[:2]))


def _moved_most(history: History) -> Iterator[Finding]:
    """The layer whose kernels moved most; of layers without kernels, whose answers did."""
    for name, what in (("kernel_drift", "its kernels"), ("function_drift", "its answers")):
        drifts = {
            layer: numbers[name][-1]
            for layer, numbers in history["layers"].items()
            if numbers.get(name) and numbers[name][-1]
        }
        if not drifts:
            continue
        layer = max(drifts, key=lambda each: drifts[each])
        still = sum(
            numbers[name][-1] == 0
            for numbers in history["layers"].values()
            if numbers.get(name) and numbers[name][-1] is not None
        )
        text = f"{layer} moved most: {what} by {_percent(drifts[layer])} since the baseline "
        text += "(median of its filters)"
        layers = "1 watched layer" if still == 1 else f"{still} watched layers"
        text += f"; {layers} did not move." if still else "."
        of_filters = _table(history["filters"][layer], name)[-1]
        which = history["filters"][layer]["filter"][int(np.nanargmax(of_filters))]
        yield _finding(text, layer, which, history["steps"][-1])
        return


def _other_answers(history: History) -> Iterator[Finding]:
    """Single filters that do something else now, where their layer as a whole does not."""
    found = []
    for layer, numbers in history["filters"].items():
        drifts = _table(numbers, "function_drift")
        if not len(drifts) or np.isnan(drifts[-1]).all():
            continue
        place = int(np.nanargmax(drifts[-1]))
        largest, median = drifts[-1, place], np.nanmedian(drifts[-1])
        since = _since(history, drifts[:, place] > _OTHER_ANSWERS)
        if since is None or largest < 3 * median:
            continue
        which = numbers["filter"][place]
        text = (
            f"Filter {which} of {layer} answers to something else since epoch {since}: "
            f"its answers correlate with those of the baseline by {1 - largest:.2f}."
        )
        found.append((-largest, _finding(text, layer, which, since)))
    yield from (finding for _, finding in sorted(found, key=lambda each: each[0]))


def _became_twins(history: History) -> Iterator[Finding]:
    """Pairs of filters that came to answer alike."""
    for layer, numbers in history["filters"].items():
        similar, twins = _table(numbers, "twin_similarity"), numbers.get("twin")
        if not len(similar) or np.isnan(similar[-1]).all() or not twins:
            continue
        since = {
            place: _since(history, similar[:, place] > _TWINS)
            for place in range(similar.shape[1])
            if similar[-1, place] > _TWINS
        }
        first = history["steps"][0]
        late = {place: step for place, step in since.items() if step is not None and step > first}
        if late:
            place = max(late, key=lambda each: similar[-1, each])
            one, other = numbers["filter"][place], twins[-1][place]
            text = (
                f"Filters {one} and {other} of {layer} became twins at epoch {late[place]}: "
                f"their answers correlate by {similar[-1, place]:.2f}."
            )
            yield _finding(text, layer, one, late[place])


def _without_effect(history: History) -> Iterator[Finding]:
    """Layers whose kernels moved while their answers stayed."""
    for layer, numbers in history["layers"].items():
        moved, effect = (
            (numbers.get(name) or [None])[-1] for name in ("kernel_drift", "function_drift")
        )
        if moved is not None and effect is not None and moved > _MOVED and effect < _NO_EFFECT:
            text = (
                f"The kernels of {layer} moved by {_percent(moved)} without effect: "
                f"its answers stayed as they were (drift {effect:.3f})."
            )
            yield _finding(
                text, layer, history["filters"][layer]["filter"][0], history["steps"][-1]
            )


# ------------------------------------------------------------------------------------- helpers


def _table(numbers: History, name: str) -> Array:
    """A number of all filters over the steps, float `(steps, filters)`; NaN where it is unknown."""
    count = len(numbers["filter"])
    rows = [row or [None] * count for row in numbers.get(name, ())]
    return np.array(rows, float).reshape(-1, count)


def _since(history: History, holds: Array, known: Any = True) -> int | None:
    """The first step from which on something holds until now; None if it does not hold now.

    Steps at which it is not known whether it holds, as where a budget left a layer out, are passed
    over.
    """
    if not len(holds) or not holds[-1]:
        return None
    broken = np.flatnonzero(~holds & known)
    start = int(broken[-1]) + 1 if len(broken) else 0
    return int(history["steps"][start + int(np.argmax(holds[start:]))])


def _finding(text: str, layer: str, filter_: int, step: int) -> Finding:
    return {"text": text, "kind": "patterns", "layer": layer, "filter": int(filter_), "step": step}


def _listed(filters: Sequence[int]) -> str:
    shown = ", ".join(map(str, filters[:6]))
    more = f" and {len(filters) - 6} more" if len(filters) > 6 else ""
    return f"filter{'s' if len(filters) > 1 else ''} {shown}{more}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"
