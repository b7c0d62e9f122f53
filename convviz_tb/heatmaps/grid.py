"""Grids: the positions of a layer as height and width of the picture that it sees."""

from typing import Any

from keras import ops, tree


def as_picture(maps: Any, images: Any) -> Any:
    """Maps `(n, *positions)` as `(n, h, w)`.

    Volumes give their central slice, maps over the bands of a picture `(h, w, bands)` their mean.
    Tokens of a picture give their square grid, a leading class
    token left out; other single axes give one row.
    """
    axes = max(len(image.shape) for image in tree.flatten(images))
    if len(maps.shape) == 4 and axes == 4:
        return ops.mean(maps, axis=-1)
    if len(maps.shape) == 4:
        return maps[:, ops.shape(maps)[1] // 2]
    if len(maps.shape) == 3:
        return maps
    tokens = maps.shape[1] or 0
    of_pictures = axes == 4
    for extra in (0, 1):
        side = round((tokens - extra) ** 0.5)
        if of_pictures and side > 1 and side * side == tokens - extra:
            return ops.reshape(maps[:, extra:], [-1, side, side])
    return maps[:, None, :]
