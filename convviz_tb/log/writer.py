"""Encoded sheets and facts -> event files, by the contract in `schema.py`."""

import contextlib
import os
import re
import socket
import time
from collections.abc import Iterator, Sequence
from typing import Final

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.plugins.image import metadata as image_metadata
from tensorboard.plugins.scalar import metadata as scalar_metadata

from convviz_tb import schema
from convviz_tb.log.lock import DirectoryLock, DirectoryLocked
from convviz_tb.schema import Facts, Series

_PREFIX: Final = "events.out.tfevents."


class RunWriter:
    """The one writer of a run: `<log_dir>/convviz`.

    A sub-run of its own, since a second event file in a directory that Keras writes to makes
    TensorBoard's Python loader stop reading the first. What is written goes to the file at `flush`,
    a whole pass at once. A file in which writing failed is not written to again, as loaders read up
    to the first fault: the next pass begins another one, named so that loaders read it later.

    Args:
        log_dir: directory of the run, on any file system that TensorFlow knows.
        fit: an object that stands for the `fit`, see `DirectoryLock`.

    Raises:
        ValueError: another writer of the same `fit` has the directory.
        DirectoryLocked: another process writes to the directory.
        OSError: it cannot be written to.
    """

    def __init__(self, log_dir: str, fit: object = None) -> None:
        self._directory = tf.io.gfile.join(log_dir, schema.RUN_SUFFIX)
        self.fit = fit
        self._lock: DirectoryLock | None = None
        self._earlier: list[str] | None = None  # files of others before us
        self._file: EventFile | None = None
        self._pending: list[bytes] = []  # events of this pass
        self._inputs: bytes | None = None  # newest event of that series, and
        self._has_inputs = False  # whether the log holds it
        try:
            with _explained(f"log_dir: cannot write to {self._directory!r}"):
                self._begin()
        except BaseException:
            self._give_back()
            raise

    @property
    def directory(self) -> str:
        """Where the event files are."""
        return str(self._directory)

    def earlier(self) -> dict[int, dict[str, Facts]]:
        """The steps that earlier writers left in the directory, each with its facts by tag.

        Raises:
            OSError: it cannot be read.
        """
        found: dict[int, dict[str, Facts]] = {}
        with _explained(f"log_dir: cannot read {self._directory!r}"):
            for file in self._earlier or ():
                for event in _events(file):
                    found.setdefault(event.step, {}).update(_facts(event))
        return found

    def write(self, series: Series, step: int, facts: Facts, sheet: bytes | None = None) -> None:
        """Adds one event to one of our series."""
        blobs = [schema.encode(facts)] + ([sheet] if sheet is not None else [])
        event = _event(series.tag, step, _strings(blobs), schema.metadata(series))
        if series.kind == "inputs":
            self._inputs, self._has_inputs = event, False
        else:
            self._pending.append(event)

    def write_image(
        self, series: Series, step: int, picture: bytes, width: int, height: int
    ) -> None:
        """Adds a picture for the stock Images tab; its metadata must be the stock one."""
        blobs = [str(width).encode(), str(height).encode(), picture]
        metadata = image_metadata.create_summary_metadata(
            display_name=None, description="", converted_to_tensor=False
        )
        self._pending.append(_event(f"convviz/{series.tag}", step, _strings(blobs), metadata))

    def write_number(self, tag: str, step: int, value: float) -> None:
        """Adds a point to a curve of the stock Scalars tab."""
        tensor = tensor_pb2.TensorProto(
            dtype=types_pb2.DT_FLOAT,
            tensor_shape=tensor_shape_pb2.TensorShapeProto(),
            float_val=[value],
        )
        metadata = scalar_metadata.create_summary_metadata(display_name=None, description="")
        self._pending.append(_event(tag, step, tensor, metadata))

    def flush(self) -> None:
        """Writes what was added since the last time.

        Raises:
            DirectoryLocked: somebody else writes to the directory now.
            OSError: it could not be written, and is lost; the next `flush` tries anew.
        """
        events, self._pending = self._pending, []
        if not events:
            return
        if self._lock and self._lock.lost:
            raise DirectoryLocked(f"another training has taken over {self._directory!r}")
        with _explained(f"cannot write to {self._directory!r}"):
            if self._file and not self._file.exists():  # somebody removed the directory
                self._give_back()
                self._has_inputs = False
            if not self._file:
                self._begin()
            inputs = [self._inputs] if self._inputs and not self._has_inputs else []
            self._put(inputs + events)
            self._has_inputs = bool(self._inputs)

    def close(self) -> None:
        """Ends the file and lets others write to the directory.

        Raises:
            OSError: the file could not be ended; what was flushed is there.
        """
        try:
            self.flush()
        finally:
            self._give_back()

    def _begin(self) -> None:
        """Claims the directory and begins a file that loaders read after those already there."""
        tf.io.gfile.makedirs(self._directory)
        self._lock = self._lock or DirectoryLock(self._directory, self.fit)
        there = self._files()
        self._earlier = there if self._earlier is None else self._earlier
        newest = max(map(_second, there), default=0)
        name = f"{max(int(time.time()), newest + 1):010d}.{socket.gethostname()}.{os.getpid()}"
        self._file = EventFile(tf.io.gfile.join(self._directory, f"{_PREFIX}{name}.convviz"))
        version = event_pb2.Event(wall_time=time.time(), file_version="brain.Event:2")
        self._put([version.SerializeToString()])
        self._file.is_empty = True

    def _put(self, events: Sequence[bytes]) -> None:
        assert self._file is not None
        try:
            self._file.put(events)
        except BaseException:  # a KeyboardInterrupt too leaves half a pass
            self._drop_file()
            raise

    def _give_back(self) -> None:
        self._drop_file()
        lock, self._lock = self._lock, None
        if lock:
            lock.release()

    def _drop_file(self) -> None:
        file, self._file = self._file, None
        if file:
            file.close()

    def _files(self) -> list[str]:
        names = sorted(name for name in tf.io.gfile.listdir(self._directory) if "tfevents" in name)
        return [tf.io.gfile.join(self._directory, name) for name in names]


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


