"""Event-file writer of a run: facts and sheets in, by the contract in `schema.py`."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

import tensorflow as tf
from tensorboard.compat.proto import event_pb2
from tensorboard.plugins.image import metadata as image_metadata
from tensorboard.plugins.scalar import metadata as scalar_metadata

from convviz_tb import schema
from convviz_tb.log.event_file import EventFile, event, number, read_events, second_of, strings
from convviz_tb.log.lock import DirectoryLock, DirectoryLocked
from convviz_tb.schema import Facts, Series

_PREFIX: Final = "events.out.tfevents."
#: Steps of which the stock Images tab gets pictures.
StockImages: TypeAlias = Literal["ends", "all"] | None


def directory_of(log_dir: str) -> str:
    """Where the event files of a run are."""
    return str(tf.io.gfile.join(log_dir, schema.RUN_SUFFIX))


class RunWriter:
    """The one writer of a run: `<log_dir>/convviz`.

    A sub-run of its own, since a second event file in a directory that Keras writes to makes
    TensorBoard's Python loader stop reading the first. What is written goes to the file at `flush`,
    a whole pass at once. A file in which writing failed is not written to again, as loaders read up
    to the first fault: the next pass begins another one, named so that loaders read it later.

    Args:
        log_dir: directory of the run, on any file system that TensorFlow knows.
        fit: an object that stands for the `fit`, see `DirectoryLock`.
        stock_images: which steps the stock Images tab gets: "ends" for the first and the newest,
            "all", or None. Of the newest it gets them at `close`: an event cannot be taken back.

    Raises:
        ValueError: another writer of the same `fit` has the directory.
        DirectoryLocked: another process writes to the directory.
        OSError: it cannot be written to.
    """

    def __init__(
        self, log_dir: str, fit: object = None, stock_images: StockImages = "ends"
    ) -> None:
        self._directory = directory_of(log_dir)
        self.fit = fit
        self.stock_images = stock_images
        self._shown: set[str] = set()  # tags of which the Images tab has a first step
        self._newest: dict[str, bytes] = {}  # of later ones the newest, by tag
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
            self._release()
            raise

    @property
    def directory(self) -> str:
        """Where the event files are."""
        return self._directory

    def earlier(self) -> dict[int, dict[str, Facts]]:
        """The steps that earlier writers left in the directory, each with its facts by tag.

        Raises:
            OSError: it cannot be read.
        """
        facts: dict[int, dict[str, Facts]] = {}
        with _explained(f"log_dir: cannot read {self._directory!r}"):
            for file in self._earlier or ():
                for logged in read_events(file):
                    facts.setdefault(logged.step, {}).update(_facts(logged))
        return facts

    def write(self, series: Series, step: int, facts: Facts, sheet: bytes | None = None) -> None:
        """Adds one event to one of our series."""
        blobs = [schema.encode(facts)] + ([sheet] if sheet is not None else [])
        new = event(series.tag, step, strings(blobs), schema.metadata(series))
        if series.kind == "inputs":
            self._inputs, self._has_inputs = new, False
        else:
            self._pending.append(new)

    def write_image(
        self, series: Series, step: int, picture: bytes, width: int, height: int
    ) -> None:
        """Takes a picture for the stock Images tab; its metadata must be the stock one."""
        blobs = [str(width).encode(), str(height).encode(), picture]
        metadata = image_metadata.create_summary_metadata(
            display_name=None, description="", converted_to_tensor=False
        )
        tag = f"convviz/{series.tag}"
        new = event(tag, step, strings(blobs), metadata)
        is_first = not self._earlier and tag not in self._shown
        self._shown.add(tag)
        if is_first or self.stock_images == "all":
            self._pending.append(new)
        else:
            self._newest[tag] = new

    def write_number(self, tag: str, step: int, value: float) -> None:
        """Adds a point to a curve of the stock Scalars tab."""
        metadata = scalar_metadata.create_summary_metadata(display_name=None, description="")
        self._pending.append(event(tag, step, number(value), metadata))

    def flush(self) -> None:
        """Writes what was added since the last time.

        Raises:
            DirectoryLocked: another training writes to the directory now.
            OSError: it could not be written, and is lost; the next `flush` begins another file.
        """
        events, self._pending = self._pending, []
        if not events:
            return
        if self._lock and self._lock.lost:
            raise DirectoryLocked(f"another training has taken over {self._directory!r}")
        with _explained(f"cannot write to {self._directory!r}"):
            if self._file and not self._file.exists():  # the directory was removed
                self._release()
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
        self._pending += self._newest.values()
        self._newest = {}
        try:
            self.flush()
        finally:
            self._release()

    def _begin(self) -> None:
        """Locks the directory and begins a file that loaders read after those already there."""
        tf.io.gfile.makedirs(self._directory)
        self._lock = self._lock or DirectoryLock(self._directory, self.fit)
        files = self._files()
        self._earlier = files if self._earlier is None else self._earlier
        newest = max(map(second_of, files), default=0)
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

    def _release(self) -> None:
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


@contextlib.contextmanager
def _explained(what: str) -> Iterator[None]:
    """Raises errors of the file system as `OSError`, with what was tried."""
    try:
        yield
    except DirectoryLocked:
        raise
    except (OSError, tf.errors.OpError) as error:
        raise OSError(f"{what}: {getattr(error, 'message', error)}") from error


def _facts(logged: event_pb2.Event) -> Iterator[tuple[str, Facts]]:
    """The facts in an event that are ours and can be read, by tag."""
    for value in logged.summary.value:
        if value.metadata.plugin_data.plugin_name == schema.PLUGIN_NAME:
            try:
                kind = schema.parse_metadata(value.metadata.plugin_data.content).kind
                yield value.tag, schema.decode(kind, value.tensor.string_val[0])
            except (schema.SchemaError, IndexError):
                continue
