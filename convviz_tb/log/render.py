"""Runs that are over: checkpoints in, the log that the callback would have written out."""

import dataclasses
import itertools
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import keras

from convviz_tb.examples import Examples
from convviz_tb.heatmaps import GradCAM
from convviz_tb.log.callback import ConvViz
from convviz_tb.log.checkpoints import Checkpoint, Paths, checkpoints_of
from convviz_tb.log.cluster import OfLayers, Wanted, computed
from convviz_tb.log.jobs import PatternJob
from convviz_tb.log.writer import RunWriter
from convviz_tb.model import Builder, load_saved
from convviz_tb.patterns import FilterPatterns

_logger = logging.getLogger("convviz_tb")


@dataclass(frozen=True)
class Rendered:
    """What `render` has written.

    Attributes:
        log_dir: the run.
        steps: the steps that were rendered.
        skipped: the steps that the log held already.
    """

    log_dir: str
    steps: Sequence[int]
    skipped: Sequence[int]


def render(
    checkpoints: Paths,
    log_dir: str | os.PathLike[str],
    *,
    patterns: FilterPatterns | None = FilterPatterns(),  # noqa: B008  (frozen)
    heatmaps: GradCAM | None = None,
    examples: Examples | Literal["auto"] | None = "auto",
    builder: Builder | None = None,
    steps: Sequence[int] | None = None,
    ray: str | None = None,
    verbose: bool = True,
) -> Rendered:
    """Logs a training that is over, from the models that it saved.

    Writes what `ConvViz` would have written during the training, with the same numbers, baseline
    and findings: the first checkpoint is the baseline, so save the model before training as well.
    Steps that the log holds already are skipped, so an interrupted rendering is resumed.

    Args:
        checkpoints: files, or folders that hold them: `.keras` or `.h5` models, `.weights.h5`, or
            folders of SavedModels. Of a SavedModel only the outputs can be shown, as its layers are
            not known.
        log_dir: directory of the run, as for `ConvViz`.
        patterns: which filter patterns; None turns them off.
        heatmaps: which heatmaps; None turns them off.
        examples: which pictures are searched for examples, as for `ConvViz`.
        builder: a function without arguments that makes the model, or `"module:function"`. Weights
            need it, models may do without.
        steps: epochs completed at each checkpoint, in order; by default the number in its name, as
            in `epoch_07.keras` or `weights.07-0.31.keras`.
        ray: the address of a Ray cluster, "auto" for the one that is running (`pip install
            convviz_tb[ray]`). The patterns of each checkpoint are a task then, tried again where a
            worker is lost; this process measures and writes. They start from the seed at every
            step, as with `refresh=1`, and are then the same as without Ray.
        verbose: whether to draw a progress bar.

    Returns:
        Which steps were rendered, and which were there.

    Raises:
        ValueError: an argument is out of range; a checkpoint cannot be loaded; a layer, a class or
            the images do not fit the model. What was rendered before stays.
        OSError: `log_dir` cannot be written to, or a training writes there.

    Example:

    ```python
    import convviz_tb

    convviz_tb.render("checkpoints/", "runs/pets", heatmaps=convviz_tb.GradCAM(val_images))
    ```
    """
    found = checkpoints_of(checkpoints, steps)
    if ray is not None and patterns is not None:
        patterns = dataclasses.replace(patterns, refresh=1)
    asked: dict[str, Any] = {"patterns": patterns, "heatmaps": heatmaps, "examples": examples}
    renderer = _Renderer(os.fspath(log_dir), **asked)
    logged = _logged_steps(renderer.log_dir)
    skipped = [each.step for each in found if each.step in logged]
    todo = [each for each in found if each.step > max(logged, default=-1)]
    _tell_of_lost(found, logged)
    if todo:
        _render(renderer, todo, builder, ray, verbose)
    return Rendered(renderer.log_dir, [each.step for each in todo], skipped)


def _render(
    renderer: "_Renderer",
    todo: Sequence[Checkpoint],
    builder: Builder | None,
    ray: str | None,
    verbose: bool,
) -> None:
    given: Iterator[OfLayers] | None = None
    bar = keras.utils.Progbar(len(todo), verbose=int(verbose), unit_name="checkpoint")
    model: keras.Model | None = None
    try:
        for done, checkpoint in enumerate(todo, 1):
            loaded = load_saved(checkpoint.path, builder, like=model)
            if loaded is not model:
                renderer.begin(loaded, todo[-1].step)
            model = loaded
            given = given or renderer.elsewhere(ray, todo, builder)
            renderer.log(checkpoint.step, next(given))
            bar.update(done)
    finally:
        renderer.end()


class _Renderer(ConvViz):
    """The callback, to which each checkpoint is the end of an epoch."""

    def begin(self, model: keras.Model, planned: int) -> None:
        """Prepares a model; one of another architecture goes on with the same run."""
        self.set_model(model)
        self.set_params({"epochs": planned, "verbose": 0})
        self.on_train_begin()
        self._planned = planned

    def elsewhere(
        self, ray: str | None, todo: Sequence[Checkpoint], builder: Builder | None
    ) -> Iterator[OfLayers]:
        """The patterns of each checkpoint that a cluster computes; none without one.

        The options are those that suit the first model and its pictures, as in `begin`.
        """
        options = self._prepared.patterns
        if ray is None or options is None:
            return itertools.repeat({})
        images = self.heatmaps.images if self.heatmaps else None
        jobs = [job for job in self._prepared.jobs if isinstance(job, PatternJob)]
        filters = {job.tag.removeprefix("patterns/"): job.filters for job in jobs}
        return computed(ray, todo, Wanted(options, filters, builder, images))

    def log(self, step: int, given: OfLayers) -> None:
        """Logs the model as it is now, of which some patterns may have been computed."""
        self._epochs = step
        for job in self._prepared.jobs:
            if isinstance(job, PatternJob):
                job.give(given)
        self._guard(self._log_now)
        self._has_trained = True

    def end(self) -> None:
        """Closes the log."""
        self._guard(self._close)

    def _log_now(self) -> None:
        with self._account.spending():
            self._log_step()


def _logged_steps(log_dir: str) -> list[int]:
    """The steps that the log holds, oldest first."""
    writer = RunWriter(log_dir)
    try:
        return sorted(writer.earlier())
    finally:
        writer.close()


def _tell_of_lost(found: Sequence[Checkpoint], logged: Sequence[int]) -> None:
    """Steps of a log only increase: what lies between those that it holds cannot be added."""
    newest = max(logged, default=-1)
    lost = [each.step for each in found if each.step < newest and each.step not in logged]
    if lost:
        _logger.warning(
            "log_dir: holds steps up to %d, so step %s cannot be added; render into another one.",
            *(newest, ", ".join(map(str, lost))),
        )
