"""Chosen pictures: which of a whole set have heatmaps, from the first step that tells to the last.

They are chosen once and kept, so that steps compare; a few that change their class later are added.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import keras
import numpy as np

from convviz_tb.heatmaps import Chosen, Confusion, GradCAM, deserving
from convviz_tb.schema import Facts

_MOST_LATER: Final = 4  # pictures that are added after the choice, in all


class PictureChoice:
    """The choice of pictures out of a set that is predicted at every step.

    Args:
        asked: the set; `choose` says that there is a choice.

    Attributes:
        chosen: the pictures that have heatmaps now; later ones come last.
        confusion: the confusion matrix of the set at the newest step; None before the first.
    """

    def __init__(self, asked: GradCAM) -> None:
        self._asked = asked
        self._labels = np.array(asked.single_classes)
        self._predicted: Any = None  # the class of each picture at the step before
        self._is_final = False
        self.chosen: Sequence[Chosen] = deserving.first_of_each_class(self._labels, asked.shown)
        self.confusion: Confusion | None = None

    @property
    def options(self) -> GradCAM:
        """The same for the chosen pictures."""
        return self._asked.only(deserving.numbers_of(self.chosen))

    @property
    def first(self) -> int:
        """How many of them were chosen together: those are the same at all steps since."""
        return sum(each.since is None for each in self.chosen)

    def update(self, model: keras.Model, step: int) -> bool:
        """Predicts the set, and chooses of it once the network knows something.

        Returns:
            Whether other pictures are chosen than before.
        """
        probabilities = deserving.predict(model, self._asked)
        self.confusion = deserving.confusion(probabilities, self._labels)
        before, self._predicted = self._predicted, probabilities.argmax(axis=1)
        if not self._is_final:
            return self._choose(probabilities, before)
        room = _MOST_LATER - (len(self.chosen) - self.first)
        later = deserving.flipped_later(probabilities, before, self.chosen, step, room)
        self.chosen = [*self.chosen, *later]
        return bool(later)

    def resume_from(self, other: "PictureChoice") -> bool:
        """Goes on with the choice of an earlier fit; False where that was made of another set."""
        one, two = self._asked, other._asked
        # Pictures may have been prepared for the model: labels are the same object.
        is_same = (one.labels is two.labels, one.shown) == (True, two.shown)
        if is_same and other._is_final:
            self._keep(other.chosen)
            self._predicted = other._predicted
        return is_same and other._is_final

    def adopt(self, earlier: Mapping[int, Mapping[str, Facts]]) -> bool:
        """Goes on with the choice that another process has made for this run, if it has.

        Args:
            earlier: the facts of all events of the run, by step and tag.
        """
        inputs = [facts["inputs"] for _, facts in sorted(earlier.items()) if "inputs" in facts]
        tiles = inputs[-1]["tiles"] if inputs else []
        first = [tile for tile in tiles if "number" in tile and not tile.get("source")]
        chosen = [Chosen(each["number"], each["group"], each.get("since")) for each in first]
        fits = all(0 <= each.number < len(self._asked) for each in chosen)
        is_choice = any(each.group != deserving.TYPICAL for each in chosen)
        if chosen and fits and is_choice:
            self._keep(chosen)
        return self._is_final

    def _choose(self, probabilities: Any, before: Any) -> bool:
        if not deserving.is_better_than_chance(probabilities, self._labels):
            return False
        self._keep(deserving.worst(probabilities, self._labels, before, self._asked.shown))
        return True

    def _keep(self, chosen: Sequence[Chosen]) -> None:
        self._is_final = True
        self.chosen = chosen
