"""The Keras callback: decides at which epochs to log, and never stops training."""

import contextlib
import dataclasses
import logging
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

import keras

import convviz_tb
from convviz_tb.examples import Examples
from convviz_tb.heatmaps import GradCAM
from convviz_tb.log import ending, events, runs
from convviz_tb.log.budget import Budget, TimeLeft
from convviz_tb.log.examples import ExampleJob
from convviz_tb.log.failures import FailureLog, not_written
from convviz_tb.log.lock import DirectoryLocked
from convviz_tb.log.prepare import AnyJob, Prepared, prepare
from convviz_tb.log.progress import Progress
from convviz_tb.log.results import StepReport
from convviz_tb.log.searched import Asked, sharing
from convviz_tb.log.step import run_step
from convviz_tb.log.writer import RunWriter, StockImages, directory_of
from convviz_tb.metrics.history import Training
from convviz_tb.metrics.run import RunMetrics
from convviz_tb.model import (
    ModelError,
    brief_fingerprint,
    check_backend,
    check_library,
    fingerprint,
    learning_rate,
    not_finite,
)
from convviz_tb.patterns import FilterPatterns
from convviz_tb.schema import RUN_SUFFIX, Facts, Failure

_logger = logging.getLogger("convviz_tb")

_MOST_BROKEN: Final = 8  # variables that are named where weights are NaN


