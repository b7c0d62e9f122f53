"""Options of examples, checked as far as possible without a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from keras import tree

from convviz_tb.model import check_pictures, check_shown

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Examples:
    """Which of your pictures are searched for the parts that excite each filter most.

    At every logged step all of them pass through the model once, for all layers together. Only the
    best few of each filter are kept, so memory does not grow with their number.

    Args:
        images: the pictures `(n, h, w, c)`, in the model's own input range (or what a model with
            several inputs takes); or a `tf.data.Dataset` of them, or of `(pictures, labels)`, in
            batches or one by one. They are not copied: an array may be mapped from a file.
        labels: the true classes, `(n,)` integers from 0 or one-hot `(n, classes)`; those of a data
            set come with it. With them class selectivity is measured.
        per_filter: how many examples of each filter, at least 1, at most 50, one per picture.
        class_names: names by class index, for the display.
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
            return
        check_pictures("images", self.images)
        count = len(tree.flatten(self.images)[0])
        if self.labels is not None and len(self.labels) != count:
            raise ValueError(f"labels: received {len(self.labels)} for {count} images.")

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


def class_indices(labels: Any) -> Array:
    """Labels as class indices `(n,)`: integers, or one-hot `(n, classes)`."""
    given: Array = np.asarray(labels)
    is_one_hot = given.ndim > 1 and given.shape[-1] > 1
    indices = given.argmax(axis=-1) if is_one_hot else given.reshape(len(given))
    return np.asarray(indices, np.int64)
