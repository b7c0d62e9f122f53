"""Facts and sheets of a step, as they are written. Runs in the background, see `step.py`."""

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from convviz_tb import images
from convviz_tb.heatmaps import Chosen, GradCAM, Heatmaps, regions
from convviz_tb.log.results import LayerResult, Numbers, StepReport
from convviz_tb.log.writer import RunWriter
from convviz_tb.model import Tap, puts_channels_first
from convviz_tb.patterns import FilterPatterns, TrackedPatterns
from convviz_tb.schema import Facts, LayerFacts, Series, Sheet, scalar_tag

Array = npt.NDArray[Any]


def write_patterns(
    writer: RunWriter,
    result: LayerResult[TrackedPatterns],
    options: FilterPatterns,
    encoded: tuple[Sheet, bytes],
    filters_by: str | None = None,
) -> None:
    """Writes the filter patterns of one layer; `encoded` is the sheet of their pictures.

    `filters_by` says how the filters were chosen, if they were.
    """
    geometry, sheet = encoded
    tracked, patterns = result.values, result.values.patterns
    columns = (patterns.filters, patterns.scores, tracked.computed)
    tiles: list[Facts] = [
        {"filter": int(filter_), "score": float(score), "computed": int(computed)}
        for filter_, score, computed in zip(*columns, strict=True)
    ]
    for tile, name in zip(tiles, _class_names(result.tap, patterns.filters, options), strict=False):
        tile["name"] = name
    facts = {
        "view": images.view(patterns.images.ndim),
        "mode": options.mode,
        "size": list(patterns.images.shape[1:-1]),
        "objective": options.objective,
        "ascent_steps": tracked.ascent_steps,
        "refreshed": tracked.refreshed,
        "unchanged": tracked.unchanged,
        "seed": options.seed,
        "value_range": list(patterns.value_range),
        "precision": patterns.precision,
    }
    if filters_by:
        facts["filters_by"] = filters_by
    series = Series("patterns", result.tap.path)
    writer.write(series, result.step, _facts(result, geometry, tiles, facts), sheet)
    _write_image(writer, series, result.step, sheet, geometry)


def _class_names(tap: Tap, filters: Array, options: FilterPatterns) -> list[str]:
    """The classes that filters stand for; none where the layer is not that of the classes."""
    names, positions = options.class_names, tap.shape[:-1]
    is_of_classes = tap.is_output and tap.filters == len(names) and not set(positions) - {1}
    if not is_of_classes or options.are_directions:
        return []
    return [str(names[int(filter_)]) for filter_ in filters]


def write_heatmaps(
    writer: RunWriter,
    result: LayerResult[Heatmaps],
    options: GradCAM,
    pictures: images.Bytes,
) -> None:
    """Writes the heatmaps of one layer; `pictures` are those that they are of."""
    heatmaps = result.values
    maps = heatmaps.maps.reshape(-1, *heatmaps.maps.shape[-2:])
    levels, minimum, maximum = images.heatmap_tiles(maps)
    geometry, sheet = images.sheet(levels, "png")
    tiles = _heatmap_tiles(heatmaps, minimum, maximum)
    facts = {"method": options.method, "objective": heatmaps.objective}
    series = Series("heatmaps", result.tap.path)
    writer.write(series, result.step, _facts(result, geometry, tiles, facts), sheet)
    repeated = pictures.repeat(len(maps) // len(pictures), axis=0)
    geometry, sheet = images.sheet(images.superimpose(repeated, maps), "jpeg")
    _write_image(writer, series, result.step, sheet, geometry)


def _facts(
    result: LayerResult[Any], geometry: Sheet, tiles: Sequence[Facts], facts: Facts
) -> Facts:
    """All facts of a layer, with its metrics joined to them."""
    measured = result.metrics.tiles or [{}] * len(tiles)
    own = {
        "sheet": geometry,
        "tiles": [tile | metrics for tile, metrics in zip(tiles, measured, strict=True)],
        "trainable": bool(result.tap.layer.trainable),
        "seconds": result.seconds,
    }
    return own | facts | result.metrics.facts


def write_step(
    writer: RunWriter,
    step: int,
    report: StepReport,
    pattern_taps: Iterable[Tap],
    heatmap_taps: Iterable[Tap],
    facts: Facts,
) -> None:
    """Writes the facts of a whole step, by which readers know it, and the curves of its layers."""
    for layer, numbers in report.numbers.items():
        for name, value in numbers.items():
            writer.write_number(scalar_tag(name, layer), step, value)
    of_report = {
        "writing_seconds": report.writing_seconds,
        "layers": _layers(pattern_taps, heatmap_taps, report.numbers),
        "failures": report.failures,
        "skipped": report.skipped,
    }
    writer.write(Series("model"), step, facts | of_report)


def _heatmap_tiles(heatmaps: Heatmaps, minimum: Array, maximum: Array) -> list[Facts]:
    count = len(heatmaps.predicted)
    classes = heatmaps.classes.reshape(count, -1)
    scores = heatmaps.scores.reshape(count, -1)
    probabilities = heatmaps.probabilities.reshape(count, -1)
    return [
        {
            "image": image,
            "class_index": int(classes[image, rank]),
            "score": float(scores[image, rank]),
            "probability": float(probabilities[image, rank]),
            "predicted": int(heatmaps.predicted[image]),
            "minimum": float(minimum[image * classes.shape[1] + rank]),
            "maximum": float(maximum[image * classes.shape[1] + rank]),
        }
        for image in range(count)
        for rank in range(classes.shape[1])
    ]


def write_inputs(
    writer: RunWriter,
    step: int,
    pictures: images.Bytes,
    options: GradCAM,
    sides: tuple[int, int],
    chosen: Sequence[Chosen] = (),
) -> None:
    """Writes the pictures that the heatmaps are of, once `sides` (height, width) in pixels.

    `chosen` says of each why it was chosen, if they were.
    """
    geometry, sheet = images.sheet(pictures, "png")
    labels = options.true_classes
    tiles: list[Facts] = [
        {"image": image, "label": None if labels is None else int(labels[image])} | outlines
        for image, outlines in enumerate(_outlines(options, sides))
    ]
    for tile, choice in zip(tiles, chosen, strict=False):
        tile |= {"number": choice.number, "group": choice.group}
    facts = {
        "sheet": geometry,
        "tiles": tiles,
        "class_names": [str(name) for name in options.class_names],
    }
    writer.write(Series("inputs"), step, facts, sheet)


def _outlines(options: GradCAM, sides: tuple[int, int]) -> list[Facts]:
    """The boxes of each picture: that of its object and those of other regions; masks have none."""
    outlines: list[Facts] = [{} for _ in range(len(options))]
    marked = {} if options.boxes is None else regions.named(options.boxes)
    for index, (name, region) in enumerate(marked.items()):
        boxes = regions.unit_boxes(region, sides)
        for facts, box in zip(outlines, () if boxes is None else boxes, strict=False):
            if not np.isfinite(box).all():
                continue
            if index == 0:
                facts["box"] = box.tolist()
            else:
                facts.setdefault("regions", {})[name] = box.tolist()
    return outlines


def shown_inputs(options: GradCAM, model: keras.Model) -> images.Bytes:
    """The pictures to lay heatmaps over, uint8 `(n, h, w, 3)`."""
    if options.display is not None:
        return images.input_tiles(np.asarray(options.display))
    pictures = options.pictures
    if puts_channels_first(model):
        pictures = np.moveaxis(pictures, 1, -1)
    return images.input_tiles(pictures, options.channels)


def _layers(
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
