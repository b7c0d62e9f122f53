"""Class-activation maps: which positions of a layer speak for a class.

Raw numbers: nothing here divides a map by its maximum.
"""

import base64
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import ops, tree

from convviz_tb.heatmaps import forward, regions
from convviz_tb.heatmaps.gradients import maps_and_scores
from convviz_tb.heatmaps.methods import METHODS
from convviz_tb.heatmaps.options import GradCAM
from convviz_tb.heatmaps.targets import NO_CLASS, OBJECTIVES, Score, asks_for_one, class_query
from convviz_tb.images import sheet, superimpose
from convviz_tb.model import (
    Graph,
    Layers,
    Spec,
    Tap,
    as_input,
    check_channels,
    count_replicas,
    last_map,
    layout_of,
    output_index,
    select_taps,
    spec_of,
    split,
    survey,
    traced,
)

Array = npt.NDArray[Any]
_SHOWN = 112  # pixels, height of a map in a notebook
_BATCH = 8  # pictures per run of the graph and device; bounds the memory
_NO_FILTERS: Final[Mapping[str, Array]] = {}


@dataclass(frozen=True, eq=False)
class Heatmaps:
    """Class-activation maps of one layer.

    Attributes:
        maps: float32 `(n_images, h, w)`, or `(n_images, k, h, w)` for k classes per image; raw
            values >= 0 at the layer's own resolution. All zero means no evidence for the class.
            A layer with one spatial axis gives h = 1, one with three its central slice.
        scores: float32 `(n_images[, k])`, the score of the class that is explained, see
            `objective`.
        classes: int `(n_images[, k])`, the classes explained; -1 where a picture has fewer true
            classes than others: its map is zero, score and probability are NaN.
        probabilities: float32 `(n_images[, k])` in [0, 1]; NaN where the output has none.
        predicted: int `(n_images,)`, the class with the highest score.
        objective: what was explained: "logit", "probability", "output" (of a linear output) or
            "custom".
        channels: int `(n_images[, k], 5)`, the channels that contribute most, for or against the
            class; fewer where the layer has fewer. None for a method without gradients.
        weights: float32 `(n_images[, k], 5)`, their shares of the sum of all absolute
            contributions, -1..1.
        features: float32 `(n_images, f, h, w)`, the activations of some filters, at the layer's own
            resolution; None where none were asked for.
    """

    maps: Array
    scores: Array
    classes: Array
    probabilities: Array
    predicted: Array
    objective: str
    channels: Array | None = None
    weights: Array | None = None
    features: Array | None = None

    def _repr_png_(self) -> bytes:
        """What a notebook shows: the maps, each over its own maximum; one that is zero is black."""
        maps = self.maps.reshape(-1, *self.maps.shape[-2:])
        width = max(1, round(_SHOWN * maps.shape[2] / maps.shape[1]))
        dark = np.zeros((len(maps), _SHOWN, width, 3), np.uint8)
        return sheet(superimpose(dark, maps, opacity=1.0), "png")[1]


class LayerHeatmaps(dict[str, Heatmaps]):
    """Class-activation maps by layer path: a dictionary that a notebook shows as pictures."""

    def _repr_html_(self) -> str:
        parts = (
            f"<p>{html.escape(path)}</p>"
            f'<img src="data:image/png;base64,{base64.b64encode(maps._repr_png_()).decode()}">'
            for path, maps in self.items()
        )
        return "".join(parts)