class ConvViz(keras.callbacks.Callback):
    """Logs filter patterns and class-activation maps for TensorBoard's ConvViz tab.

    Logs the model before training (step 0, the baseline) and after epochs; a step is the number of
    epochs completed, counted on over several `fit` calls and over processes that resume in the same
    directory. The model, its optimizer and all random states are left as they are.

    A model whose weights are those of no logged step is another one (a fold, a trial of a search):
    it gets a run of its own in the same directory, `model_2` and so on, with a warning. A fit with
    `initial_epoch` always goes on.

    Bad arguments stop the first `fit` before training. Whatever fails later is logged once as a
    warning, shown in the tab, and training goes on.

    Args:
        log_dir: directory of the run, the same as for `keras.callbacks.TensorBoard`. The callback
            writes to its subdirectory `convviz` only.
        patterns: which filter patterns; None turns them off.
        heatmaps: which heatmaps; None turns them off.
        examples: your own pictures, which are searched for the parts that excite each filter of the
            patterns most; by default, "auto", those of the heatmaps, if there are any; None for
            none.
        every: log every so many epochs. The baseline and the last epoch are always logged.
        budget: share of the training time that all this may take, 0.1 for a tenth, whatever layers
            and filters were asked for. The baseline and the last epoch are computed whole, and
            count; between them filters take turns, and a picture that there was no time for is
            shown with the step that it was computed at. By default there is no limit, and what
            is logged does not depend on the clock.
        stock_images: which steps TensorBoard's own Images tab gets pictures of: "ends" for the
            first and, once training has ended, the last; "all"; or None. They are a second copy of
            what the ConvViz tab shows, and TensorBoard keeps them in memory.

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
        stock_images: StockImages = "ends",
    ) -> None:
        super().__init__()
        check_backend()
        if stock_images not in ("ends", "all", None):
            raise ValueError(f'stock_images: received {stock_images!r}; "ends", "all" or None.')
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
        self.patterns = patterns
        self.heatmaps, self.examples = sharing(heatmaps, examples)
        self.every = every
        self.budget = budget
        self.stock_images = stock_images
        self._writer: RunWriter | None = None
        self._epochs = 0  # epochs completed: the step
        self._logged = -1  # newest step logged
        self._written = 0  # steps logged to this run
        self._directory = self.log_dir  # of this run; another model gets another one
        self._weights: dict[int, str] = {}  # brief fingerprints by step
        self._has_warned = False  # of another model
        self._baseline: str | None = None  # fingerprint of the weights at the run's first step
        self._planned: int | None = None  # step at which this fit ends
        self._has_trained = False  # from then on nothing of ours may stop a fit
        self._lost: list[int] = []  # steps that could not be written since the last that was
        self._unreported: list[Failure] = []  # other failures, for the facts of the next step
        self._ended = -1  # step at which an end was last written
        self._failures = FailureLog()
        self._prepared = Prepared()
        self._failure: Exception | None = None  # why nothing could be prepared
        self._has_begun = False  # whether this fit has told so
        self._metrics = RunMetrics(self.patterns, self.heatmaps)
        self._account = Budget(budget)
        self._deferred = False  # whether a step waits for the next epoch
        self._rate: float | None = None  # learning rate of the newest epoch
        self._loss_is_nan = False  # in that epoch

    def set_model(self, model: keras.Model) -> None:
        if model is not None:
            check_library(model)
        super().set_model(model)

    def on_train_begin(self, logs: Any = None) -> None:
        self._planned, self._deferred, self._has_begun = None, False, True
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
        self._guard(lambda: self._note(logs or {}))
        self._guard(self._end_epoch if self._has_begun else _never_begun)

    def on_train_end(self, logs: Any = None) -> None:
        self._guard(self._end)
        self._has_begun = False

    def __getstate__(self) -> dict[str, Any]:
        """All but the model, open files and traced graphs: what a copy, or a pickle, needs."""
        fresh = {"_writer": None, "_prepared": Prepared(), "_failure": None, "_model": None}
        return self.__dict__ | fresh | {"_account": Budget(self.budget), "params": None}

    def _guard(self, action: Callable[[], object]) -> None:
        failures = self._attempt("model", action)  # may empty the list meanwhile
        self._unreported += failures

    def _begin(self) -> None:
        self._end_interrupted_fit()
        self._prepare()
        self._open()

    def _prepare(self) -> None:
        try:
            asked = Asked(self.patterns, self.heatmaps, self.examples)
            fixed = self._metrics.fixed_filters(directory_of(self._directory))
            given = (asked, self._metrics, self._prepared, self.budget is not None, fixed)
            self._prepared = prepare(self.model, *given)
            self._unreported += [self._describe(*failure) for failure in self._prepared.failures]
            self._failure = None
        except Exception as error:  # a model of an unknown kind: every step will say so
            self._stop_at_bad_input(error)
            self._prepared, self._failure = Prepared(), error

    def _begin_epoch(self, epoch: int) -> None:
        with self._account.spending():
            if self._planned is None:
                self._guard(lambda: self._choose_run(epoch))
                self._epochs = self._first_step(epoch)
                self._planned = self._epochs + (self.params or {}).get("epochs", epoch) - epoch
                self._has_trained = True
                self._account.begin(self._epochs)
                self._log_step()
            elif self._deferred:
                self._log_step(limited=True)

    def _choose_run(self, epoch: int) -> None:
        """Gives a model a run of its own where the log is that of another one."""
        if not self._writer:
            return
        is_told = epoch > 0  # `initial_epoch`: the user goes on
        if not is_told and not runs.goes_on(self.model, self._directory, self._weights):
            self._close()
            self._begin_run()
        runs.note(self.model, self._directory)

    def _begin_run(self) -> None:
        for directory in runs.others(self.log_dir):
            self._forget_run(directory)
            with contextlib.suppress(DirectoryLocked):  # of a training beside this one
                self._open()
                if runs.goes_on(self.model, directory, self._weights):
                    break
                self._close()
        if not self._has_warned:
            _logger.warning(
                "log_dir: %r is the log of another model, whose weights these are not. This one is "
                "a run of its own, %r, and so is each further one; a ConvViz of its own for each "
                "model names them, fit(initial_epoch=...) goes on.",
                *(self.log_dir, self._directory),
            )
        self._has_warned = True
        self._prepare()

    def _forget_run(self, directory: str) -> None:
        self._directory, self._weights, self._baseline = directory, {}, None
        self._epochs, self._logged, self._written, self._lost, self._ended = 0, -1, 0, [], -1
        self._prepared = Prepared()
        self._metrics = RunMetrics(self.patterns, self.heatmaps)

    def _note(self, logs: Mapping[str, Any]) -> None:
        """Notes the loss of the epoch, and its rate: Keras' callbacks say what it was in it."""
        self._loss_is_nan = not math.isfinite(logs.get("loss", 0.0))
        rate = logs.get("learning_rate")  # as those have put it there that change it
        self._rate = learning_rate(self.model) if rate is None else float(rate)

    def _end_epoch(self) -> None:
        with self._account.spending():
            self._account.end_epoch()
            is_due = self._epochs % self.every == 0
            if self._is_end or (is_due and self.budget is None):
                self._log_step()
            if self._epochs > self._logged:  # its weights may be put back when training ends
                self._weights[self._epochs] = brief_fingerprint(self.model)
            # A callback after this one may stop training yet: then this step is the last one, and
            # is computed whole. So what is limited by a budget waits for the next epoch.
            self._deferred = is_due

    def _end(self) -> None:
        with self._account.spending():
            self._log_step()  # a callback after this one may have stopped training between two logs
        if not ending.behind_others(self, lambda: self._guard(self._finish)):
            self._finish()

    def _finish(self) -> None:
        with self._account.spending():
            self._guard(self._write_end)
            self._close()

    def _write_end(self) -> None:
        """Writes what the last step could not say yet: how training ended, where it is news."""
        step = self._logged
        if not self._writer or self._planned is None or step <= self._ended:
            return
        news = ending.kept(brief_fingerprint(self.model), self._weights, step)
        if self._planned > step:
            news["stopped"] = True
        if news or self._unreported:
            self._ended = step
            events.write_end(self._writer, step, news, self._unreported)
            self._writer.flush()
            self._unreported = []

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
        is_ours = isinstance(error, (ValueError, OSError)) and not isinstance(error, ModelError)
        if is_ours and not self._has_trained:
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
        - `learning_rate`: one value per step.
        - `trainable[path]`: per step whether the layer was, so not frozen.
        - `broken`: per step the variables that held NaN or infinity.
        - `findings`: what the last step says in words.

        Example:

        ```python
        assert max(convviz.history["layers"]["conv2"]["dead"]) == 0
        ```
        """
        return self._metrics.history

    def report(self, path: str | os.PathLike[str], **options: Any) -> Any:
        """Writes the run into one HTML file that needs no server; see `convviz_tb.report`."""
        return convviz_tb.report(self.log_dir, path, **options)

    def show(self, **options: Any) -> None:
        """Displays the run in the output of a notebook's cell; see `convviz_tb.show`."""
        convviz_tb.show(self.log_dir, **options)

    def plot(self, layer: str, **options: Any) -> Any:
        """A matplotlib figure of the patterns of a layer over the steps; see `convviz_tb.plot`."""
        return convviz_tb.plot(self._own_run, layer, **options)

    @property
    def _own_run(self) -> str:
        """Where the log lies, without runs below `log_dir` that are not ours."""
        return os.path.join(self.log_dir, RUN_SUFFIX)

    def _open(self) -> None:
        self._writer = RunWriter(self._directory, self.params, self.stock_images)
        if self._logged < 0:
            earlier = self._writer.earlier()
            self._logged = max(earlier, default=-1)
            self._epochs = max(self._logged, 0)
            self._written = len(earlier)
            self._weights = runs.weights_of(earlier)
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
        broken: list[str] = []
        report.failures += self._attempt("model", lambda: broken.extend(not_finite(self.model)))
        report.failures += self._attempt("model", lambda: self._run_jobs(report, limited, broken))
        report.failures += self._attempt("model", lambda: self._take_fingerprints(is_first))
        report.failures += not_written(self._lost) + self._unreported
        seconds = time.perf_counter() - started
        self._account.overhead.learn(max(0.0, seconds - report.seconds))
        self._account.advise(step, seconds, epochs)
        if self._attempt("model", lambda: self._announce(report, seconds, epochs, broken)):
            self._lost.append(step)
        else:
            self._written += 1
            self._lost, self._unreported = [], []

    def _run_jobs(self, report: StepReport, limited: bool, broken: Sequence[str]) -> None:
        if broken:
            more = f" and {len(broken) - 3} more" if len(broken) > 3 else ""
            raise ValueError(f"NaN or infinity in the weights {', '.join(broken[:3])}{more}")
        if self._failure:
            raise self._failure
        jobs = self._prepared.jobs
        progress = Progress(len(jobs), (self.params or {}).get("verbose") in (1, "auto"))
        left = TimeLeft()
        if self.budget is None and not self._is_end:
            jobs = [job for job in jobs if self._is_due(job, report)]
        if limited:
            seconds = sum(job.predicted(self._epochs) for job in jobs)
            planned = self._planned or self._epochs
            left = self._account.time_left(self._epochs, planned, self.every, seconds)
        run_step(jobs, self._epochs, self._open_writer, progress, report, left)

    @property
    def _is_end(self) -> bool:
        """Whether this step is the first or the last of a fit."""
        is_last = self._epochs == self._planned or getattr(self.model, "stop_training", False)
        return is_last or not self._account.trained

    def _is_due(self, job: AnyJob, report: StepReport) -> bool:
        """Whether a job is done at this step; only a search of many pictures is not always."""
        if not isinstance(job, ExampleJob) or job.is_due(self._account.trained):
            return True
        report.skipped += job.not_due()
        return False

    def _take_fingerprints(self, is_first: bool) -> None:
        if is_first:
            self._baseline = fingerprint(self.model)
        self._weights[self._epochs] = brief_fingerprint(self.model)

    def _announce(
        self, report: StepReport, seconds: float, epochs: int, broken: Sequence[str]
    ) -> None:
        """Writes the facts of the step, by which readers know that it is complete."""
        findings: list[Facts] = []
        metrics, directory = self._metrics, self._open_writer.directory
        training = self._training(broken)
        report.failures += self._attempt(
            "findings", lambda: findings.extend(metrics.findings(self._epochs, training))
        )
        report.failures += self._attempt("baseline", lambda: metrics.save(directory))
        facts: Facts = {
            "written": self._written + 1,
            "planned": self._planned,
            "baseline": self._baseline,
            "weights": self._weights.get(self._epochs),
            "seconds": seconds,
            "epoch_seconds": self._account.epoch_seconds(epochs),
            "budget": self.budget,
            "learning_rate": training.learning_rate,
            "broken": list(training.broken),
            "findings": findings,
        }
        job = self._prepared.heatmap_job
        if job and job.confusion:
            facts["confusion"] = dataclasses.asdict(job.confusion)
        taps = (self._prepared.pattern_taps, self._prepared.heatmap_taps)
        events.write_step(self._open_writer, self._epochs, report, *taps, facts)
        self._open_writer.flush()

    def _training(self, broken: Sequence[str]) -> Training:
        """How the model trains at this step."""
        taps = (*self._prepared.pattern_taps, *self._prepared.heatmap_taps)
        return Training(
            learning_rate(self.model) if self._rate is None else self._rate,
            {tap.path: tap.is_trainable for tap in taps},
            [*(["loss"] if self._loss_is_nan else []), *broken[:_MOST_BROKEN]],
        )

    def _attempt(self, tag: str, action: Callable[[], object]) -> list[Failure]:
        try:
            action()
        except Exception as error:
            return [self._describe(tag, error)]
        return []

    def _describe(self, tag: str, error: BaseException) -> Failure:
        return self._failures.describe(tag, error, self._epochs)


def _never_begun() -> None:
    raise RuntimeError(
        "on_train_begin() was not called, so nothing is logged; "
        "keras.callbacks.CallbackList([...], model=model) calls all that a callback needs"
    )


def _is_chief(model: keras.Model) -> bool:
    """Of several processes that train together one computes and writes."""
    strategy = getattr(model, "distribute_strategy", None)
    return strategy is None or bool(strategy.extended.should_save_summary)
