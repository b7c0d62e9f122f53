"""Options of filter patterns, checked as far as possible without a model."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from convviz_tb.model import Layers, PictureInput, check_pictures, check_shown
from convviz_tb.patterns import recipes
from convviz_tb.patterns.spectrum import Spectrum, spectrum_of_images, spectrum_of_photographs

Array = npt.NDArray[Any]

#: A count, indices, "all", or directions: weights of all channels, float `(n, channels)`.
Filters: TypeAlias = "int | Sequence[int] | Array | Literal['all']"
Objective = Literal["channel", "neuron"]
_REFRESH: Final = 10  # logged steps


@dataclass(frozen=True)
class FilterPatterns:
    """Which filter patterns are computed, and how.

    A pattern is the input picture that maximises the mean activation of a filter, found by gradient
    ascent: Erhan et al. 2009, "Visualizing Higher-Layer Features of a Deep Network".

    Args:
        layers: names, paths or layer objects; "auto" spreads four over the convolutions. A dense
            layer has units for filters: patterns of the last one show what the network takes each
            class to be.
        filters: how many, a list of indices from 0, "all", or directions: a float array
            `(n, channels)`, of which each row gives one pattern that maximises the sum of all
            channels with these weights. Directions are numbered from 0.
        filters_by: which, where `filters` says how many: "use" for those that matter most for your
            pictures (the callback's `examples`, else those of its heatmaps, else the probes or
            images here; without any, as "spread"), by their activations and their weight in the
            evidence for the predicted classes, chosen once, at the baseline of the run; "spread"
            for those evenly spread over the layer.
        size: sides in pixels, at least 8, one number or one per axis. By default two receptive
            fields of the layer, 64 to 112 pixels but no more than the model's input has; in modes
            "smooth" and "notebook" those of the model's input, or 128 where it takes any.
        steps: steps of gradient ascent, at least 1; by default those of the mode.
        step_size: length of the first step in grey levels of 0..255 (RMS over the picture), above
            0; by default that of the mode.
        seed: seed of the noise that an ascent starts from, at least 0. A pattern depends on seed,
            layer and filter alone.
        mode: "natural" for gradients whitened to the colours and the spectrum of pictures (in the
            spirit of Olah et al. 2017, "Feature Visualization", and Fel et al. 2023, "Unlocking
            feature visualization for deep networks with magnitude constrained optimization");
            "smooth" for gradients with each spatial frequency f scaled by 1 / f; "notebook" for the
            recipe of Chollet, Deep Learning with Python, 5.4.
        value_range: lowest and highest value of the model's input. By default from the callback's
            images, else 0..255, and that is said.
        objective: "channel" for the mean over all positions, "neuron" for the one in the centre.
        border: positions left out at each side of the feature map, where padding shows.
        before_activation: whether to take what goes into the layer's activation function.
        channels: which input channels to show, one or three indices from 0; by default gray for one
            or two, else the first three.
        image_format: "jpeg" (4:4:4, about a quarter of the bytes) or "png".
        refresh: every how many logged steps patterns restart from the seed. In between, they
            resume from the last picture with fewer steps. By default 10, in mode "notebook" 1.
        precision: "float32", or "auto" for convolutions in bfloat16 where a timed probe finds them
            faster (CPUs made for it); mode "notebook" is always float32.
        probes: probe images, as the model takes them, on which the responses of filters are
            measured: which are dead or always on, and which are most similar. The first 16 count.
            By default the callback's images; without any, these metrics are left out.
        images: pictures, as the model takes them, whose colours and spectrum the patterns have in
            mode "natural". By default the probes, else the callback's images; instead of fewer
            than four, photographs stand in.
        colours: whether patterns have the colours of these images, too. Without, filters show the
            colours that they ask for, and deep ones little else.
        class_names: names of the units of the last layer; by default those of the callback's
            `GradCAM`.

    Raises:
        ValueError: an argument is out of range; the message names it and what was received.

    Example:

    ```python
    FilterPatterns(layers=["block3_conv1", "block5_conv3"], filters=32)
    FilterPatterns("block5_conv3", filters=np.eye(512)[:2] - np.eye(512)[2:4])  # directions
    ```
    """

    layers: Layers = "auto"
    filters: Filters = 16
    size: int | tuple[int, int] | None = None
    steps: int | None = None
    step_size: float | None = None
    seed: int = 0
    mode: str = "natural"
    value_range: tuple[float, float] | None = None
    objective: Objective = "channel"
    border: int = 0
    before_activation: bool = False
    channels: Sequence[int] | None = None
    image_format: Literal["jpeg", "png"] = "jpeg"
    refresh: int | None = None
    precision: Literal["auto", "float32"] = "auto"
    probes: Any = None
    images: Any = None
    colours: bool = True
    class_names: Sequence[str] = ()
    filters_by: Literal["use", "spread"] = "use"

    def __post_init__(self) -> None:
        if self.mode not in recipes.MODES:
            raise ValueError(
                f"mode: received {self.mode!r}; choose one of {sorted(recipes.MODES)}."
            )
        if self.filters_by not in ("use", "spread"):
            raise ValueError(f'filters_by: received {self.filters_by!r}; "use" or "spread".')
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
        check_shown(self.channels)
        if self.image_format not in ("jpeg", "png"):
            raise ValueError(f'image_format: received {self.image_format!r}; "jpeg" or "png".')
        if self.refresh is not None and not _is_count(self.refresh, at_least=1):
            raise ValueError(f"refresh: received {self.refresh!r}; a number of steps, at least 1.")
        if self.precision not in ("auto", "float32"):
            raise ValueError(f'precision: received {self.precision!r}; "auto" or "float32".')
        _check_filters(self.filters)
        if self.probes is not None:
            check_pictures("probes", self.probes)
        if self.images is not None:
            check_pictures("images", self.images)

    @property
    def recipe(self) -> recipes.Recipe:
        return recipes.MODES[self.mode]

    @property
    def are_directions(self) -> bool:
        """Whether `filters` are directions, float `(n, channels)`, rather than single filters."""
        return np.ndim(self.filters) == 2

    @property
    def count(self) -> int | None:
        """How many filters are asked for, where it is not said which; else None."""
        is_count = np.ndim(self.filters) == 0 and not isinstance(self.filters, str)
        return int(np.asarray(self.filters)) if is_count else None

    @property
    def input_range(self) -> tuple[float, float]:
        """Lowest and highest value of the model's input, as given or assumed."""
        return self.value_range or (0.0, 255.0)

    @property
    def ascent_steps(self) -> int:
        return self.steps or self.recipe.steps

    @property
    def first_step_size(self) -> float:
        """Length of the first step of an ascent from the seed, in grey levels."""
        return self.step_size or self.recipe.step_size

    @property
    def warm_steps(self) -> int:
        """Steps of an ascent that resumes from an earlier picture."""
        return max(1, self.ascent_steps * self.recipe.warm_steps // self.recipe.steps)

    @property
    def warm_step_size(self) -> float:
        """Length of the first of these steps, in grey levels."""
        return self.first_step_size * self.recipe.warm_step_size / self.recipe.step_size

    @property
    def refresh_every(self) -> int:
        return self.refresh or (1 if self.mode == "notebook" else _REFRESH)

    def spectrum(self, picture: PictureInput) -> Spectrum:
        """The colours and the spectrum that patterns have: those of the images, or photographs.

        Args:
            picture: the input that the patterns are of.
        """
        key = (picture.position, picture.channels_first, len(picture.shape), picture.shape[-1])
        if key not in self._spectra:
            self._spectra[key] = self._measured_spectrum(picture)
        return self._spectra[key]

    @cached_property
    def _spectra(self) -> dict[Hashable, Spectrum]:
        return {}  # measured once, not at every step

    def _measured_spectrum(self, picture: PictureInput) -> Spectrum:
        spectrum = spectrum_of_photographs(picture.shape[-1], len(picture.shape) - 1)
        if self.images is not None:
            images = picture.among(self.images)
            if images.ndim == len(picture.shape) + 1 and images.shape[-1] == picture.shape[-1]:
                spectrum = spectrum_of_images(images)
        return spectrum if self.colours else spectrum.without_colours()


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
