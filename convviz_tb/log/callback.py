"""`ConvViz`: when to look. It calls the other rooms in order and never stops a training run."""

import contextlib
import dataclasses
import logging
import os
import time
from collections.abc import Callable
from typing import Any

import keras

from convviz_tb import images
from convviz_tb.heatmaps import compute as heatmaps_room
from convviz_tb.heatmaps.options import GradCAM
from convviz_tb.log import events
from convviz_tb.log.budget import Budget, Cost
from convviz_tb.log.jobs import FailedJob, HeatmapJob, Job, PatternJob
from convviz_tb.log.progress import Progress
from convviz_tb.log.step import Look, Time, look
from convviz_tb.log.writer import RunWriter
from convviz_tb.metrics.run import RunMeasures
from convviz_tb.model import weights
from convviz_tb.model.inputs import build
from convviz_tb.model.taps import Tap
from convviz_tb.patterns import compute as patterns_room
from convviz_tb.patterns.options import FilterPatterns
from convviz_tb.schema import Facts, Failure, Series

_logger = logging.getLogger("convviz_tb")


class ConvViz(keras.callbacks.Callback):
    """Logs filter patterns and class-activation maps for TensorBoard's ConvViz tab.

    Logs the model before training (step 0, the baseline) and after epochs; a step is the number of
    epochs completed, counted on over several `fit` calls and over processes that resume in the same
    directory. The model, its optimizer and all random states are left as they are.

    Bad arguments stop the first `fit` before training. Whatever fails later is logged once as a
    warning, shown in the tab, and training goes on.

    Args:
        log_dir: directory of the run, the same as for `keras.callbacks.TensorBoard`. The callback
            writes to its subdirectory `convviz` only.
        patterns: which filter patterns; None turns them off.
        heatmaps: which heatmaps; None turns them off.
        every: log every so many epochs. The baseline and the last epoch are always logged.
        budget: share of the training time that all this may take, 0.1 for a tenth, whatever layers
            and filters were asked for. The baseline and the last epoch are computed whole, and
            count; between them filters take turns, and what there was no time for is shown with
            the step that it is of. By default there is no limit, and what is logged does not
            depend on the clock.

    Raises:
        ValueError: an argument is out of range; at `fit`, a layer, a class or the images do not fit
            the model.
        OSError: at `fit`, `log_dir` cannot be written to, or another training writes there.

    Example:

    ```python
    model.fit(train, validation_data=val, epochs=20, callbacks=[
        keras.callbacks.TensorBoard("runs/pets"),
        ConvViz("runs/pets", heatmaps=GradCAM(val_images)),
    ])
    ```
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        *,
        patterns: FilterPatterns | None = FilterPatterns(),  # noqa: B008  (frozen)
        heatmaps: GradCAM | None = None,
        every: int = 1,
        budget: float | None = None,
    ) -> None:
        super().__init__()
        if patterns is None and heatmaps is None:
            raise ValueError("patterns, heatmaps: both are None; there is nothing to log.")
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise ValueError(f"every: received {every!r}; a number of epochs, at least 1.")
        if budget is not None and not (_is_number(budget) and 0 < budget <= 1):
            raise ValueError(
                f"budget: received {budget!r}; a share of the training time, above 0, at most 1."
            )
        self.log_dir = os.fspath(log_dir)
        self.patterns = _like_images_of(patterns, heatmaps)
        self.heatmaps = heatmaps
        self.every = every
        self.budget = budget
        self._writer: RunWriter | None = None
        self._epochs = 0  # epochs completed: the step
        self._logged = -1  # newest step logged
        self._written = 0  # steps logged to this run
        self._baseline: str | None = None  # fingerprint of the weights at the run's first step
        self._planned: int | None = None  # step at which this fit ends
        self._has_trained = False  # from then on nothing of ours may stop a fit
        self._unwritten: list[int] = []  # steps lost since the last that was written
        self._untold: list[Failure] = []  # what else the tab is to be told of with the next step
        self._jobs: list[Job] = []
        self._taps: tuple[list[Tap], list[Tap]] = ([], [])
        self._measures = RunMeasures()
        self._account = Budget(budget)
        self._beside = Cost()  # seconds of a step beside its jobs
        self._deferred = False  # whether a step waits for its look
        self._is_tight = False  # whether it was said that the budget leaves nothing
        self._reported: set[tuple[str, str]] = set()

    def on_train_begin(self, logs: Any = None) -> None:
        self._planned, self._deferred = None, False
        try:
            self._account = Budget(self.budget)
            if _is_chief(self.model):
                with self._account.spending():
                    self._begin()
        except Exception as error:
            self._stop_at_bad_input(error)
            self._untold.append(self._report("model", error))

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._guard(lambda: self._begin_epoch(epoch))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._epochs += 1
        self._guard(self._end_epoch)

    def on_train_end(self, logs: Any = None) -> None:
        self._guard(self._end)

    def _guard(self, action: Callable[[], object]) -> None:
        failures = self._attempt("model", action)
        self._untold += failures

    def _begin(self) -> None:
        self._end_interrupted_fit()
        try:
            self._prepare()
        except Exception as error:  # a model of a kind we do not know: say so, at every step
            self._stop_at_bad_input(error)
            self._jobs, self._taps = [FailedJob(error)], ([], [])
        self._open()

    def _begin_epoch(self, epoch: int) -> None:
        with self._account.spending():
            if self._planned is None:
                self._epochs = self._first_step(epoch)
                self._planned = self._epochs + (self.params or {}).get("epochs", epoch) - epoch
                self._has_trained = True
                self._account.begin(self._epochs)
                self._log_step()
            elif self._deferred:
                self._log_step(limited=True)

    def _end_epoch(self) -> None:
        with self._account.spending():
            self._account.end_epoch()
            is_last = self._epochs == self._planned or getattr(self.model, "stop_training", False)
            is_due = self._epochs % self.every == 0
            if is_last or (is_due and self.budget is None):
                self._log_step()
            # A callback after this one may stop training yet: then this step is the last one, and
            # is computed whole. So what is limited by a budget waits for the next epoch.
            self._deferred = is_due

    def _end(self) -> None:
        with self._account.spending():
            self._log_step()  # a callback after this one may have stopped training between two logs
            if self._writer:
                self._attempt("model", self._open_writer.close)
                self._writer = None

    def _end_interrupted_fit(self) -> None:
        """Keras tells callbacks nothing when a `fit` ends by a KeyboardInterrupt, say."""
        if self._writer and self._writer.fit is not self.params:
            self._attempt("model", self._writer.close)
            self._writer = None

    def _stop_at_bad_input(self, error: Exception) -> None:
        """One clear message, but only before the first training."""
        if isinstance(error, (ValueError, OSError)) and not self._has_trained:
            raise error

    def _first_step(self, epoch: int) -> int:
        """The step at which a `fit` begins whose first epoch is `epoch`."""
        if self._has_trained or not 0 < epoch < self._logged:
            return max(self._epochs, epoch)
        _logger.warning(
            "log_dir: %r holds steps up to %d, and this training goes on after %d epochs. It is "
            "logged again from step %d on; to see those before, give it a directory of its own.",
            self.log_dir,
            self._logged,
            epoch,
            self._logged + 1,
        )
        return epoch

    @property
    def history(self) -> dict[str, Any]:
        """All numbers logged so far, to look into after `fit`, as plain lists and dictionaries.

        Each list runs over `history["steps"]`, with None where a step has no such number;
        `docs/metrics.md` says what the numbers are.

        - `layers[path][number]`: one value per step.
        - `filters[path][number]`: per step a list over the filters `filters[path]["filter"]`.
        - `pictures[path][number]`: per step a list over the heatmaps; `image` and `class_index` say
          what of.
        - `findings`: what the last step says in words.

        Example:

        ```python
        assert max(convviz.history["layers"]["conv2"]["dead"]) == 0
        ```
        """
        return self._measures.history

    def _prepare(self) -> None:
        """Finds and traces all that will be computed, so that bad input stops here."""
        pattern_taps, heatmap_taps = [], []
        jobs: list[Job] = []
        prints = weights.Fingerprints()
        if self.heatmaps:
            build(self.model, self.heatmaps.images)
        if self.patterns:
            pattern_taps = patterns_room.pattern_taps(self.model, self.patterns)
            for tap in pattern_taps:
                jobs.append(PatternJob(self.model, tap, self.patterns, prints, self._measures))
        if self.heatmaps:
            heatmap_taps = heatmaps_room.heatmap_taps(self.model, self.heatmaps)
            heatmaps_room.prepare(self.model, heatmap_taps, self.heatmaps)
            if cost := heatmaps_room.cost_of(self.heatmaps, heatmap_taps):
                _logger.warning(cost)
            jobs.append(HeatmapJob(self.model, heatmap_taps, self.heatmaps, self._measures))
        self._prepare_measures(pattern_taps)
        for job in jobs:
            job.go_on(self._jobs)
            if self.budget is not None:
                with contextlib.suppress(Exception):  # the first look will tell
                    job.warm_up()
        self._jobs, self._taps = jobs, (pattern_taps, heatmap_taps)

    def _prepare_measures(self, watched: list[Tap]) -> None:
        arguments = (self.model, watched, self.patterns, self.heatmaps)
        if self.patterns and self.patterns.probes is not None:
            self._measures.prepare(*arguments)
        else:  # nobody asked for them: pictures do without their numbers
            self._untold += self._attempt("numbers", lambda: self._measures.prepare(*arguments))

    def _open(self) -> None:
        self._writer = RunWriter(self.log_dir, fit=self.params)
        if self._logged < 0:
            earlier = self._writer.earlier()
            self._logged = max(earlier, default=-1)
            self._epochs = max(self._logged, 0)
            self._written = len(earlier)
            directory = self._writer.directory
            self._attempt("baseline", lambda: self._measures.go_on(directory, earlier))

    @property
    def _open_writer(self) -> RunWriter:
        assert self._writer is not None
        return self._writer

    def _log_step(self, limited: bool = False) -> None:
        """Computes and writes the current step, once: everything, or what the budget allows."""
        step, started = self._epochs, time.perf_counter()
        if not self._writer or not self._jobs or step <= self._logged:
            return
        epochs, is_first = step - max(self._logged, 0), self._logged < 0
        self._logged = step  # at once: a step that is interrupted must not be written twice
        found = self._look(limited)
        if is_first:
            found.failures += self._attempt("model", self._take_fingerprint)
        found.failures += self._losses() + self._untold
        seconds = time.perf_counter() - started
        self._beside.learn(max(0.0, seconds - found.seconds))
        if self._attempt("model", lambda: self._announce(found, seconds, epochs)):
            self._unwritten.append(step)
        else:
            self._written += 1
            self._unwritten, self._untold = [], []

    def _look(self, limited: bool) -> Look:
        """Does all jobs that there is time for, and has them written."""
        failures = self._attempt("model", lambda: weights.check(self.model))
        if failures:
            return Look(failures=failures)
        progress = Progress(len(self._jobs), (self.params or {}).get("verbose") in (1, "auto"))
        arguments = (self._jobs, self._epochs, self._open_writer, progress, self._report)
        try:
            return look(*arguments, self._allowed() if limited else None)
        except Exception as error:  # the terminal is gone, say
            return Look(failures=[self._report("model", error)])

    def _allowed(self) -> Time:
        """Seconds that the jobs may take within the budget."""
        beside = self._beside.per_unit or 0.0
        last = beside + sum(job.predicted(self._epochs) for job in self._jobs)
        planned = self._planned or self._epochs
        room = self._account.room(self._epochs, planned, last)
        if room < 0 and not self._is_tight:
            self._is_tight = True
            _logger.warning(
                "budget: the first and the last step alone take more than %g of the training time; "
                "nothing is computed between them. Name fewer layers or filters.",
                self.budget,
            )
        left = self._account.left(self._epochs, planned, self.every, last) - beside
        return Time(now=left, later=room - self._account.spent_between - beside)

    def _losses(self) -> list[Failure]:
        """The steps that could not be written since the last that was."""
        steps = ", ".join(map(str, self._unwritten[:3]))
        if len(self._unwritten) > 3:
            steps += f", ... {self._unwritten[-1]}"
        return [{"tag": "model", "reason": f"could not be written: step {steps}"}] if steps else []

    def _take_fingerprint(self) -> None:
        self._baseline = weights.fingerprint(self.model)

    def _announce(self, found: Look, seconds: float, epochs: int) -> None:
        told: list[Facts] = []
        measures, directory = self._measures, self._open_writer.directory
        tell = self._attempt("findings", lambda: told.extend(measures.findings(self._epochs)))
        found.failures += tell + self._attempt("baseline", lambda: measures.save(directory))
        facts = {
            "written": self._written + 1,
            "planned": self._planned,
            "baseline": self._baseline,
            "seconds": seconds,
            "writing_seconds": found.writing_seconds,
            "epoch_seconds": self._account.epoch_seconds(epochs),
            "budget": self.budget,
            "layers": events.layer_facts(*self._taps, found.numbers),
            "findings": told,
            "failures": found.failures,
            "skipped": found.skipped,
        }
        events.record_numbers(self._open_writer, self._epochs, found.numbers)
        self._open_writer.write(Series("model"), self._epochs, facts)
        self._open_writer.flush()

    def _attempt(self, tag: str, action: Callable[[], object]) -> list[Failure]:
        try:
            action()
        except Exception as error:
            return [self._report(tag, error)]
        return []

    def _report(self, tag: str, error: BaseException) -> Failure:
        """Says what failed: once in the log, and at every step in the facts."""
        reason = f"{type(error).__name__}: {_first_line(error)}"
        if (tag, type(error).__name__) not in self._reported:
            self._reported.add((tag, type(error).__name__))
            _logger.warning(
                "%s failed at step %d: %s. Training goes on.", tag, self._epochs, reason
            )
        return {"tag": tag, "reason": reason}


def _first_line(error: BaseException) -> str:
    try:
        return (str(error).strip().splitlines() or [""])[0]
    except Exception:  # an error of the user's own may not even be able to say what it is
        return ""


def _is_chief(model: keras.Model) -> bool:
    """Of several processes that train together one computes and writes."""
    return bool(model.distribute_strategy.extended.should_save_summary)


def _is_number(given: Any) -> bool:
    return isinstance(given, (int, float)) and not isinstance(given, bool)


def _like_images_of(
    patterns: FilterPatterns | None, heatmaps: GradCAM | None
) -> FilterPatterns | None:
    """`patterns` with the value range, colours and spectrum of the callback's images.

    Unless it names its own: a range, images, or probes to stand in for them.
    """
    if patterns is None:
        return patterns
    shown = heatmaps.images if heatmaps else None
    named = next((each for each in (patterns.images, patterns.probes) if each is not None), shown)
    value_range = patterns.value_range
    if value_range is None and heatmaps is not None:
        value_range = images.value_range(heatmaps.pictures)
    return dataclasses.replace(patterns, images=named, value_range=value_range)
