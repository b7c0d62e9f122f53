"""Options of class-activation maps, checked as far as possible without a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, Literal

import keras
import numpy as np
import numpy.typing as npt
from keras import ops, tree

from convviz_tb.heatmaps import regions
from convviz_tb.heatmaps.labels import names_by_index, true_classes
from convviz_tb.heatmaps.methods import METHODS
from convviz_tb.heatmaps.targets import Score, class_query
from convviz_tb.model import (
    MOST,
    Layers,
    check_pictures,
    check_shown,
    described,
    part_kept,
    pictures_among,
    preprocessed,
    take,
)

Array = npt.NDArray[Any]

_MOST_CHOSEN_FROM: Final = 512  # pictures of a data set


@dataclass(frozen=True, eq=False, repr=False)
class GradCAM:
    """Which class-activation heatmaps are computed, and how.

    Args:
        images: the pictures `(n, h, w, c)`, float or uint8, in the model's own input range (or what
            a model with several inputs takes). Keep them few: all are computed at every step. They
            are copied. A list of single pictures, arrays or PIL's, or of paths of image files. Or
            data as `fit` takes it: of a `tf.data.Dataset`, a `PyDataset` or a generator the first 8
            pictures are read, with their labels; of a pair `(x, y)` all are.
        layers: names, paths or layer objects; "auto" takes the last convolution, or, where a
            shortcut or other branches go around it, what they are joined to; of several inputs of
            pictures one each.
        classes: "predicted" (of each step), "true" (needs `labels`), "top3" and the like, one
            class index from 0 for all images, or indices `(n,)` or `(n, k)`.
        labels: the true classes: `(n,)` indices, a negative one for none; rows `(n, classes)`,
            one-hot, multi-hot (all of the row's classes count, a row of zeros has none) or
            probabilities (the largest counts); masks of a segmentation `(n, h, w)`. By default
            those of the data set.
        class_names: names of the classes, for the display: a list, or a dictionary such as
            `{0: "cat"}` or a generator's `class_indices`, `{"cat": 0}`.
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
            step at which the network is better than chance, and kept, so that steps compare; at
            most four that change later are added. Of a data set the first 512 pictures are read.
        shown: with `choose`, of how many pictures there are heatmaps at most, from 1.
        feature_maps: what filters see on the first 16 pictures: of how many filters of each layer
            the activations are logged, 0 for none. Those whose patterns are logged, else the first;
            fewer where maps are large (`docs/data_format.md`).

    Raises:
        ValueError: an argument is out of range; the message names it and what was received.
    """

    images: Any
    layers: Layers = "auto"
    classes: Any = "predicted"
    labels: Any = None
    class_names: Sequence[str] | Mapping[Any, Any] = ()
    method: str = "gradcam"
    score: Score = "logit"
    output: str | int | None = None
    mask: Array | None = None
    display: Array | None = None
    channels: Sequence[int] | None = None
    boxes: Any = None
    choose: Literal["worst"] | None = None
    shown: int = 12
    feature_maps: int = 16
    #: Where `images` lie in what is shown, see `View.field`.
    part: tuple[float, ...] | None = field(default=None, init=False, repr=False)
    #: Height and width in pixels of what boxes are of, where that is not `images`.
    sides: tuple[int, int] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._take_data()
        check_pictures("images", self.images)
        if pictures_among(self.images) is None:
            raise ValueError(f"images: received {described(self.images)}, which holds no pictures.")
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
            self._set(name, tree.map_structure(_kept, given))
        if self.boxes is not None:
            self._set("boxes", _kept_regions(self.boxes))

    def __repr__(self) -> str:
        given = (
            f"{each.name}={described(getattr(self, each.name))}"
            for each in fields(self)
            if each.repr
        )
        return f"{type(self).__name__}({', '.join(given)})"

    def _take_data(self) -> None:
        """Pictures out of a data set; its labels and names too, unless the user gave others."""
        most = _MOST_CHOSEN_FROM if self.choose else MOST
        taken = take("images", self.images, most)
        self._set("images", taken.images)
        if self.display is not None:
            self._set("display", take("display", self.display, most).images)
        if self.labels is None and _are_classes(taken.labels):
            self._set("labels", taken.labels)
        names = names_by_index(self.class_names) or names_by_index(taken.class_names)
        self._set("class_names", names)

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def for_model(self, model: keras.Model) -> "GradCAM":
        """The same with the pictures that the model itself takes, where a task prepares them.

        The originals are shown, and boxes are of them.
        """
        images = preprocessed(model, self.images)
        if images is self.images:
            return self
        originals = self.pictures
        display = originals if self.display is None else self.display
        fitted = replace(self, images=images, display=display)
        fitted._set("sides", originals.shape[1:3])
        if not tree.is_nested(self.images):
            kept = part_kept(lambda probes: preprocessed(model, probes), originals)
            fitted._set("part", kept)
        return fitted

    def _check_choice(self) -> None:
        if self.choose not in (None, "worst"):
            raise ValueError(f'choose: received {self.choose!r}; "worst" or None.')
        if not _is_count(self.shown, least=1):
            raise ValueError(f"shown: received {self.shown!r}; a number of pictures, at least 1.")
        if not _is_count(self.feature_maps, least=0):
            given = self.feature_maps
            raise ValueError(f"feature_maps: received {given!r}; a number of filters, or 0.")
        if self.choose and self.single_classes is None:
            raise ValueError('choose: "worst" needs labels=, one class for each image.')

    def only(self, numbers: Array) -> "GradCAM":
        """The same for some of the pictures, by their indices `(n,)`; nothing more is chosen."""

        def some(array: Any) -> Any:
            return None if array is None else np.asarray(array)[numbers]

        boxes = self.boxes
        if isinstance(boxes, Mapping):
            boxes = {name: np.asarray(region)[numbers] for name, region in boxes.items()}
        each_has_its_own = not isinstance(self.classes, str) and np.ndim(self.classes) > 0
        fewer = replace(
            self,
            images=tree.map_structure(some, self.images),
            classes=some(self.classes) if each_has_its_own else self.classes,
            labels=some(self.labels),
            mask=some(self.mask),
            display=some(self.display),
            boxes=boxes if isinstance(boxes, Mapping) else some(boxes),
            choose=None,
        )
        for name in ("part", "sides"):
            fewer._set(name, getattr(self, name))
        return fewer

    def __len__(self) -> int:
        return len(tree.flatten(self.images)[0])

    @property
    def pictures(self) -> Array:
        """Of several inputs the one that holds pictures: the one with the most axes."""
        pictures: Array = pictures_among(self.images)
        return pictures

    @property
    def names(self) -> tuple[str, ...]:
        """Names by class index."""
        return names_by_index(self.class_names)

    @property
    def true_classes(self) -> list[list[int]] | None:
        """The true classes of each picture, or None where there are no labels."""
        return None if self.labels is None else true_classes(self.labels)

    @property
    def single_classes(self) -> list[int] | None:
        """The true class of each picture, where every one has exactly one."""
        known = self.true_classes
        if known is None or any(len(classes) != 1 for classes in known):
            return None
        return [index for (index,) in known]


def _is_count(given: Any, least: int) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and given >= least


def _are_classes(labels: Any) -> bool:
    """Whether labels that a data set happens to have are classes."""
    if labels is None or tree.is_nested(labels):
        return False
    try:
        return bool(true_classes(labels))
    except ValueError:
        return False


def _kept(array: Any) -> Any:
    """A copy: the file of a memory-mapped array may be gone when it is read."""
    return array if array is None or ops.is_tensor(array) else np.array(array)


def _kept_regions(boxes: Any) -> Any:
    """The same, copied; a dict stays one."""
    if not isinstance(boxes, Mapping):
        return np.array(boxes)
    return {name: np.array(given) for name, given in boxes.items()}
