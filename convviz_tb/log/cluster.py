"""Patterns of checkpoints computed as tasks on a Ray cluster, and returned in order."""

import os
import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import keras

from convviz_tb.log.checkpoints import Checkpoint
from convviz_tb.model import Builder, Tap, build, load_saved, use_cores
from convviz_tb.patterns import FilterPatterns, Patterns, choose_filters, from_seed, pattern_taps

#: Of one checkpoint, by layer path.
OfLayers: TypeAlias = dict[str, Patterns]

_RETRIES: Final = 3  # of a task whose worker was lost
_AHEAD: Final = 2  # tasks that wait, for each that runs
_kept: dict[str, keras.Model] = {}  # of the task before in this worker: it has been traced


@dataclass(frozen=True)
class Wanted:
    """Which patterns of each checkpoint, as a callback has settled it for the first of them.

    Attributes:
        options: as they suit the model and the pictures given.
        filters: of each layer, by its path: indices, or directions.
        builder: see `render`.
        images: build a model that was never built.
    """

    options: FilterPatterns
    filters: Mapping[str, Any]
    builder: Builder | None
    images: Any

    def of(self, tap: Tap) -> Any:
        """The filters of a layer; of one that the first checkpoint did not have, by the options."""
        if tap.path in self.filters:
            return self.filters[tap.path]
        return choose_filters(self.options.filters, tap)


def computed(address: str, checkpoints: Sequence[Checkpoint], wanted: Wanted) -> Iterator[OfLayers]:
    """The patterns of each checkpoint, all from the seed, in order.

    Args:
        address: of the cluster, as `ray.init` takes it: "auto" for the one that is running.
        checkpoints: files that every worker can read.
        wanted: which patterns.

    Raises:
        ValueError: Ray is not installed, or there is no such cluster.
    """
    ray = _connected(address)
    task = ray.remote(max_retries=_RETRIES)(_patterns_of)
    shared = ray.put((uuid.uuid4().hex, wanted))
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


def _use_share_of_cores() -> None:
    """Takes as many threads as there are cores for each worker of this machine.

    TensorFlow would take them all in every worker, and they would wait for one another.
    """
    import ray

    own = ray.get_runtime_context().get_node_id()
    workers = next(node["Resources"].get("CPU", 1) for node in ray.nodes() if node["NodeID"] == own)
    use_cores(max(1, int((os.cpu_count() or 1) // max(1, workers))))


def _patterns_of(path: str, shared: tuple[str, Wanted]) -> OfLayers:
    """The task: runs in a worker."""
    if not _kept:
        _use_share_of_cores()
    rendering, wanted = shared
    model = load_saved(path, wanted.builder, like=_kept.get(rendering))
    _kept.clear()
    _kept[rendering] = model
    if wanted.images is not None:
        build(model, wanted.images)
    taps = pattern_taps(model, wanted.options)
    return {tap.path: from_seed(model, tap, wanted.options, wanted.of(tap)) for tap in taps}
