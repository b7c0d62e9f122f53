"""Taps -> class-activation maps: which positions of a layer speak for a class.

Raw numbers: nothing here divides a map by its maximum.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from convviz_tb import taps
from convviz_tb.methods import METHODS
from convviz_tb.taps import Layers, Tap
from convviz_tb.targets import Score, class_scores

Array = npt.NDArray[Any]
_BATCH = 8  # pictures per run of the graph; bounds the memory
_CLASS_FORMS = 'Use "predicted", "true", "top3" or class indices from 0.'


@dataclass(frozen=True, eq=False)
class Heatmaps:
    """Class-activation maps of one layer.

    Attributes:
        maps: float32 `(n_images, h, w)`, or `(n_images, k, h, w)` for k classes per image; raw
            values >= 0 at the layer's own resolution. All zero means no evidence for the class.
            A layer with one spatial axis gives h = 1, one with three its central slice.
        scores: float32 `(n_images[, k])`, the score of the class as the model put it.
        classes: int `(n_images[, k])`, the classes explained.
        probabilities: float32 `(n_images[, k])` in [0, 1]; NaN where the output has none.
        predicted: int `(n_images,)`, the class with the highest score.
        objective: what was explained: "logit", "probability", "output" or "custom".
    """

    maps: Array
    scores: Array
    classes: Array
    probabilities: Array
    predicted: Array
    objective: str


@dataclass(frozen=True, eq=False)
class GradCAM:
    """Which heatmaps the callback computes.

    Args:
        images: the pictures `(n, h, w, c)`, float or uint8, as the model takes them (or what a
            model with several inputs takes). Keep them few: all are computed at every step.
        layers: names, paths or layer objects; "auto" takes the last convolution.
        classes: "predicted" (at each step anew), "true" (needs `labels`), "top3" and the like, one
            class index for all images, or indices `(n,)` or `(n, k)`.
        labels: the true classes, `(n,)` integers or one-hot `(n, classes)`.
        class_names: names by class index, for the display.
        method: one of `convviz_tb.methods.METHODS`.
        score: "logit", "probability" (the book's map), or a function of the model's outputs that
            returns one number per picture.
        output: name or index of the output to explain, where the model has several.
        display: uint8 `(n, h, w, 1 or 3)` to show instead of `images`, for pictures that were
            preprocessed beyond recognition.

    Raises:
        ValueError: an argument is out of range; the message names it.
    """

    images: Any
    layers: Layers = "auto"
    classes: Any = "predicted"
    labels: Any = None
    class_names: Sequence[str] = ()
    method: str = "gradcam"
    score: Score = "logit"
    output: str | int | None = None
    display: Array | None = None

    def __post_init__(self) -> None:
        sizes = {len(array) for array in tf.nest.flatten(self.images)}
        if len(sizes) != 1 or 0 in sizes:
            raise ValueError("images: received no pictures, or inputs of different lengths.")
        if self.method not in METHODS:
            raise ValueError(f"method: received {self.method!r}; choose one of {sorted(METHODS)}.")
        if self.labels is not None and len(self.labels) != len(self):
            raise ValueError(f"labels: received {len(self.labels)} for {len(self)} images.")
        if self.display is not None and len(self.display) != len(self):
            raise ValueError(
                f"display: received {len(self.display)} pictures for {len(self)} images."
            )
        _query(self.classes, self.true_classes, len(self))

    def __len__(self) -> int:
        return len(tf.nest.flatten(self.images)[0])

    @property
    def true_classes(self) -> Array | None:
        """The labels as class indices `(n,)`, or None."""
        if self.labels is None:
            return None
        labels = np.asarray(self.labels)
        one_hot = labels.ndim > 1 and labels.shape[-1] > 1
        return (labels.argmax(axis=-1) if one_hot else labels.ravel()).astype(int)


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
) -> dict[str, Heatmaps]:
    """Class-activation maps of pictures, for several layers in one pass.

    Grad-CAM (Selvaraju et al. 2017) weights each channel by the mean over positions of the
    gradient of the score (equation 1) and keeps the positive part of the weighted sum (equation
    2). The score is that of the class before the softmax.

    Args:
        model: a built Keras model; it is not changed.
        images: `(n, h, w, c)` in the model's own input range, or what a model with several
            inputs takes.
        layers: names, paths or layer objects; "auto" takes the last convolution.
        classes: see `GradCAM`.
        labels: true classes, for `classes="true"`.
        method: one of `convviz_tb.methods.METHODS`.
        score: "logit", "probability", or a function of the model's outputs that returns `(n,)`.
        output: name or index of the output to explain, where the model has several.

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
    options = GradCAM(images, layers, classes, labels, method=method, score=score, output=output)
    watched = heatmap_taps(model, options)
    graph = prepare(model, options, watched)
    query = _query(classes, options.true_classes, len(options))
    batches = [
        graph(*_pictures(images, _spec(model, images), part), tf.constant(query[part], tf.int32))
        for part in (slice(start, start + _BATCH) for start in range(0, len(options), _BATCH))
    ]
    joined = {
        name: np.concatenate([batch[name].numpy() for batch in batches])
        for name in batches[0]
        if name != "objective"
    }
    objective = batches[0]["objective"].numpy().decode()
    return {tap.path: _heatmaps(joined, tap.path, objective, _one_each(classes)) for tap in watched}


def heatmap_taps(model: keras.Model, options: GradCAM) -> list[Tap]:
    """The taps that `options.layers` asks for, in network order.

    Raises:
        ValueError: a layer does not exist, or the images do not fit the model.
    """
    if isinstance(options.layers, list) and all(isinstance(layer, Tap) for layer in options.layers):
        return options.layers
    found = taps.survey(model, _spec(model, options.images))
    if isinstance(options.layers, str) and options.layers == "auto":
        return taps.convolutions(found)[-1:]
    return taps.choose(found, options.layers)


def prepare(model: keras.Model, options: GradCAM, watched: Sequence[Tap]) -> Any:
    """The graph that computes `options`; traced at the first call, then reused.

    Raises:
        ValueError: a class index is out of range, or a layer has no say in the score.
    """
    spec = _spec(model, options.images)
    query = _query(options.classes, options.true_classes, len(options))
    kept = (options.method, options.score, options.output, query.shape[1])
    key = ("heatmaps", tuple(tap.path for tap in watched), kept, repr(spec))

    def run(images: Any, classes: Any) -> dict[str, Any]:
        return _graph(model, watched, options, images, classes)

    graph = taps.traced(model, key, run, spec, tf.TensorSpec((None, query.shape[1]), tf.int32))
    classes = int(graph.structured_outputs["all_scores"].shape[-1])
    if options.score in ("logit", "probability") and query.max(initial=-1) >= classes:
        raise ValueError(
            f"classes: received {query.max()}; this model has {classes} classes, 0 to {classes - 1}."
        )
    if query.shape[1] > classes:
        raise ValueError(
            f"classes: received {options.classes!r}, but this model has {classes} classes."
        )
    return graph


def _graph(
    model: keras.Model, watched: Sequence[Tap], options: GradCAM, images: Any, classes: Any
) -> dict[str, Any]:
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        with taps.recording([tap.layer for tap in watched], watch=tape.watch) as calls:
            outputs = model(images, training=False)
        activations = taps.outputs_of(calls, watched)
        found = class_scores(outputs, options.score, options.output)
        ranked = tf.math.top_k(found.scores, k=min(classes.shape[1], found.classes)).indices
        classes = tf.where(classes < 0, ranked, classes)
        scores = tf.gather(found.scores, classes, axis=1, batch_dims=1)
        # Pictures do not mix, so one backward pass per class serves them all.
        objectives = [tf.reduce_sum(column) for column in tf.unstack(scores, axis=1)]
    gradients = [tape.gradient(objective, activations) for objective in objectives]
    maps = {
        f"maps:{tap.path}": tf.stack(
            [_map(tap, output, each[i], options.method) for each in gradients], axis=1
        )
        for i, (tap, output) in enumerate(zip(watched, activations, strict=True))
    }
    unknown = tf.fill(tf.shape(found.scores), np.float32(np.nan))
    probabilities = unknown if found.probabilities is None else found.probabilities
    return maps | {
        "scores": scores,
        "classes": classes,
        "probabilities": tf.gather(probabilities, classes, axis=1, batch_dims=1),
        "predicted": ranked[:, 0],
        "all_scores": found.scores,
        "objective": tf.constant(found.objective),
    }


def _map(tap: Tap, activations: Any, gradients: Any, method: str) -> Any:
    """The map of one layer and class as `(n, h, w)`."""
    if gradients is None:
        raise ValueError(
            f"layers: the score does not depend on {tap.path!r}; name a layer before the output."
        )
    raw = METHODS[method](taps.channels_last(activations, tap), taps.channels_last(gradients, tap))
    positive = tf.nn.relu(raw)
    if positive.shape.rank == 2:
        return positive[:, None, :]
    return positive if positive.shape.rank == 3 else positive[:, tf.shape(positive)[1] // 2]


def _heatmaps(joined: dict[str, Array], path: str, objective: str, one_each: bool) -> Heatmaps:
    per_class = {name: joined[name] for name in ("scores", "classes", "probabilities")}
    per_class["maps"] = joined[f"maps:{path}"]
    if one_each:
        per_class = {name: array[:, 0] for name, array in per_class.items()}
    return Heatmaps(**per_class, predicted=joined["predicted"], objective=objective)


def _query(classes: Any, true_classes: Array | None, count: int) -> Array:
    """Class indices asked for, `(n, k)`; -1 stands for the best, second best, ... predicted class.

    Raises:
        ValueError: `classes` is none of the accepted forms, or does not fit the number of images.
    """
    if isinstance(classes, str):
        top = re.fullmatch(r"top([1-9]\d*)", classes)
        if classes == "predicted" or top:
            return np.full((count, int(top[1]) if top else 1), -1)
        if classes != "true":
            raise ValueError(f"classes: received {classes!r}. {_CLASS_FORMS}")
        if true_classes is None:
            raise ValueError('classes: "true" needs labels=, one for each image.')
        classes = true_classes
    query = np.asarray(classes)
    is_index = np.issubdtype(query.dtype, np.integer) and query.size > 0 and query.min() >= 0
    if not is_index or query.ndim > 2:
        raise ValueError(f"classes: received {classes!r}. {_CLASS_FORMS}")
    if query.ndim and len(query) != count:
        raise ValueError(f"classes: received {len(query)} for {count} images.")
    return np.broadcast_to(query, (count,))[:, None] if query.ndim < 2 else query


def _one_each(classes: Any) -> bool:
    """Whether `classes` asks for a single class per image, so that results have no class axis."""
    return not classes.startswith("top") if isinstance(classes, str) else np.ndim(classes) < 2


def _spec(model: keras.Model, images: Any) -> Any:
    """What the model takes, with the axes that it leaves open set to those of the images.

    Raises:
        ValueError: the images do not have the shape that the model takes.
    """
    spec = taps.input_spec(model)
    try:
        tf.nest.assert_same_structure(spec, images)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"images: received {type(images).__name__}; this model takes {spec}."
        ) from error
    return tf.nest.map_structure(_fitted, spec, images)


def _fitted(spec: tf.TensorSpec, images: Any) -> tf.TensorSpec:
    shape = (None, *np.shape(images)[1:])
    if not spec.shape.is_compatible_with(shape):
        raise ValueError(
            f"images: received shape {np.shape(images)}; this model takes {tuple(spec.shape)}."
        )
    return tf.TensorSpec(shape, spec.dtype)


def _pictures(images: Any, spec: Any, part: slice) -> list[Any]:
    """The part of the images that one run takes, as flat tensors of the model's own types."""
    cast = tf.nest.map_structure(
        lambda array, like: tf.cast(np.asarray(array[part]), like.dtype), images, spec
    )
    return list(tf.nest.flatten(cast))