def grad_cam(
    model: keras.Model,
    images: Any,
    layers: Layers = "auto",
    classes: Any = "predicted",
    *,
    labels: Any = None,
    method: str = "gradcam",
    score: Score = "logit",
    output: str | int | None = None,
    mask: Array | None = None,
) -> dict[str, Heatmaps]:
    """Class-activation maps of pictures, for several layers in one pass.

    Grad-CAM (Selvaraju et al. 2017) weights each channel by the mean over positions of the
    gradient of the score (equation 1) and keeps the positive part of the weighted sum (equation
    2). The score is that of the class before the softmax.

    Args:
        model: a built Keras model; it is not changed.
        images: `(n, h, w, c)` in the model's own input range, or what a model with several
            inputs takes.
        layers: names, paths or layer objects; "auto" takes the last map that all else depends on.
        classes: see `GradCAM`.
        labels: true classes, for `classes="true"`.
        method: "gradcam", "gradcam++", "hirescam", "layercam", "xgradcam", or "scorecam", which
            takes one forward pass per channel and picture; sources at `GradCAM`.
        score: "logit", "probability", or a function of the model's outputs that returns `(n,)`.
        output: name or index of the output to explain, where the model has several.
        mask: where a segmentation output counts, bool `(n, h, w)`; by default everywhere.

    Returns:
        A dictionary from layer path to `Heatmaps`, in network order.

    Raises:
        ValueError: a layer, class, image shape, method or output does not fit the model.

    Example:

    ```python
    maps = grad_cam(model, photos, layers=["block5_conv3"], classes=[387, 282])
    maps["vgg16/block5_conv3"].maps.shape  # (2, 14, 14)
    ```
    """
    options = GradCAM(
        images, layers, classes, labels, method=method, score=score, output=output, mask=mask
    )
    options = options.for_model(model)
    return LayerHeatmaps(compute_heatmaps(model, heatmap_taps(model, options), options))


def compute_heatmaps(
    model: keras.Model,
    watched: Sequence[Tap],
    options: GradCAM,
    filters: Mapping[str, Array] = _NO_FILTERS,
) -> dict[str, Heatmaps]:
    """The class-activation maps of some layers, by layer path: what `grad_cam` computes.

    Args:
        model: a built Keras model; it is not changed.
        watched: the layers, those of `heatmap_taps`.
        options: pictures, classes and method; which layers they name does not matter here.
        filters: of each layer the indices `(f,)` of filters whose activations are given as well, by
            path; they come out of the same pass.

    Raises:
        ValueError: see `grad_cam`.
    """
    graph = prepare(model, watched, options, filters)
    parts = _parts(len(options), _BATCH * count_replicas(model))
    batches = [graph(*_arguments(model, options, part)) for part in parts]
    objective = OBJECTIVES[int(batches[0]["objective"])]
    joined = {
        name: np.concatenate([ops.convert_to_numpy(batch[name]) for batch in batches])
        for name in batches[0]
        if name != "objective"
    }
    if not METHODS[options.method].needs_gradients:
        joined |= forward.maps(model, watched, options, joined["classes"])
    _leave_out_unknown(joined)
    one = asks_for_one(options.classes, options.true_classes)
    return {tap.path: _heatmaps(joined, tap.path, objective, one) for tap in watched}


def _leave_out_unknown(joined: dict[str, Array]) -> None:
    """Where a picture has fewer true classes than others there is nothing to explain."""
    unknown = joined["classes"] == NO_CLASS
    for name in ("scores", "probabilities"):
        joined[name] = np.where(unknown, np.nan, joined[name])
    for name in joined:
        if name.partition(":")[0] in ("maps", "weights"):
            joined[name] = np.where(_over(unknown, joined[name]), 0, joined[name])


def _over(flags: Array, values: Array) -> Array:
    return flags.reshape(*flags.shape, *[1] * (values.ndim - flags.ndim))


def heatmap_taps(model: keras.Model, options: GradCAM) -> list[Tap]:
    """The taps that `options.layers` asks for, in network order.

    Raises:
        ValueError: a layer does not exist, or the images do not fit the model.
    """
    taps = survey(model, spec_of(model, options.images))
    if isinstance(options.layers, str) and options.layers == "auto":
        return last_map(taps, output_index(model, options.output))
    return select_taps(taps, options.layers)


