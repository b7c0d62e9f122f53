"""Score-CAM: channels weighted by the score of the picture that they mask.

No gradients, but one forward pass per channel and picture: on demand, not for every epoch.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from keras import ops

from convviz_tb.heatmaps.grid import as_picture

_BATCH: Final = 16  # masked pictures per forward pass; bounds the memory


def scorecam(activations: Any, picture: Any, classes: Any, score_of: Callable[[Any], Any]) -> Any:
    """Wang et al. 2020, algorithm 1, of one picture.

    Its baseline score (equation 6) is the same for all channels: the softmax cancels it.

    Args:
        activations: float32 `(*positions, channels)`.
        picture: float32 `(h, w, c)`, in the model's input range.
        classes: int `(k,)`.
        score_of: maps pictures `(m, h, w, c)` to their scores `(m, classes)`.

    Returns:
        `(k, *positions)`, before the ReLU.
    """
    last = len(activations.shape) - 1
    channels = ops.transpose(activations, [last, *range(last)])
    grids = as_picture(channels, picture[None])[..., None]
    masks = _unit(ops.image.resize(grids, picture.shape[:2], data_format="channels_last"))
    scores = [
        ops.convert_to_numpy(score_of(picture * masks[start : start + _BATCH]))
        for start in range(0, len(masks), _BATCH)
    ]
    weights = ops.softmax(np.concatenate(scores)[:, classes], axis=0)
    return ops.einsum("c...,ck->k...", channels, weights)


def _unit(masks: Any) -> Any:
    """Each mask stretched to 0..1 (equation 8); a flat one becomes 0."""
    lowest = ops.min(masks, axis=(1, 2), keepdims=True)
    span = ops.max(masks, axis=(1, 2), keepdims=True) - lowest
    return ops.divide_no_nan(masks - lowest, span)
