"""`ConvViz`: when to look. It calls the other rooms in order and never stops a training run."""

import dataclasses
import logging
import os
import time
from collections.abc import Callable
from typing import Any

import keras

from convviz_tb import heatmaps as heatmaps_room
from convviz_tb import images, record, weights
from convviz_tb import patterns as patterns_room
from convviz_tb.heatmaps import GradCAM
from convviz_tb.inputs import build
from convviz_tb.patterns import FilterPatterns
from convviz_tb.progress import Progress
from convviz_tb.schema import Failure
from convviz_tb.summaries import RunWriter
from convviz_tb.taps import Tap

_logger = logging.getLogger("convviz_tb")

Job = Callable[[int], None]


class ConvViz(keras.callbacks.Callback):
    """Logs filter patterns and class-activation maps for TensorBoard's ConvViz tab.

    Logs the model before training (step 0, the baseline) and after epochs; a step is the number of
    epochs completed, counted on over several `fit` calls and over processes that resume in the same
    directory. The model, its optimizer and all random states are left as they are.

    Bad arguments stop `fit` before training. Whatever fails later is logged once as a warning,
    shown in the tab, and training goes on.

    Args:
        log_dir: directory of the run, the same as for `keras.callbacks.TensorBoard`. The callback
            writes to its subdirectory `convviz` only.
        patterns: which filter patterns; None turns them off.
        heatmaps: which heatmaps; None turns them off.
        every: log every so many epochs. The baseline and the last epoch are always logged.

    Raises:
        ValueError: an argument is out of range; at `fit`, a layer, a class or the images do not fit
            the model.
        OSError: at `fit`, `log_dir` cannot be written to.

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
    ) -> None:
        super().__init__()
        if patterns is None and heatmaps is None:
            raise ValueError("patterns, heatmaps: both are None; there is nothing to log.")
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise ValueError(f"every: received {every!r}; a number of epochs, at least 1.")
        self.log_dir = os.fspath(log_dir)
        self.patterns = _in_range_of(patterns, heatmaps)
        self.heatmaps = heatmaps
        self.every = every
        self._writer: RunWriter | None = None
        self._epochs = 0  # epochs completed: the step
        self._logged = -1  # newest step logged
        self._written = 0  # steps logged to this run
        self._baseline: str | None = None  # fingerprint of the weights at the run's first step
        self._planned: int | None = None  # step at which this fit ends
        self._jobs: dict[str, Job] = {}
        self._taps: tuple[list[Tap], list[Tap]] = ([], [])
        self._inputs_written = False
        self._reported: set[str] = set()

    def on_train_begin(self, logs: Any = None) -> None:
        self._planned = None
        if not _is_chief(self.model):
            return
        try:
            self._prepare()
        except (ValueError, OSError):
            raise  # bad input: one clear message, before training
        except Exception as error:  # a model of a kind we do not know: say so, at every step
            self._jobs, self._taps = {"model": _failing(error)}, ([], [])
            self._open()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self._planned is None:
            self._epochs = max(self._epochs, epoch)
            self._planned = self._epochs + self.params.get("epochs", epoch) - epoch
            self._log_step()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._epochs += 1
        is_last = self._epochs == self._planned or getattr(self.model, "stop_training", False)
        if is_last or self._epochs % self.every == 0:
            self._log_step()

    def on_train_end(self, logs: Any = None) -> None:
        self._log_step()  # a callback after this one may have stopped training between two logs
        if self._writer:
            self._attempt("model", lambda step: self._open_writer.close())
            self._writer = None

    def _prepare(self) -> None:
        """Finds and traces all that will be computed, so that bad input stops here."""
        pattern_taps, heatmap_taps = [], []
        self._jobs = {}
        if self.heatmaps:
            build(self.model, self.heatmaps.images)
        if self.patterns:
            pattern_taps = patterns_room.pattern_taps(self.model, self.patterns)
            for tap in pattern_taps:
                patterns_room.choose_filters(self.patterns.filters, tap)
                patterns_room.prepare(self.model, tap, self.patterns)
                self._jobs[f"patterns/{tap.path}"] = self._pattern_job(tap, self.patterns)
        if self.heatmaps:
            heatmap_taps = heatmaps_room.heatmap_taps(self.model, self.heatmaps)
            heatmaps_room.prepare(self.model, self.heatmaps, heatmap_taps)
            if cost := heatmaps_room.cost_of(self.heatmaps, heatmap_taps):
                _logger.warning(cost)
            self._jobs["heatmaps"] = self._heatmap_job(heatmap_taps, self.heatmaps)
        self._taps = (pattern_taps, heatmap_taps)
        self._open()

    def _open(self) -> None:
        self._writer = RunWriter(self.log_dir)
        if self._logged < 0:
            earlier = self._writer.earlier_steps()
            self._logged = max(earlier, default=-1)
            self._epochs = max(self._logged, 0)
            self._written = len(earlier)

    def _pattern_job(self, tap: Tap, options: FilterPatterns) -> Job:
        return lambda step: record.record_patterns(
            self._open_writer, step, self.model, tap, options
        )

    def _heatmap_job(self, watched: list[Tap], options: GradCAM) -> Job:
        def job(step: int) -> None:
            if not self._inputs_written:
                record.record_inputs(self._open_writer, step, self.model, options)
                self._inputs_written = True
            record.record_heatmaps(self._open_writer, step, self.model, watched, options)

        return job

    @property
    def _open_writer(self) -> RunWriter:
        assert self._writer is not None
        return self._writer

    def _log_step(self) -> None:
        """Computes and writes everything for the current step, once."""
        step, started = self._epochs, time.perf_counter()
        if not self._writer or not self._jobs or step <= self._logged:
            return
        progress = Progress(len(self._jobs), shown=self.params.get("verbose") in (1, "auto"))
        failures = self._attempt("model", lambda step: weights.check(self.model))
        for tag, job in () if failures else self._jobs.items():
            progress.next(tag)
            failures += self._attempt(tag, job)
        progress.close()
        if self._logged < 0:
            self._attempt("model", self._take_fingerprint)
        self._logged = step
        self._written += 1
        seconds = time.perf_counter() - started
        self._attempt("model", lambda step: self._announce(step, seconds, failures))

    def _take_fingerprint(self, step: int) -> None:
        self._baseline = weights.fingerprint(self.model)

    def _announce(self, step: int, seconds: float, failures: list[Failure]) -> None:
        record.record_model(
            self._open_writer,
            step,
            written=self._written,
            planned=self._planned,
            baseline=self._baseline,
            seconds=seconds,
            layers=record.layer_facts(*self._taps),
            failures=failures,
        )
        self._open_writer.flush()

    def _attempt(self, tag: str, job: Callable[[int], object]) -> list[Failure]:
        try:
            job(self._epochs)
        except Exception as error:
            return [self._report(tag, error)]
        return []

    def _report(self, tag: str, error: Exception) -> Failure:
        """Says what failed: once in the log, and at every step in the facts."""
        message = (str(error).strip().splitlines() or [""])[0]
        reason = f"{type(error).__name__}: {message}"
        if tag not in self._reported:
            self._reported.add(tag)
            _logger.warning(
                "%s failed at step %d: %s. Training goes on.", tag, self._epochs, reason
            )
        return {"tag": tag, "reason": reason}


def _failing(error: Exception) -> Job:
    def job(step: int) -> None:
        raise error

    return job


def _is_chief(model: keras.Model) -> bool:
    """Of several processes that train together one computes and writes."""
    return bool(model.distribute_strategy.extended.should_save_summary)


def _in_range_of(
    patterns: FilterPatterns | None, heatmaps: GradCAM | None
) -> FilterPatterns | None:
    """`patterns` in the value range of the callback's images, unless it names its own."""
    if patterns is None or patterns.value_range or heatmaps is None:
        return patterns
    return dataclasses.replace(patterns, value_range=images.value_range(heatmaps.pictures))
