"""Time budget: how many seconds the next logging step may use.

What the first and the last step cost counts too: the first is spent, the last is set aside, and
what the share of the training time leaves is spread evenly over the epochs between.
"""

import contextlib
import logging
import math
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

_logger = logging.getLogger("convviz_tb")

_RECENT: Final = 5  # epochs
_MOMENTS: Final = 2.0  # seconds of logging a step that nobody minds


@dataclass(frozen=True)
class TimeLeft:
    """Seconds that are left for logging.

    Attributes:
        now: for this step; what it leaves is there for the next.
        later: for this step and all others before the last, together.
    """

    now: float = math.inf
    later: float = math.inf

    @property
    def is_short(self) -> bool:
        return self.now < math.inf


class Budget:
    """The account of one `fit`: how long it has trained, and how long it has waited for logging.

    Args:
        share: of the training time, how much may be spent; None for no limit.
        clock: gives seconds.
        earlier: the budget of an earlier fit, of which it is known what a step costs.

    Raises:
        ValueError: `share` is no share.
    """

    def __init__(
        self,
        share: float | None,
        clock: Callable[[], float] = time.perf_counter,
        earlier: "Budget | None" = None,
    ) -> None:
        is_number = isinstance(share, (int, float)) and not isinstance(share, bool)
        if share is not None and not (is_number and 0 < share <= 1):
            raise ValueError(
                f"budget: received {share!r}; a share of the training time, above 0, at most 1."
            )
        self.share = share
        self.overhead: Cost = (
            earlier.overhead if earlier else Cost()
        )  # of a step, apart from its jobs
        self._has_warned: bool = earlier is not None and earlier._has_warned
        self._clock = clock
        self._start = 0  # step at which this fit began
        self._spent = 0.0
        self._first: float | None = None  # spent until there was an epoch to measure
        self._epochs: list[float] = []  # seconds of training of each
        self._training = 0.0  # in the current epoch
        self._left_at: float | None = None  # when training went on
        self._entered_at: float | None = None

    @contextlib.contextmanager
    def spending(self) -> Iterator[None]:
        """Wraps whatever makes training wait; all other time is training."""
        self._entered_at = self._clock()
        if self._left_at is not None:
            self._training += self._entered_at - self._left_at
        try:
            yield
        finally:
            self._spent = self.spent
            self._entered_at, self._left_at = None, self._clock()

    @property
    def spent(self) -> float:
        """Seconds that training has waited so far."""
        waiting = 0.0 if self._entered_at is None else self._clock() - self._entered_at
        return self._spent + waiting

    @property
    def spent_between(self) -> float:
        """The part of them since the first epoch ended."""
        return 0.0 if self._first is None else self.spent - self._first

    @property
    def trained(self) -> float:
        """Seconds of all epochs so far, without logging."""
        return sum(self._epochs)

    def begin(self, step: int) -> None:
        """Begins the first epoch: what was spent before it was unavoidable."""
        self._start, self._training = step, 0.0

    def end_epoch(self) -> None:
        """Ends an epoch."""
        if self._first is None:
            self._first = self._spent
        self._epochs.append(self._training)
        self._training = 0.0

    def epoch_seconds(self, epochs: int) -> float | None:
        """Mean seconds of the newest so many epochs; None where there are none."""
        newest = self._epochs[-epochs:] if epochs > 0 else []
        return statistics.fmean(newest) if newest else None

    def allowance(self, step: int, planned: int, last: float) -> float:
        """Seconds that all steps between the first and the last may use together.

        Args:
            step: the step that has been reached.
            planned: the step at which training ends.
            last: seconds that the last step will take.
        """
        if self.share is None:
            return math.inf
        whole = self.trained + (planned - step) * self._typical_epoch()
        return self.share * whole - (self.spent - self.spent_between) - last

    def time_left(self, step: int, planned: int, every: int, jobs: float) -> TimeLeft:
        """Seconds that the jobs of a step may use: its part of the allowance and what others left.

        Warns once if the allowance is negative.

        Args:
            step: the step.
            planned: the step at which training ends.
            every: how many epochs there are between two steps.
            jobs: seconds that all jobs will take at the last step.
        """
        overhead = self.overhead.per_unit or 0.0
        allowance = self.allowance(step, planned, jobs + overhead)
        if allowance < 0:
            self._warn()
        before_last = (planned - 1) // every * every
        progress = (step - self._start) / max(1, before_last - self._start)
        spent = self.spent_between + overhead
        return TimeLeft(now=allowance * min(1.0, progress) - spent, later=allowance - spent)

    def advise(self, step: int, seconds: float, epochs: int) -> None:
        """Says once that logging takes longer than training, and what makes it cheaper.

        Not where a budget limits it, nor where it is a matter of moments.

        Args:
            step: the step that was logged.
            seconds: that training waited for it.
            epochs: trained since the step before.
        """
        trained = (self.epoch_seconds(epochs) or 0.0) * epochs
        if self.share or not trained or seconds <= max(trained, _MOMENTS) or self._has_warned:
            return
        self._has_warned = True
        _logger.warning(
            "Step %d took %s s to log, training it %s s. Cheaper: `budget=0.2` (a fifth of the "
            "training time), fewer layers or filters (`FilterPatterns(layers=..., filters=...)`), "
            "fewer steps (`every=...`).",
            *(step, _rounded(seconds), _rounded(trained)),
        )

    def _warn(self) -> None:
        if not self._has_warned:
            self._has_warned = True
            _logger.warning(
                "budget: the first and the last step alone take more than %g of the training time; "
                "nothing is computed between them. Name fewer layers or filters.",
                self.share,
            )

    def _typical_epoch(self) -> float:
        """Seconds of an epoch; the first is longer, as Keras builds its graphs in it."""
        recent = self._epochs[1:][-_RECENT:] or self._epochs
        return statistics.median(recent) if recent else 0.0


def _rounded(seconds: float) -> str:
    return f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}"


class Cost:
    """Seconds per unit of some work, learned as it is done."""

    def __init__(self) -> None:
        self.per_unit: float | None = None

    def learn(self, seconds: float, units: int = 1) -> None:
        """The newest measurement counts half, as machines are noisy."""
        new = seconds / units
        self.per_unit = new if self.per_unit is None else (self.per_unit + new) / 2
