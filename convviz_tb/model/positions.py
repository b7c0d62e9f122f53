"""Positions of maps: what one operation of a graph does to their rows and columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from convviz_tb.model import graphs

#: Operations over a window of positions, and which of their inputs it slides over.
_WINDOWS: Final = {
    **dict.fromkeys(("Conv2D", "Conv3D", "DepthwiseConv2dNative"), 0),
    **dict.fromkeys(("MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D"), 0),
    **dict.fromkeys(("Conv2DBackpropInput", "Conv3DBackpropInputV2"), 2),
}


@dataclass(frozen=True, eq=False)
class Window:
    """A convolution or pooling.

    Attributes:
        tensor: what its window slides over.
        sides: rows and columns of the window where only whole ones are taken, else 1.
        channels_first: whether the channels of `tensor` come before its positions.
    """

    tensor: Any
    sides: tuple[int, int]
    channels_first: bool


def window_of(op: Any) -> Window | None:
    """The window of an operation, if it has one."""
    if "PartitionedCall" in op.type and "conv" in op.get_attr("f").name:  # Keras', compiled
        # Its inputs are what it slides over and the kernel, or before them the kernel's variable.
        tensor = next((each for each in op.inputs if not graphs.is_resource(each)), None)
        inside = graphs.called(op)
        found = inside.get_operations() if inside is not None else ()
        formats = [each.get_attr("data_format") for each in found if each.type in _WINDOWS]
        is_first = any(each.startswith(b"NC") for each in formats)
        return None if tensor is None else Window(tensor, (1, 1), is_first)
    if op.type not in _WINDOWS:
        return None
    is_first = op.get_attr("data_format").startswith(b"NC")
    return Window(op.inputs[_WINDOWS[op.type]], _valid_sides(op, is_first), is_first)


def _valid_sides(op: Any, channels_first: bool) -> tuple[int, int]:
    if op.get_attr("padding") != b"VALID":
        return (1, 1)
    axes = slice(-2, None) if channels_first else slice(-3, -1)
    if op.type.startswith(("MaxPool", "AvgPool")):
        sides = op.get_attr("ksize")[axes]
    else:
        dilations = op.get_attr("dilations")[axes]
        kernel = tuple(op.inputs[1].shape)[:-2][-2:]
        sides = [1 + d * ((k or 1) - 1) for d, k in zip(dilations, kernel, strict=True)]
    return int(sides[0]), int(sides[1])


#: A change of maps along their rows and columns: of left, top, right, bottom, and what it was of.
Change: TypeAlias = tuple[tuple[int, int, int, int], tuple[int, int]]


def padding_of(op: Any, axes: Sequence[int]) -> Change | None:
    """Positions that an operation adds to maps, negative where it crops them.

    Args:
        op: the operation.
        axes: the rows and columns of what goes into it, from the last axis: -3, -2.

    Returns:
        Left, top, right, bottom, and the height and width before; None where it does neither.
    """
    if op.type not in ("Pad", "PadV2", "MirrorPad", "StridedSlice", "Slice"):
        return None
    before, after = op.inputs[0].shape, op.outputs[0].shape
    if after.rank != before.rank or None in [
        shape[axis] for shape in (before, after) for axis in axes
    ]:
        return None
    if "Pad" in op.type:
        widths = graphs.static_value(op.inputs[1])
        ends = None if widths is None else [widths[axis].tolist() for axis in axes]
    else:
        ends = _cropped(op, axes)
    if ends is None:
        return None
    (top, bottom), (left, right) = ends
    return (left, top, right, bottom), (before[axes[0]], before[axes[1]])


def _cropped(op: Any, axes: Sequence[int]) -> list[tuple[int, int]] | None:
    """What a slice adds at both ends of some axes; every second position stands for two."""
    starts, steps = graphs.static_value(op.inputs[1]), _steps(op)
    if starts is None or steps is None:
        return None
    masked = op.get_attr("begin_mask") if op.type == "StridedSlice" else 0
    ends = []
    for axis in axes:
        before, after = op.inputs[0].shape[axis], op.outputs[0].shape[axis]
        at = axis + op.inputs[0].shape.rank
        is_open, step = at >= len(starts) or masked >> at & 1, steps.get(axis, 1)
        first = (0 if step > 0 else before - 1) if is_open else int(starts[at]) % before
        low = first if step > 0 else first + 1 + after * step
        ends.append((-low, low + after * abs(step) - before))
    return ends


def _steps(op: Any) -> dict[int, int] | None:
    """Steps of a slice by axis, from the last one."""
    if op.type != "StridedSlice":
        return {}
    steps = graphs.static_value(op.inputs[3])
    rank = op.inputs[0].shape.rank
    return None if steps is None else {at - rank: int(step) for at, step in enumerate(steps)}


def reversed_axes(op: Any) -> frozenset[int]:
    """The axes, from the last one, along which an operation reverses a tensor."""
    if op.type == "StridedSlice":
        return frozenset(axis for axis, step in (_steps(op) or {}).items() if step < 0)
    if op.type != "ReverseV2" or (axes := graphs.static_value(op.inputs[1])) is None:
        return frozenset()
    rank = op.inputs[0].shape.rank
    return frozenset(int(axis) % rank - rank for axis in axes)


def axes_behind(op: Any, tensor: Any, axes: Sequence[int]) -> tuple[int, ...] | None:
    """Where an operation puts axes of a tensor, from the last one; None where they are no more."""
    if not op.outputs:
        return None
    before, after = tensor.shape, op.outputs[0].shape
    if before.rank is None or after.rank is None or before.rank < -min(axes):
        return None
    if op.type == "Transpose":
        order = graphs.static_value(op.inputs[1])
        places = None if order is None else [list(order).index(a + before.rank) for a in axes]
        return None if places is None else tuple(place - after.rank for place in places)
    if op.type != "Reshape" and before.rank == after.rank:
        return tuple(axes)
    kept = [*axes, -1] if after.rank >= -min(axes) else []
    are_there = kept and all(before[axis] and before[axis] == after[axis] for axis in kept)
    return tuple(axes) if are_there else None


#: Operations that move positions in ways that are not followed.
_WARPS: Final = ("ImageProjectiveTransformV2", "ImageProjectiveTransformV3", "CropAndResize")


def warps(op: Any, tensor: Any, axes: Sequence[int]) -> bool:
    """Whether an operation moves the positions of a map in a way that is not followed.

    As one that turns it in a function of its own, a branch of a condition say, does.
    """
    return op.type in _WARPS or any(
        _turns(inner, [tensor.shape[axis] for axis in axes], axes)
        for graph in graphs.functions(op, "f", "then_branch", "else_branch", "body")
        for inner in graph.get_operations()
    )


def _turns(op: Any, sides: Sequence[int | None], axes: Sequence[int]) -> bool:
    """Whether an operation turns maps of such sides."""
    if op.type not in ("Transpose", "ReverseV2", *_WARPS) or (op.inputs[0].shape.rank or 0) < 3:
        return op.type in _WARPS
    if [op.inputs[0].shape[axis] for axis in axes] != list(sides):
        return False
    behind = axes_behind(op, op.inputs[0], axes)
    is_swapped = behind is None or list(behind) != sorted(behind)
    return op.type in _WARPS or is_swapped or bool(reversed_axes(op) & set(axes))
