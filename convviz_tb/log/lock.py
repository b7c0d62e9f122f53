"""A directory -> the right to be the only one who writes there, until it is given back.

Two writers in one directory cost steps: TensorBoard's loaders drop what is not in order. On file
systems with locks the kernel holds the right, and gives it back when the process dies, however it
dies. On others (`gs://` and the like) a file is rewritten every few seconds: who finds one that
changes has found a running training.
"""

import contextlib
import datetime
import json
import logging
import os
import secrets
import socket
import threading
import time
import weakref
from typing import Any, Final

import tensorflow as tf

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_logger = logging.getLogger("convviz_tb")


class DirectoryLocked(OSError):
    """Another training writes to the directory; the message says which."""


LOCK_NAME: Final = "convviz.lock"
SIGN_NAME: Final = "convviz.alive"
_BEAT = 10.0  # seconds between two signs of life
_PATIENCE: Final = 2.5  # beats without a change, after which an owner counts as dead


class DirectoryLock:
    """The right to write to a directory.

    In one process the newest claim wins, as the fit of the older one was interrupted; the older one
    is lost. Only two claims of the same `fit` are a mistake.

    Args:
        directory: an existing directory, on any file system that TensorFlow knows.
        fit: an object that stands for one `fit`, or None.

    Raises:
        ValueError: another claim of the same `fit` has the directory.
        DirectoryLocked: another process has the directory.
        OSError: it cannot be written to.
    """

    def __init__(self, directory: str, fit: object = None) -> None:
        directory = directory.removeprefix("file://")
        self._place = directory if is_remote(directory) else os.path.realpath(directory)
        self._fit = fit
        earlier = _held_here.get(self._place)
        if earlier and not earlier.lost:
            if fit is not None and earlier._fit is fit:
                raise ValueError(
                    f"log_dir: two ConvViz of one fit write to {directory!r}. "
                    "Give each a directory of its own, or let one of them do both."
                )
            earlier.release()
        self._held: _Lock | _Heartbeat | None = _lock(self._place) or _Heartbeat(self._place)
        _held_here[self._place] = self

    @property
    def lost(self) -> bool:
        """Whether it was given back, or somebody else has taken it."""
        return self._held is None or self._held.lost

    def release(self) -> None:
        """Gives the right back; again and again if you like."""
        held, self._held = self._held, None
        if held:
            held.release()


_held_here: "weakref.WeakValueDictionary[str, DirectoryLock]" = weakref.WeakValueDictionary()


def is_remote(path: str) -> bool:
    """Whether a path names its file system, as `gs://bucket/run` does."""
    return "://" in path


_NOBODY: Final = {"process": "?", "host": "?", "since": "?"}


def _who() -> dict[str, Any]:
    now = datetime.datetime.now().astimezone()
    return {
        "host": socket.gethostname(),
        "process": os.getpid(),
        "since": now.isoformat(sep=" ", timespec="seconds"),
    }


def _taken(directory: str, who: dict[str, Any]) -> DirectoryLocked:
    name = "process {process} on {host}, since {since}".format_map({**_NOBODY, **who})
    return DirectoryLocked(
        f"log_dir: another training writes to {directory!r}: {name}. "
        "Give this one a directory of its own, or end the other (a notebook's too)."
    )


def _parsed(said: str) -> dict[str, Any]:
    """Who somebody said to be; nothing where it is half written."""
    try:
        who = json.loads(said)
    except ValueError:
        return {}
    return who if isinstance(who, dict) else {}


class _Lock:
    """The kernel's own lock on an open file; closing it gives it back."""

    def __init__(self, path: str, descriptor: int) -> None:
        self._path, self._descriptor = path, descriptor
        self._close = weakref.finalize(self, os.close, descriptor)
        _open_locks.add(self)

    @property
    def lost(self) -> bool:
        return not self._close.alive

    def release(self) -> None:
        with contextlib.suppress(OSError):
            if not self.lost and _is_at(self._descriptor, self._path):
                os.unlink(self._path)
        self.forget()

    def forget(self) -> None:
        """Closes it; in a forked child that leaves the lock to the parent."""
        self._close()


