"""Claims on how far layers moved: most, hardly, by scale alone, without effect."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from convviz_tb.metrics.claims.collapse import SAME
from convviz_tb.metrics.claims.series import Array, Filters, Finding
from convviz_tb.metrics.claims.story import Story, means, since
from convviz_tb.metrics.claims.words import about, listed_names, one_filter, percent

_HARDLY: Final = 0.01  # mean drift of the layer that moved most, below which hardly anything moved
_AS_MUCH: Final = 0.8  # of the drift of the layer that moved most: moved about as much
_NOT_ONE: Final = 0.05  # drift that not a single filter reaches then
_MOVED: Final = 0.05  # kernel drift
_NO_EFFECT: Final = 0.01  # function drift
_SAME_SIZE: Final = 0.05  # by which the size of a response may differ and still be the same
_NOT_TURNED: Final = 0.99  # cosine of weights that did not turn


def moved_most(story: Story) -> Iterator[Finding]:
    """The layer whose weights moved most; of layers without weights, whose responses did."""
    layers = [layer for layer in story.filters if not layer.is_baseline]
    for drift_of, what in ((_weight_drift, "weights"), (_response_drift, "responses")):
        drifts = _own([(layer, drift_of(layer)) for layer in layers])
        if any((now > 0).any() for _, now in drifts):
            yield from _moved(story, drifts, what)
            return
    still = [layer for layer in layers if _stood_still(layer)]
    if still and len(still) == len(story.filters):
        text = f"Nothing moved: {_layers(len(still))} stayed as at the baseline."
        yield _about(text, still[0], story.steps[-1], still[0].filters[0])


def _own(drifts: Sequence[tuple[Filters, Array]]) -> list[tuple[Filters, Array]]:
    """Those that are known, without layers that only pass on the filters of one before them."""
    found: dict[bytes, tuple[Filters, Array]] = {}
    for layer, drift in drifts:
        if not np.isnan(drift).all():
            found.setdefault(
                drift.tobytes() if drift.any() else layer.layer.encode(), (layer, drift)
            )
    return list(found.values())


def _weight_drift(layer: Filters) -> Array:
    drift: Array = layer.table("kernel_drift")[-1]
    return drift


def _response_drift(layer: Filters) -> Array:
    """That of filters which tell pictures apart at both ends: silence is told as silence."""
    drift, size, variation = map(layer.table, ("function_drift", "response", "variation"))
    mute = np.zeros(layer.width, bool)
    for row in (_first(size), -1):
        mute |= (size[row] == 0) | (variation[row] < SAME)
    return np.where(mute, np.nan, drift[-1])


def _moved(story: Story, drifts: Sequence[tuple[Filters, Array]], what: str) -> Iterator[Finding]:
    ranked = sorted(drifts, key=lambda each: -float(np.nanmean(each[1])))
    layer, now = ranked[0]
    average, column = float(np.nanmean(now)), int(np.nanargmax(now))
    example = layer.filters[column]
    if average < _HARDLY and _not_one(story):
        text = f"Hardly anything moved in the watched layers: {layer.layer} most, the {what} of "
        text += f"its logged filters by {percent(average)} on average since the baseline."
        yield _about(text, layer, story.steps[-1], example)
        return
    near = [other for other, drift in ranked if _as_much((other, drift), ranked[0])]
    if {each.layer for each in near} <= {each.layer for each in _newly_moved(story)[1]}:
        return  # told of it already
    still = sum(_stood_still(other) for other in story.filters if not other.is_baseline)
    whose = "its" if len(near) == 1 else f"{layer.layer}'s"
    text = f"{_most(near, len(story.filters))}: the {what} of {whose} logged filters by "
    text += f"{percent(average)} on average since the baseline, those of "
    text += f"{one_filter(layer, column)} by {percent(float(now[column]))}"
    text += f"; {_layers(still)} did not move." if still else "."
    yield _about(text, layer, story.steps[-1], example)


def _most(layers: Sequence[Filters], of: int) -> str:
    if len(layers) == of > 1:
        return f"All {of} watched layers moved about as much"
    return f"{listed_names([layer.layer for layer in layers])} moved most"


def _as_much(one: tuple[Filters, Array], most: tuple[Filters, Array]) -> bool:
    """Whether all filters of a layer may have moved as much as all of another, on average."""
    means, errors = zip(*(_mean_and_error(*each) for each in (one, most)), strict=True)
    return bool(means[0] >= _AS_MUCH * means[1] or means[1] - means[0] <= 2 * np.hypot(*errors))


def _mean_and_error(layer: Filters, values: Array) -> tuple[float, float]:
    """The mean, and its standard error: a few of all filters, evenly spread, stand for them."""
    known = values[~np.isnan(values)]
    left_out = 1 - layer.width / (max(layer.filters) + 1)
    return float(known.mean()), float(known.std() * np.sqrt(max(left_out, 0) / len(known)))


def unfrozen(story: Story) -> Iterator[Finding]:
    """Layers that were frozen at first, and moved since they were not."""
    step, layers = _newly_moved(story)
    if not layers:
        return
    first = layers[0]
    averages = [float(np.nanmean(_weight_drift(layer))) for layer in layers]
    verb = "moved" if averages[0] >= _HARDLY else "hardly moved"
    text = f"Unfrozen {_after(story, step)}, {first.layer} {verb}: its"
    if len(layers) > 1:
        names = listed_names([layer.layer for layer in layers])
        text = f"Unfrozen {_after(story, step)}, {names} {verb}: {first.layer} most, its"
    text += f" weights by {percent(averages[0])} on average."
    yield _about(text, first, step, first.filters[int(np.nanargmax(_weight_drift(first)))])


def frozen_still(story: Story) -> Iterator[Finding]:
    """Layers that are not frozen any more, and do not move all the same."""
    layers = [
        layer
        for layer in story.filters
        if _thawed(story, layer) is not None and (_weight_drift(layer) == 0).all()
    ]
    rates = story.history.get("learning_rate") or [None]
    if layers and rates[-1] != 0:
        step = _thawed(story, layers[0]) or 0
        names = listed_names([layer.layer for layer in layers])
        text = f"Unfrozen {_after(story, step)}, {names} did not move since: a change of "
        text += "`trainable` takes effect when the model is compiled again."
        yield about(text, "patterns", layers[0].layer, step, layers[0].filters[0], "bad")


def _thawed(story: Story, layer: Filters) -> int | None:
    """The first step at which a layer was not frozen, of one that was and had not moved."""
    trainable, drift = story.trainable(layer.layer), layer.table("kernel_drift")
    known = ~np.isnan(trainable)
    step = since(story.steps, trainable == 1, known)
    if step is None or step == story.steps[known][0] or not len(drift):
        return None
    before = drift[story.steps < step]
    return step if not (before > 0).any() and (before[-1] == 0).all() else None


def _newly_moved(story: Story) -> tuple[int, list[Filters]]:
    """Layers that moved since they are not frozen, and the first step at which they were not."""
    found: dict[int, list[Filters]] = {}
    for layer in story.filters:
        step = _thawed(story, layer)
        if step is not None and (_weight_drift(layer) > 0).any():
            found.setdefault(step, []).append(layer)
    step = max(found, key=lambda each: len(found[each]), default=0)
    layers = found.get(step, [])
    return step, sorted(layers, key=lambda layer: -float(np.nanmean(_weight_drift(layer))))


def _after(story: Story, step: int) -> str:
    before = int(story.steps[story.steps < step][-1])
    return f"after epoch {before}" if step == before + 1 else f"between epochs {before} and {step}"


def _not_one(story: Story) -> bool:
    """Whether no filter of any layer moved by much, nor its responses."""
    tables = [
        layer.table(name)[-1]
        for layer in story.filters
        for name in ("kernel_drift", "function_drift")
    ]
    return not any((table >= _NOT_ONE).any() for table in tables)


def _stood_still(layer: Filters) -> bool:
    """Whether no weight of a layer moved, as far as its kernel and its responses can tell."""
    weights, responses = (layer.table(name)[-1] for name in ("kernel_drift", "function_drift"))
    size = layer.table("response")
    grew = (size[-1] != size[_first(size)]) & ~np.isnan(size[-1])
    return bool((weights == 0).all() and not (responses > 0).any() and not grew.any())


def only_grew(story: Story) -> Iterator[Finding]:
    """Layers whose responses changed in size alone."""
    for layer in story.filters:
        ratios = _growth(layer)
        if not len(ratios) or not _same_shape(layer):
            continue
        factor = float(np.median(ratios))
        alike = np.abs(ratios / factor - 1).max() < _SAME_SIZE
        if alike and abs(factor - 1) >= _SAME_SIZE:
            verb, by = ("grew", factor) if factor > 1 else ("shrank", 1 / factor)
            text = f"The responses of {layer.layer} {verb} by a factor of {by:.3g} since the "
            text += "baseline; what they respond to stayed the same."
            yield _about(text, layer, story.steps[-1], layer.filters[0])


def without_effect(story: Story) -> Iterator[Finding]:
    """Layers whose weights moved while their responses stayed, in shape and in size."""
    for layer in story.filters:
        moved, ratios = layer.table("kernel_drift")[-1], _growth(layer)
        if np.isnan(moved).all() or not len(ratios) or not _same_shape(layer):
            continue  # without weights of its own, or with another effect
        if not np.nanmedian(moved) > _MOVED:
            continue
        if np.abs(ratios - 1).max() < _SAME_SIZE:
            text = f"The weights of {layer.layer} moved by {percent(np.nanmedian(moved))} "
            text += "without effect: its responses stayed as they were (changed by "
            text += f"{percent(np.nanmax(layer.table('function_drift')[-1]))} at most)."
            yield _about(text, layer, story.steps[-1], layer.filters[0])


def _same_shape(layer: Filters) -> bool:
    """Whether the responses of no filter changed but in size and offset."""
    drift = layer.table("function_drift")[-1]
    turned = layer.table("kernel_cosine")[-1] < _NOT_TURNED
    return bool((drift < _NO_EFFECT).all() and not turned.any())


def _growth(layer: Filters) -> Array:
    """Strongest response now over that at first, of filters that respond; empty if unknown."""
    size = layer.table("response")
    if not len(size):
        return np.empty(0)
    first, now = size[_first(size)], size[-1]
    known = (first > 0) & (now > 0)
    ratios: Array = now[known] / first[known]
    return ratios


def _first(table: Array) -> int:
    return int((~np.isnan(means(table))).argmax()) if len(table) else 0


def _layers(count: int) -> str:
    return "1 watched layer" if count == 1 else f"{count} watched layers"


def _about(text: str, layer: Filters, step: int, which: int) -> Finding:
    return about(text, "patterns", layer.layer, step, which)
