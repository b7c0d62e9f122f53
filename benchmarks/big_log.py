"""A large log, written fast: several runs with many layers, steps and filters, numbers and curves.

What is in it is plausible in size and variety, not in meaning: band-limited textures for patterns,
blobs for heatmaps, numbers that grow with the steps, a falling loss. `benchmarks/browser.py`
measures the tab on it.
"""

import io
import math
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.plugins.image import metadata as image_metadata

from convviz_tb import schema
from convviz_tb.schema import Series

PICTURES = 8
#: So many different sheets there are of each layer; steps take turns.
VARIETY = 10
SECONDS = 30.0  # between two steps


def write_log(
    logdir: Path, *, runs: int, layers: int, steps: int, filters: int, tile: int, start: float
) -> None:
    """Writes `runs` runs that ended at their last step."""
    random = np.random.default_rng(0)
    names = [f"base/block{at // 2 + 1}_conv{at % 2 + 1}" for at in range(layers)]
    sheets = [
        [_patterns(random, filters, tile, at) for _ in range(VARIETY)] for at in range(layers)
    ]
    maps = [_maps(random, 14) for _ in range(VARIETY)]
    inputs = _png(random.integers(0, 256, (2, 4, 8, 8, 3)), 160)
    for number in range(runs):
        name = f"run{number + 1}"
        _write_curves(logdir / name, steps, start, number)
        writer = _open(logdir / name / schema.RUN_SUFFIX)
        for step in range(steps):
            at = start + SECONDS * step
            if step == 0:
                _put(writer, Series("inputs"), 0, at, _input_facts(), inputs)
            for place, layer in enumerate(names):
                sheet = sheets[place][(step + number) % VARIETY]
                facts = _pattern_facts(filters, tile, step, place)
                _put(writer, Series("patterns", layer), step, at, facts, sheet)
                if number == 0:
                    _put_image(writer, f"convviz/patterns/{layer}", step, at, sheet)
            for layer in names[-2:]:
                facts = _map_facts(14, step)
                _put(writer, Series("heatmaps", layer), step, at, facts, maps[step % VARIETY])
            facts = _model_facts(names, steps, filters, step)
            _put(writer, Series("model"), step, at, facts)
            for layer in facts["layers"]:
                for number_name, value in layer["numbers"].items():
                    tag = f"convviz/{number_name}/{layer['layer']}"
                    _put_scalar(writer, tag, step, at, value)
        writer.close()


def write_pictures(logdir: Path, *, steps: int, filters: int, tile: int, start: float) -> None:
    """Writes one layer as `tf.summary.image(..., max_outputs=filters)` does: picture by picture."""
    random = np.random.default_rng(0)
    kinds = [_cut(_patterns(random, filters, tile, 0), filters, tile) for _ in range(VARIETY)]
    metadata = image_metadata.create_summary_metadata(
        display_name=None, description=None, converted_to_tensor=True
    )
    writer = _open(logdir / "run1")
    side = str(tile).encode()
    for step in range(steps):
        tensor = _strings(side, side, *kinds[step % VARIETY])
        _add(writer, "conv1", tensor, metadata, step, start + SECONDS * step)
    writer.close()


