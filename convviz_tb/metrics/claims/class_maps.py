"""The maps of one class in one layer, compared on the same pictures, then and now.

The reference is the first step at which at least half of the maps that the class has now were
there, showed evidence, and were of a class that the network recognised. Maps that lack any of this
at one end are no part of a comparison.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from convviz_tb.metrics.claims.series import Array, Maps
from convviz_tb.metrics.claims.story import Story, means, since
from convviz_tb.metrics.claims.words import at


@dataclass(frozen=True, eq=False)
class ClassMaps:
    """The maps of one class in one layer.

    Attributes:
        maps: those of the layer.
        index: the class.
        columns: the maps of the class that are there now.
        reference: row of the step that is compared with.
        usable: which maps show evidence for a class that is recognised, `(steps, pairs)`.
    """

    maps: Maps
    index: int
    columns: Array
    reference: int
    usable: Array

    @property
    def steps(self) -> Array:
        return self.maps.steps

    @property
    def was(self) -> str:
        """The reference in words."""
        return at(self.steps[self.reference])

    def common(self, *tables: Array) -> Array:
        """The maps with evidence and these numbers, both at the reference and now."""
        both = self.usable[self.reference] & self.maps.evidence[-1]
        for table in tables:
            both = both & ~np.isnan(table[self.reference]) & ~np.isnan(table[-1])
        common: Array = self.columns[both[self.columns]]
        return common

    def paired(self, table: Array, columns: Array) -> tuple[Array, Array]:
        """Means at the reference and at each step since, of the maps known at both."""
        rows = table[self.reference :, columns]
        shown = self.maps.evidence[self.reference :, columns] & ~np.isnan(rows)
        then = np.where(shown, rows[:1], np.nan)
        return means(then), means(np.where(shown, rows, np.nan))

    def since(self, holds: Array, known: Array) -> int | None:
        """See `story.since`; never the reference itself."""
        step = since(self.steps[self.reference :], holds, known)
        return step if step is not None and step > self.steps[self.reference] else None

    def part(self, columns: Array) -> str:
        """Which of the class's maps are spoken of, in words; nothing where all are."""
        if len(columns) == len(self.columns):
            return ""
        return f", on {len(columns)} of {len(self.columns)} pictures,"


def class_maps(story: Story, maps: Maps) -> Iterator[ClassMaps]:
    """The classes that have maps in a layer now, and a reference to compare them with."""
    usable = maps.evidence & story.recognised(maps)
    present = np.flatnonzero(maps.present.any(axis=1))
    if not len(present) or present[-1] != len(maps.steps) - 1:
        return  # of a step without heatmaps nothing is said
    for index in np.unique(maps.classes[maps.present[-1]]):
        columns = np.flatnonzero(maps.present[-1] & (maps.classes == index))
        enough = 2 * usable[:, columns].sum(axis=1) >= max(len(columns), 1)
        if enough.any():
            yield ClassMaps(maps, int(index), columns, int(enough.argmax()), usable)
