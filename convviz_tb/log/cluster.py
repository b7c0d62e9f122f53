"""Patterns of checkpoints computed as tasks on a Ray cluster, and returned in order."""

import os
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

import keras

from convviz_tb.log.checkpoints import Checkpoint
from convviz_tb.model import Builder, build, load_saved
from convviz_tb.patterns import FilterPatterns, Patterns, choose_filters, from_seed, pattern_taps

#: Of one checkpoint, by layer path.
OfLayers: TypeAlias = dict[str, Patterns]

_RETRIES: Final = 3  # of a task whose worker was lost
_AHEAD: Final = 2  # tasks that wait, for each that runs
_kept: dict[str, keras.Model] = {}  # of the task before in this worker: it has been traced


def computed(
    address: str,
    checkpoints: Sequence[Checkpoint],
    options: FilterPatterns,
    builder: Builder | None,
    images: Any,
) -> Iterator[OfLayers]:
    """The patterns of each checkpoint, all from the seed, in order.

    Args:
        address: of the cluster, as `ray.init` takes it: "auto" for the one that is running.
        checkpoints: files that every worker can read.
        options: which patterns.
        builder: see `render`.
        images: build a model that was never built.

    Raises:
        ValueError: Ray is not installed, or there is no such cluster.
    """
    ray = _connected(address)
    task = ray.remote(max_retries=_RETRIES)(_patterns_of)
    shared = ray.put((uuid.uuid4().hex, builder, options, images))
    most = _AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
    running: deque[Any] = deque()
    for checkpoint in checkpoints:
        running.append(task.remote(os.path.abspath(checkpoint.path), shared))
        if len(running) > most:
            yield ray.get(running.popleft())
    while running:
        yield ray.get(running.popleft())


def _connected(address: str) -> Any:
    try:
        import ray
    except ImportError as error:
        raise ValueError("ray: it is not installed; `pip install convviz_tb[ray]`.") from error
    if not ray.is_initialized():
        try:
            ray.init(address, log_to_driver=False, logging_level="ERROR")
        except (ConnectionError, ValueError) as error:
            raise ValueError(f"ray: no cluster at {address!r}: {error}") from error
    return ray


def _patterns_of(path: str, shared: tuple[str, Builder | None, FilterPatterns, Any]) -> OfLayers:
    """The task: runs in a worker."""
    rendering, builder, options, images = shared
    model = load_saved(path, builder, like=_kept.get(rendering))
    _kept.clear()
    _kept[rendering] = model
    if images is not None:
        build(model, images)
    return {
        tap.path: from_seed(model, tap, options, choose_filters(options.filters, tap))
        for tap in pattern_taps(model, options)
    }
