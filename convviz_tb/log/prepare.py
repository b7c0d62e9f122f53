"""Preparation of a fit: finds layers and traces graphs, so that bad input stops before training."""

import contextlib
import dataclasses
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras
import numpy.typing as npt

from convviz_tb import images
from convviz_tb.examples import PictureSet
from convviz_tb.heatmaps import GradCAM, cost_of, heatmap_taps
from convviz_tb.heatmaps import prepare as trace_heatmaps
from convviz_tb.log.examples import ExampleJob
from convviz_tb.log.jobs import HeatmapJob, PatternJob
from convviz_tb.log.searched import Asked, choose_filters, example_job
from convviz_tb.metrics.probes import Probes, probe_images
from convviz_tb.metrics.run import RunMetrics
from convviz_tb.model import Fingerprints, Tap, build
from convviz_tb.patterns import FilterPatterns, pattern_filters, pattern_taps

Array = npt.NDArray[Any]

_logger = logging.getLogger("convviz_tb")

AnyJob: TypeAlias = PatternJob | HeatmapJob | ExampleJob


@dataclass(frozen=True)
class Prepared:
    """What a fit will log.

    Attributes:
        jobs: what is computed at each step.
        pattern_taps: the layers whose patterns are logged.
        heatmap_taps: the layers whose heatmaps are logged.
        failures: what it has to do without, by tag.
    """

    jobs: Sequence[AnyJob] = ()
    pattern_taps: Sequence[Tap] = ()
    heatmap_taps: Sequence[Tap] = ()
    failures: Sequence[tuple[str, Exception]] = ()

    @property
    def heatmap_job(self) -> HeatmapJob | None:
        """The one that computes the heatmaps."""
        return next((job for job in self.jobs if isinstance(job, HeatmapJob)), None)


def prepare(
    model: keras.Model,
    asked: Asked,
    metrics: RunMetrics,
    earlier: Prepared,
    warm_up: bool,
    fixed: Mapping[str, Array],
) -> Prepared:
    """Prepares a fit of a model.

    Args:
        model: the model.
        asked: what is logged.
        metrics: will measure the results.
        earlier: what an earlier fit has logged, whose jobs are resumed.
        warm_up: whether to run the graphs once, so that jobs learn their true cost.
        fixed: the filters that the run has shown of each layer so far.

    Raises:
        ValueError: a layer, a class or the images do not fit the model.
    """
    patterns, heatmaps = asked.patterns, asked.heatmaps
    if heatmaps:
        build(model, heatmaps.images)
    elif asked.searched:
        PictureSet(model, asked.searched)  # builds it
    watched = pattern_taps(model, patterns) if patterns else []
    explained = _heatmap_taps(model, heatmaps) if heatmaps else []
    jobs, failures = list[AnyJob](), list[tuple[str, Exception]]()
    if patterns:
        own, failures = _pattern_jobs(model, watched, asked, metrics, fixed)
        jobs += own
    if heatmaps:
        jobs.append(HeatmapJob(model, explained, heatmaps, metrics))
    for job in jobs:
        job.resume(earlier.jobs)
        if warm_up:
            with contextlib.suppress(Exception):  # the first step will fail likewise
                job.warm_up()
    return Prepared(jobs, watched, explained, failures)


def _pattern_jobs(
    model: keras.Model,
    watched: Sequence[Tap],
    asked: Asked,
    metrics: RunMetrics,
    fixed: Mapping[str, Array],
) -> tuple[list[AnyJob], list[tuple[str, Exception]]]:
    """The jobs of patterns, after that of the examples of their filters; and what fails."""
    patterns = asked.patterns
    assert patterns is not None
    probes, failures = _probes(model, watched, patterns, asked.heatmaps)
    try:
        choice = choose_filters(model, watched, asked, fixed)
        shown = [choice.filters.get(tap.path, patterns.filters) for tap in watched]
        filters = [pattern_filters(*each) for each in zip(shown, watched, strict=True)]
        examples = example_job(model, watched, asked, filters)
    except Exception as error:
        if asked.examples != "auto":
            raise
        failures = [*failures, ("examples", error)]  # heatmaps may do with what examples do not
        choice = choose_filters(model, watched, dataclasses.replace(asked, examples=None), fixed)
        examples = None
    given = (patterns, Fingerprints(), metrics, probes, examples)
    jobs: list[AnyJob] = [examples] if examples else []
    jobs += [
        PatternJob(model, tap, *given, choice.filters.get(tap.path), choice.by) for tap in watched
    ]
    return jobs, failures


def _heatmap_taps(model: keras.Model, options: GradCAM) -> list[Tap]:
    taps = heatmap_taps(model, options)
    trace_heatmaps(model, taps, options)
    if cost := cost_of(options, taps):
        _logger.warning(cost)
    return taps


def like_images_of(
    patterns: FilterPatterns | None, heatmaps: GradCAM | None
) -> FilterPatterns | None:
    """`patterns` with value range, colours, spectrum and class names of the images of `heatmaps`.

    Unless they name their own: a range, images, probes to stand in for them, names.
    """
    if patterns is None:
        return patterns
    shown = heatmaps.images if heatmaps else None
    named = next((each for each in (patterns.images, patterns.probes) if each is not None), shown)
    value_range = patterns.value_range
    if value_range is None and heatmaps is not None:
        value_range = images.value_range(heatmaps.pictures)
    names = patterns.class_names or (heatmaps.class_names if heatmaps else ())
    return dataclasses.replace(patterns, images=named, value_range=value_range, class_names=names)


def _probes(
    model: keras.Model,
    watched: Sequence[Tap],
    patterns: FilterPatterns,
    heatmaps: GradCAM | None,
) -> tuple[Probes | None, list[tuple[str, Exception]]]:
    """The probe images; where they fail, patterns do without them unless the user named them."""
    probes = probe_images(patterns, heatmaps)
    if probes is None or not watched:
        return None, []
    try:
        return Probes(model, watched, probes), []
    except Exception as error:
        if patterns.probes is not None:
            raise
        return None, [("numbers", error)]
