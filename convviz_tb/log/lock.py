"""Exclusive writer lock for a log directory.

Two writers in one directory cost steps: TensorBoard's loaders drop what is not in order. On file
systems with locks the kernel holds this one, and releases it when the process dies, however it
dies. On others a heartbeat takes its place.
"""

import contextlib
import json
import os
import weakref
from typing import Final

from convviz_tb.log.heartbeat import Heartbeat
from convviz_tb.log.owner import DirectoryLocked as DirectoryLocked
from convviz_tb.log.owner import locked_by, parse_owner, this_process

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK_NAME: Final = "convviz.lock"


class DirectoryLock:
    """The lock of a directory, held until it is released or lost.

    In one process the newest lock wins, as the `fit` of the older one was interrupted; the older
    one is lost. Only two locks of the same `fit` are a mistake.

    Args:
        directory: an existing directory, on any file system that TensorFlow knows.
        fit: an object that stands for one `fit`, or None.

    Raises:
        ValueError: another lock of the same `fit` holds the directory.
        DirectoryLocked: another process holds the directory.
        OSError: it cannot be written to.
    """

    def __init__(self, directory: str, fit: object = None) -> None:
        directory = directory.removeprefix("file://")
        self._directory = directory if is_remote(directory) else os.path.realpath(directory)
        self._fit = fit
        earlier = _of_this_process.get(self._directory)
        if earlier and not earlier.lost:
            if fit is not None and earlier._fit is fit:
                raise ValueError(
                    f"log_dir: two ConvViz of one fit write to {directory!r}. "
                    "Give each a directory of its own, or let one of them do both."
                )
            earlier.release()
        self._held: _FileLock | Heartbeat | None
        self._held = _file_lock(self._directory) or Heartbeat(self._directory)
        _of_this_process[self._directory] = self

    @property
    def lost(self) -> bool:
        """Whether it was released, or another training has taken it."""
        return self._held is None or self._held.lost

    def release(self) -> None:
        """Releases the lock; may be called again."""
        held, self._held = self._held, None
        if held:
            held.release()


_of_this_process: "weakref.WeakValueDictionary[str, DirectoryLock]" = weakref.WeakValueDictionary()


def is_remote(path: str) -> bool:
    """Whether a path names its file system, as `gs://bucket/run` does."""
    return "://" in path


class _FileLock:
    """The kernel's own lock on an open file; closing the file releases it."""

    def __init__(self, path: str, descriptor: int) -> None:
        self._path, self._descriptor = path, descriptor
        self._close = weakref.finalize(self, os.close, descriptor)
        _open_locks.add(self)

    @property
    def lost(self) -> bool:
        return not self._close.alive

    def release(self) -> None:
        with contextlib.suppress(OSError):
            if not self.lost and _is_open_at(self._descriptor, self._path):
                os.unlink(self._path)
        self.close()

    def close(self) -> None:
        """Closes the file; in a forked child that leaves the lock to the parent."""
        self._close()


_open_locks: "weakref.WeakSet[_FileLock]" = weakref.WeakSet()


def _close_in_child() -> None:
    """A data worker that outlives its killed parent would otherwise keep the lock."""
    for lock in list(_open_locks):
        lock.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)


def _file_lock(directory: str) -> _FileLock | None:
    """The kernel's lock for a directory; None where the file system has none.

    Raises:
        DirectoryLocked: another process holds it.
        OSError: the file cannot be written.
    """
    if fcntl is None or is_remote(directory):
        return None
    path = os.path.join(directory, LOCK_NAME)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        lock = _FileLock(path, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            text = os.pread(descriptor, 1000, 0).decode(errors="replace")
            lock.close()
            raise locked_by(directory, parse_owner(text)) from error
        except OSError:  # no locks on this file system
            lock.release()
            return None
        if _is_open_at(descriptor, path):
            break
        lock.close()  # its last owner has just removed the file
    os.truncate(descriptor, 0)
    os.write(descriptor, json.dumps(this_process()).encode())
    return lock


def _is_open_at(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