@contextlib.contextmanager
def _explained(what: str) -> Iterator[None]:
    """Tells errors of the file system as `OSError`, with what was tried."""
    try:
        yield
    except DirectoryLocked:
        raise
    except (OSError, tf.errors.OpError) as error:
        raise OSError(f"{what}: {getattr(error, 'message', error)}") from error


def _strings(blobs: Sequence[bytes]) -> tensor_pb2.TensorProto:
    dimension = tensor_shape_pb2.TensorShapeProto.Dim(size=len(blobs))
    shape = tensor_shape_pb2.TensorShapeProto(dim=[dimension])
    return tensor_pb2.TensorProto(
        dtype=types_pb2.DT_STRING, tensor_shape=shape, string_val=list(blobs)
    )


def _event(
    tag: str, step: int, tensor: tensor_pb2.TensorProto, metadata: summary_pb2.SummaryMetadata
) -> bytes:
    value = summary_pb2.Summary.Value(tag=tag, tensor=tensor, metadata=metadata)
    summary = summary_pb2.Summary(value=[value])
    return bytes(
        event_pb2.Event(step=step, wall_time=time.time(), summary=summary).SerializeToString()
    )


def _second(file: str) -> int:
    """When a file was begun, as its name says; loaders read files in the order of their names."""
    found = re.search(r"tfevents\.(\d+)", file)
    return int(found[1]) if found else 0


def _events(file: str) -> Iterator[event_pb2.Event]:
    try:
        for record in tf.data.TFRecordDataset(file):
            event = event_pb2.Event.FromString(record.numpy())
            if event.HasField("summary"):
                yield event
    except (tf.errors.DataLossError, DecodeError):  # cut off by a crash: what came before counts
        pass


def _facts(event: event_pb2.Event) -> Iterator[tuple[str, Facts]]:
    """What of an event is ours and can be read, by tag."""
    for value in event.summary.value:
        if value.metadata.plugin_data.plugin_name == schema.PLUGIN_NAME:
            try:
                kind = schema.parse_metadata(value.metadata.plugin_data.content).kind
                yield value.tag, schema.decode(kind, value.tensor.string_val[0])
            except (schema.SchemaError, IndexError):
                continue
