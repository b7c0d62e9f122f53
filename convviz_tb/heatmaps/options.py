"""Options of class-activation maps, checked as far as possible without a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from keras import ops, tree

from convviz_tb.heatmaps import regions
from convviz_tb.heatmaps.methods import METHODS
from convviz_tb.heatmaps.targets import Score, class_query
from convviz_tb.model import Layers, check_pictures, check_shown

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class GradCAM:
    """Which class-activation heatmaps are computed, and how.

    Args:
        images: the pictures `(n, h, w, c)`, float or uint8, in the model's own input range (or what
            a model with several inputs takes). Keep them few: all are computed at every step. They
            are copied.
        layers: names, paths or layer objects; "auto" takes the last convolution.
        classes: "predicted" (of each step), "true" (needs `labels`), "top3" and the like, one
            class index from 0 for all images, or indices `(n,)` or `(n, k)`.
        labels: the true classes, `(n,)` integers or one-hot `(n, classes)`.
        class_names: names by class index, for the display.
        method: "gradcam" (Selvaraju et al. 2017), "gradcam++" (Chattopadhay et al. 2018),
            "hirescam" (Draelos and Carin 2020), "layercam" (Jiang et al. 2021), "xgradcam" (Fu et
            al. 2020), or "scorecam" (Wang et al. 2020), which takes one forward pass per channel
            and picture.
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
            measures also how much lies on a sticker.
        choose: "worst" where `images` are many (with `labels`): all are predicted at every step,
            and heatmaps are of those that deserve one: wrong and sure, changed since the step
            before, least sure, and one typical of each class. They are chosen at the first logged
            step at which the network is better than chance, and kept, so that steps compare.
        shown: with `choose`, of how many pictures there are heatmaps at most, from 1.

    Raises:
        ValueError: an argument is out of range; the message names it and what was received.
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
    choose: Literal["worst"] | None = None
    shown: int = 12

    def __post_init__(self) -> None:
        check_pictures("images", self.images)
        if self.method not in METHODS:
            raise ValueError(f"method: received {self.method!r}; choose one of {[*METHODS]}.")
        for name in ("labels", "mask", "display"):
            given = getattr(self, name)
            if given is not None and len(given) != len(self):
                raise ValueError(f"{name}: received {len(given)} for {len(self)} images.")
        if callable(self.score) and not np.array_equal(self.classes, "predicted"):
            raise ValueError("classes: leave them out where `score` is a function.")
        self._check_choice()
        check_shown(self.channels)
        if self.boxes is not None:
            regions.check(self.boxes, len(self))
        class_query(self.classes, self.true_classes, len(self))
        for name in ("images", "mask", "display"):
            given = getattr(self, name)
            object.__setattr__(self, name, tree.map_structure(_kept, given))
        if self.boxes is not None:
            object.__setattr__(self, "boxes", _kept_regions(self.boxes))

    def _check_choice(self) -> None:
        if self.choose not in (None, "worst"):
            raise ValueError(f'choose: received {self.choose!r}; "worst" or None.')
        if isinstance(self.shown, bool) or not isinstance(self.shown, int) or self.shown < 1:
            raise ValueError(f"shown: received {self.shown!r}; a number of pictures, at least 1.")
        if self.choose and self.labels is None:
            raise ValueError('choose: "worst" needs labels=, one for each image.')

    def only(self, numbers: Array) -> "GradCAM":
        """The same for some of the pictures, by their indices `(n,)`; nothing more is chosen."""

        def some(array: Any) -> Any:
            return None if array is None else np.asarray(array)[numbers]

        boxes = self.boxes
        if isinstance(boxes, Mapping):
            boxes = {name: np.asarray(region)[numbers] for name, region in boxes.items()}
        each_has_its_own = not isinstance(self.classes, str) and np.ndim(self.classes) > 0
        return replace(
            self,
            images=tree.map_structure(some, self.images),
            classes=some(self.classes) if each_has_its_own else self.classes,
            labels=some(self.labels),
            mask=some(self.mask),
            display=some(self.display),
            boxes=boxes if isinstance(boxes, Mapping) else some(boxes),
            choose=None,
        )

    def __len__(self) -> int:
        return len(tree.flatten(self.images)[0])

    @property
    def pictures(self) -> Array:
        """Of several inputs the one that holds pictures: the one with the most axes."""
        arrays = [np.asarray(array) for array in tree.flatten(self.images)]
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
    """A copy: the file of a memory-mapped array may be gone when it is read."""
    return array if array is None or ops.is_tensor(array) else np.array(array)


def _kept_regions(boxes: Any) -> Any:
    """The same, copied; a dict stays one."""
    if not isinstance(boxes, Mapping):
        return np.array(boxes)
    return {name: np.array(given) for name, given in boxes.items()}
