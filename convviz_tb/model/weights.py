"""A model's weights -> whether they are numbers, and a name for them."""

import hashlib

import keras
import tensorflow as tf

from convviz_tb.model.taps import Tap


def check(model: keras.Model) -> None:
    """Stops a step whose pictures would be made of numbers that are none.

    Raises:
        ValueError: a weight is NaN or infinite; the message names the first few variables.
    """
    floats = [weight for weight in model.weights if "float" in weight.dtype]
    broken = [weight.path for weight in floats if not keras.ops.all(keras.ops.isfinite(weight))]
    if broken:
        more = f" and {len(broken) - 3} more" if len(broken) > 3 else ""
        raise ValueError(f"NaN or infinity in the weights {', '.join(broken[:3])}{more}")


def fingerprint(model: keras.Model) -> str:
    """Names the weights of a model: equal for equal weights.

    Runs that start from the same weights may be compared filter by filter; in others the same
    index means nothing.
    """
    digest = hashlib.blake2b(digest_size=8)
    for weight in model.weights:
        digest.update(keras.ops.convert_to_numpy(weight).tobytes())
    return digest.hexdigest()


class Fingerprints:
    """Names the weights that a tap's output depends on: moving averages, embeddings and all.

    Each variable is read once a step, however many taps depend on it.
    """

    def __init__(self) -> None:
        self._step = -1
        self._known: dict[int, bytes] = {}

    def of(self, step: int, tap: Tap) -> str | None:
        """Equal at two steps if nothing before `tap` changed; None where that cannot be told."""
        if tap.variables is None:
            return None
        if step != self._step:
            self._step, self._known = step, {}
        digest = hashlib.blake2b(digest_size=16)
        for handle, dtype in tap.variables:
            digest.update(self._digest(handle, dtype))
        return digest.hexdigest()

    def _digest(self, handle: tf.Tensor, dtype: tf.DType) -> bytes:
        if id(handle) not in self._known:
            value = tf.raw_ops.ReadVariableOp(resource=handle, dtype=dtype).numpy()
            self._known[id(handle)] = hashlib.blake2b(value.tobytes(), digest_size=16).digest()
        return self._known[id(handle)]
