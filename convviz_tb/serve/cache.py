"""Size-bounded, thread-safe LRU cache."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any


class LRUCache:
    """Keeps the values used last; safe to use from several threads.

    Args:
        limit: the sizes of all values add up to at most this, in any unit.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        """The value of a key, or None."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Sets the value of a key; those used longest ago make room for it.

        A value of more than the limit is not kept, and neither is the old one of its key.
        """
        with self._lock:
            self._size -= self._entries.pop(key, (None, 0))[1]
            if size > self._limit:
                return
            self._entries[key] = (value, size)
            self._size += size
            while self._size > self._limit:
                self._size -= self._entries.popitem(last=False)[1][1]
