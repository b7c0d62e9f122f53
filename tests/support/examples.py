"""Logs with examples, written by hand: each picture has a square of its own, at a known place."""

import functools
from pathlib import Path
from typing import Any

import numpy as np

from convviz_tb import schema
from convviz_tb.schema import Series
from support.logs import log
from support.pictures import blob, noise

SIDE = 32  # of the pictures as the model takes them, and as they are stored
SQUARE = 8  # what a position sees, and its stride
CLASSES = ["cat", "dog"]
STEPS = (0, 1, 2)
#: Of each picture its class, and the position whose square has a colour.
PICTURES: dict[int, tuple[int | None, tuple[int, int]]] = {
    0: (1, (0, 0)),
    1: (1, (1, 2)),
    2: (1, (3, 3)),
    3: (0, (2, 0)),
    4: (None, (0, 3)),
    9: (0, (3, 1)),
}
FIELD = {
    "size": [SQUARE, SQUARE],
    "stride": [float(SQUARE)] * 2,
    "offset": [0.0, 0.0],
    "sides": [SIDE, SIDE],
}
#: Filters with a pattern. Nothing excites the last one; filter 7 has examples and no pattern.
FILTERS = (0, 3, 5)
LAYER, OTHER = "conv1", "conv2"


def colour_of(number: int, version: int = 0) -> tuple[int, int, int]:
    """The colour of the square; of a picture that was stored again another one."""
    return (40 + 20 * number, 200 - 20 * number, 60 + 120 * version)


def picture_of(number: int, version: int = 0) -> np.ndarray:
    """A grey picture with its square."""
    pixels = np.full((SIDE, SIDE, 3), 110, np.uint8)
    _, (row, column) = PICTURES[number]
    down, across = SQUARE * row, SQUARE * column
    pixels[down : down + SQUARE, across : across + SQUARE] = colour_of(number, version)
    return pixels


def example_tiles(step: int) -> list[dict[str, Any]]:
    """What excites each filter; the favourites of filter 3 change at the last step."""
    numbers = {0: [0, 1, 2, 3], 3: [2, 3] if step < 2 else [9, 2], 5: [], 7: [1]}
    return [
        {"filter": filter_, "pictures": own}
        | {"activations": [8.5 - 2 * place for place in range(len(own))]}
        | {"positions": [list(PICTURES[number][1]) for number in own]}
        | {"favourite": 0 if filter_ == 3 and step == 2 else 1}
        for filter_, own in numbers.items()
    ]


def write_examples(
    logdir: Path, run: str, *, examples: bool = True, source: str = "pictures"
) -> None:
    """A run whose filters have examples, in one layer of two.

    At the last step one more picture is stored, and one again, as by a process that continues.
    """
    with log(logdir, f"{run}/convviz") as writing:
        for step in STEPS:
            at = 1000.25 + step
            put = functools.partial(writing.put_tiles, step=step, at=at)
            if step == 0:
                own = [{"image": number, "label": PICTURES[number][0]} for number in PICTURES]
                tiles = [picture_of(number) for number in PICTURES]
                put(Series("inputs"), tiles, tiles=own, class_names=CLASSES)
            new = {0: [0, 1, 2, 3, 4], 2: [9, 2]}.get(step)
            if examples and source == "pictures" and new:
                own = [{"picture": number, "label": PICTURES[number][0]} for number in new]
                tiles = [picture_of(number, step // 2) for number in new]
                put(Series("pictures"), tiles, tiles=own, class_names=CLASSES)
            for layer in (LAYER, OTHER):
                patterns = [noise(step, filter_) for filter_ in FILTERS]
                facts = {"tiles": _pattern_tiles(step), "filters_by": "use"}
                put(Series("patterns", layer), patterns, **facts)
            put(Series("heatmaps", LAYER), [blob(2, 2)], tiles=[_heatmap_tile()])
            if examples:
                facts = {"tiles": example_tiles(step), "field": FIELD, "count": 12}
                facts |= {"source": source, "trainable": True, "seconds": 0.1}
                writing.put(Series("examples", LAYER), step, schema.encode(facts), at=at)
            writing.put_whole(Series("model"), step, at=at, **_model_facts(step))


def _pattern_tiles(step: int) -> list[dict[str, Any]]:
    selectivity = {0: 0.2, 3: 0.75, 5: None}
    return [
        {"filter": filter_, "score": 1.0 + filter_, "selectivity": selectivity[filter_]}
        for filter_ in FILTERS
    ]


def _heatmap_tile() -> dict[str, Any]:
    """A map whose channels have a pattern, examples alone, and neither."""
    tile = {"image": 0, "class_index": 1, "score": 1.0, "probability": 0.6, "predicted": 1}
    channels = [[3, 1.0], [7, 0.5], [8, 0.25]]
    return tile | {"minimum": 0.0, "maximum": 0.5, "channels": channels}


def _model_facts(step: int) -> dict[str, Any]:
    layers = [
        {"layer": name, "class_name": "Conv2D", "shape": [4, 4, 10], "filters": 10}
        | {"trainable": True, "kinds": ["patterns"], "numbers": {"dead": 0, "stuck": 0}}
        for name in (LAYER, OTHER)
    ]
    return {"written": step + 1, "planned": 2, "layers": layers, "failures": []}
