"""Model outputs -> the score of each class: what a heatmap explains.

A class is scored before the softmax or sigmoid (Selvaraju et al. 2017, equation 1),
found in the traced graph, so that the user's model stays as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import tensorflow as tf

from convviz_tb import taps

#: "logit", "probability", or a function of the model's outputs that returns one number
#: per picture, shape `(n,)`.
Score = Literal["logit", "probability"] | Callable[[Any], Any]

_SQUASHING = frozenset({"Softmax", "Sigmoid"})


@dataclass(frozen=True)
class ClassScores:
    """What an output says of each class; tensors of shape `(n, classes)`.

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


def class_scores(outputs: Any, score: Score, output: str | int | None) -> ClassScores:
    """Scores of each class, out of the symbolic outputs of a traced model.

    An output with positions (segmentation) is summed over them. A single unit stands for
    two classes: its value for class 1, its negative for class 0.

    Raises:
        ValueError: `output` names no output, or the outputs have no classes.
    """
    if callable(score):
        return ClassScores(_custom(score, outputs), None, "custom")
    picked = _pick(outputs, output)
    before = taps.before_activation(picked, _SQUASHING)
    probabilities = None if before is None else _two_sided(picked, lambda p: 1.0 - p)
    if score == "probability":
        if probabilities is None:
            raise ValueError(
                'score: received "probability", but the output has no softmax or sigmoid.'
            )
        return ClassScores(_sum_positions(probabilities), _mean_positions(probabilities), score)
    linear = picked if before is None else tf.reshape(before, tf.shape(picked))
    linear.set_shape(picked.shape)
    scores = _sum_positions(_two_sided(linear, tf.negative))
    shares = None if probabilities is None else _mean_positions(probabilities)
    return ClassScores(scores, shares, "output" if before is None else "logit")


def _custom(score: Callable[[Any], Any], outputs: Any) -> Any:
    values = tf.convert_to_tensor(score(outputs))
    if values.shape.rank != 1:
        raise ValueError(
            f"score: the function returned shape {tuple(values.shape)}. "
            "Return one number per picture: (n,)."
        )
    return tf.cast(values, tf.float32)[:, None]


def _pick(outputs: Any, output: str | int | None) -> Any:
    if isinstance(outputs, dict):
        named = outputs
    elif isinstance(outputs, (list, tuple)):
        named = dict(enumerate(outputs))
    else:
        named = {0: outputs}
    if output is None and len(named) > 1:
        raise ValueError(f"output: this model has several outputs; choose one of {list(named)}.")
    key = next(iter(named)) if output is None else output
    if key not in named:
        raise ValueError(f"output: received {output!r}; choose one of {list(named)}.")
    picked = named[key]
    if (picked.shape.rank or 0) < 2 or picked.shape[-1] is None:
        raise ValueError(f"output: shape {tuple(picked.shape)} has no axis of classes.")
    return picked


def _two_sided(values: Any, other: Callable[[Any], Any]) -> Any:
    values = tf.cast(values, tf.float32)
    return tf.concat([other(values), values], axis=-1) if values.shape[-1] == 1 else values


def _sum_positions(values: Any) -> Any:
    return tf.reduce_sum(values, axis=list(range(1, values.shape.rank - 1)))


def _mean_positions(values: Any) -> Any:
    return tf.reduce_mean(values, axis=list(range(1, values.shape.rank - 1)))
