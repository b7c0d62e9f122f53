"""Logging step: its jobs are computed, measured and written within a time limit.

    job -> patterns or heatmaps -> metrics -> images -> writer

Training waits for computing and measuring; a background thread encodes and writes meanwhile.
"""

import functools
import time
from collections.abc import Sequence
from typing import Any, Protocol

from convviz_tb.log.background import Background
from convviz_tb.log.budget import TimeLeft
from convviz_tb.log.progress import Progress
from convviz_tb.log.results import LayerResult, StepReport
from convviz_tb.log.writer import RunWriter
from convviz_tb.metrics.run import Metrics
from convviz_tb.schema import Failure


class Job(Protocol):
    """What is computed at a step: the patterns of one layer, say."""

    tag: str

    def compute(self, step: int, most: int | None) -> Sequence[LayerResult[Any]]:
        """Computes at most so many of its filters; None for all."""

    def measure(self, result: LayerResult[Any]) -> Metrics:
        """Measures one of the results."""

    def learn(self, seconds: float) -> None:
        """Is told how long computing and measuring took."""

    def affordable(self, step: int, seconds: float) -> int | None:
        """How many filters there is time for; None for all, 0 for none."""

    def is_worth_saving_for(self, step: int, now: float, later: float) -> bool:
        """Whether there are too few seconds for it now, but enough later."""

    def waiting_since(self, step: int, seconds: float) -> int:
        """The step of its oldest pictures."""

    def skipped(self) -> list[Failure]:
        """Says that there was no time for it."""


def run_step(
    jobs: Sequence[Job],
    step: int,
    writer: RunWriter,
    progress: Progress,
    report: StepReport,
    left: TimeLeft,
) -> None:
    """Runs the jobs of a step. What fails goes to the report; the others go on.

    Args:
        jobs: the jobs. Where time is short, those with the oldest pictures come first.
        step: the step.
        writer: takes the results; at the end it has them all.
        progress: shows which job is running.
        report: gathers what becomes of the jobs.
        left: seconds that there are for it.
    """
    if left.is_short:
        jobs = sorted(jobs, key=lambda job: job.waiting_since(step, left.now))
    with Background() as background:
        for job in jobs:
            progress.next(job.tag)
            started = time.perf_counter()
            try:
                most = job.affordable(step, left.now) if left.is_short else None
                if most == 0:
                    report.skipped += job.skipped()
                else:
                    _run_job(job, step, most, writer, background, report)
            except Exception as error:
                report.fail(job.tag, error)
            seconds = time.perf_counter() - started
            report.seconds += seconds
            left = TimeLeft(left.now - seconds, left.later - seconds)
            if job.is_worth_saving_for(step, left.now, left.later):
                left = TimeLeft(0.0, left.later)  # saved up, so that no job waits for ever
        progress.close()
        for tag, failure in background.finish():
            report.fail(tag, failure)
    report.writing_seconds = background.seconds


def _run_job(
    job: Job,
    step: int,
    most: int | None,
    writer: RunWriter,
    background: Background,
    report: StepReport,
) -> None:
    started = time.perf_counter()
    results = job.compute(step, most)
    for result in results:
        try:
            result.metrics = job.measure(result)
        except Exception as error:  # the pictures are logged all the same
            report.fail(f"numbers/{result.tap.path}", error)
    job.learn(time.perf_counter() - started)
    for result in results:
        report.add(result)
        for tag, write in result.writes.items():
            background.submit(tag, functools.partial(write, writer, result))
