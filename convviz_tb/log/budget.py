"""Seconds of training and of looking -> how long the next look may take.

What the first and the last look cost counts too: the one is spent, the other set aside, and what
the share of the training leaves is spread evenly over the epochs between.
"""

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Final

_RECENT: Final = 5  # epochs


class Budget:
    """The account of one `fit`: how long it trained, and how long it waited for us.

    Args:
        share: of the training time, how much may be spent; None for no limit.
        clock: gives seconds.
    """

    def __init__(self, share: float | None, clock: Callable[[], float] = time.perf_counter) -> None:
        self.share = share
        self._clock = clock
        self._start = 0  # step at which this fit began
        self._spent = 0.0
        self._first: float | None = None  # spent until there was an epoch to measure
        self._epochs: list[float] = []  # seconds of training of each
        self._training = 0.0  # of the epoch that is going on
        self._left_at: float | None = None  # when training went on
        self._entered_at: float | None = None

    @contextlib.contextmanager
    def spending(self) -> Iterator[None]:
        """Around whatever makes training wait; all else is training."""
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
        """Seconds that training waited so far."""
        going_on = 0.0 if self._entered_at is None else self._clock() - self._entered_at
        return self._spent + going_on

    @property
    def spent_between(self) -> float:
        """Of them, those since the first epoch ended."""
        return 0.0 if self._first is None else self.spent - self._first

    @property
    def trained(self) -> float:
        """Seconds of all epochs so far, without us."""
        return sum(self._epochs)

    def begin(self, step: int) -> None:
        """The first epoch begins: what was spent until now had to be."""
        self._start, self._training = step, 0.0

    def end_epoch(self) -> None:
        """An epoch has ended."""
        if self._first is None:
            self._first = self._spent
        self._epochs.append(self._training)
        self._training = 0.0

    def epoch_seconds(self, epochs: int) -> float | None:
        """Mean length of that many epochs, the newest ones; None where there are none."""
        newest = self._epochs[-epochs:] if epochs > 0 else []
        return statistics.fmean(newest) if newest else None

    def room(self, step: int, planned: int, last: float) -> float:
        """Seconds that all epochs between the first and the last look may cost together.

        Args:
            step: the step that has been reached.
            planned: the step at which training ends.
            last: seconds that the last look will take.
        """
        if self.share is None:
            return float("inf")
        whole = self.trained + (planned - step) * self._typical()
        return self.share * whole - (self.spent - self.spent_between) - last

    def left(self, step: int, planned: int, every: int, last: float) -> float:
        """Seconds that the look at `step` may take: its part of `room`, and what others left.

        Args:
            step: the step.
            planned: the step at which training ends.
            every: each so many steps there is a look.
            last: seconds that the last look will take.
        """
        before_last = (planned - 1) // every * every
        progress = (step - self._start) / max(1, before_last - self._start)
        room = self.room(step, planned, last)
        return room * min(1.0, progress) - self.spent_between

    def _typical(self) -> float:
        """Length of an epoch; the first is longer, as Keras builds its graphs in it."""
        recent = self._epochs[1:][-_RECENT:] or self._epochs
        return statistics.median(recent) if recent else 0.0


class Cost:
    """Seconds per unit of some work, learned as it is done."""

    def __init__(self) -> None:
        self.per_unit: float | None = None

    def learn(self, seconds: float, units: int = 1) -> None:
        """The newest measurement counts half, as machines are noisy."""
        new = seconds / units
        self.per_unit = new if self.per_unit is None else (self.per_unit + new) / 2
