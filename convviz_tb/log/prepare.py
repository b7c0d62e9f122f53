"""Preparation of a fit: finds layers and traces graphs, so that bad input stops before training."""

import contextlib
import dataclasses
import logging
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras
import numpy.typing as npt

from convviz_tb import images
from convviz_tb.examples import Examples
from convviz_tb.heatmaps import GradCAM, cost_of, heatmap_taps
from convviz_tb.log.examples import ExampleJob
from convviz_tb.log.feature_maps import filters_seen
from convviz_tb.log.jobs import HeatmapJob, PatternJob
from convviz_tb.log.searched import Asked, Choice, example_job, shown_filters
from convviz_tb.metrics.probes import Probes, probe_images
from convviz_tb.metrics.run import RunMetrics
from convviz_tb.model import Fingerprints, ModelError, Tap, build, pictures_among, preprocessed
from convviz_tb.patterns import FilterPatterns, pattern_taps

Array = npt.NDArray[Any]

_logger = logging.getLogger("convviz_tb")

AnyJob: TypeAlias = PatternJob | HeatmapJob | ExampleJob


def _no_model() -> None:
    """Before the first fit; unlike a lambda it can be pickled."""


@dataclass(frozen=True)
class Prepared:
    """What a fit will log.

    Attributes:
        jobs: what is computed at each step.
        pattern_taps: the layers whose patterns are logged.
        heatmap_taps: the layers whose heatmaps are logged.
        failures: what it has to do without, by tag.
        given: which patterns the user asked for.
        patterns: the same for the model.
        model: gives the model, if it is still there.
    """

    jobs: Sequence[AnyJob] = ()
    pattern_taps: Sequence[Tap] = ()
    heatmap_taps: Sequence[Tap] = ()
    failures: Sequence[tuple[str, Exception]] = ()
    given: FilterPatterns | None = None
    patterns: FilterPatterns | None = None
    model: Callable[[], keras.Model | None] = _no_model

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
        heatmaps = heatmaps.for_model(model)
        build(model, heatmaps.images)
    elif asked.searched:
        asked.set_of(model, asked.searched)  # builds it
    if earlier.given is not None and earlier.given is patterns and earlier.model() is model:
        fitted = earlier.patterns  # the same object: its patterns are resumed
    else:
        fitted = patterns_for(model, patterns, heatmaps, is_first=not earlier.jobs)
    watched, failures = _pattern_taps(model, fitted, heatmaps)
    explained = _heatmap_taps(model, heatmaps) if heatmaps else []
    jobs, shown = list[AnyJob](), dict[str, Array]()
    if fitted and watched:
        probes, without = _probes(model, watched, fitted, heatmaps)
        asked = Asked(fitted, heatmaps, asked.examples)
        choice, not_chosen = _shown_filters(model, watched, asked, fixed)
        patterns_of, left_out = _pattern_jobs(model, watched, fitted, choice, metrics, probes)
        watched = [tap for tap in watched if f"patterns/{tap.path}" not in dict(left_out)]
        examples, not_searched = _example_job(model, watched, asked, patterns_of)
        jobs += [*examples, *patterns_of]
        failures += without + not_chosen + left_out + not_searched
        shown = {each.path: each.filters for each in patterns_of}
        if not earlier.jobs:
            _tell_assumed(patterns_of)
    if heatmaps:
        seen = filters_seen(explained, shown, heatmaps.feature_maps)
        of_heatmaps = HeatmapJob(model, explained, heatmaps, metrics, seen)
        jobs.append(of_heatmaps)
        if not earlier.jobs:
            _tell_unplaced(of_heatmaps)
    for job in jobs:
        job.resume(earlier.jobs)
        if warm_up:
            with contextlib.suppress(Exception):  # the first step will fail likewise
                job.warm_up()
    return Prepared(jobs, watched, explained, failures, patterns, fitted, weakref.ref(model))


def _pattern_taps(
    model: keras.Model, patterns: FilterPatterns | None, heatmaps: GradCAM | None
) -> tuple[list[Tap], list[tuple[str, Exception]]]:
    """The layers whose patterns are logged; none where only the defaults ask for the impossible."""
    if patterns is None:
        return [], []
    try:
        return pattern_taps(model, patterns), []
    except ModelError:
        raise
    except ValueError as error:
        if not heatmaps or not _is_automatic(patterns):
            raise
        return [], [("patterns", error)]


def _shown_filters(
    model: keras.Model, watched: Sequence[Tap], asked: Asked, fixed: Mapping[str, Array]
) -> tuple[Choice, list[tuple[str, Exception]]]:
    """Which filters are shown; evenly spread ones where pictures do not serve to choose them."""
    try:
        return shown_filters(model, watched, asked, fixed), []
    except Exception as error:
        if isinstance(asked.examples, Examples) or asked.patterns is None:
            raise
        patterns = dataclasses.replace(asked.patterns, filters_by="spread")
        spread = dataclasses.replace(asked, patterns=patterns)
        return shown_filters(model, watched, spread, {}), [("patterns", error)]


