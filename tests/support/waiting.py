"""Polls until something is true."""

import time
from collections.abc import Callable
from typing import Any, Final

#: Seconds that a test waits at most: what goes well takes a fraction of it, also on a machine that
#: has ten times more to do than it can.
PATIENCE: Final = 300


def wait_for(condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """The first true value of `condition`.

    Raises:
        AssertionError: there was none within so many seconds.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)
    return value
