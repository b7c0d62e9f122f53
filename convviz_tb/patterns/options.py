"""Options of filter patterns, checked as far as they can be without a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from convviz_tb.model.inputs import check_pictures, check_shown
from convviz_tb.model.taps import Layers
from convviz_tb.patterns import recipes
from convviz_tb.patterns.spectrum import Spectrum

Array = npt.NDArray[Any]

#: A count, indices, "all", or directions: weights of all channels, float `(n, channels)`.
Filters: TypeAlias = "int | Sequence[int] | Array | Literal['all']"
Objective = Literal["channel", "neuron"]
_REFRESH: Final = 10  # logged steps


@dataclass(frozen=True)
class FilterPatterns:
    """Which filter patterns the callback computes.

    Args:
        layers: names, paths or layer objects; "auto" spreads four over the convolutions. A dense
            layer has units for filters: of the last one, patterns show what the classes look like.
        filters: how many (evenly spread over the layer), a list of indices, or "all".
        size: sides in pixels, one number or one per axis; by default about two receptive fields of
            the layer, 64 to 128 pixels but no more than the model's input has (modes "smooth" and
            "notebook": those of the model's input).
        steps: steps of gradient ascent; by default those of the mode.
        step_size: length of the first step in grey levels of 0..255; by default that of the mode.
        seed: start of the noise; the same seed gives the same picture.
        mode: "natural", with the colours and the spectrum of pictures; "smooth", without; or
            "notebook" for the recipe of Deep Learning with Python, 5.4.
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
        images: pictures as the model takes them, whose colours and spectrum the patterns take in
            mode "natural". By default the probes, else the callback's images; where there are
            fewer than four, those of photographs.
        colours: whether to take their colours, too. Without, filters show what colours they ask
            for, and deep ones little else.
        class_names: names of the units of the last layer; by default those of the callback's
            `GradCAM`.

    Raises:
        ValueError: an argument is out of range; the message names it.
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

    def __post_init__(self) -> None:
        if self.mode not in recipes.MODES:
            raise ValueError(
                f"mode: received {self.mode!r}; choose one of {sorted(recipes.MODES)}."
            )
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
    def recipe(self) -> recipes.Mode:
        return recipes.MODES[self.mode]

    @property
    def are_directions(self) -> bool:
        """Whether `filters` are directions, float `(n, channels)`, rather than single filters."""
        return np.ndim(self.filters) == 2

    @property
    def ascent_steps(self) -> int:
        return self.steps or self.recipe.steps

    @property
    def first_step_size(self) -> float:
        """Length of the first step of an ascent from the seed, in grey levels."""
        return self.step_size or self.recipe.step_size

    @property
    def warm_steps(self) -> int:
        """Steps of an ascent that goes on from the picture before."""
        return max(1, self.ascent_steps * self.recipe.warm_steps // self.recipe.steps)

    @property
    def warm_step_size(self) -> float:
        """Length of the first of those steps, in grey levels."""
        return self.first_step_size * self.recipe.warm_step_size / self.recipe.step_size

    @property
    def spectrum(self) -> Spectrum | None:
        """What was last remembered: measured once, not at every step."""
        return self._memory.get("spectrum")

    def remember(self, spectrum: Spectrum) -> None:
        self._memory["spectrum"] = spectrum

    @cached_property
    def _memory(self) -> dict[str, Spectrum]:
        return {}

    @property
    def refresh_every(self) -> int:
        return self.refresh or (1 if self.mode == "notebook" else _REFRESH)


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
