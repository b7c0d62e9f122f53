"""Boxes: where something lies in a picture, in shares of it."""

from typing import Final, NamedTuple


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
