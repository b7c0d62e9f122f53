"""Facts and sheets of a step, as they are written. Runs in the background, see `step.py`."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from convviz_tb import images
from convviz_tb.heatmaps import Chosen, GradCAM, Heatmaps, MapTiles, regions, tiles_of
from convviz_tb.log.pictures import InputPictures
from convviz_tb.log.results import LayerResult, Numbers, StepReport
from convviz_tb.log.writer import RunWriter
from convviz_tb.model import Tap
from convviz_tb.patterns import FilterPatterns, TrackedPatterns
from convviz_tb.schema import Facts, Failure, LayerFacts, Series, Sheet, scalar_tag

Array = npt.NDArray[Any]
#: Of these a layer's scalar is the first that it has: layers without weights have but the first.
DRIFTS: Final = ("function_drift", "kernel_drift")


def write_patterns(
    writer: RunWriter,
    result: LayerResult[TrackedPatterns],
    options: FilterPatterns,
    encoded: tuple[Sheet, bytes],
    frame: int | None = None,
    filters_by: str | None = None,
    assumed: Sequence[str] = (),
) -> None:
    """Writes the filter patterns of one layer; `encoded` is the sheet of their pictures.

    `frame` is the time step that is shown, where they have several; `filters_by` says how the
    filters were chosen, if they were; `assumed` names the options that nothing tells.
    """
    geometry, sheet = encoded
    tracked, patterns = result.values, result.values.patterns
    columns = (patterns.filters, patterns.scores, tracked.computed)
    tiles: list[Facts] = [
        {"filter": int(filter_), "score": float(score), "computed": int(computed)}
        for filter_, score, computed in zip(*columns, strict=True)
    ]
    facts = {
        "view": images.view(patterns.images.ndim if frame is None else 4),
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
    if assumed:
        facts["assumed"] = list(assumed)
    series = Series("patterns", result.tap.path)
    writer.write(series, result.step, _facts(result, geometry, tiles, facts), sheet)
    if writer.stock_images:
        _write_image(writer, series, result.step, sheet, geometry)


def write_heatmaps(
    writer: RunWriter,
    result: LayerResult[Heatmaps],
    options: GradCAM,
    under: InputPictures,
) -> None:
    """Writes the heatmaps of one layer; `under` are the pictures that they are of."""
    maps = tiles_of(result.values)
    levels, minimum, maximum = images.heatmap_tiles(maps.maps)
    geometry, sheet = images.sheet(levels, "png")
    tiles = _heatmap_tiles(maps, minimum, maximum)
    facts: Facts = {"method": options.method, "objective": result.values.objective}
    facts |= under.facts_of(result.tap)
    series = Series("heatmaps", result.tap.path)
    writer.write(series, result.step, _facts(result, geometry, tiles, facts), sheet)
    if writer.stock_images:
        pictures = under.of(result.tap)[maps.image]
        pictures = pictures if under.places(result.tap) else np.zeros_like(pictures)
        field = under.views[result.tap.path].field
        geometry, sheet = images.sheet(images.superimpose(pictures, maps.maps, field=field), "jpeg")
        _write_image(writer, series, result.step, sheet, geometry)


def _facts(
    result: LayerResult[Any], geometry: Sheet, tiles: Sequence[Facts], facts: Facts
) -> Facts:
    """All facts of a layer, with its metrics joined to them."""
    measured = result.metrics.tiles or [{}] * len(tiles)
    own = {
        "sheet": geometry,
        "tiles": [tile | metrics for tile, metrics in zip(tiles, measured, strict=True)],
        "trainable": result.tap.is_trainable,
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
    """Writes the facts of a whole step, by which readers know it, and a few of them as scalars."""
    for tag, value in _scalars(report.numbers):
        writer.write_number(tag, step, value)
    of_report = {
        "writing_seconds": report.writing_seconds,
        "layers": _layers(pattern_taps, heatmap_taps, report.numbers),
        "failures": report.failures,
        "skipped": report.skipped,
    }
    writer.write(Series("model"), step, facts | of_report)


def write_end(writer: RunWriter, step: int, facts: Facts, failures: Sequence[Failure]) -> None:
    """Writes how training ended, and what failed since the facts of the last step."""
    writer.write(Series("end"), step, facts | {"failures": list(failures)})


def _scalars(numbers: Numbers) -> Iterator[tuple[str, float]]:
    """What the stock Scalars tab gets; all the rest is in the facts.

    Of each layer one drift and where its heatmaps lie, of all together how many filters are of no
    use.
    """
    for layer, own in numbers.items():
        drift = next((name for name in DRIFTS if name in own), None)
        for name in filter(None, (drift, "energy_inside")):
            if name in own:
                yield scalar_tag(name, layer), own[name]
    for name in ("dead", "stuck"):
        counts = [own[name] for own in numbers.values() if name in own]
        if counts:
            yield scalar_tag(name), sum(counts)


def _heatmap_tiles(maps: MapTiles, minimum: Array, maximum: Array) -> list[Facts]:
    return [
        {
            "image": int(maps.image[i]),
            "class_index": int(maps.class_index[i]),
            "score": float(maps.scores[i]),
            "probability": float(maps.probabilities[i]),
            "predicted": int(maps.predicted[i]),
            "minimum": float(minimum[i]),
            "maximum": float(maximum[i]),
        }
        for i in range(len(maps.image))
    ]


def write_inputs(
    writer: RunWriter,
    step: int,
    shown: InputPictures,
    options: GradCAM,
    chosen: Sequence[Chosen] = (),
) -> None:
    """Writes the pictures that the heatmaps are of, once.

    `chosen` says of each why it was chosen, if they were.
    """
    geometry, sheet = images.sheet(np.concatenate(shown.tiles), "png")
    labels = options.true_classes or [[]] * len(options)
    reasons = [_reason(each) for each in chosen]
    reasons = reasons or [{}] * len(options)
    tiles: list[Facts] = [
        {"image": image}
        | _label(labels[image])
        | reasons[image]
        | outlines
        | shown.facts_of_source(source)
        for source in range(len(shown.tiles))
        for image, outlines in enumerate(_outlines(options, shown.sides_of_source(source)))
    ]
    facts: Facts = {
        "sheet": geometry,
        "tiles": tiles,
        "class_names": list(options.names),
        "value_range": list(shown.value_range),
        "view": shown.view,
    }
    if len(shown.names) > 1:
        facts["sources"] = list(shown.names)
    writer.write(Series("inputs"), step, facts, sheet)


def _reason(chosen: Chosen) -> Facts:
    """Why a picture was chosen, and since when it is among them."""
    reason: Facts = {"number": chosen.number, "group": chosen.group}
    return reason if chosen.since is None else reason | {"since": chosen.since}


def _label(classes: Sequence[int]) -> Facts:
    """The true class of a picture; all of them where there are several."""
    if len(classes) > 1:
        return {"label": None, "labels": list(classes)}
    return {"label": classes[0] if classes else None}


def _outlines(options: GradCAM, sides: tuple[int, int] | None) -> list[Facts]:
    """The boxes of each picture: that of its object and those of other regions; masks have none."""
    outlines: list[Facts] = [{} for _ in range(len(options))]
    if options.boxes is None or sides is None:
        return outlines
    marked = regions.named(options.boxes)
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
            "trainable": tap.is_trainable,
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