def _cut(sheet: bytes, filters: int, tile: int) -> list[bytes]:
    """The tiles of a sheet, as PNG each."""
    whole, found = Image.open(io.BytesIO(sheet)), []
    for at in range(filters):
        top, left = (place * tile for place in divmod(at, whole.width // tile))
        encoded = io.BytesIO()
        whole.crop((left, top, left + tile, top + tile)).save(encoded, "PNG")
        found.append(encoded.getvalue())
    return found


def _write_curves(directory: Path, steps: int, start: float, number: int) -> None:
    for part, gap in (("train", 0.0), ("validation", 0.15)):
        writer = _open(directory / part)
        for epoch in range(steps - 1):
            loss = 2.2 * math.exp(-epoch / (20 + 5 * number)) + 0.2 + gap
            for tag, value in (("epoch_loss", loss), ("epoch_accuracy", math.exp(-loss))):
                _put_scalar(writer, tag, epoch, start + SECONDS * (epoch + 1) - 1, value)
        writer.close()


def _open(directory: Path) -> Any:
    """TensorFlow's record writer: TensorBoard's own computes its checksums in Python."""
    directory.mkdir(parents=True)
    return tf.io.TFRecordWriter(str(directory / "events.out.tfevents.1.bench"))


def _put(writer: Any, series: Series, step: int, at: float, facts: Any, *sheet: bytes) -> None:
    tensor = _strings(schema.encode(facts), *sheet)
    _add(writer, series.tag, tensor, schema.metadata(series), step, at)


def _put_image(writer: Any, tag: str, step: int, at: float, sheet: bytes) -> None:
    """The same sheet for the stock Images tab, as the callback does."""
    width, height = Image.open(io.BytesIO(sheet)).size
    metadata = image_metadata.create_summary_metadata(
        display_name=None, description=None, converted_to_tensor=True
    )
    tensor = _strings(str(width).encode(), str(height).encode(), sheet)
    _add(writer, tag, tensor, metadata, step, at)


def _put_scalar(writer: Any, tag: str, step: int, at: float, value: float) -> None:
    metadata = summary_pb2.SummaryMetadata(data_class=summary_pb2.DATA_CLASS_SCALAR)
    metadata.plugin_data.plugin_name = "scalars"
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, float_val=[value])
    _add(writer, tag, tensor, metadata, step, at)


def _strings(*blobs: bytes) -> Any:
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, string_val=blobs)
    tensor.tensor_shape.dim.add(size=len(blobs))
    return tensor


def _add(writer: Any, tag: str, tensor: Any, metadata: Any, step: int, at: float) -> None:
    value = summary_pb2.Summary.Value(tag=tag, tensor=tensor, metadata=metadata)
    summary = summary_pb2.Summary(value=[value])
    event = event_pb2.Event(step=step, wall_time=at, summary=summary)
    writer.write(event.SerializeToString())


def _patterns(random: np.random.Generator, filters: int, tile: int, depth: int) -> bytes:
    """Waves of one direction and length per filter, finer in early layers."""
    across = math.ceil(math.sqrt(filters))
    y, x = np.mgrid[:tile, :tile] / tile
    picture = np.zeros((math.ceil(filters / across) * tile, across * tile, 3), np.uint8)
    for at in range(filters):
        angle, waves = random.uniform(0, math.pi), random.uniform(2, 6 + 12 / (1 + depth))
        phase = (x * math.cos(angle) + y * math.sin(angle)) * waves * 2 * math.pi
        bend = random.normal(size=3)[:, None, None] * np.sin(2 * math.pi * (x * y + y))
        colour = np.stack([np.sin(phase + shift) for shift in bend], -1) * random.uniform(20, 60, 3)
        noise = random.normal(scale=6, size=colour.shape)
        top, left = divmod(at, across)
        box = np.s_[top * tile : (top + 1) * tile, left * tile : (left + 1) * tile]
        picture[box] = np.clip(127 + colour + noise, 0, 255)
    encoded = io.BytesIO()
    Image.fromarray(picture).save(encoded, "JPEG", quality=90, subsampling=0)
    return encoded.getvalue()


