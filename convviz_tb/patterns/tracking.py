"""Pattern tracking: filter patterns of one layer over the steps, warm-started or restarted."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt

from convviz_tb.model import Fingerprints, Tap, kernels
from convviz_tb.patterns.ascent import Patterns, ascend, layer_responses
from convviz_tb.patterns.compute import choose_filters
from convviz_tb.patterns.options import FilterPatterns
from convviz_tb.patterns.restarts import from_noise, from_seed, with_silent_woken
from convviz_tb.patterns.waking import Woken, wake

Array = npt.NDArray[Any]

_TURNED: Final = 0.5  # cosine of a filter's weights, below which its pattern is restarted
_FALLEN: Final = 0.5  # of the score that a picture had, below which it is restarted, too
_SAME: Final = 0.99  # cosine of the weights of a filter that is still the same
_RESEEDED: Final = 4  # filters that are computed from another seed, to measure what it matters


@dataclass(frozen=True, eq=False)
class TrackedPatterns:
    """The patterns of a layer at a step, some of which may be of earlier steps.

    Attributes:
        patterns: one picture for each filter that was asked for.
        filters: those filters: int32 indices `(n,)`, or float32 directions `(n, channels)`.
        computed: int `(n,)`, the step at which each picture was computed.
        ascent_steps: steps of ascent taken at this step; 0 where nothing was computed.
        refreshed: whether what was computed started from the seed, not from the picture before.
        unchanged: whether nothing was computed, as no picture's weights have changed.
        is_complete: whether all pictures are of the weights of this step.
    """

    patterns: Patterns
    filters: Array
    computed: Array
    ascent_steps: int
    refreshed: bool
    unchanged: bool
    is_complete: bool


class PatternTracker:
    """Computes the patterns of one layer, step after step.

    The first time, and every `options.refresh` times, the ascent starts from the seed. Otherwise it
    is warm-started from the picture before, in fewer steps, so that pictures change as far as the
    weights did and no further. A picture whose weights have not changed is not computed at all.

    Args:
        model: the model.
        tap: the layer.
        options: what is asked for.
        fingerprints: show whether weights changed.
        filters: indices `(n,)` to compute instead of those that `options` ask for.
    """

    def __init__(
        self,
        model: keras.Model,
        tap: Tap,
        options: FilterPatterns,
        fingerprints: Fingerprints,
        filters: Array | None = None,
    ) -> None:
        self._model = model
        self._tap = tap
        self._options = options
        self._fingerprints = fingerprints
        #: The patterns of all filters from the seed at the next step, where they are known already.
        self.given: Patterns | None = None
        self._filters = choose_filters(options.filters if filters is None else filters, tap)
        self._patterns: Patterns | None = None
        self._computed = np.full(self.count, -1)
        self._made_from: list[str | None] = [None] * self.count  # fingerprint of the weights
        self._seeded: Array | None = None  # weights at the last restart of each picture
        self._since_seed = np.zeros(self.count, int)  # how often computed since that restart
        self._asleep: tuple[Woken, Array | None] | None = None  # last attempt to wake; weights then
        self._attempts = 0  # to wake silent filters

    @property
    def filters(self) -> Array:
        """The filters: indices `(n,)`, or directions `(n, channels)`."""
        return self._filters

    @property
    def count(self) -> int:
        """Number of filters."""
        return len(self._filters)

    @property
    def together(self) -> bool:
        """Whether all must be computed at once: the seed of a direction depends on its index."""
        return self._filters.ndim == 2

    @property
    def oldest(self) -> int:
        """The step of the oldest picture; -1 before the first."""
        return int(self._computed.min())

    def resume_from(self, other: "PatternTracker") -> None:
        """Reuses the patterns of an earlier fit, if they are of the same model and options."""
        same = other._model is self._model and other._options is self._options
        if same and np.array_equal(other._filters, self._filters):
            self._patterns = other._patterns
            self._computed = other._computed
            self._made_from = other._made_from
            self._since_seed = other._since_seed
            self._seeded = other._seeded
            self._asleep, self._attempts = other._asleep, other._attempts

    def warm_up(self) -> None:
        """Computes one step of one batch and discards it."""
        if self._patterns is None:
            self._ascended(np.arange(self.count if self.together else 1), 1, True)

    def due(self, step: int, most: int | None = None) -> tuple[Array, bool]:
        """What `update` would compute: indices of filters, oldest first; whether from the seed.

        Args:
            step: the step.
            most: how many at most, from 1; None for all.
        """
        most = None if self.together else most
        if self._patterns is None:
            return np.arange(self.count), True
        now = self._fingerprints.of(step, self._tap)
        stale = np.array([now is None or now != made_from for made_from in self._made_from])
        oldest_first = np.argsort(self._computed, kind="stable")
        chosen = oldest_first[stale[oldest_first]][:most]
        restart = self._since_seed[chosen] >= self._options.refresh_every - 1
        pictures = self._patterns.images[chosen]
        return chosen, bool(restart.any() or not np.isfinite(pictures).all())

    def update(self, step: int, most: int | None = None) -> TrackedPatterns:
        """The patterns at a step, of which at most so many are computed.

        Raises:
            ValueError: see `filter_patterns`.
        """
        chosen, refreshed = self.due(step, most)
        steps = self._options.ascent_steps if refreshed else self._options.warm_steps
        if len(chosen):
            turned = np.zeros(len(chosen), bool) if refreshed else self._turned(chosen)
            if turned.any():
                self._compute(step, chosen[turned], self._options.ascent_steps, True)
            if not turned.all():
                self._compute(step, chosen[~turned], steps, refreshed)
            refreshed = not self._since_seed[chosen].any()
            steps = self._options.ascent_steps if refreshed else steps
        assert self._patterns is not None
        return TrackedPatterns(
            patterns=self._patterns,
            filters=self._filters,
            computed=self._computed,
            ascent_steps=steps if len(chosen) else 0,
            refreshed=refreshed and len(chosen) > 0,
            unchanged=len(chosen) == 0,
            is_complete=len(self.due(step)[0]) == 0 or most is None,
        )

    def reseeded(self) -> Patterns:
        """Patterns of the first few filters from another seed: what the seed alone changes.

        Raises:
            ValueError: see `filter_patterns`.
        """
        options = dataclasses.replace(self._options, seed=self._options.seed + 1)
        return from_seed(self._model, self._tap, options, self._filters[:_RESEEDED])

    def responses(self, levels: Array) -> Array:
        """How all filters of the layer, as it is now, respond to pictures; `layer_responses`."""
        return layer_responses(self._model, self._tap, self._options, levels)

    def _turned(self, chosen: Array) -> Array:
        """For each filter, whether its weights have turned away since its picture's last restart.

        It is another filter then, and a warm start would show for many steps what it was.
        """
        rows = self._kernels()
        if rows is None or self._seeded is None or self._filters.ndim == 2:
            return np.zeros(len(chosen), bool)
        return kernels.kernel_cosine(rows[chosen], self._seeded[chosen]) < _TURNED

    def _kernels(self) -> Array | None:
        """The weights of the filters that are shown."""
        rows = self._tap.kernel
        return None if rows is None or self._filters.ndim == 2 else rows[self._filters]

    def _ascended(self, chosen: Array, steps: int, refreshed: bool) -> Patterns:
        filters = self._filters[chosen]
        if refreshed and self.given is not None and self._is_of_these(self.given):
            return self.given.only(chosen)
        given = (self._model, self._tap, self._options, filters)
        if refreshed or self._patterns is None:
            return from_noise(*given, steps)
        nth = int(self._since_seed[chosen].max()) + 1
        resumed = (self._patterns.padded[chosen], steps, self._options.warm_step_size, nth)
        return ascend(*given, *resumed)

    def _is_of_these(self, given: Patterns) -> bool:
        """Whether patterns are of the filters shown, which pictures may have chosen."""
        return self._filters.ndim == 2 or np.array_equal(given.filters, self._filters)

    def _outdated(self, chosen: Array, new: Patterns) -> Array:
        """For each filter, whether it cannot be resumed from its last picture.

        It was dead and responds now, or the picture excites it far less than it did. Its own
        weights may have moved little: what it sees through the layers below it did.
        """
        if self._patterns is None:
            return np.zeros(len(chosen), bool)
        outdated: Array = self._patterns.dead[chosen] & ~new.dead
        if self._options.recipe.by_response:
            before = self._patterns.scores[chosen]
            outdated |= (before > 0) & (new.start_scores < _FALLEN * before) & ~new.dead
        return np.full(len(chosen), outdated.any()) if self.together else outdated

    def _attempt(self, silent: Array, is_whole: bool) -> Woken:
        """Tries to wake filters, given by their positions.

        Of filters that were dead at the last attempt, and whose weights are the same, that one is
        continued: it is the layers below them that changed.
        """
        rows, last = self._kernels(), None
        if not is_whole and self._patterns is not None and self._patterns.dead[silent].all():
            last = self._last_of(silent, rows)
        given = (self._model, self._tap, self._options, self._filters[silent], last)
        woken = wake(*given, nth=0 if is_whole else self._attempts)
        self._attempts += 1
        self._asleep = (woken, rows)
        return woken

    def _last_of(self, silent: Array, rows: Array | None) -> Array | None:
        """Pictures of the last attempt, if these filters are those that it tried."""
        if self._asleep is None or rows is None or self._asleep[1] is None:
            return None
        cosines = kernels.kernel_cosine(rows[silent], self._asleep[1][silent])
        return self._asleep[0].last if (cosines > _SAME).all() else None

    def _compute(self, step: int, chosen: Array, steps: int, refreshed: bool) -> None:
        new = self._ascended(chosen, steps, refreshed)
        outdated = np.zeros(len(chosen), bool) if refreshed else self._outdated(chosen, new)
        if outdated.any():
            self._compute(step, chosen[outdated], self._options.ascent_steps, True)
            chosen, new = chosen[~outdated], new.only(~outdated)
        if not len(chosen):
            return
        kept = self._with_silent_woken(chosen, new, refreshed)
        self._keep(step, chosen, kept, (new.dead & ~kept.dead) | refreshed)

    def _with_silent_woken(self, chosen: Array, new: Patterns, refreshed: bool) -> Patterns:
        if refreshed and self.given is not None and self._is_of_these(self.given):
            return new  # they were, where they were computed
        return with_silent_woken(
            self._model,
            self._tap,
            self._options,
            self._filters[chosen],
            new,
            lambda silent: self._attempt(chosen[silent], refreshed),
        )

    def _keep(self, step: int, chosen: Array, new: Patterns, restarted: Array) -> None:
        """Merges new patterns into copies of the arrays: results of earlier steps hold those.

        Args:
            step: the step.
            chosen: positions of the filters.
            new: their patterns.
            restarted: bool `(n,)`, which of them do not resume the picture before.
        """
        numbers = self._filters if self._filters.ndim == 1 else np.arange(self.count)
        merged = (self._patterns or new).replaced(chosen, new)
        self._patterns = dataclasses.replace(merged, filters=numbers)
        self._computed = _replaced(self._computed, chosen, step)
        since_seed = np.where(restarted, 0, self._since_seed[chosen] + 1)
        self._since_seed = _replaced(self._since_seed, chosen, since_seed)
        rows, some = self._kernels(), chosen[restarted]
        if rows is not None:
            seeded = rows if self._seeded is None else self._seeded
            self._seeded = _replaced(seeded, some, rows[some])
        now = self._fingerprints.of(step, self._tap)
        self._made_from = [
            now if index in set(chosen) else before for index, before in enumerate(self._made_from)
        ]


def _replaced(before: Array, indices: Array, values: Any) -> Array:
    """A copy of an array with some rows replaced."""
    after = before.copy()
    after[indices] = values
    return after
