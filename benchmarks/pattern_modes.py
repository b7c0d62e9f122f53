"""Filter patterns, notebook against smooth: objective, dead filters, noise, diversity, seconds.

    python benchmarks/pattern_modes.py ../shared/data

The figures of `docs/decisions/0001-smooth-patterns.md`. The folder holds the two models named
below; without it there is nothing to measure.
"""

import sys
import time
from pathlib import Path

import keras
import numpy as np

from convviz_tb import filter_patterns

# Model, layer, number of filters, value range of the input.
CASES = [
    ("squeezenet_imagenet_notop.keras", "fire3_expand3x3", 8, (-124.0, 131.0)),
    ("squeezenet_imagenet_notop.keras", "fire5_expand3x3", 16, (-124.0, 131.0)),
    ("squeezenet_imagenet_notop.keras", "fire8_expand3x3", 8, (-124.0, 131.0)),
    ("mobilenet_v2_imagenet.keras", "relu_9", 4, (-1.0, 1.0)),
    ("mobilenet_v2_imagenet.keras", "relu_27", 4, (-1.0, 1.0)),
]


def high_frequencies(images: np.ndarray) -> float:
    """Share of the spectral energy above half the Nyquist frequency, the mean left out."""
    centred = images - images.mean(axis=(1, 2), keepdims=True)
    energy = np.abs(np.fft.fft2(centred, axes=(1, 2))) ** 2
    rows, columns = (np.abs(np.fft.fftfreq(side)) for side in images.shape[1:3])
    above = np.maximum(rows[:, None], columns[None, :]) > 0.25
    return float(energy[:, above].sum() / energy.sum())


def diversity(images: np.ndarray) -> float:
    """1 - mean |cosine| between patterns, each less its mean."""
    flat = images.reshape(len(images), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    cosines = np.abs(flat @ flat.T)[np.triu_indices(len(flat), 1)]
    return float(1 - cosines.mean())


def main(folder: Path) -> None:
    """Prints one line per layer and mode."""
    print("layer            mode      objective  dead   high freq.  diversity  s/pattern")
    for name, layer, count, value_range in CASES:
        model = keras.models.load_model(folder / name, compile=False)
        options = {"value_range": value_range}
        reached = None
        for mode in ("notebook", "smooth"):
            filter_patterns(model, layer, range(count), mode=mode, steps=1, **options)  # traces
            started = time.perf_counter()
            found = filter_patterns(model, layer, range(count), mode=mode, **options)
            seconds = (time.perf_counter() - started) / count
            reached = found.scores if reached is None else reached
            alive = reached > 0
            ratio = np.median(found.scores[alive] / reached[alive])
            dead = f"{(found.scores == 0).sum()}/{count}"
            print(
                f"{layer:16} {mode:9} {ratio:8.2f} {dead:>7} {high_frequencies(found.images):10.3f}"
                f" {diversity(found.images):11.2f} {seconds:10.2f}"
            )


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    if folder.is_dir():
        main(folder)
    else:
        print(f"Skipped: no folder {folder} with the models.")
