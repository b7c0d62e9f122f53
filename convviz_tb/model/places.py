"""Places: where something lies in a picture, in shares of it, and which way round."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Box(NamedTuple):
    """Left, top, right, bottom, as shares of what it lies in."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    def within(self, outer: "Box") -> "Box":
        """The same, as shares of what `outer` is given in."""
        width, height = outer.right - outer.left, outer.bottom - outer.top
        left, right = (outer.left + x * width for x in (self.left, self.right))
        top, bottom = (outer.top + y * height for y in (self.top, self.bottom))
        return Box(left, top, right, bottom)

    def is_whole(self, tolerance: float) -> bool:
        """Whether it is all of what it lies in, but for a little."""
        return all(abs(a - b) <= tolerance for a, b in zip(self, (0, 0, 1, 1), strict=True))


WHOLE: Final = Box()


@dataclass(frozen=True)
class Turn:
    """What lays a map over its picture: first rows become columns, then each is mirrored.

    Attributes:
        transposed: whether the columns of the map run along the rows of the picture.
        left_right: whether it is mirrored left to right.
        up_down: whether it is mirrored upside down.
    """

    transposed: bool = False
    left_right: bool = False
    up_down: bool = False

    def laid(self, maps: Array) -> Array:
        """Maps `(..., h, w)` as they lie over the picture."""
        maps = maps.swapaxes(-1, -2) if self.transposed else maps
        maps = maps[..., ::-1] if self.left_right else maps
        return np.ascontiguousarray(maps[..., ::-1, :] if self.up_down else maps)

    def box(self, box: Box) -> Box:
        """A box in shares of the map, in shares of what it is laid over."""
        left, top, right, bottom = box
        if self.transposed:
            left, top, right, bottom = top, left, bottom, right
        if self.left_right:
            left, right = 1 - right, 1 - left
        if self.up_down:
            top, bottom = 1 - bottom, 1 - top
        return Box(left, top, right, bottom)

    def then(self, other: "Turn") -> "Turn":
        """First this one, then another, as one."""
        corners = np.arange(4).reshape(2, 2)
        both = other.laid(self.laid(corners))
        return next(each for each in TURNS if (each.laid(corners) == both).all())

    @property
    def words(self) -> list[str]:
        """What it does, in order."""
        steps = {
            "transposed": self.transposed,
            "mirrored left to right": self.left_right,
            "mirrored upside down": self.up_down,
        }
        return [word for word, is_done in steps.items() if is_done]


_BOTH: Final = (False, True)
#: All there are.
TURNS: Final = tuple(Turn(a, b, c) for a in _BOTH for b in _BOTH for c in _BOTH)
UPRIGHT: Final = Turn()


@dataclass(frozen=True)
class Place:
    """Where something lies, and the turn that lays it there."""

    box: Box = WHOLE
    turn: Turn = UPRIGHT

    def within(self, outer: "Place") -> "Place":
        """The same, in what `outer` is given in."""
        return Place(outer.turn.box(self.box).within(outer.box), self.turn.then(outer.turn))


#: The whole of what it lies in.
EVERYWHERE: Final = Place()