def prepare(
    model: keras.Model,
    watched: Sequence[Tap],
    options: GradCAM,
    filters: Mapping[str, Array] = _NO_FILTERS,
) -> Graph:
    """The graph that computes `options`; traced at the first call, then reused.

    Args:
        model: a built Keras model; it is not changed.
        watched: the layers.
        options: pictures, classes and method.
        filters: see `compute_heatmaps`.

    Raises:
        ValueError: a class index is out of range, the score does not depend on a layer, the
            pictures do not have the `channels` to show or `boxes` reach beyond them, or the method
            cannot take the model's inputs.
    """
    if options.display is None:
        check_channels(options.channels, _channels(model, options, watched))
    if options.boxes is not None:
        regions.check_inside(options.boxes, picture_sides(model, options, watched))
    if not METHODS[options.method].needs_gradients:
        forward.check(model, options)
    query = class_query(options.classes, options.true_classes, len(options))

    def run(*arguments: Any) -> dict[str, Any]:
        return maps_and_scores(model, watched, options, filters, *arguments)

    signature = [spec_of(model, options.images), Spec((None, query.shape[1]), "int32")]
    if options.mask is not None:
        signature.append(Spec((None, *np.shape(options.mask)[1:]), "float32"))
    paths = tuple((tap.path, tuple(filters.get(tap.path, ()))) for tap in watched)
    key = ("heatmaps", paths, options.method, options.score, options.output)
    graph = traced(model, key, split(model, run), *signature)
    classes = graph.results["all_scores"].shape[-1]
    if query.max() >= classes:
        raise ValueError(
            f"classes: received {query.max()}; the model has {classes} classes, 0 to {classes - 1}."
        )
    return graph


def picture_sides(model: keras.Model, options: GradCAM, watched: Sequence[Tap]) -> tuple[int, int]:
    """Height and width in pixels of the pictures that `boxes` are of; a signal is 1 high."""
    if options.sides:
        return options.sides
    pictures = options.pictures
    layout = layout_of(model, pictures.ndim, watched[0], pictures.shape)
    if layout is None:
        return (1, pictures.shape[-1])
    rows = 1 if layout.rows is None else pictures.shape[layout.rows]
    return (rows, pictures.shape[layout.columns])


def _channels(model: keras.Model, options: GradCAM, watched: Sequence[Tap]) -> int:
    """How many channels the pictures have."""
    layout = layout_of(model, options.pictures.ndim, watched[0], options.pictures.shape)
    if layout is None or layout.channels is None:
        return 1
    return int(options.pictures.shape[layout.channels])


def _parts(count: int, size: int) -> list[slice]:
    return [slice(start, start + size) for start in range(0, count, size)]


def _arguments(model: keras.Model, options: GradCAM, part: slice) -> list[Any]:
    """What the graph takes for a part of the pictures, in the model's own types."""

    def cast(array: Any, like: Spec) -> Any:
        return as_input(array[part], like)

    spec = spec_of(model, options.images)
    query = class_query(options.classes, options.true_classes, len(options))
    arguments = [tree.map_structure(cast, options.images, spec), ops.cast(query[part], "int32")]
    if options.mask is not None:
        arguments.append(ops.cast(np.asarray(options.mask[part]), "float32"))
    return arguments


def _heatmaps(joined: dict[str, Array], path: str, objective: str, one: bool) -> Heatmaps:
    per_class = {name: joined[name] for name in ("scores", "classes", "probabilities")}
    for name in ("maps", "channels", "weights"):
        if f"{name}:{path}" in joined:
            per_class[name] = joined[f"{name}:{path}"]
    if one:
        per_class = {name: array[:, 0] for name, array in per_class.items()}
    features = joined.get(f"features:{path}")
    return Heatmaps(
        **per_class, predicted=joined["predicted"], objective=objective, features=features
    )


def cost_of(options: GradCAM, watched: Sequence[Tap]) -> str | None:
    """What a method costs beyond one pass through the model, in words; None for nothing."""
    if METHODS[options.method].needs_gradients:
        return None
    passes = sum(tap.filters for tap in watched) * len(options)
    return (
        f"method={options.method!r} takes {passes} forward passes at every step, "
        "one per channel and picture."
    )
