"""Claims on filters that died, woke, or are always on."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from convviz_tb.metrics.claims.series import Array, Filters, Finding
from convviz_tb.metrics.claims.story import Story, since
from convviz_tb.metrics.claims.words import about, at, some_filters

_LOST: Final = 1 / 3  # of the filters that responded, from which on a layer has lost them


class _Became(NamedTuple):
    """Filters (columns) of a layer, and since when each is what it is."""

    columns: Sequence[int]
    steps: Sequence[int]

    def lasting(self, layer: Filters) -> "_Became | None":
        """Without those that are so at the last step for the first time."""
        pairs = [
            (column, step)
            for column, step in zip(self.columns, self.steps, strict=True)
            if step < layer.steps[-1]
        ]
        return _Became(*zip(*pairs, strict=True)) if pairs else None

    @property
    def when(self) -> str:
        return f"{'at' if len(set(self.steps)) == 1 else 'by'} epoch {max(self.steps)}"


def died(story: Story) -> Iterator[Finding]:
    """Filters that responded at first and are dead now; the largest losses first.

    Dead: silent on all probe images, and no ascent of the patterns or of several starts wakes them.
    """
    found = []
    for layer in story.filters:
        dead = layer.table("dead")
        responded = layer.silent[_first_known(layer.silent)] == 0 if len(dead) else None
        gone = _became(story, dead, (dead[-1] == 1) & responded) if len(dead) else None
        if not gone:
            continue
        alive = int((layer.silent == 0).sum(axis=1).max())
        lost = len(gone.columns) >= _LOST * max(alive, 1) and len(gone.columns) > 1
        if not lost and not (gone := gone.lasting(layer)):
            continue  # of a few, one more attempt to wake them shall have failed
        which = some_filters(layer, gone.columns)
        text = f"{len(gone.columns)} of {layer.width} filters of {layer.layer} died {gone.when}: "
        text += f"{which}."
        if lost:
            text = f"{layer.layer} lost {len(gone.columns)} of {layer.width} filters "
            text += f"{gone.when}{story.rate(max(gone.steps))}, dead since: {which}."
        finding = _about(text, layer, max(gone.steps), gone, "bad" if lost else None)
        found.append((-lost, -len(gone.columns), finding))
    yield from (finding for *_, finding in sorted(found, key=lambda each: each[:2]))


def dead_from_the_start(story: Story) -> Iterator[Finding]:
    """Filters that have been dead at all steps."""
    for layer in story.filters:
        dead = layer.table("dead")
        known = ~np.isnan(dead)
        always = known.any(axis=0) & (known <= (dead == 1)).all(axis=0) & (dead[-1:] == 1).all(0)
        columns = np.flatnonzero(always).tolist()
        if not columns:
            continue
        row = _first_known(dead)
        before = int((dead[row] == 1).sum())
        verb = "is" if len(columns) == 1 else "are"
        first = story.steps[row]
        start = "from the start" if first == story.steps[0] else f"since epoch {first} or before"
        text = f"{len(columns)} of {layer.width} filters of {layer.layer} {verb} dead {start}: "
        text += f"{some_filters(layer, columns)}."
        if before > len(columns):
            text = (
                f"{len(columns)} of {layer.width} filters of {layer.layer} {verb} still dead, of "
            )
            text += f"{before} {at(first)}: {some_filters(layer, columns)}."
        yield about(text, "patterns", layer.layer, first, layer.filters[columns[0]])


def woke(story: Story) -> Iterator[Finding]:
    """Filters that were dead and respond now."""
    for layer in story.filters:
        dead = layer.table("dead")
        wakes = (dead == 1).any(axis=0) & (layer.silent[-1:] == 0).all(axis=0)
        up = _became(story, 1 - layer.silent, wakes) if len(dead) else None
        if up:
            text = f"{len(up.columns)} of {layer.width} filters of {layer.layer}, dead before, "
            text += f"woke {up.when}: {some_filters(layer, up.columns)}."
            yield _about(text, layer, max(up.steps), up)


def became_always_on(story: Story) -> Iterator[Finding]:
    """Filters that are on everywhere, and were not at first; the layers with most of them first."""
    found = []
    for layer in story.filters:
        stuck = layer.table("stuck")
        on = _became(story, stuck, stuck[-1] == 1) if len(stuck) else None
        if on:
            text = f"{len(on.columns)} of {layer.width} filters of {layer.layer} became always on "
            text += f"{on.when}: {some_filters(layer, on.columns)}."
            found.append((-len(on.columns), _about(text, layer, max(on.steps), on)))
    yield from (finding for _, finding in sorted(found, key=lambda each: each[0]))


def _became(story: Story, flags: Array, now: Array) -> _Became | None:
    """Of the columns chosen by `now`, those whose flag holds since a step that is not the first."""
    known, found = ~np.isnan(flags), {}
    for column in np.flatnonzero(now).tolist():
        step = since(story.steps, flags[:, column] == 1, known[:, column])
        if step is not None and step > story.steps[known[:, column]][0]:
            found[column] = step
    return _Became(list(found), list(found.values())) if found else None


def _first_known(table: Array) -> int:
    return int((~np.isnan(table)).any(axis=1).argmax())


def _about(
    text: str, layer: Filters, step: int, became: _Became, severity: str | None = None
) -> Finding:
    example = layer.filters[min(became.columns)]
    return about(text, "patterns", layer.layer, step, example, severity)
