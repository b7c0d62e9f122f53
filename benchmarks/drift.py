"""Does the drift of a pattern tell another filter from another seed, and does a warm start stay?

    python benchmarks/drift.py ../shared/data --filters 12 --warm 6

For layers of the networks in the folder, patterns of mode "natural" are made from two seeds. A
drift is of use where two filters are farther apart than two seeds of one filter:

    seeds    median drift between two seeds of one filter: the noise floor
    filters  median drift between two filters of one seed
    apart    how often a drift between filters is larger than one between seeds: 0.5 by chance
    crept    score after so many warm starts of the unchanged network, over that before: median
    kept     correlation of the picture then with the first: median

by the responses of the layer (what mode "natural" uses) and by texture (the other modes).
"""

import argparse
import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from convviz_tb import FilterPatterns
from convviz_tb.images import pattern_tiles
from convviz_tb.metrics import drift
from convviz_tb.patterns import (
    Patterns,
    ascend,
    choose_filters,
    from_seed,
    layer_responses,
    pattern_taps,
)

Array = np.ndarray
NETS = {
    "squeezenet_imagenet_notop.keras": (
        (-124.0, 131.0),
        ["fire3_expand3x3", "fire6_expand3x3", "fire9_expand3x3"],
    ),
    "mobilenet_v2_imagenet.keras": ((-1.0, 1.0), ["relu_9", "relu_30", "relu_51"]),
}


def apart(seeds: Array, filters: Array) -> float:
    """How often one of `filters` is larger than one of `seeds`; ties count half."""
    pairs = filters[:, None] - seeds[None]
    return float(((pairs > 0) + (pairs == 0) / 2).mean())


def compared(rows: Array, others: Array) -> tuple[float, float, float]:
    """Median drift between seeds, between filters, and how often the latter is larger."""
    seeds = drift.pattern_drift(rows, others)
    one, other = np.triu_indices(len(rows), 1)
    filters = drift.pattern_drift(rows[one], rows[other])
    return float(np.median(seeds)), float(np.median(filters)), apart(seeds, filters)


def crept(first: Patterns, again: Iterator[Patterns]) -> tuple[float, float]:
    """How far scores rose over warm starts, and how like the last pictures are to the first."""
    *_, last = again
    alive = first.scores > 0
    likeness = [
        np.corrcoef(a.ravel(), b.ravel())[0, 1]
        for a, b in zip(first.images[alive], last.images[alive], strict=True)
    ]
    return float(np.median(last.scores[alive] / first.scores[alive])), float(np.median(likeness))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/data"))
    parser.add_argument("--filters", type=int, default=12)
    parser.add_argument("--warm", type=int, default=6)
    given = parser.parse_args()
    print("network, layer | by | seeds | filters | apart | crept | kept")
    for file, (value_range, layers) in NETS.items():
        if not (given.folder / file).exists():
            print(f"{file}: not in {given.folder}, left out")
            continue
        model = keras.models.load_model(given.folder / file, compile=False)
        model.name = Path(file).stem
        for layer in layers:
            report(model, layer, value_range, given.filters, given.warm)


def report(
    model: keras.Model, layer: str, value_range: tuple[float, float], count: int, warm: int
) -> None:
    """Prints the two rows of a layer."""
    options = FilterPatterns(layers=layer, filters=count, value_range=value_range)
    (tap,) = pattern_taps(model, options)
    filters = choose_filters(count, tap)
    first = from_seed(model, tap, options, filters)
    other = from_seed(model, tap, dataclasses.replace(options, seed=1), filters)

    def again() -> Iterator[Patterns]:
        now, steps, size = first, options.warm_steps, options.warm_step_size
        for nth in range(1, warm + 1):
            now = ascend(model, tap, options, filters, now.padded, steps, size, nth)
            yield now

    stays = crept(first, again())
    rows = {
        "responses": [
            drift.units(layer_responses(model, tap, options, each.levels))
            for each in (first, other)
        ],
        "texture": [drift.textures(pattern_tiles(each.images)) for each in (first, other)],
    }
    for by, (one, two) in rows.items():
        numbers = (*compared(one, two), *stays)
        print(
            f"{model.name} {layer} | {by} | " + " | ".join(f"{n:.3f}" for n in numbers), flush=True
        )


if __name__ == "__main__":
    main()
