"""Jobs -> one step of them, computed and written as far as there is time for it."""

import functools
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from convviz_tb.log.background import Background
from convviz_tb.log.events import Numbers
from convviz_tb.log.jobs import Job
from convviz_tb.log.progress import Progress
from convviz_tb.log.writer import RunWriter
from convviz_tb.schema import Failure

Report = Callable[[str, BaseException], Failure]


@dataclass
class StepReport:
    """What came of a step, gathered job by job.

    Attributes:
        numbers: of each layer as a whole.
        failures: what is missing, and why.
        skipped: what there was no time for.
        seconds: how long the jobs took.
        writing_seconds: processor time of encoding and writing beside them.
    """

    numbers: Numbers = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    skipped: list[Failure] = field(default_factory=list)
    seconds: float = 0.0
    writing_seconds: float = 0.0


@dataclass
class TimeLeft:
    """Seconds that there are for a step.

    Attributes:
        now: for this one; what it leaves is there for the next.
        later: for this one and all until the last together.
    """

    now: float = math.inf
    later: float = math.inf

    @property
    def is_short(self) -> bool:
        return self.now < math.inf


def run_step(
    jobs: Sequence[Job],
    step: int,
    writer: RunWriter,
    progress: Progress,
    report: Report,
    time_left: TimeLeft | None = None,
) -> StepReport:
    """Does the jobs for a step and has their results written beside them.

    Args:
        jobs: the jobs. Where time is short, those whose pictures are oldest come first.
        step: the step.
        writer: takes the results; they are all with it at the end.
        progress: shows which job is being done.
        report: tells what failed; the others go on.
        time_left: seconds that there are for it; by default as many as it takes.
    """
    found, left = StepReport(), time_left or TimeLeft()
    if left.is_short:
        jobs = sorted(jobs, key=lambda job: job.waiting_since(step, left.now))
    with Background() as background:
        for job in jobs:
            progress.next(job.tag)
            started = time.perf_counter()
            try:
                _do(job, step, writer, background, found, report, left)
            except Exception as error:
                found.failures.append(report(job.tag, error))
            seconds = time.perf_counter() - started
            found.seconds += seconds
            left = TimeLeft(left.now - seconds, left.later - seconds)
            if job.could_be_afforded(step, left.now, left.later):
                left = TimeLeft(0.0, left.later)  # saved up, so that no job waits for ever
        progress.close()
        found.failures += [report(tag, error) for tag, error in background.finish()]
    found.writing_seconds = background.seconds
    return found


def _do(
    job: Job,
    step: int,
    writer: RunWriter,
    background: Background,
    found: StepReport,
    report: Report,
    left: TimeLeft,
) -> None:
    most = job.affordable(step, left.now) if left.is_short else None
    if most == 0:
        found.skipped += job.skipped()
        return
    done = job(step, most)
    for tag, task in done.tasks.items():
        background.submit(tag, functools.partial(task, writer))
    for layer, numbers in done.numbers.items():
        of_layer = found.numbers.setdefault(layer, {})
        for name, number in numbers.items():  # seconds of both kinds add up
            of_layer[name] = of_layer.get(name, 0.0) + number
    found.skipped += done.skipped
    found.failures += [report(tag, error) for tag, error in done.failures]
