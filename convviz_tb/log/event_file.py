"""Event file: appends serialised events, and reads those of earlier files."""

import contextlib
import re
import time
from collections.abc import Iterator, Sequence

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2


class EventFile:
    """One event file; removed when closed if it holds nothing but its head.

    Not `tf.summary`, which loses events without an error where a disk is full.

    Args:
        path: of the file, on any file system that TensorFlow knows.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._records = tf.io.TFRecordWriter(path)
        self.is_empty = True

    def put(self, events: Sequence[bytes]) -> None:
        """Appends serialised events and flushes them."""
        for event in events:
            self._records.write(event)
        self._records.flush()
        self.is_empty = False

    def exists(self) -> bool:
        return bool(tf.io.gfile.exists(self.path))

    def close(self) -> None:
        with contextlib.suppress(OSError, tf.errors.OpError):
            self._records.close()
        if self.is_empty:
            with contextlib.suppress(OSError, tf.errors.OpError):
                tf.io.gfile.remove(self.path)


def event(
    tag: str, step: int, tensor: tensor_pb2.TensorProto, metadata: summary_pb2.SummaryMetadata
) -> bytes:
    """A serialised event with one value."""
    value = summary_pb2.Summary.Value(tag=tag, tensor=tensor, metadata=metadata)
    summary = summary_pb2.Summary(value=[value])
    return bytes(
        event_pb2.Event(step=step, wall_time=time.time(), summary=summary).SerializeToString()
    )


def strings(blobs: Sequence[bytes]) -> tensor_pb2.TensorProto:
    """A tensor of rank 1 that holds blobs."""
    dimension = tensor_shape_pb2.TensorShapeProto.Dim(size=len(blobs))
    shape = tensor_shape_pb2.TensorShapeProto(dim=[dimension])
    return tensor_pb2.TensorProto(
        dtype=types_pb2.DT_STRING, tensor_shape=shape, string_val=list(blobs)
    )


def number(value: float) -> tensor_pb2.TensorProto:
    """A tensor of rank 0."""
    shape = tensor_shape_pb2.TensorShapeProto()
    return tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_shape=shape, float_val=[value])


def second_of(file: str) -> int:
    """The second in the name of a file; loaders read files in the order of their names."""
    match = re.search(r"tfevents\.(\d+)", file)
    return int(match[1]) if match else 0


def read_events(file: str) -> Iterator[event_pb2.Event]:
    """The summaries in a file, up to the first fault."""
    try:
        for record in tf.data.TFRecordDataset(file):
            event = event_pb2.Event.FromString(record.numpy())
            if event.HasField("summary"):
                yield event
    except (tf.errors.DataLossError, DecodeError):  # cut off by a crash: what came before is good
        pass
