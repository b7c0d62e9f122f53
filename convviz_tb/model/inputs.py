"""What a model takes: the structure and shapes of its inputs."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

_OPEN_SIZE = 128  # pixels, where the model takes pictures of any size


def build(model: keras.Model, images: Any) -> None:
    """Builds a model that was never called, as `fit` does at its first batch.

    Only its variables are made, with the initial values that they would have got there.
    """
    if not model.built:
        model(tf.nest.map_structure(_symbolic, images), training=False)


def _symbolic(array: Any) -> keras.KerasTensor:
    array = np.asarray(array)
    return keras.KerasTensor((None, *array.shape[1:]), array.dtype.name)


def input_spec(model: keras.Model) -> Any:
    """The structure of tensor specs that `model` takes, batch axis open.

    Raises:
        ValueError: the model was never built.
    """
    # Keras 3.5 has an error of its own for a Sequential model that is asked for inputs it lacks.
    if model.built and getattr(model, "inputs", None):
        # Sequential has no `input` of its own when it was built by calling.
        inputs = model.inputs[0] if isinstance(model, keras.Sequential) else model.input
        return tf.nest.map_structure(_open_batch, inputs)
    shapes = getattr(model, "_build_shapes_dict", None)
    if not shapes:
        raise ValueError(
            f"model: {model.name!r} has no known input shape. "
            "Call it on a batch of images once, or `model.build(input_shape)`."
        )
    _check_arguments(model)
    return _spec_of_shapes(next(iter(shapes.values())))


def _check_arguments(model: keras.Model) -> None:
    parameters = inspect.signature(model.call).parameters.values()
    wanted = [
        each.name
        for each in parameters
        if each.default is each.empty
        and each.kind is each.POSITIONAL_OR_KEYWORD
        and each.name not in ("training", "mask")
    ]
    if len(wanted) > 1:
        raise ValueError(
            f"model: call() of {model.name!r} takes several arguments: {', '.join(wanted)}. "
            "Let it take one list or dictionary of inputs, as `fit` gives it."
        )


def _open_batch(tensor: Any) -> tf.TensorSpec:
    return tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype)


def _spec_of_shapes(shapes: Any) -> Any:
    if isinstance(shapes, dict):
        return {name: _spec_of_shapes(shape) for name, shape in shapes.items()}
    if shapes and isinstance(shapes[0], (list, tuple)):
        return [_spec_of_shapes(shape) for shape in shapes]
    return tf.TensorSpec((None, *shapes[1:]), tf.float32)


def spec_of(model: keras.Model, images: Any) -> Any:
    """What the model takes, in the structure of `images`, with open axes set to theirs.

    Like Keras it takes a tuple for a list, an array for a list of one, and for a list of named
    inputs a dictionary.

    Raises:
        ValueError: the images do not have the structure or shape that the model takes.
    """
    spec = _arranged_like(images, input_spec(model), model)
    try:
        keras.tree.assert_same_structure(*map(_structure, (spec, images)))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"images: received {type(images).__name__}; this model takes {spec}."
        ) from error
    fitted = map(_fitted, tf.nest.flatten(spec), tf.nest.flatten(images))
    return tf.nest.pack_sequence_as(images, list(fitted))


def _structure(given: Any) -> Any:
    """`given` without what is in it: Keras 3.5 compares the types of that too."""
    return keras.tree.map_structure(lambda _: 0, keras.tree.lists_to_tuples(given))


def _arranged_like(images: Any, spec: Any, model: keras.Model) -> Any:
    if isinstance(images, dict) and isinstance(spec, list):
        return {each.name: spec[i] for i, each in enumerate(getattr(model, "inputs", None) or ())}
    flat = tf.nest.flatten(spec)
    return flat[0] if len(flat) == 1 and not tf.nest.is_nested(images) else spec


def _fitted(spec: tf.TensorSpec, images: Any) -> tf.TensorSpec:
    shape = (None, *np.shape(images)[1:])
    if not spec.shape.is_compatible_with(shape):
        raise ValueError(
            f"images: received shape {np.shape(images)}; this model takes {tuple(spec.shape)}."
        )
    return tf.TensorSpec(shape, spec.dtype)


@dataclass(frozen=True, eq=False)
class PictureInput:
    """The one input of a model that holds pictures, among others perhaps.

    Attributes:
        spec: the structure of all inputs.
        position: which of the flat inputs holds the pictures.
        shape: of one picture, channels last; without sizes left open.
        channels_first: whether the model wants the channels first.
    """

    spec: Any
    position: int
    shape: tuple[int, ...]
    channels_first: bool

    def around(self, pictures: Any) -> Any:
        """All inputs, for float pictures with channels last; every other input is zero."""
        if self.channels_first:
            rank = len(self.shape) + 1
            pictures = tf.transpose(pictures, [0, rank - 1, *range(1, rank - 1)])
        flat = [_zeros(each, tf.shape(pictures)[0]) for each in tf.nest.flatten(self.spec)]
        flat[self.position] = tf.cast(pictures, tf.nest.flatten(self.spec)[self.position].dtype)
        return tf.nest.pack_sequence_as(self.spec, flat)

    def resized(self, sides: Sequence[int]) -> "PictureInput":
        """The same input for pictures of other sides, whatever the model says that it takes."""
        channels = self.shape[-1]
        flat = tf.nest.flatten(self.spec)
        ordered = [channels, *sides] if self.channels_first else [*sides, channels]
        flat[self.position] = tf.TensorSpec((None, *ordered), flat[self.position].dtype)
        spec = tf.nest.pack_sequence_as(self.spec, flat)
        return replace(self, spec=spec, shape=(*sides, channels))

    def of(self, images: Any) -> np.ndarray[Any, Any]:
        """The pictures, channels last, out of what the model takes."""
        pictures = np.asarray(tf.nest.flatten(images)[self.position])
        return np.moveaxis(pictures, 1, -1) if self.channels_first else pictures


def _zeros(spec: tf.TensorSpec, count: Any) -> Any:
    return tf.zeros([count, *(side or 1 for side in spec.shape[1:])], spec.dtype)


def picture_input(model: keras.Model, size: int | tuple[int, ...] | None) -> PictureInput:
    """The input of `model` that holds pictures (or signals, or volumes), at the given size.

    Raises:
        ValueError: no input has positions and channels, it takes integers, or not this size.
    """
    spec = input_spec(model)
    flat = tf.nest.flatten(spec)
    position = max(range(len(flat)), key=lambda i: (flat[i].shape.rank or 0, -i))
    shape = flat[position].shape.as_list()[1:]
    channels_first = puts_channels_first(model)
    sides, channels = (shape[1:], shape[0]) if channels_first else (shape[:-1], shape[-1])
    if not 1 <= len(sides) <= 3 or not channels:
        raise ValueError(f"model: patterns need an input of pictures (h, w, c); it takes {spec}.")
    if not flat[position].dtype.is_floating:
        raise ValueError(
            f"model: its pictures are {flat[position].dtype.name}, which have no gradient. "
            "Patterns need an input of floats; patterns=None turns them off."
        )
    asked = np.broadcast_to(size, len(sides)).tolist() if size is not None else sides
    if any(given not in (None, wanted) for given, wanted in zip(sides, asked, strict=True)):
        raise ValueError(f"size: received {size}; this model takes {tuple(sides)} only.")
    sides = [int(side) if side else _OPEN_SIZE for side in asked]
    ordered = [channels, *sides] if channels_first else [*sides, channels]
    flat[position] = tf.TensorSpec((None, *ordered), flat[position].dtype)
    return PictureInput(
        tf.nest.pack_sequence_as(spec, flat), position, (*sides, channels), channels_first
    )


def has_fixed_size(model: keras.Model) -> bool:
    """Whether the model says itself how large its pictures are."""
    flat = tf.nest.flatten(input_spec(model))
    spec = max(flat, key=lambda each: each.shape.rank or 0)
    return None not in spec.shape.as_list()[1:]


def puts_channels_first(model: keras.Model) -> bool:
    """Whether the first layer with a say in it wants the channels before the positions."""
    for layer in model._flatten_layers(include_self=False):
        if getattr(layer, "data_format", None) and getattr(layer, "kernel_size", None):
            return bool(layer.data_format == "channels_first")
    return bool(keras.config.image_data_format() == "channels_first")


def check_pictures(name: str, images: Any) -> None:
    """Whether `images` are pictures, and as many for each input.

    Raises:
        ValueError: they are none, of different lengths, or not finite; `name` is the argument.
    """
    sizes = {len(array) for array in tf.nest.flatten(images)}
    if len(sizes) != 1 or 0 in sizes:
        raise ValueError(f"{name}: received no pictures, or inputs of different lengths.")
    if not all(np.isfinite(array).all() for array in tf.nest.flatten(images)):
        raise ValueError(f"{name}: received NaN or infinity.")


def check_shown(channels: Sequence[int] | None) -> None:
    """Whether `channels` could be shown of some input.

    Raises:
        ValueError: they are neither one nor three, or negative.
    """
    if channels is not None and (len(channels) not in (1, 3) or min(channels) < 0):
        raise ValueError(f"channels: received {channels}; one index from 0, or three.")


def check_channels(channels: Sequence[int] | None, count: int) -> None:
    """Whether `channels` can be shown of an input with `count` channels.

    Raises:
        ValueError: an index is beyond them.
    """
    if channels is not None and max(channels) >= count:
        raise ValueError(
            f"channels: received {channels}; the input has {count} channels, 0 to {count - 1}."
        )