_open_locks: "weakref.WeakSet[_Lock]" = weakref.WeakSet()


def _forget_in_child() -> None:
    """A data worker that outlives its killed parent would otherwise keep the lock."""
    for lock in list(_open_locks):
        lock.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)


def _lock(directory: str) -> _Lock | None:
    """The kernel's lock for a directory; None where there are no locks.

    Raises:
        DirectoryLocked: another process has it.
        OSError: the file cannot be written.
    """
    if fcntl is None or is_remote(directory):
        return None
    path = os.path.join(directory, LOCK_NAME)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        lock = _Lock(path, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            said = os.pread(descriptor, 1000, 0).decode(errors="replace")
            lock.forget()
            raise _taken(directory, _parsed(said)) from error
        except OSError:  # no locks on this file system
            lock.release()
            return None
        if _is_at(descriptor, path):
            break
        lock.forget()  # its last owner has just removed it
    os.truncate(descriptor, 0)
    os.write(descriptor, json.dumps(_who()).encode())
    return lock


def _is_at(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


class _Heartbeat:
    """A file that changes as long as its owner lives, where there are no locks.

    Who comes later watches it for a while. Should two believe to have it all the same (one was
    suspended), the one who finds the other's sign has lost it.

    Args:
        directory: where the file is.

    Raises:
        DirectoryLocked: the file changes, so its owner lives.
        OSError: it cannot be written.
    """

    def __init__(self, directory: str) -> None:
        self._path = tf.io.gfile.join(directory, SIGN_NAME)
        self._who = _who() | {"token": secrets.token_hex(8)}
        self._lost, self._stop = threading.Event(), threading.Event()
        _wait_until_silent(directory, self._path)
        try:
            _write(self._path, self._who | {"beat": 0})
        except tf.errors.OpError as error:
            raise OSError(error.message) from error
        weakref.finalize(self, self._stop.set)
        arguments = (self._path, self._who, self._lost, self._stop)
        threading.Thread(target=_keep_beating, args=arguments, daemon=True).start()

    @property
    def lost(self) -> bool:
        return self._lost.is_set()

    def release(self) -> None:
        self._stop.set()
        with contextlib.suppress(tf.errors.OpError):
            if not _is_of_another(_read(self._path), self._who):
                tf.io.gfile.remove(self._path)


def _wait_until_silent(directory: str, path: str) -> None:
    first = _read(path)
    if first is None:
        return
    patience = _BEAT * _PATIENCE
    _logger.warning(
        "log_dir: the last training in %r did not end properly, or still runs; "
        "watching it for %.0f seconds.",
        directory,
        patience,
    )
    until = time.monotonic() + patience
    while time.monotonic() < until:
        time.sleep(_BEAT / 4)
        now = _read(path)  # nothing for the moment in which it is rewritten
        if now and now != first:
            raise _taken(directory, now)


def _keep_beating(
    path: str, who: dict[str, Any], lost: threading.Event, stop: threading.Event
) -> None:
    count = 0
    while not stop.wait(_BEAT):
        count += 1
        with contextlib.suppress(tf.errors.OpError):  # out of reach for once
            if _is_of_another(_read(path), who):
                lost.set()
                return
            if not stop.is_set():
                _write(path, who | {"beat": count})


def _is_of_another(found: Any, who: dict[str, Any]) -> bool:
    return bool(found) and found.get("token") != who["token"]


def _read(path: str) -> dict[str, Any] | None:
    """What a sign of life says: nothing where it is half written, None where there is none."""
    try:
        with tf.io.gfile.GFile(path, "rb") as file:
            lines = file.read().decode(errors="replace").splitlines()
            return _parsed(lines[-1] if lines else "")  # TensorFlow's ram:// only ever appends
    except tf.errors.NotFoundError:
        return None


def _write(path: str, who: dict[str, Any]) -> None:
    with tf.io.gfile.GFile(path, "w") as file:
        file.write(json.dumps(who) + "\n")
