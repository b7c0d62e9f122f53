"""Things that were read, each with its size, in; the ones used last, up to a limit, out."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any


class Memory:
    """Keeps what was used last; safe to use from several threads.

    Args:
        limit: the sizes of everything kept add up to at most this, in any unit.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        """What is kept under a key, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def keep(self, key: Hashable, thing: Any, size: int) -> None:
        """Keeps it in place of what had its key; what was used longest ago makes room."""
        with self._lock:
            self._size -= self._kept.pop(key, (None, 0))[1]
            if size > self._limit:
                return
            self._kept[key] = (thing, size)
            self._size += size
            while self._size > self._limit:
                self._size -= self._kept.popitem(last=False)[1][1]
