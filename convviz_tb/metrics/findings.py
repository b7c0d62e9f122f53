"""Findings: sentences on what the metrics of a run say, made from the numbers of all its steps.

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
_SHIFTED: Final = 0.06  # of the picture's side, by which a centre has moved
_OTHER_RESPONSES: Final = 0.5  # function drift of a filter that does something else now
_ALIKE: Final = 0.98  # correlation
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
        lambda numbers: _left(numbers, class_names, object_name),
        _died,
        _moved_most,
        _other_responses,
        _became_alike,
        _became_always_on,
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
    largest: dict[int, tuple[str, _Change]] = {}  # by class, of several layers
    for layer, numbers in history["pictures"].items():
        for class_index in _classes(numbers):
            change = (
                _moved_to_region(history, numbers, class_index, object_name)
                or _left_object(history, numbers, class_index, object_name)
                or _lies_elsewhere(history, numbers, class_index)
            )
            known = largest.get(class_index)
            if change and (known is None or change.weight >= known[1].weight):
                largest[class_index] = layer, change
    ranked = sorted(largest.items(), key=lambda each: -each[1][1].weight)
    for class_index, (layer, change) in ranked:
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
    moves = []
    regions = [name for name in numbers if name.startswith(ON_REGION)]
    for column in regions if "energy_inside" in numbers else ():
        both = _knowing(numbers, "energy_inside", column)
        inside, onto = (_of_class(both, name, class_index) for name in ("energy_inside", column))
        lost, gained = inside[0] - inside, onto - onto[0]
        has_moved = (inside < _LEFT * inside[0]) & (gained > _TO_REGION * lost)
        since = _since(history, has_moved, ~np.isnan(inside))
        if inside[0] >= _ON_OBJECT and since is not None:
            moves.append((gained[-1], since, column, both, inside, onto))
    if not moves:
        return None
    _, since, column, both, inside, onto = max(moves, key=lambda each: each[0])
    old, new = _words(object_name), _words(column.removeprefix(ON_REGION))
    return _Change(
        f"{_part(numbers, both, class_index, new)} the heatmaps moved from the {old} to the {new} "
        f"at epoch {since}: evidence on the {old} fell from {inside[0]:.0%} to {inside[-1]:.0%}, "
        f"on the {new} it rose from {onto[0]:.0%} to {onto[-1]:.0%}.",
        since,
        _image(both, class_index),
        1 + inside[0] - inside[-1],  # where they went is worth more than that they left
    )


def _knowing(numbers: History, *names: str) -> History:
    """These numbers of those maps alone that have all of them."""
    wanted = ("class_index", "image", *names)
    known: History = {name: [] for name in wanted}
    for lists in zip(*(numbers.get(name, ()) for name in wanted), strict=False):
        maps = zip(*(each or () for each in lists), strict=False)
        whole = [values for values in maps if None not in values]
        for column, name in enumerate(wanted):
            known[name].append([values[column] for values in whole])
    return known


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
        f"evidence lay on it at first, {last:.0%} now{_direction(numbers, class_index)}.",
        since,
        _image(numbers, class_index),
        first - last,
    )


def _lies_elsewhere(history: History, numbers: History, class_index: int) -> _Change | None:
    """Said only where it is not known where the object is."""
    if not np.isnan(_of_class(numbers, "energy_inside", class_index)).all():
        return None
    overlap = _of_class(_with_evidence(numbers), "overlap_baseline", class_index)
    since = _since(history, overlap < _ELSEWHERE, ~np.isnan(overlap))
    if since is None:
        return None
    return _Change(
        f" the heatmaps lie elsewhere since epoch {since}: they have {overlap[-1]:.0%} in common "
        f"with those of the baseline{_direction(numbers, class_index)}.",
        since,
        _image(numbers, class_index),
        1 - overlap[-1],
    )


def _with_evidence(numbers: History) -> History:
    """The overlaps of maps that are empty neither now nor at first: an empty map lies nowhere."""
    known = _knowing(numbers, "overlap_baseline", *{"area"}.intersection(numbers))
    if not known["image"]:
        return known
    at_first = set(zip(known["image"][0], known["class_index"][0], strict=True))
    for step in range(len(known["image"])):
        pairs = zip(known["image"][step], known["class_index"][step], strict=True)
        kept = [index for index, pair in enumerate(pairs) if pair in at_first]
        for column in known.values():
            column[step] = [column[step][index] for index in kept]
    return known


def _direction(numbers: History, class_index: int) -> str:
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
        if distance > _SHIFTED
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


def _became_always_on(history: History) -> Iterator[Finding]:
    if len(history["steps"]) > 1:
        yield from _flagged(history, "stuck", "became always on", None)


def _flagged(history: History, flag: str, became: str, were: str | None) -> Iterator[Finding]:
    """Filters that carry a flag now; the layers with the most of them first."""
    findings_ = []
    for layer, numbers in history["filters"].items():
        flags = _table(numbers, flag)
        filters, total = numbers["filter"], flags.shape[1]
        since = {
            index: _since(history, flags[:, index] == 1)
            for index in range(total)
            if len(flags) and flags[-1, index] == 1
        }
        first = history["steps"][0]
        late = {index: step for index, step in since.items() if step is not None and step > first}
        if late:
            step = max(late.values())
            when = "at" if len(set(late.values())) == 1 else "by"
            which = _listed([filters[index] for index in late])
            text = f"{len(late)} of {total} filters of {layer} {became} {when} epoch {step}: "
            text += f"{which}."
        elif since and were:
            step = first
            which = _listed([filters[index] for index in since])
            verb = "was" if len(since) == 1 else "were"
            text = f"{len(since)} of {total} filters of {layer} {verb} {were} from the start: "
            text += f"{which}."
        else:
            continue
        example = filters[min(late or since)]
        findings_.append((step == first, -len(since), _finding(text, layer, example, step)))
    yield from (finding for *_, finding in sorted(findings_, key=lambda each: each[:2]))


def _moved_most(history: History) -> Iterator[Finding]:
    """The layer whose weights moved most; of layers without weights, whose responses did."""
    for name, what in (("kernel_drift", "its weights"), ("function_drift", "its responses")):
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


def _other_responses(history: History) -> Iterator[Finding]:
    """Single filters that do something else now, where their layer as a whole does not."""
    findings_ = []
    for layer, numbers in history["filters"].items():
        drifts = _table(numbers, "function_drift")
        if not len(drifts) or np.isnan(drifts[-1]).all():
            continue
        index = int(np.nanargmax(drifts[-1]))
        largest, median = drifts[-1, index], np.nanmedian(drifts[-1])
        since = _since(history, drifts[:, index] > _OTHER_RESPONSES)
        if since is None or largest < 3 * median:
            continue
        which = numbers["filter"][index]
        text = (
            f"Filter {which} of {layer} responds to something else since epoch {since}: "
            f"its responses correlate with those of the baseline by {1 - largest:.2f}."
        )
        findings_.append((-largest, _finding(text, layer, which, since)))
    yield from (finding for _, finding in sorted(findings_, key=lambda each: each[0]))


def _became_alike(history: History) -> Iterator[Finding]:
    """Pairs of filters that came to respond alike."""
    for layer, numbers in history["filters"].items():
        similarity, similar = _table(numbers, "twin_similarity"), numbers.get("twin")
        if not len(similarity) or np.isnan(similarity[-1]).all() or not similar:
            continue
        since = {
            index: _since(history, similarity[:, index] > _ALIKE)
            for index in range(similarity.shape[1])
            if similarity[-1, index] > _ALIKE
        }
        first = history["steps"][0]
        late = {index: step for index, step in since.items() if step is not None and step > first}
        if late:
            index = max(late, key=lambda each: similarity[-1, each])
            one, other = numbers["filter"][index], similar[-1][index]
            text = (
                f"Filters {one} and {other} of {layer} became alike at epoch {late[index]}: "
                f"their responses correlate by {similarity[-1, index]:.2f}."
            )
            yield _finding(text, layer, one, late[index])


def _without_effect(history: History) -> Iterator[Finding]:
    """Layers whose weights moved while their responses stayed."""
    for layer, numbers in history["layers"].items():
        moved, effect = (
            (numbers.get(name) or [None])[-1] for name in ("kernel_drift", "function_drift")
        )
        if moved is not None and effect is not None and moved > _MOVED and effect < _NO_EFFECT:
            text = (
                f"The weights of {layer} moved by {_percent(moved)} without effect: "
                f"its responses stayed as they were (changed by {_percent(effect)})."
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

    Skips steps at which it is not known whether it holds, as where a budget left a layer out.
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
