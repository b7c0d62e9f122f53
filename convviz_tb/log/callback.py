"""The Keras callback: decides at which epochs to log, and never stops training."""

import dataclasses
import logging
import os
import time
from collections.abc import Callable
from typing import Any, Literal

import keras

from convviz_tb.examples import Examples
from convviz_tb.heatmaps import GradCAM
from convviz_tb.log import events
from convviz_tb.log.budget import Budget, TimeLeft
from convviz_tb.log.failures import FailureLog, not_written
from convviz_tb.log.prepare import Prepared, like_images_of, prepare
from convviz_tb.log.progress import Progress
from convviz_tb.log.results import StepReport
from convviz_tb.log.searched import Asked
from convviz_tb.log.step import run_step
from convviz_tb.log.writer import RunWriter, directory_of
from convviz_tb.metrics.run import RunMetrics
from convviz_tb.model import check_finite, fingerprint
from convviz_tb.patterns import FilterPatterns
from convviz_tb.schema import Facts, Failure

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
        examples: your own pictures, which are searched for the parts that excite each filter of the
            patterns most; by default ("auto") those of the heatmaps, None for none.
        every: log every so many epochs. The baseline and the last epoch are always logged.
        budget: share of the training time that all this may take, 0.1 for a tenth, whatever layers
            and filters were asked for. The baseline and the last epoch are computed whole, and
            count; between them filters take turns, and a picture that there was no time for is
            shown with the step that it was computed at. By default there is no limit, and what
            is logged does not depend on the clock.

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
        examples: Examples | Literal["auto"] | None = "auto",
        every: int = 1,
        budget: float | None = None,
    ) -> None:
        super().__init__()
        if patterns is None and heatmaps is None:
            raise ValueError("patterns, heatmaps: both are None; there is nothing to log.")
        if patterns is None and isinstance(examples, Examples):
            raise ValueError("examples: they are of the filters of patterns=, which is None.")
        is_auto = isinstance(examples, str) and examples == "auto"
        if not (examples is None or isinstance(examples, Examples) or is_auto):
            kind = type(examples).__name__
            raise ValueError(f'examples: received {kind}; Examples(images), "auto" or None.')
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise ValueError(f"every: received {every!r}; a number of epochs, at least 1.")
        self.log_dir = os.fspath(log_dir)
        self.patterns = like_images_of(patterns, heatmaps)
        self.heatmaps = heatmaps
        self.examples = examples
        self.every = every
        self.budget = budget
        self._writer: RunWriter | None = None
        self._epochs = 0  # epochs completed: the step
        self._logged = -1  # newest step logged
        self._written = 0  # steps logged to this run
        self._baseline: str | None = None  # fingerprint of the weights at the run's first step
        self._planned: int | None = None  # step at which this fit ends
        self._has_trained = False  # from then on nothing of ours may stop a fit
        self._lost: list[int] = []  # steps that could not be written since the last that was
        self._unreported: list[Failure] = []  # other failures, for the facts of the next step
        self._failures = FailureLog()
        self._prepared = Prepared()
        self._failure: Exception | None = None  # why nothing could be prepared
        self._metrics = RunMetrics(self.patterns, heatmaps)
        self._account = Budget(budget)
        self._deferred = False  # whether a step waits for the next epoch

    def on_train_begin(self, logs: Any = None) -> None:
        self._planned, self._deferred = None, False
        try:
            self._account = Budget(self.budget, earlier=self._account)
            if _is_chief(self.model):
                with self._account.spending():
                    self._begin()
        except Exception as error:
            self._stop_at_bad_input(error)
            self._unreported.append(self._describe("model", error))

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._guard(lambda: self._begin_epoch(epoch))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._epochs += 1
        self._guard(self._end_epoch)

    def on_train_end(self, logs: Any = None) -> None:
        self._guard(self._end)

    def _guard(self, action: Callable[[], object]) -> None:
        failures = self._attempt("model", action)  # may empty the list meanwhile
        self._unreported += failures

    def _begin(self) -> None:
        self._end_interrupted_fit()
        try:
            asked = Asked(self.patterns, self.heatmaps, self.examples)
            fixed = self._metrics.fixed_filters(directory_of(self.log_dir))
            given = (asked, self._metrics, self._prepared, self.budget is not None, fixed)
            self._prepared = prepare(self.model, *given)
            self._unreported += [self._describe(*failure) for failure in self._prepared.failures]
            self._failure = None
        except Exception as error:  # a model of an unknown kind: every step will say so
            self._stop_at_bad_input(error)
            self._prepared, self._failure = Prepared(), error
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
            self._close()

    def _end_interrupted_fit(self) -> None:
        """Keras tells callbacks nothing when a `fit` ends by a KeyboardInterrupt, say."""
        if self._writer and self._writer.fit is not self.params:
            self._close()

    def _close(self) -> None:
        if self._writer:
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
            *(self.log_dir, self._logged, epoch, self._logged + 1),
        )
        return epoch

    @property
    def history(self) -> dict[str, Any]:
        """All metrics logged so far, as plain lists and dictionaries, for use after `fit`.

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
        return self._metrics.history

    def _open(self) -> None:
        self._writer = RunWriter(self.log_dir, fit=self.params)
        if self._logged < 0:
            earlier = self._writer.earlier()
            self._logged = max(earlier, default=-1)
            self._epochs = max(self._logged, 0)
            self._written = len(earlier)
            directory = self._writer.directory
            self._attempt("baseline", lambda: self._metrics.resume(directory, earlier))
            if job := self._prepared.heatmap_job:
                self._attempt("heatmaps", lambda: job.choose(earlier))

    @property
    def _open_writer(self) -> RunWriter:
        assert self._writer is not None
        return self._writer

    def _log_step(self, limited: bool = False) -> None:
        """Computes and writes the current step, once: everything, or what the budget allows."""
        step, started = self._epochs, time.perf_counter()
        is_prepared = self._prepared.jobs or self._failure
        if not self._writer or not is_prepared or step <= self._logged:
            return
        epochs, is_first = step - max(self._logged, 0), self._logged < 0
        self._logged = step  # at once: a step that is interrupted must not be written twice
        report = StepReport(self._describe)
        report.failures += self._attempt("model", lambda: self._run_jobs(report, limited))
        if is_first:
            report.failures += self._attempt("model", self._take_fingerprint)
        report.failures += not_written(self._lost) + self._unreported
        seconds = time.perf_counter() - started
        self._account.overhead.learn(max(0.0, seconds - report.seconds))
        if self._attempt("model", lambda: self._announce(report, seconds, epochs)):
            self._lost.append(step)
        else:
            self._written += 1
            self._lost, self._unreported = [], []

    def _run_jobs(self, report: StepReport, limited: bool) -> None:
        check_finite(self.model)
        if self._failure:
            raise self._failure
        jobs = self._prepared.jobs
        progress = Progress(len(jobs), (self.params or {}).get("verbose") in (1, "auto"))
        left = TimeLeft()
        if limited:
            seconds = sum(job.predicted(self._epochs) for job in jobs)
            planned = self._planned or self._epochs
            left = self._account.time_left(self._epochs, planned, self.every, seconds)
        run_step(jobs, self._epochs, self._open_writer, progress, report, left)

    def _take_fingerprint(self) -> None:
        self._baseline = fingerprint(self.model)

    def _announce(self, report: StepReport, seconds: float, epochs: int) -> None:
        """Writes the facts of the step, by which readers know that it is complete."""
        findings: list[Facts] = []
        metrics, directory = self._metrics, self._open_writer.directory
        report.failures += self._attempt(
            "findings", lambda: findings.extend(metrics.findings(self._epochs))
        )
        report.failures += self._attempt("baseline", lambda: metrics.save(directory))
        facts: Facts = {
            "written": self._written + 1,
            "planned": self._planned,
            "baseline": self._baseline,
            "seconds": seconds,
            "epoch_seconds": self._account.epoch_seconds(epochs),
            "budget": self.budget,
            "findings": findings,
        }
        job = self._prepared.heatmap_job
        if job and job.confusion:
            facts["confusion"] = dataclasses.asdict(job.confusion)
        taps = (self._prepared.pattern_taps, self._prepared.heatmap_taps)
        events.write_step(self._open_writer, self._epochs, report, *taps, facts)
        self._open_writer.flush()

    def _attempt(self, tag: str, action: Callable[[], object]) -> list[Failure]:
        try:
            action()
        except Exception as error:
            return [self._describe(tag, error)]
        return []

    def _describe(self, tag: str, error: BaseException) -> Failure:
        return self._failures.describe(tag, error, self._epochs)


def _is_chief(model: keras.Model) -> bool:
    """Of several processes that train together one computes and writes."""
    return bool(model.distribute_strategy.extended.should_save_summary)
