"""Grids: the positions of a layer as height and width of the picture that it sees."""

from typing import Any

import tensorflow as tf


def as_picture(maps: Any, images: Any) -> Any:
    """Maps `(n, *positions)` as `(n, h, w)`.

    Volumes give their central slice. Tokens of a picture give their square grid, a leading class
    token left out; other single axes give one row.
    """
    if maps.shape.rank == 4:
        return maps[:, tf.shape(maps)[1] // 2]
    if maps.shape.rank == 3:
        return maps
    tokens = maps.shape[1] or 0
    of_pictures = max(len(image.shape) for image in tf.nest.flatten(images)) == 4
    for extra in (0, 1):
        side = round((tokens - extra) ** 0.5)
        if of_pictures and side > 1 and side * side == tokens - extra:
            return tf.reshape(maps[:, extra:], [-1, side, side])
    return maps[:, None, :]
