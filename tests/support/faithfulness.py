"""Published checks of heatmaps: does the score fall and rise with what a map points at?

Maps are `(n, h, w)` in the pictures' own size, pictures `(n, h, w, c)`; `probability` gives that
of the class in question for each picture, `(n,)`. Larger values of a map count as more important.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image

Probability = Callable[[np.ndarray], np.ndarray]


def grown(maps: np.ndarray, side: int) -> np.ndarray:
    """Maps resized to squares, bilinearly."""
    resized = [
        Image.fromarray(each).resize((side, side), Image.Resampling.BILINEAR) for each in maps
    ]
    return np.stack([np.asarray(each) for each in resized])


def baselines(count: int, side: int) -> dict[str, np.ndarray]:
    """Maps that know nothing: smooth noise, and a blob in the centre."""
    noise = np.random.default_rng(0).random((count, 7, 7), np.float32)
    y, x = np.mgrid[:side, :side] / (side - 1) - 0.5
    blob = np.exp(-(x**2 + y**2) / 0.1)
    return {"random": grown(noise, side), "centre": np.tile(blob, (count, 1, 1))}


def blurred(pictures: np.ndarray, radius: int) -> np.ndarray:
    """The mean over a square of `2 * radius + 1` pixels: a picture without its details."""
    side = 2 * radius + 1
    for axis in (1, 2):
        pad = [(radius, radius) if i == axis else (0, 0) for i in range(4)]
        windows = np.lib.stride_tricks.sliding_window_view(
            np.pad(pictures, pad, mode="edge"), side, axis
        )
        pictures = windows.mean(axis=-1)
    return pictures


def ranks(maps: np.ndarray) -> np.ndarray:
    """Rank of each pixel in its map, 0 for the least, as a share of all pixels."""
    order = maps.reshape(len(maps), -1).argsort(axis=1, kind="stable").argsort(axis=1)
    return order.reshape(maps.shape) / order.shape[1]


def deletion(
    probability: Probability, pictures: np.ndarray, maps: np.ndarray, blank: np.ndarray, steps: int
) -> np.ndarray:
    """Area under the probability while the top pixels go (Petsiuk et al. 2018); low is good."""
    return _area(probability, pictures, blank, maps, steps)


def insertion(
    probability: Probability, pictures: np.ndarray, maps: np.ndarray, blank: np.ndarray, steps: int
) -> np.ndarray:
    """Area under the probability while the top pixels come (Petsiuk et al. 2018); high is good."""
    return _area(probability, blank, pictures, maps, steps)


def _area(
    probability: Probability, before: np.ndarray, after: np.ndarray, maps: np.ndarray, steps: int
) -> np.ndarray:
    shares = np.linspace(0, 1, steps + 1)
    changed = [(ranks(maps) >= 1 - share)[..., None] for share in shares]
    curve = np.stack([probability(np.where(each, after, before)) for each in changed])
    return ((curve[1:] + curve[:-1]) / 2).mean(axis=0)


def road(
    probability: Probability, pictures: np.ndarray, maps: np.ndarray, shares: tuple[float, ...]
) -> np.ndarray:
    """(LeRF - MoRF) / 2 with noisy linear imputation (Rong et al. 2022); high is good."""
    found = []
    for share in shares:
        most, least = ranks(maps) >= 1 - share, ranks(maps) < share
        kept_best = probability(imputed(pictures, least))
        found.append((kept_best - probability(imputed(pictures, most))) / 2)
    return np.mean(found, axis=0)


def imputed(pictures: np.ndarray, removed: np.ndarray, rounds: int = 60) -> np.ndarray:
    """Removed pixels as the weighted mean of their eight neighbours, and some noise.

    Weights 1/6 beside and 1/12 across, as in the paper; the linear equations by relaxation.
    """
    weights = np.array([[1, 2, 1], [2, 0, 2], [1, 2, 1]]) / 12
    hole, filled = removed[..., None], np.where(removed[..., None], pictures.mean(), pictures)
    for _ in range(rounds):
        padded = np.pad(filled, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="edge")
        height, width = removed.shape[1:]
        mixed = sum(
            weights[i, j] * padded[:, i : i + height, j : j + width]
            for i in range(3)
            for j in range(3)
        )
        filled = np.where(hole, mixed, pictures).astype(np.float32)
    noise = np.random.default_rng(0).normal(size=pictures.shape) * 0.01 * pictures.std()
    return np.where(hole, filled + noise, pictures).astype(np.float32)


def spearman(one: np.ndarray, other: np.ndarray) -> float:
    """Rank correlation of two maps, ties averaged; 0 where one of them is flat."""
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(_tied_ranks(one), _tied_ranks(other))[0, 1])


def _tied_ranks(values: np.ndarray) -> np.ndarray:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[inverse.ravel()]
