"""Numbers of a run over its steps: Keras' own metrics, and ours of each layer.

Keras' are the scalars `epoch_*` of the sibling runs `train` and `validation`. Ours are in the facts
of the model at each step; older logs have them all as scalars of the run itself, whose tags the
schema can parse. Where there are none, or such as nobody can draw, there are simply no curves.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal, TypedDict, get_args

from tensorboard.data import provider
from tensorboard.plugins.scalar import metadata

from convviz_tb import schema
from convviz_tb.schema import ModelFacts
from convviz_tb.serve.store import LONGEST, Store, run_name

Part = Literal["train", "validation"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
_PREFIX: Final = "epoch_"
#: Bounds of one answer: more cannot be told apart on a line, or in a menu.
MOST_METRICS: Final = 24
MOST_POINTS: Final = 1000
#: Ten metrics of each of two hundred layers; and of all of them together, some two megabytes.
MOST_TAGS: Final = 2000
MOST_VALUES: Final = 200_000
#: Steps whose facts are read for it: a chart is some hundred pixels wide.
MOST_STEPS: Final = 400

#: Points of scalars by run and tag.
_Points = dict[str, dict[str, list[Any]]]


class Curve(TypedDict):
    """A metric that Keras logged of the training, over our steps; what is not finite is null."""

    metric: str
    part: Part
    steps: list[int]
    wall_times: list[float]
    values: list[float | None]


class Course(TypedDict):
    """A metric of a layer over the steps; what is not finite is null."""

    steps: list[int]
    values: list[float | None]


class Turns(TypedDict):
    """Whether a layer is trained, at the first step and at each that differs from the last."""

    steps: list[int]
    values: list[bool]


class _LayerProfile(TypedDict):
    layer: str
    numbers: dict[str, Course]


class LayerProfile(_LayerProfile, total=False):
    """The metrics of one layer by their names, and when it was trained."""

    trainable: Turns


def keras_curves(store: Store, run: str) -> list[Curve]:
    """Keras' metrics of the same training, by part and metric, the loss first, over our steps.

    Keras logs the end of epoch e under e; for us that is step e + 1, since e + 1 epochs are then
    completed.
    """
    if not store.holds(run):
        return []
    parent = run_name(run)
    siblings = {part if parent == "." else f"{parent}/{part}": part for part in PARTS}
    tags = sorted(_list(store, siblings, _is_of_keras), key=_loss_first)[:MOST_METRICS]
    points = _read(store, siblings, tags, MOST_POINTS)
    return [
        _curve(tag, part, points[sibling][tag])
        for sibling, part in siblings.items()
        for tag in sorted(points.get(sibling, {}), key=_loss_first)
    ]


def layer_profiles(store: Store, run: str) -> list[LayerProfile]:
    """The metrics of the layers of a run over its steps; layers and metrics by name."""
    models = store.models(run, MOST_STEPS)
    layers = _from_facts(models)
    for layer, numbers in _from_scalars(store, run).items():
        layers[layer] = layers.get(layer, {}) | numbers
    turns = _turns(models)
    return [
        LayerProfile(layer=layer, numbers=dict(sorted(numbers.items())))
        | ({"trainable": turns[layer]} if layer in turns else {})
        for layer, numbers in sorted(layers.items())
    ]


def _from_facts(models: list[tuple[int, ModelFacts]]) -> dict[str, dict[str, Course]]:
    """Courses by layer and metric, as the facts of each step tell them."""
    layers: dict[str, dict[str, Course]] = {}
    for step, facts in models:
        for layer in facts["layers"][:MOST_TAGS]:
            courses = layers.setdefault(layer["layer"], {})
            for name, value in layer.get("numbers", {}).items():
                course = courses.setdefault(name, Course(steps=[], values=[]))
                course["steps"].append(step)
                course["values"].append(None if value is None else _short(value))
    return layers


def _turns(models: list[tuple[int, ModelFacts]]) -> dict[str, Turns]:
    """When each layer was trained, by layer."""
    turns: dict[str, Turns] = {}
    for step, facts in models:
        for layer in facts["layers"]:
            trainable = layer.get("trainable")
            if trainable is None:
                continue
            own = turns.setdefault(layer["layer"], Turns(steps=[], values=[]))
            if own["values"][-1:] != [trainable]:
                own["steps"].append(step)
                own["values"].append(trainable)
    return turns


def _from_scalars(store: Store, run: str) -> dict[str, dict[str, Course]]:
    """Courses by layer and metric, as the scalars of the run tell them."""
    tags = sorted(_list(store, [run], _is_of_layer))[:MOST_TAGS]
    most = min(MOST_POINTS, max(1, MOST_VALUES // max(1, len(tags))))
    layers: dict[str, dict[str, Course]] = {}
    for tag, points in _read(store, [run], tags, most).get(run, {}).items():
        if ours := schema.parse_scalar_tag(tag):
            metric, layer = ours
            layers.setdefault(layer, {})[metric] = _course(points)
    return layers


def _list(store: Store, runs: Iterable[str], wanted: Callable[[str], bool]) -> set[str]:
    """The tags of scalars of these runs that are wanted."""
    listing = store.ask(
        "list_scalars",
        plugin_name=metadata.PLUGIN_NAME,
        run_tag_filter=provider.RunTagFilter(runs=list(runs)),
    )
    tags = {tag for of_run in listing.values() for tag in of_run}
    return {tag for tag in tags if len(tag) <= LONGEST and wanted(tag)}


def _read(store: Store, runs: Iterable[str], tags: list[str], most: int) -> _Points:
    """The points of these scalars, at most so many of each; nothing is asked without tags."""
    if not tags:
        return {}
    points: _Points = store.ask(
        "read_scalars",
        plugin_name=metadata.PLUGIN_NAME,
        downsample=most,
        run_tag_filter=provider.RunTagFilter(runs=list(runs), tags=tags),
    )
    return points


def _is_of_keras(tag: str) -> bool:
    return tag.startswith(_PREFIX)


def _is_of_layer(tag: str) -> bool:
    return schema.parse_scalar_tag(tag) is not None


def _loss_first(tag: str) -> tuple[bool, str]:
    """Every model has one; the rest by name."""
    return tag != f"{_PREFIX}loss", tag


def _curve(tag: str, part: Part, points: list[Any]) -> Curve:
    return Curve(
        metric=tag.removeprefix(_PREFIX),
        part=part,
        steps=[point.step + 1 for point in points],
        wall_times=[_finite(point.wall_time) or 0.0 for point in points],
        values=[_finite(point.value) for point in points],
    )


def _course(points: list[Any]) -> Course:
    return Course(
        steps=[point.step for point in points], values=[_short(point.value) for point in points]
    )


def _finite(number: float) -> float | None:
    """The number, or None where JSON could not hold it."""
    return float(number) if math.isfinite(number) else None


def _short(value: float) -> float | None:
    """Scalars are 32 bits wide: more digits than these would only be noise to transfer."""
    exact = _finite(value)
    return None if exact is None else float(f"{exact:.6g}")
