"""The results of both runs, out of `ConvViz.history`, as a table and sentences."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from demo.datasets import Data
from demo.drawing import Array


@dataclass(frozen=True)
class Outcome:
    """The results of one run.

    Attributes:
        run: its name.
        accuracy: on the validation pictures.
        accuracy_without_sticker: on the test pictures.
        on_object: energy on the object at each step, the mean over the heatmaps of pictures with
            a sticker; NaN where no box is known.
        on_sticker: energy of the same heatmaps on the sticker.
        empty: how many of them are empty at the last step, and do not count.
        findings: what ConvViz says, in its order.
    """

    run: str
    accuracy: float
    accuracy_without_sticker: float
    on_object: list[float]
    on_sticker: list[float]
    empty: int
    findings: list[str]

    @property
    def sticker_leads_from(self) -> int | None:
        """The step from which on more energy lies on the sticker; None for never."""
        pairs = enumerate(zip(self.on_sticker, self.on_object, strict=True))
        behind = [step for step, (sticker, object_) in pairs if not sticker > object_]
        since = behind[-1] + 1 if behind else 0
        return since if since < len(self.on_object) else None


def outcome_of(
    run: str, accuracies: tuple[float, float], history: dict[str, Any], layer: str, data: Data
) -> Outcome:
    """The results of a run.

    Args:
        run: its name.
        accuracies: on the validation pictures, and on the test pictures.
        history: `ConvViz.history` of the run.
        layer: path of the layer whose heatmaps are reported.
        data: the pictures of the run.
    """
    numbers = history["pictures"][layer]
    chosen = np.flatnonzero(data.heatmap_pictures.has_sticker)
    on_object, on_sticker = (
        [known(values or (), chosen) for values in numbers[name]]
        for name in ("energy_inside", "energy_on_sticker")
    )
    return Outcome(
        run,
        *accuracies,
        on_object=[mean(values) for values in on_object],
        on_sticker=[mean(values) for values in on_sticker],
        empty=len(chosen) - len(on_sticker[-1]),
        findings=[each["text"] for each in history["findings"]],
    )


def known(values: Sequence[float | None], chosen: Array) -> list[float]:
    """The values of the chosen heatmaps; an empty heatmap has none."""
    return [value for i, value in enumerate(values) if i in chosen and value is not None]


def mean(values: Sequence[float]) -> float:
    """The mean, NaN of nothing."""
    return statistics.fmean(values) if values else math.nan


def report(outcomes: Sequence[Outcome], data: Data) -> str:
    """The table and the findings that are printed at the end."""
    name, steps = data.class_names[data.marked_class], len(outcomes[0].on_object) - 1
    with_sticker = data.heatmap_pictures.has_sticker.sum()
    lines = [
        f"Accuracy on the validation pictures, and on {len(data.test)} held-out pictures of class "
        f"{name!r} without a sticker;",
        f"energy on object and sticker, of the heatmaps of {with_sticker} of these with the "
        f"sticker added; step 0 -> {steps}",
        "",
        f"{'run':<14}{'validation':>11}{'no sticker':>12}{'on object':>18}{'on sticker':>18}"
        "  sticker leads",
        *map(table_row, outcomes),
        "",
        "What ConvViz says, here and in the tab:",
    ]
    for each in outcomes:
        lines += [f"{each.run:<14}{text}" for text in each.findings or ["nothing"]]
    return "\n".join(lines)


def table_row(outcome: Outcome) -> str:
    """One run in the table."""
    accuracies = f"{outcome.accuracy:>11.0%}{outcome.accuracy_without_sticker:>12.0%}"
    energies = f"{change(outcome.on_object):>18}{change(outcome.on_sticker):>18}"
    row = f"{outcome.run:<14}{accuracies}{energies}  {lead(outcome)}"
    if outcome.empty:
        row += f"\n{'':<14}({outcome.empty} heatmaps at the last step are empty: not counted)"
    return row


def change(values: Sequence[float]) -> str:
    """First and last value, as percentages."""
    first, last = values[0], values[-1]
    return "unknown" if math.isnan(first + last) else f"{first:.0%} -> {last:.0%}"


def lead(outcome: Outcome) -> str:
    """Since when the sticker leads, in words."""
    if math.isnan(outcome.on_object[-1]):
        return "unknown"
    step = outcome.sticker_leads_from
    return "never" if step is None else f"from step {step}"
