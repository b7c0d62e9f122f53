"""Filter patterns: the pictures that activate filters most, by gradient ascent in input space."""

from typing import Any, Final, Literal

import keras
import numpy as np
import numpy.typing as npt

from convviz_tb.model import (
    Layer,
    Tap,
    convolutions,
    has_fixed_size,
    picture_input,
    select_taps,
    survey,
)
from convviz_tb.patterns.ascent import Patterns, ascend
from convviz_tb.patterns.options import FilterPatterns, Filters, Objective
from convviz_tb.patterns.restarts import from_noise, with_silent_woken

Array = npt.NDArray[Any]

_AUTO_LAYERS: Final = 4


def filter_patterns(
    model: keras.Model,
    layer: Layer,
    filters: Filters = 16,
    *,
    size: int | tuple[int, int] | None = None,
    steps: int | None = None,
    step_size: float | None = None,
    seed: int = 0,
    start: Array | None = None,
    mode: str = "natural",
    value_range: tuple[float, float] | None = None,
    objective: Objective = "channel",
    border: int = 0,
    before_activation: bool = False,
    precision: Literal["auto", "float32"] = "auto",
    images: Any = None,
    colours: bool = True,
) -> Patterns:
    """Pictures that activate the filters of a layer most, by gradient ascent.

    Activation maximisation: Erhan et al. 2009, "Visualizing Higher-Layer Features of a Deep
    Network". Mode "notebook" is the recipe of Chollet, Deep Learning with Python, 5.4: gray start
    with noise, 40 steps of length 1, gradient divided by its RMS + 1e-5. Mode "smooth" scales each
    spatial frequency f of the gradient by 1 / f (as in Olah et al. 2017, "Feature Visualization",
    preconditioning), in 16 steps that get shorter. Mode "natural" whitens it to the colours and
    the spectrum of pictures instead, in 16 steps (`recipes.natural_direction`).

    Args:
        model: a built Keras model; it is not changed.
        layer: a name, a path such as `"vgg16/block3_conv1"`, or a layer object.
        filters: how many (evenly spread), a list of indices, "all", or directions: a float array
            `(n, channels)` with the weight of each channel.
        size: sides in pixels, at least 8, one number or one per axis. By default two receptive
            fields of the layer, 64 to 112 pixels but no more than the model's input has; in modes
            "smooth" and "notebook" those of the model's input, or 128 where it takes any.
        steps: steps of ascent, at least 1; by default those of the mode.
        step_size: length of the first step in grey levels of 0..255 (RMS over the picture).
        seed: seed of the noise. A picture depends on seed, layer and filter alone.
        start: float `(n, h, w, c)` in the model's input range, to start from instead of noise: the
            pictures of an earlier call, best with their margin (`Patterns.padded`). Give the mode's
            `warm_steps` and `warm_step_size` with it (`recipes.MODES`). A picture of plain
            mid-gray, as that of a dead filter, starts from noise.
        mode: "natural", "smooth" or "notebook".
        value_range: lowest and highest value of the model's input; by default (0, 255).
        objective: "channel" for the mean over all positions, "neuron" for the one in the centre.
        border: positions left out at each side of the feature map, where padding shows.
        before_activation: whether to take what goes into the layer's activation function.
        precision: "float32", or "auto" for convolutions in bfloat16 where that is faster.
        images: pictures, as the model takes them, at least four, whose colours and spectrum the
            patterns have in mode "natural"; by default those of photographs.
        colours: whether patterns have the colours of these images, too.

    Returns:
        `Patterns`, one picture per filter.

    Raises:
        ValueError: an argument is out of range, or the layer, a filter, the size, the border or
            `start` does not fit the model; the message names it and what was received.

    Example:

    ```python
    patterns = filter_patterns(model, "block3_conv1", filters=[0, 7], size=150)
    patterns.images.shape  # (2, 150, 150, 3)
    ```
    """
    options = FilterPatterns(
        layers=layer,
        filters=filters,
        size=size,
        steps=steps,
        step_size=step_size,
        seed=seed,
        mode=mode,
        value_range=value_range,
        objective=objective,
        border=border,
        before_activation=before_activation,
        precision=precision,
        images=images,
        colours=colours,
    )
    (tap,) = pattern_taps(model, options)
    given = (model, tap, options, choose_filters(filters, tap))
    patterns = from_noise(*given) if start is None else ascend(*given, start)
    return with_silent_woken(*given, patterns)


def pattern_taps(model: keras.Model, options: FilterPatterns) -> list[Tap]:
    """The taps that `options.layers` asks for, in network order.

    Raises:
        ValueError: a layer does not exist, or `size` does not fit the model.
    """
    size = None if options.recipe.by_receptive_field and has_fixed_size(model) else options.size
    is_auto = isinstance(options.layers, str) and options.layers == "auto"
    taps = survey(model, picture_input(model, size, like=options.images).spec, units=not is_auto)
    if is_auto:
        spread = convolutions(taps)
        return [spread[i] for i in evenly_spread(_AUTO_LAYERS, len(spread))]
    return select_taps(taps, options.layers)


def evenly_spread(count: int, total: int) -> list[int]:
    """Up to `count` indices below `total`, first and last included."""
    spread = np.linspace(0, total - 1, min(count, total)).round()
    return [int(index) for index in np.unique(spread)]


def choose_filters(filters: Filters, tap: Tap) -> Array:
    """The filters to show: int32 indices `(n,)`, or float32 directions `(n, channels)`.

    Raises:
        ValueError: an index is beyond the layer's filters, or a direction has another length.
    """
    if isinstance(filters, str):
        return np.arange(tap.filters, dtype=np.int32)
    chosen = np.asarray(filters)
    if chosen.ndim == 2:
        if chosen.shape[1] != tap.filters:
            raise ValueError(
                f"filters: received directions of {chosen.shape[1]} weights; "
                f"{tap.path!r} has {tap.filters} filters."
            )
        return chosen.astype(np.float32)
    if chosen.ndim == 0:
        return np.asarray(evenly_spread(int(chosen), tap.filters), np.int32)
    if chosen.max() >= tap.filters:
        raise ValueError(
            f"filters: received {chosen.max()}, but {tap.path!r} has {tap.filters} filters, "
            f"0 to {tap.filters - 1}."
        )
    return chosen.astype(np.int32)
