"""Findings: sentences on what the metrics of a run say, made from the numbers of all its steps.

Each rule (`claims/`) looks at one kind of change; `docs/metrics.md` says what must be the case for
each. A claim is true, or it is not made.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from convviz_tb.metrics.claims import (
    alike,
    collapse,
    evidence,
    found,
    life,
    movement,
    predictions,
)
from convviz_tb.metrics.claims.series import Finding as Finding
from convviz_tb.metrics.claims.series import History as History
from convviz_tb.metrics.claims.story import Story

MOST: Final = 5
_PER_RULE: Final = 2

#: By damage: what broke, what left, what moved, what is merely worth knowing.
RULES: Final[Sequence[Callable[[Story], Iterator[Finding]]]] = (
    collapse.not_a_number,
    collapse.collapsed,
    collapse.same_for_all,
    predictions.never_predicted,
    life.died,
    collapse.without_evidence,
    evidence.left,
    found.found,
    movement.unfrozen,
    movement.frozen_still,
    movement.moved_most,
    predictions.back_and_forth,
    life.dead_from_the_start,
    life.woke,
    life.became_always_on,
    alike.other_responses,
    alike.became_alike,
    movement.only_grew,
    movement.without_effect,
    predictions.other_predictions,
)


def findings(
    history: History,
    class_names: Sequence[str] = (),
    object_name: str = "object",
    labels: Sequence[int] | None = None,
) -> list[Finding]:
    """At most five sentences, the most important first, each with what it is about.

    Args:
        history: the numbers of all steps so far, see `ConvViz.history`.
        class_names: names by class index.
        object_name: what the region is called that `energy_inside` is of.
        labels: the true class of each picture that heatmaps are of, where they are known.

    Returns:
        `text`, `kind` ("patterns" or "heatmaps"), `layer`, `step`, `filter` or `image`, and
        `severity` ("bad") where it is damage.
    """
    story = Story(history, class_names, object_name, labels)
    if not len(story.steps):
        return []
    is_broken = set(story.broken[-1]) - {"loss"}  # then nothing else is known of this step
    rules = RULES[:1] if is_broken else RULES
    told = [finding for rule in rules for finding in list(rule(story))[:_PER_RULE]]
    return told[:MOST]