def _pattern_jobs(
    model: keras.Model,
    watched: Sequence[Tap],
    patterns: FilterPatterns,
    choice: Choice,
    metrics: RunMetrics,
    probes: Probes | None,
) -> tuple[list[PatternJob], list[tuple[str, Exception]]]:
    """The jobs of all layers; one that the user has not named may fail without the others."""
    jobs, failures = list[PatternJob](), list[tuple[str, Exception]]()
    given = (patterns, Fingerprints(), metrics, probes)
    for tap in watched:
        filters = choice.filters.get(tap.path)
        try:
            jobs.append(PatternJob(model, tap, *given, filters, choice.by))
        except Exception as error:
            if not _is_automatic(patterns) or len(watched) == 1:
                raise
            failures.append((f"patterns/{tap.path}", error))
    return jobs, failures


def _tell_assumed(jobs: Sequence[PatternJob]) -> None:
    """Says once what is assumed, and which argument settles it."""
    assumed = {name: value for job in reversed(jobs) for name, value in job.assumed.items()}
    if "value_range" in assumed:
        _logger.warning(
            "value_range: no pictures tell what values the model takes, so patterns are computed "
            "between %s. FilterPatterns(value_range=(lowest, highest)), or pictures, as in "
            "heatmaps=GradCAM(images), settle it.",
            assumed["value_range"].replace("to", "and"),
        )
    if "size" in assumed:
        _logger.warning(
            "size: the model takes pictures of any size, and none are given, so patterns are of "
            "%s. FilterPatterns(size=...), or pictures, as in heatmaps=GradCAM(images), settle it.",
            assumed["size"],
        )


def _tell_unplaced(job: HeatmapJob) -> None:
    """Says once which maps cannot be laid over the pictures."""
    if job.unplaced:
        _logger.warning(
            "layers: the model rotates, warps or mixes its pictures before %s, so it is not known "
            "where in the picture its heatmaps lie. They are shown without it, and nothing is "
            "measured on boxes.",
            ", ".join(map(repr, job.unplaced)),
        )


def _example_job(
    model: keras.Model, taps: Sequence[Tap], asked: Asked, patterns: Sequence[PatternJob]
) -> tuple[list[ExampleJob], list[tuple[str, Exception]]]:
    """The job that searches the examples of the filters of other jobs, if it is wanted."""
    try:
        job = example_job(model, taps, asked, [each.filters for each in patterns])
    except Exception as error:
        if isinstance(asked.examples, Examples):
            raise
        return [], [("examples", error)]  # heatmaps may do with what examples do not
    if job is None:
        return [], []
    for each in patterns:
        each.join(job)
    return [job], []


def _is_automatic(patterns: FilterPatterns) -> bool:
    return isinstance(patterns.layers, str) and patterns.layers == "auto"


def _heatmap_taps(model: keras.Model, options: GradCAM) -> list[Tap]:
    taps = heatmap_taps(model, options)
    if cost := cost_of(options, taps):
        _logger.warning(cost)
    return taps


def patterns_for(
    model: keras.Model,
    patterns: FilterPatterns | None,
    heatmaps: GradCAM | None,
    is_first: bool,
) -> FilterPatterns | None:
    """`patterns` like the pictures given: with their value range, colours, spectrum, class names.

    Unless they name their own: a range, images, probes to stand in for them, names. Pictures are
    taken as the model itself takes them, behind the preprocessor of a task.
    """
    if patterns is None:
        return None
    shown = heatmaps.images if heatmaps else None
    own = {name: _prepared(model, getattr(patterns, name)) for name in ("images", "probes")}
    named = next((each for each in (*own.values(), shown) if each is not None), None)
    names = patterns.class_names or (heatmaps.names if heatmaps else ())
    patterns = dataclasses.replace(patterns, probes=own["probes"], images=named, class_names=names)
    given = pictures_among(shown if heatmaps else named)
    if patterns.value_range or given is None:
        return patterns
    low, high = images.value_range(given)
    if is_first and (low, high) not in images.KNOWN_RANGES:
        _logger.warning(
            "images: their values, %g to %g, are of no usual range. They are shown, and patterns "
            "computed, between these; FilterPatterns(value_range=(lowest, highest)) says better.",
            *(low, high),
        )
    return dataclasses.replace(patterns, value_range=(low, high)) if low < high else patterns


def _prepared(model: keras.Model, given: Any) -> Any:
    return None if given is None else preprocessed(model, given)


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