def _maps(random: np.random.Generator, side: int) -> bytes:
    y, x = np.mgrid[:side, :side] / side
    sheet = np.zeros((2 * side, 4 * side), np.uint8)
    for at in range(PICTURES):
        middle = random.uniform(0.2, 0.8, 2)
        blob = np.exp(-((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / 0.05)
        top, left = divmod(at, 4)
        sheet[top * side : (top + 1) * side, left * side : (left + 1) * side] = 255 * blob
    encoded = io.BytesIO()
    Image.fromarray(sheet).save(encoded, "PNG")
    return encoded.getvalue()


def _png(blocks: np.ndarray, side: int) -> bytes:
    """Pictures made of a few coarse blocks of colour, in a sheet."""
    rows = [
        np.concatenate([np.kron(one, np.ones((side // 8, side // 8, 1))) for one in row], 1)
        for row in blocks
    ]
    encoded = io.BytesIO()
    Image.fromarray(np.concatenate(rows).astype(np.uint8)).save(encoded, "PNG")
    return encoded.getvalue()


def _sheet(count: int, columns: int, side: int) -> dict[str, Any]:
    return {"count": count, "columns": columns, "tile": [side, side]}


def _pattern_facts(filters: int, tile: int, step: int, place: int) -> dict[str, Any]:
    tiles = [
        {"filter": at, "score": max(0.0, math.sin(at + place) + 0.9) * (1 + step / 40)}
        | _filter_numbers(at, step, place)
        for at in range(filters)
    ]
    across = math.ceil(math.sqrt(filters))
    facts = {"sheet": _sheet(filters, across, tile), "tiles": tiles, "mode": "smooth"}
    facts |= {"refreshed": step % 10 == 0, "baseline_step": 0, "noise_floor": 0.04, "probes": 8}
    return facts | {"ascent_steps": 24, "seed": 0, "trainable": True, "seconds": 0.4}


def _filter_numbers(at: int, step: int, place: int) -> dict[str, Any]:
    """As many digits as real numbers have."""
    drift = (1 - math.exp(-step / 60)) * max(0, place - 1) * (1.1 + math.sin(3 * at)) / 8
    numbers = {"kernel_drift": drift, "kernel_drift_previous": drift / (step + 1)}
    numbers |= {"kernel_cosine": 1 - drift / 3, "kernel_norm": 1 + drift / 7}
    numbers |= {"pattern_drift": drift / 1.7, "pattern_drift_previous": drift / (step + 1.7)}
    numbers |= {"function_drift": drift / 2.3, "active": 0.5 + 0.4 * math.sin(at)}
    numbers |= {"response": 3 + math.sin(at + step), "gradient": 0.01 * (2 + math.cos(at))}
    numbers |= {"twin_similarity": 0.7 + 0.3 * math.sin(at)}
    flags = {"dead": at % 29 == 7 and step > 50, "stuck": False, "twin": at ^ 1}
    return numbers | flags | {"computed": step}


def _layer_numbers(step: int, place: int) -> dict[str, float]:
    numbers = _filter_numbers(0, step, place)
    few = {name: numbers[name] for name in ("kernel_drift", "pattern_drift", "function_drift")}
    return few | {"dead": 2.0 * (step > 50), "stuck": 0.0, "seconds": 0.4 + 0.1 * place}


def _map_facts(side: int, step: int) -> dict[str, Any]:
    sure = 1 - 0.9 * math.exp(-step / 40)
    tiles = [
        {"image": at, "class_index": at % 4, "score": 8 * sure, "probability": sure}
        | {"predicted": at % 4, "minimum": 0.0, "maximum": 0.1 + sure}
        | {"centre": [0.3 + sure / 3, 0.5], "area": 0.2 + sure / 9, "entropy": 0.9 - sure / 3}
        | {"overlap_previous": sure, "overlap_baseline": 1 - sure / 2}
        | {"channels": [[place, 0.4 - place / 9] for place in range(5)]}
        for at in range(PICTURES)
    ]
    sheet = _sheet(PICTURES, 4, side)
    return {"sheet": sheet, "tiles": tiles, "method": "gradcam", "objective": "logit"}


def _input_facts() -> dict[str, Any]:
    tiles = [{"image": at, "label": at % 4} for at in range(PICTURES)]
    return {"sheet": _sheet(PICTURES, 4, 160), "tiles": tiles, "class_names": list("abcd")}


def _model_facts(names: list[str], steps: int, filters: int, step: int) -> dict[str, Any]:
    layers = [
        {"layer": name, "class_name": "Conv2D", "shape": [160 >> at // 2, 160 >> at // 2, filters]}
        | {"filters": filters, "trainable": at > 1, "kinds": ["patterns"]}
        | {"numbers": _layer_numbers(step, at)}
        for at, name in enumerate(names)
    ]
    facts = {"written": step + 1, "planned": steps - 1, "layers": layers, "failures": []}
    text = f"{names[-1]} moved most: its kernels changed by {step / 2:.0f} %."
    finding = {"text": text, "kind": "patterns", "layer": names[-1], "filter": 3, "step": step}
    return facts | {"seconds": 3.2, "epoch_seconds": SECONDS, "findings": [finding]}
