"""The results of each step of a run -> the numbers beside them; the one room that remembers.

Numbers of one state come from `responses.py` and `heatmaps.py`, numbers of two from `drift.py`; the
formulas are in `docs/metrics.md`.
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import tree

from convviz_tb import images, schema
from convviz_tb.heatmaps import GradCAM, Heatmaps, picture_sides, regions
from convviz_tb.metrics import baseline, drift, responses
from convviz_tb.metrics import findings as findings_room
from convviz_tb.metrics.baseline import State
from convviz_tb.metrics.findings import Finding, History
from convviz_tb.metrics.responses import Answers
from convviz_tb.model import Tap, kernels
from convviz_tb.patterns import FilterPatterns, Followed, Patterns, ascend
from convviz_tb.schema import Facts

Array = npt.NDArray[Any]
#: A number of each tile of a layer.
Columns = dict[str, Array]
#: Which share of each position lies on each region, by name, and which centres on the object.
Regions = tuple[dict[str, Array], Array]

#: What two states must share to be compared.
_IDENTITY: Final = ("filters", "pictures")
_RESEEDED: Final = 4  # filters of a layer that measure the noise floor
#: Which numbers of the tiles speak for their layer, and how.
_OF_FILTERS: Final[dict[str, Callable[[Array], Any]]] = {
    "kernel_drift": np.median,
    "pattern_drift": np.median,
    "function_drift": np.median,
    "dead": np.sum,
    "stuck": np.sum,
}
_OF_PICTURES: Final[dict[str, Callable[[Array], Any]]] = dict.fromkeys(
    ("probability", "area", "energy_inside", "overlap_previous"), np.mean
)


@dataclass(frozen=True)
class Extra:
    """What was measured of a result before it is encoded; joined to its facts.

    Attributes:
        tiles: facts of each tile, in order; empty for none.
        facts: facts of the layer at this step.
        numbers: of the layer as a whole; each is a curve too, `convviz/<number>/<layer path>`.
    """

    tiles: Sequence[Facts] = ()
    facts: Facts = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)


class RunMeasures:
    """Measures every result of a run against its baseline and its previous step."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._baseline: dict[str, State] = {}
        self._previous: dict[str, State] = {}
        self._is_saved = False
        self._watched: list[Tap] = []
        self._options: FilterPatterns | None = None
        self._heatmaps: GradCAM | None = None
        self._probes: Any = None
        self._probes_name = self._pictures_name = _name_of(None)
        self._steps: list[int] = []
        # By step and tag, as JSON: a long training must not fill Python with small objects.
        self._columns: dict[tuple[int, str], bytes] = {}  # numbers of tiles
        self._numbers: dict[tuple[int, str], bytes] = {}  # of whole layers
        self._answers: tuple[int, dict[str, Answers]] = (-1, {})
        self._coverage: dict[tuple[int, int], Regions] = {}

    def prepare(
        self,
        model: keras.Model,
        watched: Sequence[Tap],
        options: FilterPatterns | None,
        heatmaps: GradCAM | None,
    ) -> None:
        """Traces what will be asked of the model; to be called before each `fit`.

        Raises:
            ValueError: the probes do not fit the model; then there are no numbers of them.
        """
        self._model, self._watched = model, list(watched)
        self._options, self._heatmaps = options, heatmaps
        self._coverage = {}
        given = _probes(options, heatmaps)
        self._probes_name = _name_of(given)
        self._pictures_name = _name_of(heatmaps.images if heatmaps else None)
        self._answers = (-1, {})
        self._probes = None  # should they fail
        if given is not None and watched:
            responses.prepare(model, watched, given)
            self._probes = given

    def go_on(self, directory: str, earlier: dict[int, dict[str, Facts]]) -> None:
        """Takes up a run that another process began.

        Args:
            directory: where the run's event files are.
            earlier: the facts of all events there, by step and tag.
        """
        self._baseline = baseline.load(directory) if earlier else {}
        self._is_saved = bool(self._baseline)
        for step, by_tag in sorted(earlier.items()):
            self._steps.append(step)
            for tag, facts in by_tag.items():
                if tag.startswith(("patterns/", "heatmaps/")):
                    self._keep(step, tag, facts["tiles"], {})
            for layer in by_tag.get("model", {}).get("layers", ()):
                numbers = layer.get("numbers")
                if isinstance(numbers, dict):
                    numbers.pop("seconds", None)
                    self._keep(step, f"layers/{layer['layer']}", [], numbers)

    # -------------------------------------------------------------------------------- filters

    def of_patterns(self, step: int, tap: Tap, found: Followed, tiles: images.Bytes) -> Extra:
        """The numbers of the filters of a layer, of which `tiles` are the pictures."""
        tag = f"patterns/{tap.path}"
        if self._options is None:  # preparing failed, and was told
            return Extra()
        filters = found.filters
        answers = self._answers_of(step, tap)
        now = self._state(tap, tiles, filters, answers)
        before, previous = self._before(tag, step, now)
        if "noise_floor" not in before:
            before["noise_floor"] = self._noise_floor(tap, filters, now)
        columns: Columns = {"filter": found.patterns.filters, "score": found.patterns.scores}
        columns |= _drifts(now, before)
        if previous:
            columns |= _drifts(now, previous, "_previous")
        facts: Facts = {
            "baseline_step": int(before["step"]),
            "noise_floor": float(before["noise_floor"]),
            "probes": 0,
        }
        if answers is not None and self._probes is not None:
            facts["probes"] = len(tree.flatten(self._probes)[0])
            columns |= _life(answers.of(filters), found.patterns, facts["probes"])
            columns |= _twins(now["answers"], answers, filters)
        self._previous[tag] = now
        return self._extra(step, tag, tap, columns, facts, _OF_FILTERS)

    def _state(
        self, tap: Tap, tiles: images.Bytes, filters: Array, answers: Answers | None
    ) -> State:
        """All that later steps are compared with."""
        state = {"filters": filters, "texture": drift.textures(tiles)}
        rows = kernels.kernel(tap.layer)
        if rows is not None and len(rows) == tap.filters:
            state["kernel"] = _chosen(rows, filters)
        if answers is not None:
            state["answers"] = drift.unit_answers(_chosen(answers.sampled, filters))
            state["probes"] = self._probes_name
        return state

    def _answers_of(self, step: int, tap: Tap) -> Answers | None:
        if self._probes is None:
            return None
        if self._answers[0] != step:  # one pass serves all layers
            found = responses.answers(self._model, self._watched, self._probes)
            self._answers = (step, found)
        return self._answers[1].get(tap.path)

    def _noise_floor(self, tap: Tap, filters: Array, now: State) -> Array:
        """The median drift between pictures of the same filters from two seeds."""
        assert self._options is not None
        options = dataclasses.replace(self._options, seed=self._options.seed + 1)
        found = ascend(self._model, tap, options, filters[:_RESEEDED])
        other = drift.textures(images.pattern_tiles(found.images, options.channels))
        return np.asarray(np.median(drift.pattern_drift(other, now["texture"][:_RESEEDED])))

    # ------------------------------------------------------------------------------- heatmaps

    def of_heatmaps(self, step: int, tap: Tap, found: Heatmaps) -> Extra:
        """The numbers of the heatmaps of a layer."""
        tag = f"heatmaps/{tap.path}"
        maps = found.maps.reshape(-1, *found.maps.shape[-2:])
        count = len(found.predicted)
        now: State = {
            "maps": drift.small(maps),
            "pictures": self._pictures_name,
            "image": np.repeat(np.arange(count), len(maps) // count),
            "class_index": found.classes.ravel(),
        }
        before, previous = self._before(tag, step, now)
        columns: Columns = {
            "image": now["image"],
            "class_index": now["class_index"],
            "probability": found.probabilities.ravel(),
            "maximum": maps.max(axis=(1, 2)),
            "centre": drift.centre(maps),
            "area": drift.area(maps),
            "entropy": drift.entropy(maps),
            "overlap_baseline": _overlap(now, before),
        }
        if previous:
            columns["overlap_previous"] = _overlap(now, previous)
        if found.channels is not None and found.weights is not None:
            columns["channels"] = _channels(found.channels, found.weights)
        columns |= self._inside(maps, now["image"])
        self._previous[tag] = now
        facts = {"baseline_step": int(before["step"])}
        on_regions = (name for name in columns if name.startswith(schema.ON_REGION))
        speak = _OF_PICTURES | dict.fromkeys(on_regions, np.mean)
        return self._extra(step, tag, tap, columns, facts, speak)

    def _inside(self, maps: Array, image: Array) -> Columns:
        """How much of each map lies on the object and other regions, and where its maximum is."""
        if self._heatmaps is None or self._heatmaps.boxes is None:
            return {}
        covered, centres = self._regions(self._heatmaps, (maps.shape[1], maps.shape[2]))
        energy = {name: drift.energy_inside(maps, each[image]) for name, each in covered.items()}
        on_object = energy.pop(next(iter(energy)))
        hottest = maps.reshape(len(maps), -1).argmax(axis=1)
        hits = centres[image].reshape(len(maps), -1)[np.arange(len(maps)), hottest]
        pointing = np.array(
            [None if np.isnan(e) else bool(hit) for e, hit in zip(on_object, hits, strict=True)]
        )
        others = {schema.ON_REGION + name: shares for name, shares in energy.items()}
        return {"energy_inside": on_object, "pointing": pointing} | others

    def _regions(self, options: GradCAM, shape: tuple[int, int]) -> Regions:
        if shape not in self._coverage:
            sides = picture_sides(self._model, options)
            given = regions.named(options.boxes)
            covered = {name: regions.coverage(each, sides, shape) for name, each in given.items()}
            on_object = next(iter(given.values()))
            self._coverage[shape] = (covered, regions.centres_inside(on_object, sides, shape))
        return self._coverage[shape]

    # ------------------------------------------------------------------------------- the run

    def save(self, directory: str) -> None:
        """Keeps the baseline beside the event files, if it is not there yet.

        Raises:
            OSError: it could not be written.
        """
        if not self._is_saved:
            baseline.save(directory, self._baseline)
            self._is_saved = True

    def findings(self, step: int) -> list[Finding]:
        """What a reader who stands at this step should know; to be asked once a step."""
        self._steps.append(step)
        names = self._heatmaps.class_names if self._heatmaps else ()
        boxes = self._heatmaps.boxes if self._heatmaps else None
        self._findings = findings_room.findings(
            self.history, names, next(iter(regions.named(boxes)))
        )
        return self._findings

    @property
    def history(self) -> History:
        """See `ConvViz.history`."""
        layers = _over_steps(self._steps, self._numbers)
        filters, pictures = (
            _over_steps(self._steps, self._columns, kind) for kind in ("patterns", "heatmaps")
        )
        for numbers in filters.values():  # the same at all steps
            numbers["filter"] = next(filter(None, reversed(numbers["filter"])))
        return {
            "steps": list(self._steps),
            "layers": layers,
            "filters": filters,
            "pictures": pictures,
            "findings": [dict(finding) for finding in self._findings],
        }

    def _before(self, tag: str, step: int, now: State) -> tuple[State, State | None]:
        """What to compare with: the baseline and the previous step, if there is one.

        Where nothing comparable is known, this step becomes the baseline.
        """
        previous = self._previous.get(tag)
        if tag not in self._baseline or not _comparable(now, self._baseline[tag]):
            self._baseline[tag] = now | {"step": np.array(step)}
            self._is_saved = False
        if previous is not None and not _comparable(now, previous):
            previous = None
        return self._baseline[tag], previous

    def _extra(
        self,
        step: int,
        tag: str,
        tap: Tap,
        columns: Columns,
        facts: Facts,
        speak: dict[str, Callable[[Array], Any]],
    ) -> Extra:
        tiles = _tiles(columns)
        numbers = {}
        for name, of_all in speak.items():
            known = np.array([tile[name] for tile in tiles if tile.get(name) is not None], float)
            if len(known):
                numbers[name] = float(of_all(known))
        self._keep(step, tag, tiles, numbers)
        return Extra(tiles, facts, numbers)

    def _keep(self, step: int, tag: str, tiles: Sequence[Facts], numbers: dict[str, float]) -> None:
        names = dict.fromkeys(name for tile in tiles for name in tile if name != "reason")
        columns = {name: [tile.get(name) for tile in tiles] for name in names}
        self._columns[step, tag] = schema.encode(columns)
        self._numbers[step, tag] = schema.encode(numbers)


def _probes(options: FilterPatterns | None, heatmaps: GradCAM | None) -> Any:
    """The pictures to watch filters on, or None."""
    if options is None:
        return None
    if options.probes is not None:
        return responses.first(options.probes)
    return responses.first(heatmaps.images) if heatmaps else None


def _name_of(images: Any) -> Array:
    """A name for pictures: equal for equal ones."""
    digest = hashlib.blake2b(digest_size=16)
    for array in tree.flatten(images) if images is not None else ():
        digest.update(np.ascontiguousarray(array).tobytes())
    return np.frombuffer(digest.digest(), np.uint8)


def _comparable(now: State, before: State) -> bool:
    """Whether two states are of the same filters, or of maps of the same pictures."""
    same = all(
        name in before and np.array_equal(now[name], before[name])
        for name in _IDENTITY
        if name in now
    )
    alike = (name for name in ("kernel", "texture", "maps") if name in now or name in before)
    return same and all(
        name in now and name in before and now[name].shape[1:] == before[name].shape[1:]
        for name in alike
    )


def _chosen(rows: Array, filters: Array) -> Array:
    """The rows of some filters, or their mixtures for directions `(n, filters)`."""
    return rows[filters] if filters.ndim == 1 else filters @ rows


def _drifts(now: State, before: State, suffix: str = "") -> Columns:
    """How far filters moved between two states, as far as both know."""
    columns: Columns = {}
    if "kernel" in now:
        kernels_ = (now["kernel"], before["kernel"])
        columns["kernel_drift" + suffix] = kernels.kernel_drift(*kernels_)
        if not suffix:
            columns["kernel_cosine"] = kernels.kernel_cosine(*kernels_)
            columns["kernel_norm"] = kernels.kernel_norm(*kernels_)
    columns["pattern_drift" + suffix] = drift.pattern_drift(now["texture"], before["texture"])
    both = "answers" in now and "answers" in before
    if not suffix and both and np.array_equal(now["probes"], before["probes"]):
        columns["function_drift"] = drift.function_drift(now["answers"], before["answers"])
    return columns


def _life(answers: Answers, found: Patterns, count: int) -> Columns:
    """Whether filters live, on so many probes; and why not."""
    silent = (answers.active == 0) & (answers.smallest == 0) & (answers.largest == 0)
    constant = (answers.smallest == answers.largest) & ~silent
    dead = silent & (found.scores <= 0)
    stuck = (answers.active == 1) if answers.rectified else constant
    return {
        "active": answers.active,
        "response": answers.largest,
        "gradient": found.gradients,
        "dead": dead,
        "stuck": stuck,
        "reason": np.array(
            [
                _reason(bool(dead[i]), bool(stuck[i]), bool(constant[i]), answers.largest[i], count)
                for i in range(len(dead))
            ],
            object,
        ),
    }


def _reason(dead: bool, stuck: bool, constant: bool, answer: float, count: int) -> str | None:
    everywhere = f"at every position of {'all ' if count > 1 else ''}{count} probe images"
    if count == 1:
        everywhere = "at every position of the one probe image"
    if dead:
        return f"Silent {everywhere}, and the ascent found no picture that it answers to."
    if stuck and constant:
        return f"Gives the same answer, {answer:.3g}, {everywhere}."
    if stuck:
        return f"On {everywhere}: its ReLU never cuts there, it only passes on a weighted sum."
    return None


def _twins(chosen: Array, answers: Answers, filters: Array) -> Columns:
    """The nearest twin of each filter in its layer."""
    layer = drift.unit_answers(answers.sampled)
    twins, similar = drift.twins(chosen, layer, filters if filters.ndim == 1 else None)
    indices = np.array([None if twin < 0 else int(twin) for twin in twins], object)
    return {"twin": indices, "twin_similarity": similar}


def _overlap(now: State, before: State) -> Array:
    """How far each map lies where that of the same picture and class lay; NaN without one."""
    keys = zip(before["image"].tolist(), before["class_index"].tolist(), strict=True)
    places = {key: place for place, key in enumerate(keys)}
    found = np.full(len(now["maps"]), np.nan)
    for i, key in enumerate(zip(now["image"].tolist(), now["class_index"].tolist(), strict=True)):
        if key in places:
            found[i] = drift.overlap(now["maps"][i], before["maps"][places[key]])
    return found


def _channels(channels: Array, weights: Array) -> Array:
    """Per map a list of channels with their weights, as an array of lists."""
    most = channels.shape[-1]
    pairs = np.empty(channels.size // most, object)
    for i, (indices, shares) in enumerate(
        zip(channels.reshape(-1, most), weights.reshape(-1, most), strict=True)
    ):
        pairs[i] = [[int(index), share] for index, share in zip(indices, shares, strict=True)]
    return pairs


def _tiles(columns: Columns) -> list[Facts]:
    """One dictionary per tile, of Python's own types; what is not finite is None."""
    listed = {name: [_plain(value) for value in values] for name, values in columns.items()}
    count = len(next(iter(listed.values())))
    return [
        {
            name: values[i]
            for name, values in listed.items()
            if name not in ("reason", "pointing") or values[i] is not None
        }
        for i in range(count)
    ]


def _plain(value: Any) -> Any:
    """A value of Python's own, with six digits: more mean nothing and fill the log."""
    if isinstance(value, np.ndarray):
        return None if np.isnan(value).any() else [_plain(each) for each in value]
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, float):
        return value
    return float(f"{value:.6g}") if np.isfinite(value) else None


def _over_steps(
    steps: Sequence[int], kept: dict[tuple[int, str], bytes], kind: str = ""
) -> dict[str, dict[str, list[Any]]]:
    """Numbers by layer and name, each a list over the steps; None where a step has none.

    Args:
        steps: the steps.
        kept: JSON by step and tag.
        kind: that of the tags that count; by default all do.
    """
    found: dict[str, dict[str, list[Any]]] = {}
    places = {step: place for place, step in enumerate(steps)}
    for (step, tag), encoded in kept.items():
        of_kind, _, layer = tag.partition("/")
        if step not in places or (kind and of_kind != kind):
            continue
        for name, value in json.loads(encoded).items():
            values = found.setdefault(layer, {}).setdefault(name, [None] * len(steps))
            values[places[step]] = value
    return found
