"""Probe images: what filters are watched on, and how the layers of a fit respond to them."""

import hashlib
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import tree

from convviz_tb.heatmaps import GradCAM
from convviz_tb.metrics import responses
from convviz_tb.metrics.responses import Responses
from convviz_tb.model import Tap
from convviz_tb.patterns import FilterPatterns

Array = npt.NDArray[Any]


class Probes:
    """The probe images of one fit. One pass through the model a step serves all layers.

    Args:
        model: the model.
        watched: the layers.
        images: what the model takes; all of it is used.

    Raises:
        ValueError: the images do not fit the model, or a layer cannot be read.
    """

    def __init__(self, model: keras.Model, watched: Sequence[Tap], images: Any) -> None:
        responses.prepare(model, watched, images)
        self._model = model
        self._watched = list(watched)
        self.images = images
        self._step = -1
        self._responses: dict[str, Responses] = {}  # at that step, by layer path
        self.fingerprint = fingerprint_of(images)
        #: Whether any two of them differ.
        self.differ = any(bool((each != each[:1]).any()) for each in tree.flatten(images))

    def __len__(self) -> int:
        return len(tree.flatten(self.images)[0])

    def responses(self, step: int, tap: Tap) -> Responses:
        """How the filters of a layer respond at a step."""
        if self._step != step:
            self._responses = responses.measure(self._model, self._watched, self.images)
            self._step = step
        return self._responses[tap.path]


def probe_images(patterns: FilterPatterns, heatmaps: GradCAM | None) -> Any:
    """The images to watch filters on: those of the patterns, or of the heatmaps, or None."""
    if patterns.probes is not None:
        return responses.first(patterns.probes)
    return responses.first(heatmaps.images) if heatmaps else None


def fingerprint_of(images: Any) -> Array:
    """Names images: equal for equal ones."""
    digest = hashlib.blake2b(digest_size=16)
    for array in tree.flatten(images) if images is not None else ():
        digest.update(np.ascontiguousarray(array).tobytes())
    return np.frombuffer(digest.digest(), np.uint8)
