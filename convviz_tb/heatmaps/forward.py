"""Maps of the methods that need no gradients: from forward passes, one picture after the other."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from convviz_tb.heatmaps.grid import as_picture
from convviz_tb.heatmaps.methods import METHODS
from convviz_tb.heatmaps.options import GradCAM
from convviz_tb.heatmaps.targets import class_scores
from convviz_tb.model import Spec, Tap, puts_channels_first, record, spec_of, traced

Array = npt.NDArray[Any]


def check(model: keras.Model, options: GradCAM) -> None:
    """Checks that pictures which `model` takes can be altered and scored again.

    Raises:
        ValueError: the model takes something else than one input of pictures.
    """
    images = options.images
    one_input = not isinstance(images, (dict, list, tuple)) and np.ndim(images) == 4
    if not one_input or puts_channels_first(model):
        raise ValueError(f'method: "{options.method}" needs one input of pictures (n, h, w, c).')


def maps(
    model: keras.Model, watched: Sequence[Tap], options: GradCAM, classes: Array
) -> dict[str, Array]:
    """`maps:<path>` of each tap, float32 `(n, k, h, w)`, for the classes `(n, k)`.

    Args:
        model: a model that `check` has passed.
        watched: the taps to make maps of.
        options: the pictures, what scores them, and the method.
        classes: int `(n, k)`, which to explain of each picture.
    """
    forward = _forward(model, watched, options)
    made: dict[str, list[Array]] = {tap.path: [] for tap in watched}
    for i, picture in enumerate(np.asarray(options.images, np.float32)):
        ask = functools.partial(forward, mask=None if options.mask is None else options.mask[i])
        activations = ask(picture[None])
        for tap in watched:
            raw = METHODS[options.method].function(
                activations[tap.path][0],
                picture,
                classes[i],
                lambda pictures, ask=ask: ask(pictures)["scores"],
            )
            positive = as_picture(ops.relu(raw), picture[None])
            made[tap.path].append(ops.convert_to_numpy(positive))
    return {f"maps:{path}": np.stack(each) for path, each in made.items()}


def _forward(
    model: keras.Model, watched: Sequence[Tap], options: GradCAM
) -> Callable[..., dict[str, Any]]:
    """Maps pictures, and one mask for all of them, to their scores and activations by path."""

    # An argument with a default, left out, would make TensorFlow slow: it fails first, in words.
    def run(pictures: Any, *masks: Any) -> dict[str, Any]:
        mask = masks[0] if masks else None
        outputs, activations = record(model, watched, pictures)
        explained = class_scores(model, outputs, options.score, options.output, mask)
        by_path = {tap.path: each for tap, each in zip(watched, activations, strict=True)}
        return {"scores": explained.scores, **by_path}

    spec = spec_of(model, options.images)
    signature = [spec]
    if options.mask is not None:
        signature.append(Spec((None, *np.shape(options.mask)[1:]), "float32"))
    key = ("forward", tuple(tap.path for tap in watched), options.score, options.output)
    graph = traced(model, key, run, *signature)

    def forward(pictures: Any, mask: Array | None) -> dict[str, Any]:
        arguments = [ops.cast(pictures, spec.dtype)]
        if mask is not None:
            masks = np.broadcast_to(mask, (len(pictures), *mask.shape))
            arguments.append(ops.convert_to_tensor(masks, "float32"))
        results: dict[str, Any] = graph(*arguments)
        return results

    return forward
