"""Logs written by hand: also such as no callback would write."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from convviz_tb import schema
from convviz_tb.schema import Series
from support.pictures import encoded

MARKER = "written"  # plugin of the last event of a log: whoever sees it has seen all the rest


def picture(height: int, width: int, *, kind: str = "PNG", seed: int = 0) -> bytes:
    """An encoded picture of noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def example_facts(kind: schema.Kind, **changes: Any) -> schema.Facts:
    """Facts as the callback writes them, with two tiles."""
    sheet = {"count": 2, "columns": 2, "tile": [8, 8]}
    tiles: dict[str, dict[str, Any]] = {
        "patterns": {"filter": 0, "score": 1.5},
        "heatmaps": {
            "image": 0,
            "class_index": 3,
            "score": 11.25,
            "probability": 0.5,
            "predicted": 3,
            "minimum": 0.0,
            "maximum": 0.25,
        },
        "examples": {
            "filter": 0,
            "pictures": [7, 3],
            "activations": [2.5, 1.25],
            "positions": [[1, 0], [0, 1]],
        },
        "feature_maps": {"image": 0, "filter": 3, "minimum": 0.0, "maximum": 2.5},
        "inputs": {"image": 0, "label": None},
        "pictures": {"picture": 7},
    }
    if kind == "model":
        layer = {"layer": "conv2", "class_name": "Conv2D", "shape": [8, 8, 4], "filters": 4}
        layer |= {"trainable": True, "kinds": ["patterns", "heatmaps"]}
        facts = {"written": 1, "planned": 3, "seconds": 0.5, "layers": [layer], "failures": []}
    elif kind == "end":
        facts = {"failures": [], "kept": 1}
    else:
        facts = {"sheet": sheet, "tiles": [tiles[kind], tiles[kind]]}
        if kind not in schema.WITH_SHEET:
            del facts["sheet"]
        if kind == "inputs":
            facts["class_names"] = ["cat", "dog"]
    return facts | changes


class Log:
    """One event file, written event by event: also such as no callback would write."""

    def __init__(self, directory: Path) -> None:
        self._writer = EventFileWriter(str(directory))

    def put(
        self,
        series: Series,
        step: int,
        *blobs: bytes,
        at: float = 1000.0,
        tag: str | None = None,
        content: bytes | None = None,
        shape: tuple[int, ...] | None = None,
        dtype: int = types_pb2.DT_STRING,
    ) -> None:
        """Adds one event; what is not given is as the data format wants it."""
        metadata = schema.metadata(series)
        if content is not None:
            metadata.plugin_data.content = content
        tensor = tensor_pb2.TensorProto(dtype=dtype)
        if dtype == types_pb2.DT_STRING:
            tensor.string_val.extend(blobs)
        else:
            tensor.float_val.extend([1.0] * len(blobs))
        for size in (len(blobs),) if shape is None else shape:
            tensor.tensor_shape.dim.add(size=size)
        value = summary_pb2.Summary.Value(tag=tag or series.tag, tensor=tensor, metadata=metadata)
        self._add(value, step, at)

    def put_whole(self, series: Series, step: int, *, at: float = 1000.0, **changes: Any) -> None:
        """Adds one event as the callback would, facts and picture."""
        blobs = [schema.encode(example_facts(series.kind, **changes))]
        if series.kind in schema.WITH_SHEET:
            blobs.append(picture(8, 16, seed=step))
        self.put(series, step, *blobs, at=at)

    def put_tiles(
        self, series: Series, pictures: list[np.ndarray], *, step: int, at: float, **facts: Any
    ) -> None:
        """Adds one event with these pictures and facts."""
        sheet, geometry = encoded(pictures)
        self.put(series, step, schema.encode({"sheet": geometry, **facts}), sheet, at=at)

    def put_scalar(self, tag: str, step: int, value: float, *, at: float) -> None:
        """Adds one scalar as TensorFlow 2 writes it."""
        metadata = summary_pb2.SummaryMetadata(data_class=summary_pb2.DATA_CLASS_SCALAR)
        metadata.plugin_data.plugin_name = "scalars"
        tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, float_val=[value])
        self._add(summary_pb2.Summary.Value(tag=tag, tensor=tensor, metadata=metadata), step, at)

    def put_event(self, event: event_pb2.Event) -> None:
        """Adds an event as it is."""
        self._writer.add_event(event)

    def close(self) -> None:
        """Adds the marker and closes the file."""
        metadata = schema.metadata(Series("model"))
        metadata.plugin_data.plugin_name = MARKER
        tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING)
        tensor.tensor_shape.dim.add(size=0)
        value = summary_pb2.Summary.Value(tag=MARKER, tensor=tensor, metadata=metadata)
        self._add(value, 0, 1000.0)
        self._writer.close()

    def _add(self, value: summary_pb2.Summary.Value, step: int, at: float) -> None:
        summary = summary_pb2.Summary(value=[value])
        self._writer.add_event(event_pb2.Event(step=step, wall_time=at, summary=summary))


@contextlib.contextmanager
def log(logdir: Path, run: str) -> Iterator[Log]:
    """Opens a log for writing."""
    opened = Log(logdir / run)
    try:
        yield opened
    finally:
        opened.close()


def write_run(logdir: Path, run: str, steps: int) -> None:
    """A run as the callback writes it: inputs once, patterns, heatmaps and model at each step."""
    with log(logdir, run) as writing:
        for step in range(steps):
            at = 1000.25 + 2 * step
            if step == 0:
                writing.put_whole(Series("inputs"), step, at=at)
            writing.put_whole(Series("patterns", "conv2"), step, at=at)
            writing.put_whole(Series("heatmaps", "block/conv2"), step, at=at)
            writing.put_whole(Series("model"), step, at=at, written=step + 1)


def write_scalars(
    logdir: Path,
    run: str,
    metrics: dict[str, list[float]],
    *,
    at: float = 1000.0,
    every: float = 1.0,
) -> None:
    """Scalars as Keras' own TensorBoard callback writes them: the end of epoch e at step e."""
    with log(logdir, run) as writing:
        for tag, values in metrics.items():
            for epoch, value in enumerate(values):
                writing.put_scalar(tag, epoch, value, at=at + every * epoch)
