"""Progress bar of a logging step, on the line where Keras draws its own."""

import shutil
import sys

_WIDTH = 20


class Progress:
    """A bar that is drawn over the current line and leaves it empty for Keras.

    Keras ends its line only after the callbacks: what stands there is redrawn right after us.

    Args:
        total: number of items.
        shown: whether to draw at all.
    """

    def __init__(self, total: int, shown: bool) -> None:
        self._total = total
        self._done = 0
        self._shown = shown and total > 0 and is_interactive()

    def next(self, name: str) -> None:
        """Draws that the item `name` is being worked on."""
        if self._shown:
            filled = round(_WIDTH * self._done / self._total)
            bar = "━" * filled + "╺" + "─" * (_WIDTH - filled)
            self._draw(f"convviz {bar} {self._done}/{self._total} {name}")
        self._done += 1

    def close(self) -> None:
        """Empties the line."""
        if self._shown:
            self._draw("")
            sys.stdout.write("\r")
            sys.stdout.flush()

    def _draw(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        sys.stdout.write("\r" + text[:width].ljust(width))
        sys.stdout.flush()


def is_interactive() -> bool:
    """Whether Keras draws a moving bar here: a terminal or a notebook."""
    return sys.stdout.isatty() or "ipykernel" in sys.modules
