"""Jobs that are computed whole or not at all: what that costs, and when it is worth waiting for."""

from collections.abc import Sequence
from typing import Final

from convviz_tb.log.budget import Cost
from convviz_tb.schema import Failure

_LITTLE: Final = 0.5  # of the time that there is: what costs less comes before all others


class WholeJob:
    """What one pass through the model computes for all layers together.

    Args:
        tags: of what it writes at each step.
    """

    def __init__(self, tags: Sequence[str]) -> None:
        self._tags = tags
        self._cost = Cost()
        self._computed = -1  # the newest step

    def learn(self, seconds: float) -> None:
        """Learns what it costs."""
        self._cost.learn(seconds)

    def predicted(self, step: int) -> float:
        """Seconds that it would take; 0 where that is not known yet."""
        return self._cost.per_unit or 0.0

    def affordable(self, step: int, seconds: float) -> int | None:
        """None for all of it, 0 for none."""
        return None if self.predicted(step) <= seconds else 0

    def is_worth_saving_for(self, step: int, now: float, later: float) -> bool:
        """Whether there are too few seconds for it now, but enough later."""
        return self._computed < step and now < self.predicted(step) <= later

    def waiting_since(self, step: int, seconds: float) -> int:
        """The newest step; before all others where it costs but a part of the time."""
        return -1 if self.predicted(step) < _LITTLE * seconds else self._computed

    def skipped(self) -> list[Failure]:
        """Says that there was no time."""
        return [{"tag": tag, "reason": "budget: not computed"} for tag in self._tags]

    def _resume_cost(self, earlier: "WholeJob") -> None:
        """Goes on with what the job of an earlier `fit` has learned."""
        self._cost, self._computed = earlier._cost, earlier._computed
