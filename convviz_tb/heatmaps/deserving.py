"""Pictures that deserve a heatmap: out of many, those that the network gets wrong or wavers on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import ops, tree

from convviz_tb.heatmaps.options import GradCAM
from convviz_tb.heatmaps.targets import class_scores
from convviz_tb.model import Spec, record, spec_of, traced

Array = npt.NDArray[Any]

WRONG, FLIPPED, UNSURE, TYPICAL = "wrong and sure", "changed its mind", "least sure", "typical"

_BATCH: Final = 32  # pictures per run of the graph
_ERRORS: Final = 2.0  # standard errors above chance
_MOST_CLASSES: Final = 20  # of a confusion matrix


@dataclass(frozen=True)
class Chosen:
    """A picture that was chosen.

    Attributes:
        number: its index in the set.
        group: why: "wrong and sure", "changed its mind", "least sure" or "typical".
        since: the step at which it was added; None of those that were chosen together.
    """

    number: int
    group: str
    since: int | None = None


@dataclass(frozen=True)
class Confusion:
    """How often pictures of one class are taken for another.

    Attributes:
        classes: at most 20 classes, those that are confused most, ascending.
        counts: one row per true class, one column per predicted one.
        pictures: how many pictures were predicted, those of other classes too.
        accuracy: the share that is right, 0..1.
    """

    classes: list[int]
    counts: list[list[int]]
    pictures: int
    accuracy: float


def predict(model: keras.Model, options: GradCAM) -> Array:
    """The probability of each class, for all pictures: float32 `(n, classes)`; forward only.

    Args:
        model: a built Keras model; it is not changed.
        options: the pictures, and which output is meant.

    Raises:
        ValueError: the output has no classes.
    """
    spec = spec_of(model, options.images)

    def run(inputs: Any, *masks: Any) -> Any:
        outputs, _ = record(model, [], inputs)
        scores = class_scores(model, outputs, "logit", options.output, next(iter(masks), None))
        return ops.softmax(scores.scores) if scores.probabilities is None else scores.probabilities

    signature = [spec]
    if options.mask is not None:
        signature.append(Spec((None, *np.shape(options.mask)[1:]), "float32"))
    graph = traced(model, ("predictions", options.output), run, *signature)
    parts = [slice(i, i + _BATCH) for i in range(0, len(options), _BATCH)]
    return np.concatenate([ops.convert_to_numpy(graph(*_given(options, spec, p))) for p in parts])


def _given(options: GradCAM, spec: Any, part: slice) -> list[Any]:
    inputs = tree.map_structure(
        lambda array, like: ops.cast(np.asarray(array[part]), like.dtype), options.images, spec
    )
    masks = [] if options.mask is None else [ops.cast(np.asarray(options.mask[part]), "float32")]
    return [inputs, *masks]


def is_better_than_chance(probabilities: Array, labels: Array) -> bool:
    """Whether more is right than by naming the most frequent class, by two standard errors."""
    count = len(labels)
    chance = np.bincount(labels).max() / count
    error = np.sqrt(chance * (1 - chance) / count)
    accuracy = (probabilities.argmax(axis=1) == labels).mean()
    return bool(accuracy > chance + _ERRORS * error)


def first_of_each_class(labels: Array, count: int) -> list[Chosen]:
    """The first picture of each class: what is shown until the network knows anything."""
    _, firsts = np.unique(labels, return_index=True)
    return [Chosen(int(number), TYPICAL) for number in sorted(firsts)[:count]]


def worst(probabilities: Array, labels: Array, before: Array | None, count: int) -> list[Chosen]:
    """The pictures that deserve a heatmap, at most `count`, each in one group.

    Half are the wrong ones of which the network is most sure; then those whose predicted class
    changed since the step before, those with the smallest margin between the two best classes, and
    of each class the right one of median confidence. What one group leaves the next ones get.

    Args:
        probabilities: of each class, `(n, classes)`.
        labels: the true classes, `(n,)`.
        before: the predicted classes at the step before, if they are known.
        count: how many at most.
    """
    predicted, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    two = np.sort(probabilities, axis=1)[:, -2:]
    margin = two[:, -1] - two[:, 0]
    by_sureness, by_margin = np.argsort(-sure, kind="stable"), np.argsort(margin, kind="stable")
    flipped = np.zeros(len(labels), bool) if before is None else predicted != before
    groups = [
        (WRONG, by_sureness[(predicted != labels)[by_sureness]], -(-count // 2)),
        (FLIPPED, by_sureness[flipped[by_sureness]], count // 6),
        (UNSURE, by_margin, max(1, count // 6)),
        (TYPICAL, _typical(predicted == labels, sure, labels), count),
    ]
    chosen: dict[int, str] = {}
    for group, numbers, most in groups:
        new = [int(number) for number in numbers if int(number) not in chosen]
        chosen |= dict.fromkeys(new[: min(most, count - len(chosen))], group)
    return [Chosen(number, group) for number, group in chosen.items()]


def flipped_later(
    probabilities: Array, before: Array | None, shown: Sequence[Chosen], step: int, count: int
) -> list[Chosen]:
    """Pictures that are not shown and whose predicted class changed, at most `count`.

    Those come first of whose new class the network is most sure.

    Args:
        probabilities: of each class, `(n, classes)`.
        before: the predicted classes at the step before, if they are known.
        shown: the pictures that are shown already.
        step: the step.
        count: how many at most.
    """
    if before is None or count <= 0:
        return []
    flipped = probabilities.argmax(axis=1) != before
    flipped[numbers_of(shown)] = False
    by_sureness = np.argsort(-probabilities.max(axis=1), kind="stable")
    numbers = by_sureness[flipped[by_sureness]][:count]
    return [Chosen(int(number), FLIPPED, step) for number in numbers]


def _typical(right: Array, sure: Array, labels: Array) -> list[int]:
    """Of each class the right picture of median confidence."""
    numbers = []
    for each in np.unique(labels):
        own = np.flatnonzero(right & (labels == each))
        if len(own):
            numbers.append(int(own[np.argsort(sure[own], kind="stable")[len(own) // 2]]))
    return numbers


def confusion(probabilities: Array, labels: Array) -> Confusion:
    """The confusion matrix of at most 20 classes, those with the most confusions.

    Args:
        probabilities: of each class, `(n, classes)`.
        labels: the true classes, `(n,)`.
    """
    predicted, classes = probabilities.argmax(axis=1), probabilities.shape[1]
    known = labels < classes
    whole = np.zeros((classes, classes), int)
    np.add.at(whole, (labels[known], predicted[known]), 1)
    mistakes = whole.sum(axis=0) + whole.sum(axis=1) - 2 * whole.diagonal()
    order = np.lexsort((-whole.sum(axis=1), -mistakes))
    met = [index for index in order if whole[index].any() or whole[:, index].any()]
    shown = np.sort(np.array(met[:_MOST_CLASSES], int))
    return Confusion(
        classes=shown.tolist(),
        counts=whole[np.ix_(shown, shown)].tolist(),
        pictures=len(labels),
        accuracy=float((predicted == labels).mean()),
    )


def numbers_of(chosen: Sequence[Chosen]) -> Array:
    """The indices of chosen pictures, `(n,)`."""
    return np.array([each.number for each in chosen], int)
