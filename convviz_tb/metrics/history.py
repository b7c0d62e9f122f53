"""Metric history: the numbers of all steps of a run, by layer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from convviz_tb import schema
from convviz_tb.schema import Facts

#: Values of each metric over the steps, by layer path and metric.
OverSteps = dict[str, dict[str, list[Any]]]

#: Facts of a series that numbers cannot be understood without.
_FACTS: Final = ("baseline_step", "most_on", "probes")


@dataclass(frozen=True)
class Training:
    """How a model trained at a step.

    Attributes:
        learning_rate: at the end of the epoch; None where it is not known.
        trainable: whether each watched layer was, by its path.
        broken: the variables that hold NaN or infinity, and "loss" where it is NaN.
    """

    learning_rate: float | None = None
    trainable: Mapping[str, bool] = field(default_factory=dict)
    broken: Sequence[str] = ()


class MetricHistory:
    """Numbers of tiles and layers, kept as JSON by step and tag.

    A long training must not fill Python with small objects.
    """

    def __init__(self) -> None:
        self._steps: list[int] = []
        self._training: list[Training] = []  # by step
        self._tiles: dict[tuple[int, str], bytes] = {}
        self._layers: dict[tuple[int, str], bytes] = {}

    def begin_step(self, step: int, training: Training) -> None:
        """Adds a step, whose numbers may be known already."""
        self._steps.append(step)
        self._training.append(training)

    def add(
        self,
        step: int,
        tag: str,
        tiles: Sequence[Facts],
        numbers: Mapping[str, Any],
        facts: Facts,
    ) -> None:
        """Adds the numbers of a series at a step: of its tiles, of its layer, some of its facts."""
        names = dict.fromkeys(name for tile in tiles for name in tile if name != "reason")
        columns: Facts = {name: [tile.get(name) for tile in tiles] for name in names}
        if tiles:
            columns |= {name: facts[name] for name in _FACTS if name in facts}
        self._tiles[step, tag] = schema.encode(columns)
        self._layers[step, tag] = schema.encode(dict(numbers))

    def resume(self, earlier: Mapping[int, Mapping[str, Facts]]) -> None:
        """Adds what another process has logged: the facts of all events, by step and tag."""
        for step, by_tag in sorted(earlier.items()):
            self.begin_step(step, _training(by_tag.get("model", {})))
            for tag, facts in by_tag.items():
                if tag.startswith(("patterns/", "heatmaps/")):
                    self.add(step, tag, facts["tiles"], {}, facts)
            for layer in by_tag.get("model", {}).get("layers", ()):
                numbers = layer.get("numbers")
                if isinstance(numbers, dict):
                    numbers.pop("seconds", None)
                    self.add(step, f"layers/{layer['layer']}", [], numbers, {})

    def as_lists(self) -> dict[str, Any]:
        """Everything but the findings of `ConvViz.history`."""
        filters, pictures = (self._over_steps(self._tiles, of) for of in ("patterns", "heatmaps"))
        for numbers in filters.values():  # the same at all steps
            numbers["filter"] = next(filter(None, reversed(numbers["filter"])))
        return {
            "steps": list(self._steps),
            "learning_rate": [each.learning_rate for each in self._training],
            "trainable": self._trainable(),
            "broken": [list(each.broken) for each in self._training],
            "layers": self._over_steps(self._layers),
            "filters": filters,
            "pictures": pictures,
        }

    def _trainable(self) -> dict[str, list[bool | None]]:
        paths = dict.fromkeys(path for each in self._training for path in each.trainable)
        return {path: [each.trainable.get(path) for each in self._training] for path in paths}

    def _over_steps(self, kept: Mapping[tuple[int, str], bytes], kind: str = "") -> OverSteps:
        """Each number as a list over the steps; None where a step has none.

        Args:
            kept: JSON by step and tag.
            kind: that of the tags that count; by default all do.
        """
        layers: OverSteps = {}
        index_of = {step: index for index, step in enumerate(self._steps)}
        for (step, tag), encoded in kept.items():
            of_kind, _, layer = tag.partition("/")
            if step not in index_of or (kind and of_kind != kind):
                continue
            for name, value in json.loads(encoded).items():
                values = layers.setdefault(layer, {}).setdefault(name, [None] * len(self._steps))
                values[index_of[step]] = value
        return layers


def _training(facts: Facts) -> Training:
    """What the facts of a model say of its training."""
    layers = facts.get("layers", ())
    trainable = {each["layer"]: each["trainable"] for each in layers if "trainable" in each}
    return Training(facts.get("learning_rate"), trainable, facts.get("broken", ()))
