"""Heartbeat file: the writer lock where the file system has no locks (`gs://` and the like).

The owner rewrites the file every few seconds. A second training watches a file that it meets: if
the file changes, its owner lives; if not, the owner is taken to be dead.
"""

import contextlib
import json
import logging
import secrets
import threading
import time
import weakref
from typing import Any, Final

import tensorflow as tf

from convviz_tb.log.owner import locked_by, parse_owner, this_process

_logger = logging.getLogger("convviz_tb")

HEARTBEAT_NAME: Final = "convviz.alive"
#: Seconds between two beats.
INTERVAL = 10.0
_BEATS_TO_WAIT: Final = 2.5  # without a change, after which an owner counts as dead


class Heartbeat:
    """Holds a directory by rewriting a file in it, until released or garbage collected.

    Two owners may both believe to hold the directory, if one of them was suspended. The one that
    reads the other's beat has lost it.

    Args:
        directory: an existing directory, on any file system that TensorFlow knows.

    Raises:
        DirectoryLocked: the file changes, so its owner lives.
        OSError: it cannot be written.
    """

    def __init__(self, directory: str) -> None:
        self._path = heartbeat_path(directory)
        self._owner = this_process() | {"token": secrets.token_hex(8)}
        self._lost, self._stopped = threading.Event(), threading.Event()
        _wait_until_silent(directory, self._path)
        try:
            write_beat(self._path, self._owner | {"beat": 0})
        except tf.errors.OpError as error:
            raise OSError(error.message) from error
        weakref.finalize(self, self._stopped.set)
        self.thread = threading.Thread(
            target=_keep_beating,
            args=(self._path, self._owner, self._lost, self._stopped),
            name=f"heartbeat of {directory}",
            daemon=True,
        )
        self.thread.start()

    @property
    def lost(self) -> bool:
        """Whether another owner has written to the file."""
        return self._lost.is_set()

    def stop(self) -> None:
        """Stops beating and leaves the file, as a killed process does."""
        self._stopped.set()

    def release(self) -> None:
        """Stops beating and removes the file, unless another owner has written to it."""
        self.stop()
        with contextlib.suppress(tf.errors.OpError):
            if not _is_of_another(read_beat(self._path), self._owner):
                tf.io.gfile.remove(self._path)


def heartbeat_path(directory: str) -> str:
    """Where the heartbeat file of a directory is."""
    return str(tf.io.gfile.join(directory, HEARTBEAT_NAME))


def read_beat(path: str) -> dict[str, Any] | None:
    """The newest beat: empty where it is half written, None where there is none."""
    try:
        with tf.io.gfile.GFile(path, "rb") as file:
            lines = file.read().decode(errors="replace").splitlines()
            return parse_owner(lines[-1] if lines else "")  # TensorFlow's ram:// only ever appends
    except tf.errors.NotFoundError:
        return None


def write_beat(path: str, beat: dict[str, Any]) -> None:
    """Writes a beat over the one before."""
    with tf.io.gfile.GFile(path, "w") as file:
        file.write(json.dumps(beat) + "\n")


def _wait_until_silent(directory: str, path: str) -> None:
    """Watches the heartbeat of an earlier owner, if there is one.

    Raises:
        DirectoryLocked: it beats.
    """
    first = read_beat(path)
    if first is None:
        return
    seconds = INTERVAL * _BEATS_TO_WAIT
    _logger.warning(
        "log_dir: the last training in %r did not end properly, or still runs; "
        "watching it for %.0f seconds.",
        directory,
        seconds,
    )
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(INTERVAL / 4)
        newest = read_beat(path)  # nothing for the moment in which it is rewritten
        if newest and newest != first:
            raise locked_by(directory, newest)


def _keep_beating(
    path: str, owner: dict[str, Any], lost: threading.Event, stopped: threading.Event
) -> None:
    count = 0
    while not stopped.wait(INTERVAL):
        count += 1
        with contextlib.suppress(tf.errors.OpError):  # unreachable for once
            if _is_of_another(read_beat(path), owner):
                lost.set()
                return
            if not stopped.is_set():
                write_beat(path, owner | {"beat": count})


def _is_of_another(beat: dict[str, Any] | None, owner: dict[str, Any]) -> bool:
    return bool(beat and beat.get("token") != owner["token"])
