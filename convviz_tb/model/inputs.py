"""Inputs of a model: their structure, shapes, types and order of channels."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import ops, tree

from convviz_tb.model.supported import calling, check_model

#: Sides of patterns, last one last, where the model takes any and no pictures are given.
_OPEN_SIZES: Final = {1: (128,), 2: (128, 128), 3: (16, 64, 64)}
_MOST_OPEN: Final = 128  # pixels; larger pictures cost more and show more of the same


@dataclass(frozen=True)
class Spec:
    """Shape and type of an array; None for an axis of any length."""

    shape: tuple[int | None, ...]
    dtype: str


def build(model: keras.Model, images: Any) -> None:
    """Builds a model that was never called, as `fit` does at its first batch.

    Its variables get the initial values that `fit` would have given them; nothing else changes.
    """
    check_model(model)
    if not model.built:
        with calling(model):
            model(tree.map_structure(_symbolic, images), training=False)


def _symbolic(array: Any) -> keras.KerasTensor:
    array = np.asarray(array)
    return keras.KerasTensor((None, *array.shape[1:]), array.dtype.name)


def input_spec(model: keras.Model) -> Any:
    """The structure of `Spec` that `model` takes, batch axis open.

    Raises:
        ValueError: the model was never built, or cannot be read at all.
    """
    check_model(model)
    # Keras 3.5 has an error of its own for a Sequential model that is asked for inputs it lacks.
    if model.built and getattr(model, "inputs", None):
        # Sequential has no `input` of its own when it was built by calling.
        inputs = model.inputs[0] if isinstance(model, keras.Sequential) else model.input
        return tree.map_structure(_open_batch, inputs)
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


def _open_batch(tensor: keras.KerasTensor) -> Spec:
    return Spec((None, *tensor.shape[1:]), tensor.dtype)


def _spec_of_shapes(shapes: Any) -> Any:
    if isinstance(shapes, dict):
        return {name: _spec_of_shapes(shape) for name, shape in shapes.items()}
    if shapes and isinstance(shapes[0], (list, tuple)):
        return [_spec_of_shapes(shape) for shape in shapes]
    return Spec((None, *shapes[1:]), "float32")


def spec_of(model: keras.Model, images: Any) -> Any:
    """The `Spec` of what the model takes, in the structure of `images`, open axes set to theirs.

    As in Keras, a tuple may stand for a list, an array for a list of one, and a dictionary for a
    list of named inputs.

    Raises:
        ValueError: the images do not have the structure or shape that the model takes.
    """
    spec = _arranged_like(images, input_spec(model), model)
    try:
        tree.assert_same_structure(*map(_structure, (spec, images)))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"images: received {type(images).__name__}; this model takes {spec}."
        ) from error
    fitted = map(_fitted, tree.flatten(spec), tree.flatten(images))
    return tree.pack_sequence_as(images, list(fitted))


def _structure(given: Any) -> Any:
    """`given` with every leaf 0: Keras 3.5 compares the types of leaves too."""
    return tree.map_structure(lambda _: 0, tree.lists_to_tuples(given))


def _arranged_like(images: Any, spec: Any, model: keras.Model) -> Any:
    if isinstance(images, dict) and isinstance(spec, list):
        return {each.name: spec[i] for i, each in enumerate(getattr(model, "inputs", None) or ())}
    flat = tree.flatten(spec)
    return flat[0] if len(flat) == 1 and not tree.is_nested(images) else spec


def _fitted(spec: Spec, images: Any) -> Spec:
    given = np.shape(images)
    fits = len(given) == len(spec.shape) and all(
        wanted in (None, side) for side, wanted in zip(given[1:], spec.shape[1:], strict=True)
    )
    if not fits:
        raise ValueError(f"images: received shape {given}; this model takes {spec.shape}.")
    return Spec((None, *given[1:]), spec.dtype)


@dataclass(frozen=True, eq=False)
class PictureInput:
    """The input of a model that takes pictures; a model may have others.

    Attributes:
        spec: the structure of all inputs, of `Spec`.
        position: index of the pictures among the flat inputs.
        shape: of one picture, channels last, with every size set.
        channels_first: whether the model takes the channels first.
        has_channels: whether it takes them at all; some take `(n, h, w)`.
        assumed: axes of a picture whose size was assumed: the model takes any, no pictures tell.
    """

    spec: Any
    position: int
    shape: tuple[int, ...]
    channels_first: bool
    has_channels: bool = True
    assumed: tuple[int, ...] = ()

    def around(self, pictures: Any) -> Any:
        """All inputs of the model: the pictures, float32 and channels last, and zeros else."""
        if not self.has_channels:
            pictures = pictures[..., 0]
        elif self.channels_first:
            rank = len(self.shape) + 1
            pictures = ops.transpose(pictures, [0, rank - 1, *range(1, rank - 1)])
        specs = tree.flatten(self.spec)
        flat = [_zeros(each, ops.shape(pictures)[0]) for each in specs]
        flat[self.position] = ops.cast(pictures, specs[self.position].dtype)
        return tree.pack_sequence_as(self.spec, flat)

    def resized(self, sides: Sequence[int]) -> "PictureInput":
        """The same input for pictures of other sides, whatever the model says that it takes."""
        channels, flat = self.shape[-1], tree.flatten(self.spec)
        ordered = self._ordered(sides)
        flat[self.position] = Spec((None, *ordered), flat[self.position].dtype)
        spec = tree.pack_sequence_as(self.spec, flat)
        return replace(self, spec=spec, shape=(*sides, channels))

    def _ordered(self, sides: Sequence[int]) -> list[int]:
        channels = [self.shape[-1]] if self.has_channels else []
        return [*channels, *sides] if self.channels_first else [*sides, *channels]

    def example(self) -> Any:
        """What the model takes, as arrays with one row of zeros."""
        shapes = ([side or 1 for side in each.shape[1:]] for each in tree.flatten(self.spec))
        return tree.pack_sequence_as(self.spec, [np.zeros([1, *shape]) for shape in shapes])

    def among(self, images: Any) -> npt.NDArray[Any]:
        """The pictures among what a model takes, channels last."""
        pictures = np.asarray(tree.flatten(images)[self.position])
        if not self.has_channels:
            return pictures[..., None]
        return np.moveaxis(pictures, 1, -1) if self.channels_first else pictures


def _zeros(spec: Spec, count: Any) -> Any:
    return ops.zeros([count, *(side or 1 for side in spec.shape[1:])], spec.dtype)


def picture_input(
    model: keras.Model,
    size: int | tuple[int, ...] | None,
    seen_by: tuple[Sequence[int], int] | None = None,
    like: Any = None,
) -> PictureInput:
    """The input of `model` that takes pictures (or signals, or volumes), at the given size.

    Args:
        model: a built Keras model.
        size: sides in pixels, one number or one per axis; None for those of the model, or, where it
            takes any, for those of `like`, at most 128, else 128 (16 time steps or slices of 64).
        seen_by: of a layer, the indices of the inputs that it depends on, and how many axes of
            positions it has; by default any layer.
        like: pictures that the model takes.

    Raises:
        ValueError: no input has positions and channels, it takes integers, or not this size.
    """
    spec = input_spec(model)
    flat = tree.flatten(spec)
    choices, positions = seen_by or (range(len(flat)), 0)
    position = max(choices, key=lambda i: (len(flat[i].shape), -i), default=0)
    shape = flat[position].shape[1:]
    has_channels = not (len(shape) == 2 and positions == 2)
    channels_first = has_channels and puts_channels_first(model)
    sides, channels = (shape[1:], shape[0]) if channels_first else (shape[:-1], shape[-1])
    if not has_channels:
        sides, channels = shape, 1
    if not 1 <= len(sides) <= 3 or not channels:
        raise ValueError(
            f"model: patterns need an input of pictures (h, w, c); it takes {spec}. "
            "patterns=None turns them off."
        )
    if not keras.backend.is_float_dtype(flat[position].dtype):
        raise ValueError(
            f"model: its pictures are {flat[position].dtype}, which have no gradient. "
            "Patterns need an input of floats; patterns=None turns them off."
        )
    asked = np.broadcast_to(size, len(sides)).tolist() if size is not None else sides
    if any(given not in (None, wanted) for given, wanted in zip(sides, asked, strict=True)):
        raise ValueError(f"size: received {size}; this model takes {tuple(sides)} only.")
    found = PictureInput(spec, position, (*sides, channels), channels_first, has_channels)
    told = _sides_of(found, like)
    known = told or _OPEN_SIZES[len(sides)]
    open_axes = tuple(axis for axis, side in enumerate(asked) if not side)
    found = replace(found, assumed=() if told else open_axes)
    return found.resized([int(a) if a else k for a, k in zip(asked, known, strict=True)])


def _sides_of(picture: PictureInput, like: Any) -> Sequence[int] | None:
    """The sides of pictures that are given, those in space bounded."""
    if like is None or len(tree.flatten(like)) <= picture.position:
        return None
    sides = picture.among(like).shape[1:-1]
    if len(sides) != len(picture.shape) - 1:
        return None
    bounded = [min(side, _MOST_OPEN) for side in sides[-2:]]
    return [*sides[:-2], *bounded]


def output_index(model: keras.Model, output: str | int | None) -> int | None:
    """Index of an output among the flat ones of a model; None where that is not known."""
    if isinstance(output, int) or output is None:
        return output
    outputs = getattr(model, "output", None) if model.built else None
    names = sorted(outputs) if isinstance(outputs, dict) else getattr(model, "output_names", [])
    return list(names).index(output) if output in names else None


def has_fixed_size(model: keras.Model) -> bool:
    """Whether the model says itself how large its pictures are."""
    largest = max(tree.flatten(input_spec(model)), key=lambda spec: len(spec.shape))
    return None not in largest.shape[1:]


def puts_channels_first(model: keras.Model) -> bool:
    """Whether a model takes channels before positions, by the first convolution or pooling."""
    for layer in model._flatten_layers(include_self=False):
        if getattr(layer, "data_format", None) and getattr(layer, "kernel_size", None):
            return bool(layer.data_format == "channels_first")
    return bool(keras.config.image_data_format() == "channels_first")


def check_pictures(name: str, images: Any) -> None:
    """Checks that `images` are pictures, the same number for each input.

    Raises:
        ValueError: there are none, their numbers differ, or they are not finite; `name` is the
            argument.
    """
    arrays = tree.flatten(images)
    if not all(np.ndim(array) for array in arrays):
        raise ValueError(f"{name}: received {images!r}, which holds no pictures.")
    sizes = {len(array) for array in arrays}
    if len(sizes) != 1 or 0 in sizes:
        raise ValueError(f"{name}: received no pictures, or inputs of different lengths.")
    if not all(map(_is_finite, arrays)):
        raise ValueError(f"{name}: received NaN or infinity.")


def _is_finite(array: Any) -> bool:
    """Whether all numbers are finite; strings and the like have none."""
    array = np.asarray(array)
    is_float = array.dtype.kind in "fc" or "float" in array.dtype.name  # bfloat16 is of no kind
    return not is_float or bool(np.isfinite(array).all())


def preprocessed(model: keras.Model, images: Any) -> Any:
    """What `fit` and `predict` of a task of KerasHub make of pictures before they call the model.

    The pictures themselves for any other model, and for a task without a preprocessor.
    """
    process = getattr(model, "preprocess_samples", None)
    if process is None or getattr(model, "preprocessor", None) is None:
        return images
    inputs, _, _ = keras.utils.unpack_x_y_sample_weight(process(images))
    return tree.map_structure(ops.convert_to_numpy, inputs)


def pictures_among(images: Any) -> Any:
    """Of what a model with several inputs takes, the pictures: numbers with the most axes.

    None where there are no numbers.
    """
    arrays = [np.asarray(array) for array in tree.flatten(images) if array is not None]
    numbers = [array for array in arrays if array.dtype.kind not in "OSUT"]
    return max(numbers, key=lambda array: array.ndim, default=None)


def as_input(array: Any, spec: Spec) -> Any:
    """A part of an input as a tensor of the type that the model takes."""
    array = np.asarray(array)
    if spec.dtype == "string":
        return ops.convert_to_tensor(array.astype(str), spec.dtype)
    return ops.cast(array, spec.dtype)


def check_shown(channels: Sequence[int] | None) -> None:
    """Checks that `channels` could be shown, whatever the input.

    Raises:
        ValueError: there are neither one nor three, or one is negative.
    """
    if channels is not None and (len(channels) not in (1, 3) or min(channels) < 0):
        raise ValueError(f"channels: received {channels}; one index from 0, or three.")


def check_channels(channels: Sequence[int] | None, count: int) -> None:
    """Checks that an input with `count` channels has the `channels` to show.

    Raises:
        ValueError: an index is too large.
    """
    if channels is not None and max(channels) >= count:
        raise ValueError(
            f"channels: received {channels}; the input has {count} channels, 0 to {count - 1}."
        )
