"""A model's weights -> whether they are numbers, and a name for them."""

import hashlib

import keras


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
