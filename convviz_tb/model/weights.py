"""Weights of a model: searched for NaN and infinity, and fingerprinted."""

import hashlib
from typing import Final

import keras

from convviz_tb.model.graphs import Variable
from convviz_tb.model.taps import Tap

_BRIEF: Final = 2048  # values of each weight


def not_finite(model: keras.Model) -> list[str]:
    """The paths of the variables that hold NaN or infinity."""
    floats = [weight for weight in model.weights if "float" in weight.dtype]
    return [weight.path for weight in floats if not keras.ops.all(keras.ops.isfinite(weight))]


def fingerprint(model: keras.Model) -> str:
    """A fingerprint of all weights of a model: 16 hexadecimal digits, equal for equal weights.

    Runs that start from the same weights may be compared filter by filter; in others the same
    index means nothing.
    """
    digest = hashlib.blake2b(digest_size=8)
    for weight in model.weights:
        digest.update(keras.ops.convert_to_numpy(weight).tobytes())
    return digest.hexdigest()


def brief_fingerprint(model: keras.Model) -> str:
    """The same of a few thousand values of each weight: cheap enough for every step.

    Any step of training changes it.
    """
    digest = hashlib.blake2b(digest_size=8)
    for weight in model.weights:
        digest.update(str(tuple(weight.shape)).encode())
        values = keras.ops.reshape(keras.ops.convert_to_tensor(weight), [-1])
        stride = max(1, values.shape[0] // _BRIEF)
        digest.update(keras.ops.convert_to_numpy(values[::stride]).tobytes())
    return digest.hexdigest()


class Fingerprints:
    """Fingerprints of what taps depend on: of weights, moving averages, embeddings and the like.

    Each variable is read once a step, however many taps depend on it.
    """

    def __init__(self) -> None:
        self._step = -1
        self._known: dict[int, bytes] = {}

    def of(self, step: int, tap: Tap) -> str | None:
        """Equal at two steps if nothing before `tap` changed; None where that is not known."""
        if tap.variables is None:
            return None
        if step != self._step:
            self._step, self._known = step, {}
        digest = hashlib.blake2b(digest_size=16)
        for variable in tap.variables:
            digest.update(self._digest(variable))
        return digest.hexdigest()

    def _digest(self, variable: Variable) -> bytes:
        key = id(variable.handle)
        if key not in self._known:
            value = variable.value().tobytes()
            self._known[key] = hashlib.blake2b(value, digest_size=16).digest()
        return self._known[key]
