"""The cache of the server stays bounded."""

from threading import Thread

from hypothesis import given
from hypothesis import strategies as st

from convviz_tb.serve.cache import LRUCache

LIMIT = 10


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12))))
def test_what_is_kept_never_outgrows_the_limit(things: list[tuple[int, int]]) -> None:
    cache = LRUCache(LIMIT)
    sizes: dict[int, int] = {}
    for key, size in things:
        cache.put(key, f"thing {key}", size)
        sizes[key] = size
        there = [key for key in sizes if cache.get(key) is not None]
        assert sum(sizes[key] for key in there) <= LIMIT
        assert all(cache.get(key) == f"thing {key}" for key in there)
        assert (key in there) == (size <= LIMIT)


def test_what_was_used_longest_ago_makes_room() -> None:
    cache = LRUCache(LIMIT)
    for key in "abc":
        cache.put(key, key, 3)
    assert cache.get("a") == "a"
    cache.put("d", "d", 3)
    assert [cache.get(key) for key in "abcd"] == ["a", None, "c", "d"]


def test_many_threads_leave_it_in_order() -> None:
    cache = LRUCache(100)

    def work(of: int) -> None:
        for at in range(2000):
            cache.put((of, at % 40), at, 1 + at % 3)
            cache.get((of, (at * 7) % 40))

    threads = [Thread(target=work, args=(of,)) for of in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cache.put("last", "last", 100)
    assert cache.get("last") == "last"
    assert all(cache.get((of, at)) is None for of in range(4) for at in range(40))
