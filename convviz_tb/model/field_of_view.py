"""Field of view of a layer: which input it sees, which time step, and where in the picture it lies.

And how an input is shown: which of its axes are rows, columns, channels and time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt
from keras import tree

from convviz_tb.model.coordinates import PROBES, read_frame, read_place
from convviz_tb.model.inputs import as_input, puts_channels_first, spec_of
from convviz_tb.model.places import EVERYWHERE, UPRIGHT, WHOLE, Box, Turn
from convviz_tb.model.taps import Tap

Array = npt.NDArray[Any]

_LITTLE: Final = 0.02  # of a side: what a picture may be moved by and still be taken as whole


@dataclass(frozen=True)
class View:
    """What one layer sees of the inputs of its model.

    Attributes:
        input: index of the input among the flat ones.
        frame: the time step, where it sees one of several.
        field: left, top, right, bottom of where its output lies in the picture, as shares of it,
            which may reach beyond 0..1; None for all of it.
        turn: what lays its maps over the picture, where the model has turned that.
        is_known: whether it is known where they lie; not where the model warps its pictures.
    """

    input: int
    frame: int | None = None
    field: tuple[float, ...] | None = None
    turn: Turn = UPRIGHT
    is_known: bool = True

    @property
    def source(self) -> tuple[int, int | None]:
        """What is to be shown below its maps: the input and the frame."""
        return self.input, self.frame


@dataclass(frozen=True)
class Layout:
    """Which axes of an input are what; None where it has none. The batch is axis 0."""

    rows: int | None
    columns: int
    channels: int | None
    time: int | None = None


def view_of(model: keras.Model, tap: Tap, images: Any) -> View:
    """What a layer sees.

    Args:
        model: the model.
        tap: the layer.
        images: what the model takes.
    """
    arrays = [np.asarray(array) for array in tree.flatten(images)]
    known = [i for i in tap.inputs if i < len(arrays) and arrays[i].dtype.kind not in "OSUT"]
    index = max(known, key=lambda i: (arrays[i].ndim, -i), default=0)
    sight, fronts = tap.sight, tap.fronts
    layout = layout_of(model, arrays[index].ndim, tap, arrays[index].shape)
    if sight is None or fronts is None or layout is None or layout.rows is None:
        return View(index)
    end = fronts.ends[sight.front]
    frame, front = None, EVERYWHERE
    values = _probed(model, images, index, layout, tap) if end.is_moved else None
    if values is not None and layout.time is not None:
        frame = read_frame(values, arrays[index].shape[layout.time])
    if values is not None:
        found = read_place(values, end.window.sides)
        if found is None:
            return View(index, frame, is_known=False)
        front = found
    if sight.is_lost:
        return View(index, frame, is_known=False)
    place = sight.place.within(front)
    return View(index, frame, _unless_whole(place.box), place.turn)


def within(
    field: Sequence[float] | None, outer: Sequence[float] | None
) -> tuple[float, ...] | None:
    """A field given in shares of a part of a picture, as shares of the picture; None is all."""
    return _unless_whole(Box(*(field or WHOLE)).within(Box(*(outer or WHOLE))))


def _unless_whole(box: Box) -> tuple[float, ...] | None:
    if box.is_whole(_LITTLE) or not np.isfinite(box).all():
        return None
    return (box.left, box.top, box.right, box.bottom)


def _probed(model: keras.Model, images: Any, index: int, layout: Layout, tap: Tap) -> Array | None:
    """What becomes of `PROBES` in front of the first convolution, `(probes, h, w, c)`."""
    assert tap.fronts is not None and tap.sight is not None
    flat = [np.asarray(array) for array in tree.flatten(images)]
    probes = _probes(flat[index], layout)
    rows = [np.repeat(array[:1], len(probes), axis=0) for array in flat]
    rows[index] = probes
    given = tree.pack_sequence_as(images, rows)
    tensors = tree.map_structure(as_input, given, spec_of(model, images))
    ends = tap.fronts.function(tensors)
    values = np.asarray(keras.ops.convert_to_numpy(ends[tap.sight.front]), float)
    if tap.fronts.ends[tap.sight.front].window.channels_first:
        values = np.moveaxis(values, 1, -1)
    if values.ndim == 5:  # a volume: its slices have the same place
        values = values.mean(axis=1)
    return values if values.ndim == 4 and len(values) == len(probes) else None


def part_kept(process: Callable[[Any], Any], images: Array) -> tuple[float, ...] | None:
    """What part of pictures `(n, h, w, c)` a preprocessing keeps; None for all, or not known."""
    if images.ndim != 4:
        return None
    values = np.asarray(process(_probes(images, Layout(1, 2, 3)).astype(images.dtype)), float)
    place = read_place(values, (1, 1)) if values.ndim == 4 else None
    return None if place is None else _unless_whole(place.box)


def _probes(images: Array, layout: Layout) -> Array:
    """Inputs of `PROBES`, between the extremes of the pictures."""
    finite = images[np.isfinite(images)] if images.dtype.kind == "f" else images
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    high = high if high > low else low + 1.0
    shape = images.shape[1:]
    ramps = [np.zeros(shape), np.ones(shape)]
    axes = {"columns": layout.columns, "rows": layout.rows, "time": layout.time}
    ramps += [_ramp(shape, axis - 1) for name in PROBES[2:] if (axis := axes[name]) is not None]
    return np.stack([low + ramp * (high - low) for ramp in ramps])


def _ramp(shape: Sequence[int], axis: int) -> Array:
    """The middle of each position along an axis, 0..1."""
    along = (np.arange(shape[axis]) + 0.5) / shape[axis]
    return np.broadcast_to(
        np.expand_dims(along, [i for i in range(len(shape)) if i != axis]), shape
    )


def layout_of(
    model: keras.Model, rank: int, tap: Tap, shape: Sequence[int] | None = None
) -> Layout | None:
    """What the axes of an input are, for a layer that sees it.

    An input without an axis of channels, `(n, h, w)`, is told from a signal `(n, length, channels)`
    by the layer, which has rows and columns. So is a cube `(n, h, w, bands, 1)` from a volume
    `(n, d, h, w, c)`: by which of its sides the layer's rows and columns follow.

    Args:
        model: the model.
        rank: axes of the input, with that of the batch.
        tap: the layer.
        shape: of the input.

    Returns:
        None for an input without positions.
    """
    positions = len(tap.shape) - 1
    if rank == 3:
        return Layout(1, 2, None) if positions == 2 else Layout(None, 1, 2)
    first = 2 if puts_channels_first(model) else 1
    channels = 1 if first == 2 else rank - 1
    if rank == 4:
        return Layout(first, first + 1, channels)
    if rank == 5:
        if positions == 2 and shape is not None and _is_cube(tap, shape):
            return Layout(1, 2, 3)
        return Layout(first + 1, first + 2, channels, first)
    return None


def _is_cube(tap: Tap, shape: Sequence[int]) -> bool:
    """Whether rows and columns of a layer follow the first two sides of `(n, h, w, bands, 1)`."""
    height, width = tap.shape[:2]
    if shape[-1] != 1 or not height or not width:
        return False
    cube, volume = (abs(np.log((height / shape[i]) / (width / shape[i + 1]))) for i in (1, 2))
    return bool(cube < volume)


def shown(images: Array, layout: Layout | None, frame: int | None) -> Array:
    """An input as pictures: `(n, h, w, c)`, or `(n, length, c)`, or `(n, d, h, w, c)`."""
    if layout is None:
        raise ValueError(
            f"display: the images have shape {images.shape}, no rows and columns to show. Give "
            "what they look like as `display=`, (n, h, w, 1 or 3)."
        )
    if layout.channels is None:
        return images[..., None]
    if layout.rows is not None and images.ndim == 5 and layout.time is None:
        return images[..., 0]  # a cube: its bands are channels
    channels_last = np.moveaxis(images, layout.channels, -1)
    return channels_last if frame is None else channels_last[:, frame]
