"""Truth of a finding: what it claims, computed anew on the whole data, by code of its own.

Of the package only `grad_cam` is used, for heatmaps of all pictures. Activations come from models
cut out with Keras, weights from snapshots, and a filter counts as dead if it is silent on all
pictures and an ascent from ten starts in 64 steps finds nothing that it responds to.
"""

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from convviz_tb import grad_cam

FILTERS = 8  # logged of each layer
STARTS, STEPS = 10, 64  # of an ascent that shall wake a filter
Array = Any


class Told(NamedTuple):
    """A finding: the parts of its text, all of it, and the step at which it was told."""

    found: re.Match[str]
    finding: dict[str, Any]
    step: int

    @property
    def layer(self) -> str:
        """The layer that it is about."""
        return str(self.finding["layer"])

    @property
    def since(self) -> int:
        """The step since which it holds."""
        return int(self.found["since"])

    @property
    def filters(self) -> list[int]:
        """The filters that it names."""
        return numbers(self.found["which"].partition(" and ")[0])


@dataclass(eq=False)
class Truth:
    """What was so in a training.

    Attributes:
        model: the model.
        weights: all of its weights at each step.
        images: the whole data, `(n, h, w, 3)`.
        labels: their classes.
        boxes: where the objects are, in pixels.
        watched: indices of the pictures that heatmaps are of, which are the probe images too.
        rates: the learning rate of each step.
        trainable: names of the layers that were not frozen, at each step.
        names: of the classes.
        logged: the layers whose filters are logged.
        filters: which ones, by layer.
    """

    model: keras.Model
    images: Array
    labels: Array
    boxes: Array
    watched: Array
    names: Sequence[str]
    logged: Sequence[str]
    weights: dict[int, list[Array]] = field(default_factory=dict)
    rates: dict[int, float] = field(default_factory=dict)
    trainable: dict[int, set[str]] = field(default_factory=dict)
    filters: dict[str, Sequence[int]] = field(default_factory=dict)

    def judge(self, finding: dict[str, Any], step: int) -> list[str]:
        """What is untrue of a finding that was told at a step; nothing where all of it is so."""
        for check, pattern in CLAIMS:
            if found := re.fullmatch(pattern, finding["text"]):
                wrong = [each for each in check(self, Told(found, finding, step)) if each]
                self.restore(max(self.weights))
                return wrong
        return ["no claim that is known here"]

    def restore(self, step: int) -> None:
        """Gives the model the weights of a step."""
        self.model.set_weights(self.weights[step])

    def steps(self, first: int, last: int) -> list[int]:
        """The steps from one to another."""
        return [each for each in sorted(self.weights) if first <= each <= last]

    def before(self, step: int) -> int:
        """The step before."""
        return max(each for each in self.weights if each < step)

    @functools.cached_property
    def _known(self) -> dict[Any, Array]:
        return {}

    def activations(self, layer: str, step: int) -> Array:
        """`(filters, pictures, positions)` of all pictures."""
        key = ("activations", layer, step)
        if key not in self._known:
            self.restore(step)
            values = predict(self._cut(layer), self.images)
            flat = values.reshape(len(values), -1, values.shape[-1])
            if sum(k[0] == "activations" for k in self._known) > 24:  # memory
                self._known.pop(next(k for k in self._known if k[0] == "activations"))
            self._known[key] = np.moveaxis(flat, -1, 0)
        return self._known[key]

    def _cut(self, layer: str) -> keras.Model:
        key = ("model", layer)
        if key not in self._known:
            self._known[key] = keras.Model(self.model.input, self.model.get_layer(layer).output)
        return self._known[key]

    def probabilities(self, step: int) -> Array:
        """`(pictures, classes)`."""
        key = ("probabilities", step)
        if key not in self._known:
            self.restore(step)
            self._known[key] = predict(self.model, self.images)
        return self._known[key]

    def predicted(self, step: int) -> Array:
        """The class of each picture."""
        return self.probabilities(step).argmax(axis=1)

    def maps(self, layer: str, step: int, class_index: int) -> Array:
        """Heatmaps of a class, of all its pictures."""
        key = ("maps", layer, step, class_index)
        if key not in self._known:
            self.restore(step)
            found = grad_cam(
                self.model, self.images[self.labels == class_index], layer, class_index
            )
            maps = next(iter(found.values())).maps
            self._known[key] = maps.reshape(-1, *maps.shape[-2:])
        return self._known[key]

    def kernels(self, layer: str, step: int) -> Array | None:
        """`(filters, weights)`; None of a layer without a kernel."""
        keras_layer = self.model.get_layer(self.feeder(layer))
        if not hasattr(keras_layer, "kernel"):
            return None
        index = [id(each) for each in self.model.weights].index(id(keras_layer.kernel))
        kernel = self.weights[step][index].astype(np.float64)
        depthwise = isinstance(keras_layer, keras.layers.DepthwiseConv2D)
        return kernel.reshape(
            -1, kernel.shape[2] * kernel.shape[3] if depthwise else kernel.shape[-1]
        ).T

    def feeder(self, layer: str) -> str:
        """The layer whose kernel makes the filters of this one."""
        current = self.model.get_layer(layer)
        while not hasattr(current, "kernel"):
            current = current._inbound_nodes[0].input_tensors[0]._keras_history.operation
            if isinstance(current, keras.layers.Add | keras.layers.InputLayer):
                return layer
        return current.name

    def weight_drift(self, layer: str, step: int) -> Array:
        """How far the weights of each filter have moved since step 0."""
        first, now = self.kernels(layer, min(self.weights)), self.kernels(layer, step)
        return np.linalg.norm(now - first, axis=1) / np.linalg.norm(first, axis=1)

    def all_weights_equal(self, layer: str, one: int, other: int) -> bool:
        """Whether a layer, or what feeds it, has the same weights at two steps."""
        own = {id(each) for each in self.model.get_layer(self.feeder(layer)).weights}
        return all(
            np.array_equal(a, b)
            for each, a, b in zip(
                self.model.weights, self.weights[one], self.weights[other], strict=True
            )
            if id(each) in own
        )

    def is_dead(self, layer: str, filters: Sequence[int], step: int) -> Array:
        """Which filters no picture excites, neither of the data nor found by ascent."""
        silent = ~self.activations(layer, step)[filters].any(axis=(1, 2))
        if silent.any():
            chosen = np.asarray(filters)[silent]
            silent[silent] = ~self._wakes(layer, tuple(chosen.tolist()), step)
        return silent

    def _wakes(self, layer: str, filters: tuple[int, ...], step: int) -> Array:
        key = ("wakes", layer, filters, step)
        if key not in self._known:
            self.restore(step)
            model = self._before_activation(layer)
            found = [self._climbs(model, each) for each in filters]
            self._known[key] = np.array(found)
        return self._known[key]

    def _before_activation(self, name: str) -> keras.Model:
        layer = self.model.get_layer(name)
        if isinstance(layer, keras.layers.ReLU) or getattr(layer, "activation", None) is None:
            return keras.Model(self.model.input, layer.input)
        twin = type(layer).from_config(layer.get_config() | {"activation": None})
        model = keras.Model(self.model.input, twin(layer.input))
        twin.set_weights(layer.get_weights())
        return model

    def _climbs(self, model: keras.Model, filter_: int) -> bool:
        rng = np.random.default_rng(filter_)
        pictures = self.images[rng.choice(len(self.images), STARTS // 2)]
        noise = rng.random((STARTS - STARTS // 2, *pictures.shape[1:]), np.float32)
        x = tf.constant(np.concatenate([noise, pictures]).astype(np.float32))
        for step in range(STEPS):
            with tf.GradientTape() as tape:
                tape.watch(x)
                values = model(x, training=False)[..., filter_]
                highest = tf.reduce_max(tf.reshape(values, (len(x), -1)), axis=1)
            if bool((highest > 0).numpy().any()):
                return True
            x = tf.clip_by_value(
                x + (0.1 - 0.09 * step / STEPS) * tf.sign(tape.gradient(highest, x)), 0, 1
            )
        return False

    def class_of(self, name: str) -> int:
        """The index of a class."""
        return list(self.names).index(name)

    @property
    def layers(self) -> list[str]:
        """The layers whose filters are logged."""
        return list(self.logged)

    def logged_of(self, layer: str) -> Array:
        """The filters that are logged of a layer."""
        return np.array(self.filters[layer])

    def drifts(self, step: int) -> dict[str, Array]:
        """How far the weights of each filter moved, of the logged layers that have any."""
        known = [each for each in self.layers if self.kernels(each, step) is not None]
        return {each: self.weight_drift(each, step) for each in known}

    def stood_still(self, layer: str, step: int) -> bool:
        """Whether no weight of a layer, or of what feeds it, has changed since the start."""
        return self.all_weights_equal(layer, min(self.weights), step)

    def sureness(self, class_index: int, step: int) -> Array:
        """Of the pictures of a class, how sure the network is of it."""
        return self.probabilities(step)[self.labels == class_index, class_index]


# ------------------------------------------------------------------------------------- formulas


def centres(maps: Array) -> Array:
    """Centres of mass `(n, 2)`, in shares of the picture."""
    shares = maps / maps.sum(axis=(1, 2), keepdims=True)
    height, width = maps.shape[1:]
    x = (shares.sum(axis=1) * (np.arange(width) + 0.5) / width).sum(axis=1)
    y = (shares.sum(axis=2) * (np.arange(height) + 0.5) / height).sum(axis=1)
    return np.stack([x, y], axis=1)


def predict(model: keras.Model, images: Array) -> Array:
    """Outputs of a model, in parts."""
    parts = [
        np.asarray(model(images[i : i + 256], training=False)) for i in range(0, len(images), 256)
    ]
    return np.concatenate(parts)


def variations(activations: Array) -> Array:
    """How much each filter tells pictures apart."""
    rest = activations.std(axis=1)
    return np.sqrt((rest**2).mean(axis=1) / np.maximum((activations**2).mean(axis=(1, 2)), 1e-30))


def correlations(one: Array, other: Array) -> Array:
    """Of each filter in one with the same in the other; 0 where one is constant."""
    a, b = (each.reshape(len(each), -1).astype(np.float64) for each in (one, other))
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.where(lengths > 0, (a * b).sum(axis=1) / np.maximum(lengths, 1e-30), 0)


def shows_evidence(maps: Array) -> Array:
    """Which maps are neither empty nor the same everywhere."""
    flat = maps.reshape(len(maps), -1)
    return (flat.max(axis=1) > 0) & (flat.std(axis=1) > 0.04 * np.maximum(flat.mean(axis=1), 1e-30))


def on_boxes(maps: Array, boxes: Array, side: int) -> Array:
    """The share of each map in a box."""
    height, width = maps.shape[1:]
    shares = maps / maps.sum(axis=(1, 2), keepdims=True)

    def covered(low: Array, high: Array, count: int) -> Array:
        edges = np.arange(count + 1) * side / count
        inside = np.minimum(edges[1:], high[:, None]) - np.maximum(edges[:-1], low[:, None])
        return inside.clip(0) * count / side

    across = covered(boxes[:, 0], boxes[:, 2], width)
    down = covered(boxes[:, 1], boxes[:, 3], height)
    return np.einsum("nhw,nh,nw->n", shares, down, across)


# --------------------------------------------------------------------------------------- claims


def numbers(text: str) -> list[int]:
    """All whole numbers in a text."""
    return [int(each) for each in re.findall(r"\d+", text)]


def share(text: str) -> float:
    """`12%` or `1.5%` as a share."""
    return float(text.rstrip("%")) / 100


def _step_of(words: str) -> int:
    return (numbers(words) or [0])[0]


def _collapsed(truth: Truth, told: Told) -> Iterator[Any]:
    since = int(told.found["since"] or 0)
    for each in truth.steps(since, told.step):
        variation = np.quantile(variations(truth.activations(told.layer, each)), 0.9)
        yield variation > 0.02 and f"a tenth of the filters vary by {variation:.3f} at {each}"
    if told.found["name"]:
        yield from _one_class(truth, told)


def _one_class(truth: Truth, told: Told) -> Iterator[Any]:
    index = truth.class_of(told.found["name"])
    for each in truth.steps(int(told.found["one"]), told.step):
        all_are = (truth.predicted(each)[truth.watched] == index).all()
        yield not all_are and f"not all watched at {each}"
    of_all = (truth.predicted(told.step) == index).mean()
    yield of_all < 2 / 3 and f"of all data only {of_all:.0%} are"


def _never(truth: Truth, told: Told) -> Iterator[Any]:
    index = truth.class_of(told.found["name"])
    for each in truth.steps(told.since, told.step):
        some = (truth.predicted(each)[truth.watched] == index).any()
        yield some and f"predicted at {each}"
    now = (truth.predicted(told.step)[truth.labels == index] == index).mean()
    yield now > 0.1 and f"{now:.0%} of all its pictures are"


def _died(truth: Truth, told: Told) -> Iterator[Any]:
    filters, layer = told.filters, told.layer
    dead = truth.is_dead(layer, filters, told.step)
    yield (~dead).any() and f"not dead: {np.array(filters)[~dead]}"
    yield (~_responds(truth, layer, filters, 0)).any() and "silent at the start"
    for each in truth.steps(told.since, told.step):
        yield _responds(truth, layer, filters, each).any() and f"some respond at {each}"


def _responds(truth: Truth, layer: str, filters: Sequence[int], step: int) -> Array:
    return truth.activations(layer, step)[filters].any(axis=(1, 2))


def _from_the_start(truth: Truth, told: Told) -> Iterator[Any]:
    for each in truth.steps(0, told.step):
        dead = truth.is_dead(told.layer, told.filters, each)
        yield (~dead).any() and f"{np.array(told.filters)[~dead]} not dead at {each}"


def _woke(truth: Truth, told: Told) -> Iterator[Any]:
    filters = told.filters
    alive = _responds(truth, told.layer, filters, told.step)
    yield (~alive).any() and f"{np.array(filters)[~alive]} do not respond"
    before = truth.steps(0, told.step - 1)
    ever = np.any([truth.is_dead(told.layer, filters, each) for each in before], axis=0)
    yield (~ever).any() and f"{np.array(filters)[~ever]} were not dead"


def _always_on(truth: Truth, told: Told) -> Iterator[Any]:
    on = (truth.activations(told.layer, told.step)[told.filters] != 0).mean(axis=(1, 2))
    yield on.min() < 0.95 and f"on at {on.min():.1%} of all positions"


def _no_evidence(truth: Truth, told: Told) -> Iterator[Any]:
    classes = range(len(truth.names))
    maps = [truth.maps(told.layer, told.step, each) for each in classes]
    shown = np.concatenate([shows_evidence(each) for each in maps]).mean()
    yield shown > 0.05 and f"{shown:.0%} of all maps show some"


def _vanished(truth: Truth, told: Told) -> Iterator[Any]:
    maps = truth.maps(told.layer, told.step, truth.class_of(told.found["name"]))
    yield (shown := shows_evidence(maps).mean()) > 0.1 and f"{shown:.0%} of all show some"


def _compared(truth: Truth, told: Told) -> tuple[Array, Array, Array]:
    """Maps of all pictures of a class that it was recognised on, then and now, and their boxes."""
    index, before = truth.class_of(told.found["name"]), _step_of(told.found["was"])
    then, now = (truth.maps(told.layer, each, index) for each in (before, told.step))
    chosen = shows_evidence(then) & shows_evidence(now) & (truth.sureness(index, before) > 0.5)
    return then[chosen], now[chosen], truth.boxes[truth.labels == index][chosen]


def _left(truth: Truth, told: Told) -> Iterator[Any]:
    then, now, boxes = _compared(truth, told)
    side = truth.images.shape[1]
    before, after = (float(on_boxes(each, boxes, side).mean()) for each in (then, now))
    yield not after < 0.65 * before and f"of all data {before:.0%} then, {after:.0%} now"
    yield from _direction(told, then, now)


def _direction(told: Told, then: Array, now: Array) -> Iterator[Any]:
    x, y = (centres(now) - centres(then)).mean(axis=0)
    towards = {"down": y, "up": -y, "right": x, "left": -x}
    for word in re.findall(r"down|up|right|left$", told.found["whither"] or ""):
        yield towards[word] < 0.02 and f"not {word}: {towards[word]:.2f}"


def _elsewhere(truth: Truth, told: Told) -> Iterator[Any]:
    then, now, _ = _compared(truth, told)
    common = np.minimum(*(each / each.sum(axis=(1, 2), keepdims=True) for each in (then, now)))
    overlap = float(common.sum(axis=(1, 2)).mean())
    yield not overlap < 0.5 and f"of all data {overlap:.0%} in common"
    yield from _direction(told, then, now)


def _found(truth: Truth, told: Told) -> Iterator[Any]:
    named = re.findall(r"class (\w+) at epoch (\d+)", told.finding["text"])
    chosen = [(name, truth.labels == truth.class_of(name), int(since)) for name, since in named]
    if not named:
        since = re.findall(r"its classes at epoch (\d+)", told.finding["text"])
        chosen = [("all", truth.labels >= 0, int(since[0]))]
    for name, pictures, since in chosen:
        of_class = np.arange(len(truth.labels))[pictures], truth.labels[pictures]
        before, at, now = (truth.probabilities(each)[of_class] for each in (0, since, told.step))
        knew, knows = ((each > _halfway(truth)).mean() for each in (before, now))
        yield knew > 0.3 and f"{name}: {knew:.0%} of all recognised at first"
        yield knows < 0.35 and f"{name}: only {knows:.0%} of all recognised now"
        yield at.mean() <= before.mean() and f"{name}: not at {since}"


def _halfway(truth: Truth) -> float:
    chance = 1 / len(truth.names)
    return chance + 0.5 * (1 - chance)


def _moved_most(truth: Truth, told: Told) -> Iterator[Any]:
    means = {name: each.mean() for name, each in truth.drifts(told.step).items()}
    text, most = told.finding["text"], max(means, key=lambda name: means[name])
    named = [name for name in means if re.search(rf"\b{name}\b", text.partition(" moved most")[0])]
    if "moved about as much" in text:
        named, lowest = list(means), min(means.values())
        yield lowest < 0.5 * means[most] and f"from {lowest:.3f} to {means[most]:.3f}"
    elif " more moved most" not in text:
        yield most not in named and means[named[0]] < 0.9 * means[most] and f"{most} did: {means}"
    said = share(re.findall(r"([\d.]+%) on average", text)[0])
    drift = truth.drifts(told.step)[told.layer]
    actual = drift[truth.logged_of(told.layer)].mean()
    yield abs(said - actual) > 0.005 and f"all that are logged: {actual:.3f}"
    exact = drift[int(told.found["filter"])]
    yield abs(share(told.found["single"]) - exact) > 0.005 and f"the filter: {exact:.3f}"
    still = [each for each in means if truth.stood_still(each, told.step)]
    yield len(still) != int(told.found["still"] or 0) and f"still: {still}"


def _hardly(truth: Truth, told: Told) -> Iterator[Any]:
    highest = max(each.max() for each in truth.drifts(told.step).values())
    yield highest > 0.1 and f"a filter moved by {highest:.2f}"
    for layer in truth.layers:
        same = correlations(truth.activations(layer, 0), truth.activations(layer, told.step))
        alive = truth.activations(layer, 0).any(axis=(1, 2)) & truth.activations(
            layer, told.step
        ).any(axis=(1, 2))
        lowest = same[alive].min(initial=1)
        yield lowest < 0.85 and f"responses of a filter of {layer} correlate by {lowest:.2f}"


def _nothing(truth: Truth, told: Told) -> Iterator[Any]:
    for layer in truth.layers:
        yield not truth.stood_still(layer, told.step) and f"{layer} moved"


def _unfrozen(truth: Truth, told: Told) -> Iterator[Any]:
    last_frozen = numbers(told.found["when"])[0]
    moved = told.found["verb"] != "did not move"
    drifts = truth.drifts(told.step)
    for name in re.findall(r"\w+", re.sub(r" and \d+ more|, | and ", " ", told.found["names"])):
        feeder = truth.feeder(name)
        for each in truth.steps(0, last_frozen):
            yield not truth.stood_still(name, each) and f"{name} had moved at {each}"
            yield feeder in truth.trainable[each] and f"{name} was not frozen at {each}"
        for each in truth.steps(last_frozen + 1, told.step):
            yield feeder not in truth.trainable[each] and f"{name} was frozen at {each}"
        yield (drifts[name] > 0).any() != moved and f"{name}: {drifts[name].max():.3f}"
    if told.found["mean"]:
        actual = drifts[told.layer].mean()
        yield abs(share(told.found["mean"]) - actual) > 0.25 * actual + 0.001 and f"by {actual:.3f}"


def _one_place(truth: Truth, told: Told) -> Iterator[Any]:
    then, now, _ = _compared(truth, told)
    height, width = now.shape[1:]
    hottest = [each.reshape(len(each), -1).argmax(axis=1) for each in (then, now)]
    x, y = (hottest[1] % width + 0.5) / width, (hottest[1] // width + 0.5) / height
    down = np.select([y < 1 / 3, y > 2 / 3], ["upper", "lower"], "")
    right = np.select([x < 1 / 3, x > 2 / 3], ["left", "right"], "")
    words = told.found["where"]
    there = np.array([d in words and r in words for d, r in zip(down, right, strict=True)])
    yield there.mean() < 0.4 and f"{there.mean():.0%} of all its pictures are there"
    stayed = (hottest[0] == hottest[1])[there].mean() if there.any() else 0
    yield stayed > 0.4 and f"{stayed:.0%} of those were there before"


def _broken(truth: Truth, told: Told) -> Iterator[Any]:
    for each in truth.steps(0, told.step):
        is_broken = not all(np.isfinite(weight).all() for weight in truth.weights[each])
        yield is_broken != (each >= told.since) and f"NaN at {each}: {is_broken}"


def _flicker(truth: Truth, told: Told) -> Iterator[Any]:
    recent = truth.steps(0, told.step)[-int(told.found["logs"]) :]
    table = np.array([truth.predicted(each) for each in recent])
    changes = (table[1:] != table[:-1]).sum(axis=0)
    for picture in numbers(told.found["which"].partition(" and ")[0]):
        yield changes[truth.watched[picture]] < 3 and f"picture {picture} did not"
    unsteady = (changes >= 2).mean()
    yield unsteady < 0.15 and f"only {unsteady:.0%} of all data changed twice"


def _other_predictions(truth: Truth, told: Told) -> Iterator[Any]:
    first = _step_of(told.found["was"])
    for picture, old, new in re.findall(r"(\d+) \((\w+) to (\w+) at", told.finding["text"]):
        index = truth.watched[int(picture)]
        seen = (truth.predicted(each)[index] for each in (first, told.step))
        yield [*seen] != [truth.class_of(old), truth.class_of(new)] and f"picture {picture}"
    changed = (truth.predicted(first) != truth.predicted(told.step))[truth.watched]
    yield changed.sum() != int(told.found["count"]) and f"{changed.sum()} are"


def _other_responses(truth: Truth, told: Told) -> Iterator[Any]:
    filter_ = told.finding["filter"]
    then, now = (truth.activations(told.layer, each) for each in (0, told.step))
    same = correlations(then, now)
    yield same[filter_] > 0.65 and f"correlate by {same[filter_]:.2f}"
    for each, when in ((then, "then"), (now, "now")):
        yield not each[filter_].any() and f"silent {when}"


def _alike(truth: Truth, told: Told) -> Iterator[Any]:
    one, other = int(told.found["one"]), int(told.found["other"])
    for each in truth.steps(told.since, told.step):
        values = truth.activations(told.layer, each)
        same = correlations(values[[one]], values[[other]])[0]
        yield same < 0.95 and f"correlate by {same:.2f} at {each}"
    values = truth.activations(told.layer, truth.before(told.since))
    same = correlations(values[[one]], values[[other]])[0]
    yield same > 0.99 and f"correlated by {same:.3f} before"


def _only_grew(truth: Truth, told: Told) -> Iterator[Any]:
    then, now = (truth.activations(told.layer, each) for each in (0, told.step))
    factor = float(told.found["factor"])
    factor = 1 / factor if told.found["verb"] == "shrank" else factor
    yield from _same_shape(then, now)
    sizes = [np.median(each.max(axis=(1, 2))) for each in (then, now)]
    yield abs(sizes[1] / sizes[0] / factor - 1) > 0.1 and f"by {sizes[1] / sizes[0]:.2f}"


def _same_shape(then: Array, now: Array) -> Iterator[Any]:
    same = correlations(then, now)
    lowest = same[then.any(axis=(1, 2)) & now.any(axis=(1, 2))].min(initial=1)
    yield lowest < 0.97 and f"responses of a filter correlate by {lowest:.3f}"


def _without_effect(truth: Truth, told: Told) -> Iterator[Any]:
    then, now = (truth.activations(told.layer, each) for each in (0, told.step))
    yield from _same_shape(then, now)
    ratio = now.std() / then.std()
    yield abs(ratio - 1) > 0.1 and f"responses changed in size by {ratio:.2f}"
    drift = np.median(truth.weight_drift(told.layer, told.step))
    yield abs(drift - share(told.found["moved"])) > 0.25 * drift and f"weights moved by {drift:.3f}"


_RATE = r"( \(learning rate (?P<rate>[^)]+)\))?"
_LAYERS = r"(\d+) watched layers?"
#: What each sentence looks like, and what is checked of it.
CLAIMS: list[tuple[Callable[[Truth, Told], Iterator[Any]], str]] = [
    (
        _collapsed,
        r"None of the \d+ filters logged of \S+ tells the probe images apart (from the start|since "
        r"epoch (?P<since>\d+))( or before)?(, nor does any of \d+ other layers? now)?(, and all "
        r"\d+ "
        rf"pictures are predicted as (?P<name>\w+) since epoch (?P<one>\d+): the network has "
        rf"collapsed)?{_RATE}\.",
    ),
    (
        _one_class,
        rf"All \d+ pictures are predicted as (?P<name>\w+) since epoch (?P<one>\d+){_RATE}\.",
    ),
    (
        _never,
        r"Class (?P<name>\w+) is predicted for none of \d+ pictures any more since epoch "
        r"(?P<since>\d+);.*",
    ),
    (
        _died,
        r"\S+ lost \d+ of \d+ filters (at|by) epoch (?P<since>\d+).*: (?P<which>filter.*)\.",
    ),
    (
        _died,
        r"\d+ of \d+ filters of \S+ (fell silent|died).* (at|by) epoch (?P<since>\d+).*: "
        r"(?P<which>filter.*)\.",
    ),
    (_no_evidence, r"\S+ finds no evidence for any class since epoch (?P<since>\d+).*"),
    (
        _vanished,
        r"On class (?P<name>\w+) the heatmaps are empty.* since epoch (?P<since>\d+).*",
    ),
    (
        _left,
        r"On class (?P<name>\w+)(, on .* pictures,)? the heatmaps left the \w+ at epoch "
        r"(?P<since>\d+): \S+ of their evidence lay on it (?P<was>.*), \S+ now"
        r"(; they moved (?P<whither>.*))?\.",
    ),
    (
        _elsewhere,
        r"On class (?P<name>\w+)(, on .* pictures,)? the heatmaps lie elsewhere since epoch "
        r"(?P<since>\d+): they have \S+ in common with those (?P<was>[^;]*)"
        r"(; they moved (?P<whither>.*))?\.",
    ),
    (_found, r"The network found evidence for .*"),
    (
        _moved_most,
        r".* moved (most|about as much): the weights of \S+ logged filters by .* on average "
        r"since the baseline, those of filter (?P<filter>\d+) by (?P<single>[\d.]+%)"
        r"(; (?P<still>\d+) watched layers? did not move)?\.",
    ),
    (
        _unfrozen,
        r"Unfrozen (?P<when>[^,]+), (?P<names>.*?) (?P<verb>moved|hardly moved|did not move)"
        r"(: (\S+ most, )?its weights by (?P<mean>\S+) on average| since: .*)\.",
    ),
    (
        _one_place,
        r"On class (?P<name>\w+) the evidence moved to the same place on \d+ of \d+ pictures by "
        r"epoch (?P<since>\d+): (?P<where>[^;]*); (?P<was>.*) it was .*",
    ),
    (
        _broken,
        rf"(The loss and w|W)eights are NaN or infinite since epoch (?P<since>\d+){_RATE}, .*",
    ),
    (_hardly, r"Hardly anything moved.*"),
    (_nothing, r"Nothing moved.*"),
    (
        _flicker,
        r"The predictions of \d+ of \d+ pictures go back and forth: over the last (?P<logs>\d+) "
        r"logs.*: (?P<which>picture.*)\.",
    ),
    (
        _from_the_start,
        r"\d+ of \d+ filters of \S+ (is|are) (still )?(silent|dead).*: (?P<which>filter.*)\.",
    ),
    (
        _woke,
        r"\d+ of \d+ filters of \S+ woke (at|by) epoch (?P<since>\d+).*: (?P<which>filter.*)\.",
    ),
    (
        _woke,
        r"\d+ of \d+ filters of \S+, \w+ before, woke (at|by) epoch (?P<since>\d+): "
        r"(?P<which>filter.*)\.",
    ),
    (
        _always_on,
        r"\d+ of \d+ filters of \S+ became always on (at|by) epoch (?P<since>\d+): "
        r"(?P<which>filter.*)\.",
    ),
    (_other_responses, r"Filter \d+ of \S+ responds to something else since epoch .*"),
    (
        _alike,
        r"Filters (?P<one>\d+) and (?P<other>\d+) of \S+ became alike at epoch (?P<since>\d+): .*",
    ),
    (_only_grew, r"The responses of \S+ (?P<verb>grew|shrank) by a factor of (?P<factor>\S+) .*"),
    (_without_effect, r"The weights of \S+ moved by (?P<moved>\S+) without effect: .*"),
    (
        _other_predictions,
        r"(?P<count>\d+) of \d+ pictures (is|are) predicted as another class than (?P<was>.*?): .*",
    ),
]
