"""Results of one step -> sheets and facts, written. Runs beside the computing, see `jobs.py`."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import keras
import numpy as np
import numpy.typing as npt

from convviz_tb import images
from convviz_tb.heatmaps import GradCAM, Heatmaps, regions
from convviz_tb.log.writer import RunWriter
from convviz_tb.metrics.run import Extra
from convviz_tb.model import Tap, puts_channels_first
from convviz_tb.patterns import FilterPatterns, Followed
from convviz_tb.schema import Facts, LayerFacts, Series, Sheet

Array = npt.NDArray[Any]
Numbers: TypeAlias = dict[str, dict[str, float]]  # by layer path and name


def record_patterns(
    writer: RunWriter,
    step: int,
    tap: Tap,
    found: Followed,
    encoded: tuple[Sheet, bytes],
    options: FilterPatterns,
    extra: Extra,
) -> None:
    """Writes the filter patterns of one layer."""
    geometry, sheet = encoded
    columns = (found.patterns.filters, found.patterns.scores, found.computed)
    tiles = [
        {"filter": int(filter_), "score": float(score), "computed": int(computed)}
        for filter_, score, computed in zip(*columns, strict=True)
    ]
    facts = {
        "sheet": geometry,
        "tiles": _joined(tiles, extra),
        "view": images.view(found.patterns.images.ndim),
        "mode": options.mode,
        "objective": options.objective,
        "ascent_steps": found.ascent_steps,
        "refreshed": found.refreshed,
        "unchanged": found.unchanged,
        "seed": options.seed,
        "value_range": list(found.patterns.value_range),
        "precision": found.patterns.precision,
        "trainable": bool(tap.layer.trainable),
    }
    series = Series("patterns", tap.path)
    writer.write(series, step, facts | extra.facts, sheet)
    _write_image(writer, series, step, sheet, geometry)


def record_heatmaps(
    writer: RunWriter,
    step: int,
    tap: Tap,
    found: Heatmaps,
    options: GradCAM,
    pictures: images.Bytes,
    extra: Extra,
) -> None:
    """Writes the heatmaps of one layer; `pictures` are those that they are of."""
    maps = found.maps.reshape(-1, *found.maps.shape[-2:])
    levels, minimum, maximum = images.heatmap_tiles(maps)
    geometry, sheet = images.sheet(levels, "png")
    facts = {
        "sheet": geometry,
        "tiles": _joined(_heatmap_numbers(found, minimum, maximum), extra),
        "method": options.method,
        "objective": found.objective,
        "trainable": bool(tap.layer.trainable),
    }
    series = Series("heatmaps", tap.path)
    writer.write(series, step, facts | extra.facts, sheet)
    repeated = pictures.repeat(len(maps) // len(pictures), axis=0)
    geometry, sheet = images.sheet(images.superimpose(repeated, maps), "jpeg")
    _write_image(writer, series, step, sheet, geometry)


def _joined(tiles: Sequence[Facts], extra: Extra) -> list[Facts]:
    more = extra.tiles or [{}] * len(tiles)
    return [facts | added for facts, added in zip(tiles, more, strict=True)]


def record_numbers(writer: RunWriter, step: int, numbers: Numbers) -> None:
    """Writes the layers' numbers as points of curves for the stock Scalars tab."""
    for layer, named in numbers.items():
        for name, value in named.items():
            writer.write_number(f"convviz/{name}/{layer}", step, value)


def _heatmap_numbers(found: Heatmaps, minimum: Array, maximum: Array) -> list[dict[str, Any]]:
    count = len(found.predicted)
    classes = found.classes.reshape(count, -1)
    scores, probabilities = found.scores.reshape(count, -1), found.probabilities.reshape(count, -1)
    return [
        {
            "image": image,
            "class_index": int(classes[image, rank]),
            "score": float(scores[image, rank]),
            "probability": float(probabilities[image, rank]),
            "predicted": int(found.predicted[image]),
            "minimum": float(minimum[image * classes.shape[1] + rank]),
            "maximum": float(maximum[image * classes.shape[1] + rank]),
        }
        for image in range(count)
        for rank in range(classes.shape[1])
    ]


def record_inputs(
    writer: RunWriter,
    step: int,
    pictures: images.Bytes,
    options: GradCAM,
    sides: tuple[int, int],
) -> None:
    """Writes the pictures that the heatmaps are of, once `sides` (height, width) in pixels."""
    geometry, sheet = images.sheet(pictures, "png")
    labels = options.true_classes
    tiles: list[Facts] = [
        {"image": image, "label": None if labels is None else int(labels[image])} | outlines
        for image, outlines in enumerate(_outlines(options, sides))
    ]
    facts = {
        "sheet": geometry,
        "tiles": tiles,
        "class_names": [str(name) for name in options.class_names],
    }
    writer.write(Series("inputs"), step, facts, sheet)


def _outlines(options: GradCAM, sides: tuple[int, int]) -> list[Facts]:
    """Of each picture the box of its object and those of its other regions; masks have none."""
    found: list[Facts] = [{} for _ in range(len(options))]
    given = {} if options.boxes is None else regions.named(options.boxes)
    for place, (name, region) in enumerate(given.items()):
        boxes = regions.unit_boxes(region, sides)
        for facts, box in zip(found, () if boxes is None else boxes, strict=False):
            if not np.isfinite(box).all():
                continue
            if place == 0:
                facts["box"] = box.tolist()
            else:
                facts.setdefault("regions", {})[name] = box.tolist()
    return found


def shown_inputs(options: GradCAM, model: keras.Model) -> images.Bytes:
    """The pictures to lay heatmaps over, uint8 `(n, h, w, 3)`."""
    if options.display is not None:
        return images.input_tiles(np.asarray(options.display))
    pictures = options.pictures
    if puts_channels_first(model):
        pictures = np.moveaxis(pictures, 1, -1)
    return images.input_tiles(pictures, options.channels)


def layer_facts(
    pattern_taps: Iterable[Tap], heatmap_taps: Iterable[Tap], numbers: Numbers
) -> list[LayerFacts]:
    """The watched layers in network order, with what is recorded of each."""
    kinds: dict[str, list[str]] = {}
    by_path: dict[str, Tap] = {}
    for kind, taps in (("patterns", pattern_taps), ("heatmaps", heatmap_taps)):
        for tap in taps:
            by_path[tap.path] = tap
            kinds.setdefault(tap.path, []).append(kind)
    return [
        {
            "layer": tap.path,
            "class_name": tap.class_name,
            "shape": list(tap.shape),
            "filters": tap.filters,
            "trainable": bool(tap.layer.trainable),
            "kinds": kinds[tap.path],
            "numbers": numbers.get(tap.path, {}),
        }
        for tap in sorted(by_path.values(), key=lambda tap: tap.order)
    ]


def _write_image(
    writer: RunWriter, series: Series, step: int, picture: bytes, geometry: Sheet
) -> None:
    height, width = geometry["tile"]
    rows = -(-geometry["count"] // geometry["columns"])
    writer.write_image(series, step, picture, geometry["columns"] * width, rows * height)
