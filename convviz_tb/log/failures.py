"""Failures: one warning for each kind, and an entry in the facts of every step."""

import logging
from collections.abc import Sequence

from convviz_tb.model import cause
from convviz_tb.schema import Failure

_logger = logging.getLogger("convviz_tb")


class FailureLog:
    """Remembers which failures the user has been warned of."""

    def __init__(self) -> None:
        self._warned: set[tuple[str, str]] = set()

    def describe(self, tag: str, error: BaseException, step: int) -> Failure:
        """The facts of a failure; warns of it if it is the first of its kind."""
        kind = type(error).__name__
        reason = f"{kind}: {cause(error)}"
        if (tag, kind) not in self._warned:
            self._warned.add((tag, kind))
            _logger.warning("%s failed at step %d: %s. Training goes on.", tag, step, reason)
        return {"tag": tag, "reason": reason}


def not_written(lost: Sequence[int]) -> list[Failure]:
    """Says which steps could not be written; nothing where none is lost."""
    steps = ", ".join(map(str, lost[:3]))
    if len(lost) > 3:
        steps += f", ... {lost[-1]}"
    return [{"tag": "model", "reason": f"could not be written: step {steps}"}] if steps else []
