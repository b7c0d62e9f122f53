"""Targets: the score of each class that a heatmap explains, out of a model's outputs.

A class is scored before the softmax or sigmoid (Selvaraju et al. 2017, equation 1),
found in the traced graph, so that the user's model stays as it is.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from convviz_tb.model import before_activation, puts_channels_first

#: "logit", "probability", or a function of the model's outputs that returns one number
#: per picture, shape `(n,)`.
Score = Literal["logit", "probability"] | Callable[[Any], Any]

Array = npt.NDArray[Any]

#: What can be explained, see `ClassScores`.
OBJECTIVES: Final = ("logit", "probability", "output", "custom")
#: Instead of a class index: none at all, and the one that is predicted.
NO_CLASS: Final = -1
PREDICTED: Final = -2
_SQUASHING: Final = frozenset({"Softmax", "Sigmoid"})
_CLASS_FORMS: Final = 'Use "predicted", "true", "top3" or class indices from 0.'


@dataclass(frozen=True)
class ClassScores:
    """Scores of each class; tensors of shape `(n, classes)`.

    Attributes:
        scores: the scores to explain.
        probabilities: `None` where the output is not a softmax or a sigmoid.
        objective: "logit", "probability", "output" (it was linear) or "custom".
    """

    scores: Any
    probabilities: Any | None
    objective: str

    @property
    def classes(self) -> int:
        return int(self.scores.shape[-1])


def class_scores(
    model: keras.Model, outputs: Any, score: Score, output: str | int | None, mask: Any | None
) -> ClassScores:
    """Scores of each class, out of the symbolic outputs of a traced model.

    An output with positions (segmentation) is summed over them, or over those in `mask`, a float
    `(n, h, w)` (Vinogradova et al. 2020, "Towards Interpretable Semantic Segmentation via
    Gradient-weighted Class Activation Mapping"). A single unit stands for two classes: its value
    for class 1, its negative for class 0.

    Raises:
        ValueError: `output` names no output, or the outputs have no classes.
    """
    if callable(score):
        return ClassScores(_custom(score, outputs), None, "custom")
    picked = _classes_last(_pick(_named(model, outputs), output), model)
    mask = None if mask is None else _fitted(mask, picked.shape)
    before = before_activation(picked, _SQUASHING)
    squashed = None if before is None else _two_sided(picked, lambda p: 1.0 - p)
    probabilities = None if squashed is None else _mean_positions(squashed)
    if score == "probability":
        if squashed is None:
            raise ValueError('score: "probability" needs an output with softmax or sigmoid.')
        return ClassScores(_sum_positions(squashed, mask), probabilities, score)
    linear = picked if before is None else before
    scores = _sum_positions(_two_sided(linear, ops.negative), mask)
    return ClassScores(scores, probabilities, "output" if before is None else "logit")


def _custom(score: Callable[[Any], Any], outputs: Any) -> Any:
    values = ops.convert_to_tensor(score(outputs))
    if len(values.shape) != 1:
        raise ValueError(
            f"score: the function returned shape {tuple(values.shape)}. "
            "Return one number per picture: (n,)."
        )
    return ops.cast(values, "float32")[:, None]


def _named(model: keras.Model, outputs: Any) -> dict[str | int, Any]:
    """The outputs by the names that the model gives them, else by their index."""
    if isinstance(outputs, dict):
        return dict(outputs)
    if not isinstance(outputs, (list, tuple)):
        return {0: outputs}
    names = getattr(model, "output_names", None) or range(len(outputs))
    return dict(zip(names, outputs, strict=True))


def _pick(named: dict[str | int, Any], output: str | int | None) -> Any:
    choices = f"choose one of {list(named)}, or an index."
    if output is None and len(named) > 1:
        raise ValueError(f"output: this model has several outputs; {choices}")
    values = list(named.values())
    known: dict[Any, Any] = dict(enumerate(values)) | named
    picked = values[0] if output is None else known.get(output)
    if picked is None:
        raise ValueError(f"output: received {output!r}; {choices}")
    if len(picked.shape) < 2:
        raise ValueError(f"output: shape {tuple(picked.shape)} has no axis of classes.")
    return picked


def _classes_last(picked: Any, model: keras.Model) -> Any:
    rank = len(picked.shape)
    if rank > 2 and puts_channels_first(model):
        picked = ops.transpose(picked, [0, *range(2, rank), 1])
    if picked.shape[-1] is None:
        raise ValueError(f"output: shape {tuple(picked.shape)} has no fixed number of classes.")
    return picked


def _fitted(mask: Any, output: Sequence[int | None]) -> Any:
    """The mask, one value for each position of the output."""
    given = tuple(mask.shape)
    if len(given) == len(output) and given[-1] == 1:
        mask = mask[..., 0]
    sides = tuple(mask.shape)[1:]
    if len(output) < 3:
        raise ValueError(
            f"mask: the output has shape {tuple(output)}, no positions to choose from; leave it "
            "out, or name a segmentation by `output=`."
        )
    pairs = zip(sides, output[1:-1], strict=False)
    if len(sides) != len(output) - 2 or any(a != b for a, b in pairs if a and b):
        raise ValueError(
            f"mask: received shape {given}; the output has shape {tuple(output)}. "
            f"Give one value for each of its positions: {('n', *output[1:-1])}."
        )
    return mask


def _two_sided(values: Any, other: Callable[[Any], Any]) -> Any:
    values = ops.cast(values, "float32")
    return ops.concatenate([other(values), values], axis=-1) if values.shape[-1] == 1 else values


def _sum_positions(values: Any, mask: Any | None) -> Any:
    counted = values if mask is None else values * mask[..., None]
    return ops.sum(counted, axis=list(range(1, len(values.shape) - 1)))


def _mean_positions(values: Any) -> Any:
    return ops.mean(values, axis=list(range(1, len(values.shape) - 1)))


def class_query(classes: Any, true_classes: Sequence[Sequence[int]] | None, count: int) -> Array:
    """Class indices asked for, int `(n, k)`.

    `PREDICTED` stands for the best, second best, ... predicted class, `NO_CLASS` for none, where a
    picture has fewer true classes than others.

    Args:
        classes: what the user asks for, see `GradCAM`.
        true_classes: those of each picture, if they are known.
        count: how many pictures there are.

    Raises:
        ValueError: `classes` is none of the accepted forms, or does not fit the number of images.
    """
    if isinstance(classes, str):
        top = re.fullmatch(r"top([1-9]\d*)", classes)
        if classes == "predicted" or top:
            return np.full((count, int(top[1]) if top else 1), PREDICTED)
        if classes != "true":
            raise ValueError(f"classes: received {classes!r}. {_CLASS_FORMS}")
        return _table(true_classes)
    query = np.asarray(classes)
    is_index = np.issubdtype(query.dtype, np.integer) and query.size > 0 and query.min() >= 0
    if not is_index or query.ndim > 2:
        raise ValueError(f"classes: received {classes!r}. {_CLASS_FORMS}")
    if query.ndim and len(query) != count:
        raise ValueError(f"classes: received {len(query)} for {count} images.")
    return np.broadcast_to(query, (count,))[:, None] if query.ndim < 2 else query


def _table(true_classes: Sequence[Sequence[int]] | None) -> Array:
    """One row per picture, filled up with `NO_CLASS`."""
    if true_classes is None:
        raise ValueError('classes: "true" needs labels=, one for each image.')
    if not any(true_classes):
        raise ValueError('classes: "true", but labels= name no class of any image.')
    most = max(map(len, true_classes))
    return np.array([[*row, *[NO_CLASS] * (most - len(row))] for row in true_classes], int)


def asks_for_one(classes: Any, true_classes: Sequence[Sequence[int]] | None) -> bool:
    """Whether `classes` asks for a single class per image, so that results have no class axis."""
    if not isinstance(classes, str):
        return np.ndim(classes) < 2
    if classes == "true":
        return max(map(len, true_classes or ()), default=0) < 2
    return not classes.startswith("top")
