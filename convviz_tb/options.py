"""What to compute, as asked for by the user: checked as far as it can be without a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from convviz_tb import ascent, regions
from convviz_tb.methods import METHODS
from convviz_tb.taps import Layers
from convviz_tb.targets import Score, class_query

Array = npt.NDArray[Any]

#: A count, indices, "all", or directions: weights of all channels, float `(n, channels)`.
Filters: TypeAlias = "int | Sequence[int] | Array | Literal['all']"
Objective = Literal["channel", "neuron"]
SCORECAM: Final = "scorecam"
_REFRESH: Final = 10  # logged steps


@dataclass(frozen=True)
class FilterPatterns:
    """Which filter patterns the callback computes.

    Args:
        layers: names, paths or layer objects; "auto" spreads four over the convolutions.
        filters: how many (evenly spread over the layer), a list of indices, or "all".
        size: sides in pixels, one number or one per axis; by default those of the model's input.
        steps: steps of gradient ascent; by default those of the mode.
        step_size: length of the first step in grey levels of 0..255; by default that of the mode.
        seed: start of the noise; the same seed gives the same picture.
        mode: "smooth", or "notebook" for the recipe of Deep Learning with Python, 5.4.
        value_range: lowest and highest value of the model's input. By default from the callback's
            images, else 0..255.
        objective: "channel" for the mean over all positions, "neuron" for the one in the centre.
        border: positions left out at each side of the feature map, where padding shows.
        before_activation: whether to take what goes into the layer's activation function.
        channels: which input channels to show, one or three; by default gray for one or two, else
            the first three.
        image_format: "jpeg" (4:4:4, about a quarter of the bytes) or "png".
        refresh: how often patterns start from the seed: each so many logged steps. Between, they
            go on from the picture before in fewer steps. By default 10, in mode "notebook" 1.
        precision: "float32", or "auto" for convolutions in bfloat16 where a timed probe finds them
            faster (CPUs made for it); mode "notebook" is always float32.
        probes: pictures that filters are watched on, as the model takes them: what they answer,
            which are dead, which are twins. The first 16 count. By default the callback's images;
            without any, these numbers are left out.

    Raises:
        ValueError: an argument is out of range; the message names it.
    """

    layers: Layers = "auto"
    filters: Filters = 16
    size: int | tuple[int, int] | None = None
    steps: int | None = None
    step_size: float | None = None
    seed: int = 0
    mode: str = "smooth"
    value_range: tuple[float, float] | None = None
    objective: Objective = "channel"
    border: int = 0
    before_activation: bool = False
    channels: Sequence[int] | None = None
    image_format: Literal["jpeg", "png"] = "jpeg"
    refresh: int | None = None
    precision: Literal["auto", "float32"] = "auto"
    probes: Any = None

    def __post_init__(self) -> None:
        if self.mode not in ascent.MODES:
            raise ValueError(f"mode: received {self.mode!r}; choose one of {sorted(ascent.MODES)}.")
        if self.steps is not None and not _is_count(self.steps, at_least=1):
            raise ValueError(f"steps: received {self.steps}; a number of steps, at least 1.")
        if self.step_size is not None and not self.step_size > 0:
            raise ValueError(f"step_size: received {self.step_size}; more than 0.")
        if self.size is not None and min(np.atleast_1d(self.size)) < 8:
            raise ValueError(f"size: received {self.size}; at least 8 pixels.")
        if self.value_range is not None and not self.value_range[0] < self.value_range[1]:
            raise ValueError(f"value_range: received {self.value_range}; (lowest, highest).")
        if self.objective not in get_args(Objective):
            raise ValueError(f'objective: received {self.objective!r}; "channel" or "neuron".')
        if self.border < 0:
            raise ValueError(f"border: received {self.border}; 0 or more positions.")
        if not _is_count(self.seed, at_least=0):
            raise ValueError(f"seed: received {self.seed}; an integer, at least 0.")
        _check_shown(self.channels)
        if self.image_format not in ("jpeg", "png"):
            raise ValueError(f'image_format: received {self.image_format!r}; "jpeg" or "png".')
        if self.refresh is not None and not _is_count(self.refresh, at_least=1):
            raise ValueError(f"refresh: received {self.refresh!r}; a number of steps, at least 1.")
        if self.precision not in ("auto", "float32"):
            raise ValueError(f'precision: received {self.precision!r}; "auto" or "float32".')
        _check_filters(self.filters)
        if self.probes is not None:
            _check_pictures("probes", self.probes)

    @property
    def recipe(self) -> ascent.Mode:
        return ascent.MODES[self.mode]

    @property
    def ascent_steps(self) -> int:
        return self.steps or self.recipe.steps

    @property
    def warm_steps(self) -> int:
        """Steps of an ascent that goes on from the picture before."""
        return max(1, self.ascent_steps * self.recipe.warm_steps // self.recipe.steps)

    @property
    def warm_step_size(self) -> float:
        """Length of the first of those steps, in grey levels."""
        first = self.step_size or self.recipe.step_size
        return first * self.recipe.warm_step_size / self.recipe.step_size

    @property
    def refresh_every(self) -> int:
        return self.refresh or (1 if self.mode == "notebook" else _REFRESH)


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
        method: "gradcam", "gradcam++", "hirescam", "layercam", "xgradcam", or "scorecam", which
            needs one forward pass per channel and picture.
        score: "logit", "probability" (the book's map), or a function of the model's outputs that
            returns one number per picture.
        output: name or index of the output to explain, where the model has several.
        mask: where a segmentation output counts, bool `(n, h, w)`; by default everywhere.
        display: uint8 `(n, h, w, 1 or 3)` to show instead of `images`, for pictures that were
            preprocessed beyond recognition.
        channels: which input channels to show, one or three; by default gray for one or two, else
            the first three.
        boxes: where the objects are, to measure the heatmaps by: left, top, right, bottom in pixels
            or in 0..1 `(n, 4)`, a row of NaN where it is not known; or masks `(n, h, w)`. Or a dict
            of several such regions by name, the object first: `{"object": ..., "sticker": ...}`
            tells also how much lies on a sticker.

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
    mask: Array | None = None
    display: Array | None = None
    channels: Sequence[int] | None = None
    boxes: Any = None

    def __post_init__(self) -> None:
        _check_pictures("images", self.images)
        known = [*METHODS, SCORECAM]
        if self.method not in known:
            raise ValueError(f"method: received {self.method!r}; choose one of {known}.")
        for name in ("labels", "mask", "display"):
            given = getattr(self, name)
            if given is not None and len(given) != len(self):
                raise ValueError(f"{name}: received {len(given)} for {len(self)} images.")
        if callable(self.score) and not np.array_equal(self.classes, "predicted"):
            raise ValueError("classes: leave them out where `score` is a function.")
        _check_shown(self.channels)
        if self.boxes is not None:
            regions.check(self.boxes, len(self))
        class_query(self.classes, self.true_classes, len(self))
        for name in ("images", "mask", "display"):
            given = getattr(self, name)
            object.__setattr__(self, name, tf.nest.map_structure(_kept, given))
        if self.boxes is not None:
            object.__setattr__(self, "boxes", _kept_regions(self.boxes))

    def __len__(self) -> int:
        return len(tf.nest.flatten(self.images)[0])

    @property
    def pictures(self) -> Array:
        """Of several inputs the one that holds pictures: the one with the most axes."""
        arrays = [np.asarray(array) for array in tf.nest.flatten(self.images)]
        return max(arrays, key=lambda array: array.ndim)

    @property
    def true_classes(self) -> Array | None:
        """The labels as class indices `(n,)`, or None."""
        if self.labels is None:
            return None
        labels = np.asarray(self.labels)
        one_hot = labels.ndim > 1 and labels.shape[-1] > 1
        return (labels.argmax(axis=-1) if one_hot else labels.ravel()).astype(int)


def _kept(array: Any) -> Any:
    """A copy of our own: a file that an array is mapped to may be gone when we come to read it."""
    return array if array is None or tf.is_tensor(array) else np.array(array)


def _kept_regions(boxes: Any) -> Any:
    """The same, copied; a dict stays one."""
    if not isinstance(boxes, Mapping):
        return np.array(boxes)
    return {name: np.array(given) for name, given in boxes.items()}


def _check_pictures(name: str, images: Any) -> None:
    sizes = {len(array) for array in tf.nest.flatten(images)}
    if len(sizes) != 1 or 0 in sizes:
        raise ValueError(f"{name}: received no pictures, or inputs of different lengths.")
    if not all(np.isfinite(array).all() for array in tf.nest.flatten(images)):
        raise ValueError(f"{name}: received NaN or infinity.")


def _check_filters(filters: Filters) -> None:
    if isinstance(filters, str) and filters == "all":
        return
    given = np.asarray(filters)
    is_index = np.issubdtype(given.dtype, np.integer) and given.ndim < 2
    is_direction = np.issubdtype(given.dtype, np.floating) and given.ndim == 2
    lowest = 1 if given.ndim == 0 else 0
    if not (given.size and (is_direction or (is_index and given.min() >= lowest))):
        raise ValueError(
            f'filters: received {filters!r}. Give a count, a list of indices from 0, "all", '
            "or a float array (n, channels) of directions."
        )


def _is_count(given: Any, at_least: int) -> bool:
    return isinstance(given, (int, np.integer)) and bool(given >= at_least)


def _check_shown(channels: Sequence[int] | None) -> None:
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
