"""Options of examples, checked as far as possible without a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from keras import tree

from convviz_tb.model import check_pictures, check_shown, take

Array = npt.NDArray[Any]

_MOST_TAKEN: Final = 512  # pictures of data that can be read only once, or by its own index


@dataclass(frozen=True, eq=False)
class Examples:
    """Which of your pictures are searched for the parts that excite each filter most.

    At every logged step all of them pass through the model once, for all layers together. Only the
    best few of each filter are kept, so memory does not grow with their number. More than 256 are
    searched at the first and the last step, and between as often as the budget allows; without a
    budget when it takes no more than a tenth of the training since the last search.

    Args:
        images: the pictures `(n, h, w, c)`, in the model's own input range (or what a model with
            several inputs takes); or a `tf.data.Dataset` of them, or of `(pictures, labels)`, in
            batches or one by one. They are not copied: an array may be mapped from a file. Also a
            pair `(x, y)`, and paths of image files; of a `PyDataset` or a generator the first 512
            pictures are read, and kept.
        labels: the true classes, `(n,)` integers from 0 or one-hot `(n, classes)`; those of a data
            set come with it. With them class selectivity is measured.
        per_filter: how many examples of each filter, at least 1, at most 50, one per picture.
        class_names: names by class index, for the display; by default those of the data set.
        batch: how many pictures pass through the model together, at least 1.
        channels: which input channels to show, one or three; by default gray for one or two, else
            the first three.

    Raises:
        ValueError: an argument is out of range; the message names it and what was received.

    Example:

    ```python
    ConvViz("runs/pets", examples=Examples(val_images, val_labels, class_names=names))
    ConvViz("runs/pets", examples=Examples(val.take(32)))
    ```
    """

    images: Any
    labels: Any = None
    per_filter: int = 5
    class_names: Sequence[str] = ()
    batch: int = 32
    channels: Sequence[int] | None = None

    def __post_init__(self) -> None:
        for name, most in (("per_filter", 50), ("batch", 4096)):
            given = getattr(self, name)
            if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= most:
                raise ValueError(f"{name}: received {given!r}; a number from 1 to {most}.")
        check_shown(self.channels)
        if self.is_dataset:
            _check_dataset(self.images, self.labels)
            self._name(getattr(self.images, "class_names", None))
            return
        self._take_data()
        check_pictures("images", self.images)
        count = len(tree.flatten(self.images)[0])
        if self.labels is not None and len(self.labels) != count:
            raise ValueError(f"labels: received {len(self.labels)} for {count} images.")

    def _take_data(self) -> None:
        """Pictures out of data; its labels and names too, unless the user gave others."""
        taken = take("images", self.images, _MOST_TAKEN)
        object.__setattr__(self, "images", taken.images)
        if self.labels is None and _are_classes(taken.labels):
            object.__setattr__(self, "labels", taken.labels)
        self._name(taken.class_names)

    def _name(self, known: Sequence[str] | Mapping[str, int] | None) -> None:
        """Takes the names that data has of its classes, in their order."""
        if known and not len(self.class_names):
            names = sorted(known, key=known.__getitem__) if isinstance(known, Mapping) else known
            object.__setattr__(self, "class_names", tuple(names))

    @property
    def is_dataset(self) -> bool:
        """Whether the pictures come from a `tf.data.Dataset`."""
        return hasattr(self.images, "element_spec")

    @property
    def count(self) -> int | None:
        """How many pictures there are; None where that is known only once they were read."""
        return None if self.is_dataset else len(tree.flatten(self.images)[0])


def _check_dataset(dataset: Any, labels: Any) -> None:
    if labels is not None:
        raise ValueError(
            "labels: leave them out for a data set; it gives `(pictures, labels)` itself."
        )
    if int(dataset.cardinality()) == -1:  # tf.data.INFINITE_CARDINALITY
        raise ValueError("images: the data set never ends. Take some of it: `dataset.take(32)`.")


def _are_classes(labels: Any) -> bool:
    """Whether labels that data happens to have are indices, or one-hot rows."""
    if labels is None or tree.is_nested(labels):
        return False
    given = np.asarray(labels)
    if given.dtype.kind not in "biuf" or not given.size:
        return False
    if given.ndim == 2 and given.shape[1] > 1:
        return bool(np.isin(given, (0, 1)).all() and (given.sum(axis=1) == 1).all())
    return given.size == len(given) and bool((given == np.round(given)).all() and given.min() >= 0)


def class_indices(labels: Any) -> Array:
    """Labels as class indices `(n,)`: integers, or one-hot `(n, classes)`."""
    given: Array = np.asarray(labels)
    is_one_hot = given.ndim > 1 and given.shape[-1] > 1
    indices = given.argmax(axis=-1) if is_one_hot else given.reshape(len(given))
    return np.asarray(indices, np.int64)
