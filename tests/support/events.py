"""Reads event files back, event by event and in the order in which they were written."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf
from PIL import Image
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.context import RequestContext
from tensorboard.util.tensor_util import make_ndarray

from convviz_tb import schema
from support.logs import MARKER


class Event(NamedTuple):
    """One event of a series of ours."""

    step: int
    facts: dict[str, Any]
    sheet: Image.Image | None


def read_run(log_dir: Path) -> dict[str, list[Event]]:
    """Our series by tag; every event passes the checks of `schema.py`."""
    found: dict[str, list[Event]] = {}
    for step, value in _values(log_dir / schema.RUN_SUFFIX):
        if value.metadata.plugin_data.plugin_name != schema.PLUGIN_NAME:
            continue
        series = schema.parse_metadata(value.metadata.plugin_data.content)
        assert series.tag == value.tag
        facts, *sheets = value.tensor.string_val
        checked = schema.decode(series.kind, facts)
        assert checked == json.loads(facts)
        sheet = Image.open(io.BytesIO(sheets[0])) if sheets else None
        found.setdefault(value.tag, []).append(Event(step, checked, sheet))
    return found


def images_tags(log_dir: Path) -> dict[str, list[int]]:
    """Steps by tag of what the stock Images tab shows."""
    found: dict[str, list[int]] = {}
    for step, value in _values(log_dir / schema.RUN_SUFFIX):
        if value.metadata.plugin_data.plugin_name == "images":
            width, height, picture = value.tensor.string_val
            assert Image.open(io.BytesIO(picture)).size == (int(width), int(height))
            found.setdefault(value.tag, []).append(step)
    return found


def curves(log_dir: Path) -> dict[str, list[tuple[int, float]]]:
    """Our points `(step, value)` by tag of what the stock Scalars tab shows."""
    found: dict[str, list[tuple[int, float]]] = {}
    for step, value in _values(log_dir / schema.RUN_SUFFIX):
        if value.metadata.plugin_data.plugin_name == "scalars":
            found.setdefault(value.tag, []).append((step, float(make_ndarray(value.tensor))))
    return found


def loaded_steps(load: Callable[[Path], Any], logdir: Path) -> dict[str, dict[str, list[int]]]:
    """Steps by run and tag of our series, as one of TensorBoard's loaders gives them."""
    for directory in {file.parent for file in logdir.rglob("*tfevents*")}:
        _mark(directory)
    found = load(logdir).read_blob_sequences(
        RequestContext(), experiment_id="", plugin_name=schema.PLUGIN_NAME, downsample=10**9
    )
    return {
        run: {tag: [datum.step for datum in data] for tag, data in tags.items()}
        for run, tags in found.items()
    }


def _mark(directory: Path) -> None:
    """Adds what the fixture `load` waits for, in a file that is read last."""
    metadata = schema.metadata(schema.Series("model"))
    metadata.plugin_data.plugin_name = MARKER
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING)
    tensor.tensor_shape.dim.add(size=0)
    value = summary_pb2.Summary.Value(tag=MARKER, tensor=tensor, metadata=metadata)
    event = event_pb2.Event(step=0, summary=summary_pb2.Summary(value=[value]))
    with tf.io.TFRecordWriter(str(directory / "events.out.tfevents.9999999999.mark")) as file:
        file.write(event.SerializeToString())


def _values(directory: Path) -> list[tuple[int, Any]]:
    files = sorted(directory.glob("*tfevents*"))  # as loaders do
    return [
        (event.step, value)
        for file in files
        for event in LegacyEventFileLoader(str(file)).Load()
        if isinstance(event, event_pb2.Event)
        for value in event.summary.value
    ]
