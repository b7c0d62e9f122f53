"""One step of one kind: computes it, makes its sheet and facts, writes it."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from convviz_tb import images
from convviz_tb.heatmaps import GradCAM, Heatmaps, grad_cam
from convviz_tb.inputs import puts_channels_first
from convviz_tb.patterns import FilterPatterns, filter_patterns
from convviz_tb.schema import Failure, LayerFacts, Series, Sheet
from convviz_tb.summaries import RunWriter
from convviz_tb.taps import Tap

Array = npt.NDArray[Any]


def record_patterns(
    writer: RunWriter, step: int, model: keras.Model, tap: Tap, options: FilterPatterns
) -> None:
    """Writes the filter patterns of one layer."""
    started = time.perf_counter()
    found = filter_patterns(
        model,
        tap,
        options.filters,
        size=options.size,
        steps=options.steps,
        step_size=options.step_size,
        seed=options.seed,
        mode=options.mode,
        value_range=options.value_range,
        objective=options.objective,
        border=options.border,
        before_activation=options.before_activation,
    )
    pictures = images.pattern_tiles(found.images, options.channels)
    geometry, sheet = images.sheet(pictures, options.image_format)
    tiles = [
        {"filter": int(filter_), "score": float(score)}
        for filter_, score in zip(found.filters, found.scores, strict=True)
    ]
    facts = {
        "sheet": geometry,
        "tiles": tiles,
        "view": images.view(found.images.ndim),
        "mode": options.mode,
        "objective": options.objective,
        "ascent_steps": options.ascent_steps,
        "seed": options.seed,
        "value_range": list(found.value_range),
        "trainable": bool(tap.layer.trainable),
        "seconds": time.perf_counter() - started,
    }
    series = Series("patterns", tap.path)
    writer.write(series, step, facts, sheet)
    _write_image(writer, series, step, sheet, geometry)


def record_heatmaps(
    writer: RunWriter, step: int, model: keras.Model, taps: Sequence[Tap], options: GradCAM
) -> None:
    """Writes the heatmaps of all watched layers, which share one pass through the model."""
    started = time.perf_counter()
    found = grad_cam(
        model,
        options.images,
        taps,
        options.classes,
        labels=options.labels,
        method=options.method,
        score=options.score,
        output=options.output,
        mask=options.mask,
    )
    pictures = shown_inputs(options, model)
    seconds = (time.perf_counter() - started) / len(taps)
    for tap in taps:
        heatmaps = found[tap.path]
        maps = heatmaps.maps.reshape(-1, *heatmaps.maps.shape[-2:])
        levels, minimum, maximum = images.heatmap_tiles(maps)
        geometry, sheet = images.sheet(levels, "png")
        facts = {
            "sheet": geometry,
            "tiles": _heatmap_numbers(heatmaps, minimum, maximum),
            "method": options.method,
            "objective": heatmaps.objective,
            "trainable": bool(tap.layer.trainable),
            "seconds": seconds,
        }
        series = Series("heatmaps", tap.path)
        writer.write(series, step, facts, sheet)
        repeated = pictures.repeat(len(maps) // len(pictures), axis=0)
        geometry, sheet = images.sheet(images.superimpose(repeated, maps), "jpeg")
        _write_image(writer, series, step, sheet, geometry)


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


def record_inputs(writer: RunWriter, step: int, model: keras.Model, options: GradCAM) -> None:
    """Writes the pictures that the heatmaps are of."""
    geometry, sheet = images.sheet(shown_inputs(options, model), "png")
    labels = options.true_classes
    tiles = [
        {"image": image, "label": None if labels is None else int(labels[image])}
        for image in range(len(options))
    ]
    facts = {
        "sheet": geometry,
        "tiles": tiles,
        "class_names": [str(name) for name in options.class_names],
    }
    writer.write(Series("inputs"), step, facts, sheet)


def shown_inputs(options: GradCAM, model: keras.Model) -> images.Bytes:
    """The pictures to lay heatmaps over, uint8 `(n, h, w, 3)`."""
    if options.display is not None:
        return images.input_tiles(np.asarray(options.display))
    pictures = options.pictures
    if puts_channels_first(model):
        pictures = np.moveaxis(pictures, 1, -1)
    return images.input_tiles(pictures, options.channels)


def layer_facts(pattern_taps: Iterable[Tap], heatmap_taps: Iterable[Tap]) -> list[LayerFacts]:
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
        }
        for tap in sorted(by_path.values(), key=lambda tap: tap.order)
    ]


def record_model(
    writer: RunWriter,
    step: int,
    *,
    written: int,
    planned: int | None,
    baseline: str | None,
    seconds: float,
    layers: list[LayerFacts],
    failures: list[Failure],
) -> None:
    """Writes what announces the step: the watched layers, and what failed."""
    facts = {
        "written": written,
        "planned": planned,
        "baseline": baseline,
        "seconds": seconds,
        "layers": layers,
        "failures": failures,
    }
    writer.write(Series("model"), step, facts)


def _write_image(
    writer: RunWriter, series: Series, step: int, picture: bytes, geometry: Sheet
) -> None:
    height, width = geometry["tile"]
    rows = -(-geometry["count"] // geometry["columns"])
    writer.write_image(series, step, picture, geometry["columns"] * width, rows * height)
