"""Rules of spans: how each operation of a graph passes on what its input sees of the picture."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from convviz_tb.model import graphs
from convviz_tb.model.spans import Span, Spans, everything, merged, reshaped

Array = npt.NDArray[Any]
#: Of each input of an operation; None where it does not depend on the picture.
Given: TypeAlias = Sequence[Spans | None]
#: An operation, and the spans of its inputs -> those of its outputs.
Rule: TypeAlias = Callable[[Any, Given], Iterable[Spans]]


def walked(graph: Any, start: dict[str, Spans]) -> dict[str, Spans]:
    """The spans of all tensors of a graph that depend on some of its tensors, by name.

    Args:
        graph: the graph, of a batch of one.
        start: the spans of these tensors, by name.
    """
    known = dict(start)
    for op in graph.get_operations():  # in an order in which each comes after its inputs
        given = [known.get(tensor.name) for tensor in op.inputs]
        if not any(given):
            continue
        results = _RULES.get(op.type, _anything)(op, given)
        known |= zip((tensor.name for tensor in op.outputs), results, strict=False)
    return known


def _anything(op: Any, given: Given) -> list[Spans]:
    """An operation unknown here may mix all positions."""
    spans = merged([everything(each) for each in given if each])
    return [spans] * len(op.outputs)


def _pointwise(op: Any, given: Given) -> list[Spans]:
    """Each position depends on the same position of all inputs, which may be broadcast."""
    rank = len(op.outputs[0].shape)
    inputs = zip(op.inputs, given, strict=True)
    aligned = [_moved(spans, rank - len(tensor.shape)) for tensor, spans in inputs if spans]
    return [merged(aligned)] * len(op.outputs)


def _moved(spans: Spans, by: int) -> Spans:
    return tuple(span if span.axis is None else span.on(span.axis + by) for span in spans)


def _first(op: Any, given: Given) -> list[Spans]:
    """Each position depends on the same position of the first input that is known."""
    return [next(each for each in given if each)] * len(op.outputs)


def _window(op: Any, given: Given) -> list[Spans]:
    """Convolutions and poolings: each position depends on a window."""
    return _along(op, given, given[0], _seen_by_window)


def _along(
    op: Any, given: Given, spans: Spans | None, seen: Callable[[Any, Span, int, int], Span]
) -> list[Spans]:
    """What `seen` says of each span that lies along an axis of the result, of a known length."""
    if not spans:
        return _anything(op, given)

    def of_span(span: Span) -> Span:
        if span.axis is None:
            return span
        count = op.outputs[0].shape[span.axis]
        return span.whole() if count is None else seen(op, span, span.axis, count)

    return [tuple(map(of_span, spans))]


def _seen_by_window(op: Any, span: Span, axis: int, count: int) -> Span:
    width, stride, dilation = _geometry(op, axis)
    pad = _padding(op, axis, span.positions, count, (width - 1) * dilation + 1, stride)
    starts = np.arange(count)[:, None] * stride - pad
    return span.gathered(starts + np.arange(width) * dilation, span.stride * stride)


def _geometry(op: Any, axis: int) -> tuple[int, int, int]:
    """Width, stride and dilation of a window along an axis of the tensor."""
    stride = int(op.get_attr("strides")[axis])
    if "ksize" in op.node_def.attr:
        return int(op.get_attr("ksize")[axis]), stride, 1
    channels_first = op.get_attr("data_format").decode().startswith("NC")
    width = op.inputs[1].shape[axis - (2 if channels_first else 1)]
    return int(width), stride, int(op.get_attr("dilations")[axis])


def _padding(op: Any, axis: int, before: int, after: int, reach: int, stride: int) -> int:
    """How many positions of padding there are before the first one."""
    padding = op.get_attr("padding").decode()
    if padding == "EXPLICIT":
        return int(op.get_attr("explicit_paddings")[2 * axis])
    return max(0, (after - 1) * stride + reach - before) // 2 if padding == "SAME" else 0


def _transposed(op: Any, given: Given) -> list[Spans]:
    """Transposed convolutions: the gradient of a convolution by its input."""
    return _along(op, given, given[2], _seen_by_transposed)


def _seen_by_transposed(op: Any, span: Span, axis: int, count: int) -> Span:
    width, stride, dilation = _geometry(op, axis)
    pad = _padding(op, axis, count, span.positions, (width - 1) * dilation + 1, stride)
    reached = np.arange(count)[:, None] + pad - np.arange(width) * dilation
    met = reached % stride == 0
    nowhere = span.positions + 2**20  # as padding
    indices = np.where(met, reached // stride, nowhere)
    nearest = (np.arange(count)[:, None] + pad - (width - 1) * dilation // 2) // stride
    endless = span.gathered(np.where(met, indices, nearest), span.stride / stride)
    exact = span.gathered(indices, span.stride / stride).exact
    return Span(axis, exact, endless.endless, span.stride / stride)


def _padded(op: Any, given: Given) -> list[Spans]:
    """Zeros, or a mirror image, at the borders."""
    widths = graphs.static_value(op.inputs[1])
    if widths is None or not given[0]:
        return _anything(op, given)
    mirrors = op.type == "MirrorPad" and op.get_attr("mode").decode().lower()

    def seen(span: Span) -> Span:
        if span.axis is None:
            return span
        before, after = (int(width) for width in widths[span.axis])
        indices = np.arange(-before, span.positions + after)
        if mirrors:
            indices = np.pad(np.arange(span.positions), (before, after), mode=mirrors)
        return span.gathered(indices[:, None], span.stride)

    return [tuple(seen(span) for span in given[0])]


def _with_axes(given: Given, axes: Sequence[int | None], op: Any) -> list[Spans]:
    """Axes are renamed: `axes` holds the new one of each, None for one that is gone."""
    if not given[0]:
        return _anything(op, given)
    moved = []
    for span in given[0]:
        new = None if span.axis is None else axes[span.axis]
        moved.append(span.on(new) if new is not None else span.whole())
    return [tuple(moved)]


def _transposed_axes(op: Any, given: Given) -> list[Spans]:
    order = graphs.static_value(op.inputs[1])
    if order is None:
        return _anything(op, given)
    return _with_axes(given, [list(order).index(axis) for axis in range(len(order))], op)


def _reversed(op: Any, given: Given) -> list[Spans]:
    """Mirrored pictures."""
    where, rank = graphs.static_value(op.inputs[1]), len(op.inputs[0].shape)
    if where is None or not given[0]:
        return _anything(op, given)
    axes = [int(axis) % rank for axis in where]
    backwards = [
        span.picked(np.arange(span.positions)[::-1]) if span.axis in axes else span
        for span in given[0]
    ]
    return [tuple(backwards)]


def _expanded(op: Any, given: Given) -> list[Spans]:
    where, rank = graphs.static_value(op.inputs[1]), len(op.inputs[0].shape)
    if where is None:
        return _anything(op, given)
    new = int(where) % (rank + 1)
    return _with_axes(given, [axis + (axis >= new) for axis in range(rank)], op)


def _squeezed(op: Any, given: Given) -> list[Spans]:
    shape = op.inputs[0].shape
    gone = [axis % len(shape) for axis in op.get_attr("squeeze_dims")]
    gone = gone or [axis for axis, side in enumerate(shape) if side == 1]
    kept = [axis for axis in range(len(shape)) if axis not in gone]
    return _with_axes(
        given, [kept.index(axis) if axis in kept else None for axis in range(len(shape))], op
    )


def _reduced(op: Any, given: Given) -> list[Spans]:
    axes, rank = graphs.static_value(op.inputs[1]), len(op.inputs[0].shape)
    if axes is None:
        return _anything(op, given)
    gone = [int(axis) % rank for axis in np.atleast_1d(axes)]
    left = (
        list(range(rank)) if op.get_attr("keep_dims") else [a for a in range(rank) if a not in gone]
    )
    return _with_axes(
        given, [left.index(axis) if axis not in gone else None for axis in range(rank)], op
    )


def _reshaped(op: Any, given: Given) -> list[Spans]:
    before, after = op.inputs[0].shape, op.outputs[0].shape
    if not given[0] or not (before.is_fully_defined() and after.is_fully_defined()):
        return _anything(op, given)
    return [tuple(reshaped(span, list(before), list(after)) for span in given[0])]


def _tiled(op: Any, given: Given) -> list[Spans]:
    before, after = op.inputs[0].shape, op.outputs[0].shape
    if not given[0] or not (before.is_fully_defined() and after.is_fully_defined()):
        return _anything(op, given)

    def seen(span: Span) -> Span:
        times = 1 if span.axis is None else after[span.axis] // before[span.axis]
        again = np.tile(np.arange(span.positions), times)[:, None]
        return span if times == 1 else span.gathered(again, span.stride)

    return [tuple(seen(span) for span in given[0])]


def _sliced(op: Any, given: Given) -> list[Spans]:
    """Slices with constant bounds."""
    values = [graphs.static_value(tensor) for tensor in op.inputs[1:4]]
    bounds, shape = [each for each in values if each is not None], op.inputs[0].shape
    if not given[0] or len(bounds) < 3 or not shape.is_fully_defined():
        return _anything(op, given)
    key = _key_of_slice(op, *bounds)

    def seen(span: Span) -> Span:
        if span.axis is None:
            return span
        ordered = [1] * len(shape)
        ordered[span.axis] = span.positions
        index = np.broadcast_to(np.arange(span.positions).reshape(ordered), list(shape))[key]
        varies = [a for a in range(index.ndim) if (index != index.take([0], a)).any()]
        if len(varies) != 1:
            return span.whole() if index.size == 0 or index.ndim == 0 else _constant(span, index)
        along = np.moveaxis(index, varies[0], 0).reshape(index.shape[varies[0]], -1)[:, 0]
        return span.picked(along).on(varies[0])

    return [tuple(seen(span) for span in given[0])]


def _constant(span: Span, index: Array) -> Span:
    """One position of an axis that is gone."""
    return span.gathered(index.reshape(-1)[:1, None], span.stride).whole()


def _key_of_slice(op: Any, begin: Array, end: Array, strides: Array) -> tuple[Any, ...]:
    """What stands in the brackets of the slice."""

    def is_set(mask: str, i: int) -> bool:
        return bool(op.get_attr(mask) >> i & 1)

    key: list[Any] = []
    for i, (start, stop, stride) in enumerate(zip(begin, end, strides, strict=True)):
        if is_set("ellipsis_mask", i):
            key.append(Ellipsis)
        elif is_set("new_axis_mask", i):
            key.append(None)
        elif is_set("shrink_axis_mask", i):
            key.append(int(start))
        else:
            first = None if is_set("begin_mask", i) else int(start)
            last = None if is_set("end_mask", i) else int(stop)
            key.append(slice(first, last, int(stride)))
    return tuple(key)


def _joined(op: Any, given: Given) -> list[Spans]:
    """Concatenation along an axis that has no positions; others mix all."""
    axis, rank = graphs.static_value(op.inputs[-1]), len(op.outputs[0].shape)
    known = [each for each in given if each]
    if axis is None or any(span.axis == int(axis) % rank for each in known for span in each):
        return _anything(op, given)
    return [merged(known)]


def _split(op: Any, given: Given) -> list[Spans]:
    position = 0 if op.type == "Split" else 2
    spans = next(each for each in given if each)
    axis, rank = graphs.static_value(op.inputs[position]), len(op.outputs[0].shape)
    if axis is None or any(span.axis == int(axis) % rank for span in spans):
        return _anything(op, given)
    return [spans] * len(op.outputs)


def _multiplied(op: Any, given: Given) -> list[Spans]:
    """A matrix of weights, as of a dense layer: rows are positions, columns channels."""
    rank = len(op.outputs[0].shape)
    flipped = op.type == "MatMul" and op.get_attr("transpose_a")
    if not given[0] or given[1] or flipped or (op.type != "MatMul" and op.get_attr("adj_x")):
        return _anything(op, given)
    (spans,) = _pointwise(op, [given[0], None])
    axes: list[int | None] = [*range(rank - 1), None]
    return _with_axes([spans], axes, op)


def _resized(op: Any, given: Given) -> list[Spans]:
    """Upsampling and downsampling by interpolation, heights and widths at axes 1 and 2."""
    if not given[0]:
        return _anything(op, given)
    reach = {"ResizeNearestNeighbor": 0, "ResizeBilinear": 1, "ResizeBicubic": 2}[op.type]
    centred, aligned = op.get_attr("half_pixel_centers"), op.get_attr("align_corners")

    def seen(span: Span) -> Span:
        count = None if span.axis is None else op.outputs[0].shape[span.axis]
        if span.axis is None or count is None:
            return span.whole()
        ratio = span.positions / count
        if aligned and count > 1:
            ratio = (span.positions - 1) / (count - 1)
        if reach == 0:
            at = np.floor((np.arange(count) + 0.5 * centred) * ratio + 0.5 * aligned)[:, None]
        else:
            exactly = (np.arange(count) + 0.5 * centred) * ratio - 0.5 * centred
            below = np.floor(exactly)[:, None] + np.arange(1 - reach, 1)
            above = np.where(exactly % 1 > 0, np.floor(exactly) + 1, np.floor(exactly))
            at = np.concatenate([below, above[:, None] + np.arange(reach)], axis=1)
        indices = at.astype(int).clip(0, span.positions - 1)
        return span.gathered(indices, span.stride * ratio)

    return [tuple(seen(span) for span in given[0])]


def _folded(op: Any, given: Given) -> list[Spans]:
    """A dilated convolution begins: its phases go to the batch."""
    blocks, pads = (graphs.static_value(tensor) for tensor in op.inputs[1:3])
    if blocks is None or pads is None or not given[0]:
        return _anything(op, given)

    def seen(span: Span) -> Span:
        if span.axis is None or not 1 <= span.axis <= len(blocks):
            return span
        before, after = (int(pad) for pad in pads[span.axis - 1])
        padded = np.arange(-before, span.positions + after)[:, None]
        return span.gathered(padded, span.stride).folded(int(blocks[span.axis - 1]))

    return [tuple(seen(span) for span in given[0])]


def _unfolded(op: Any, given: Given) -> list[Spans]:
    """A dilated convolution ends."""
    blocks, crops = (graphs.static_value(tensor) for tensor in op.inputs[1:3])
    if blocks is None or crops is None or not given[0]:
        return _anything(op, given)

    def seen(span: Span) -> Span:
        if span.axis is None or not 1 <= span.axis <= len(blocks):
            return span
        before, after = (int(crop) for crop in crops[span.axis - 1])
        unfolded = span.unfolded()
        return unfolded.picked(np.arange(before, unfolded.positions - after))

    return [tuple(seen(span) for span in given[0])]


def _called(op: Any, given: Given) -> list[Spans]:
    """A function of its own, such as a convolution in groups."""
    inside = graphs.called(op)
    if inside is None:
        return _anything(op, given)
    named = zip(inside.inputs, given, strict=True)
    known = walked(inside, {tensor.name: spans for tensor, spans in named if spans})
    all_seen = _anything(op, given)[0]
    return [known.get(tensor.name, all_seen) for tensor in inside.outputs]


_POINTWISE: Final = (
    "Abs Add AddN AddV2 BiasAdd Cast Ceil CheckNumerics ClipByValue Cos Div DivNoNan Elu"
    " EnsureShape Equal Erf Erfc Exp Expm1 Floor FloorDiv FloorMod Greater GreaterEqual Identity"
    " IsFinite IsNan LeakyRelu Less LessEqual Log Log1p LogicalAnd LogicalNot LogicalOr Maximum"
    " Minimum Mul MulNoNan Neg NotEqual OnesLike Pow PreventGradient RealDiv Reciprocal Relu"
    " Relu6 Rint Round Rsqrt Select"
    " SelectV2 Selu Sigmoid Sign Sin Snapshot Softplus Softsign Sqrt Square SquaredDifference"
    " StopGradient Sub Tan Tanh Xdivy Xlogy ZerosLike"
).split()
_RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(_POINTWISE, _pointwise),
    **dict.fromkeys(("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "LRN"), _first),
    **dict.fromkeys(("Conv2D", "Conv3D", "DepthwiseConv2dNative"), _window),
    **dict.fromkeys(("MaxPool", "MaxPool3D", "AvgPool", "AvgPool3D"), _window),
    **dict.fromkeys(("Conv2DBackpropInput", "Conv3DBackpropInputV2"), _transposed),
    **dict.fromkeys(("Pad", "PadV2", "MirrorPad"), _padded),
    **dict.fromkeys(("Mean", "Sum", "Max", "Min", "Prod"), _reduced),
    **dict.fromkeys(("Split", "SplitV"), _split),
    **dict.fromkeys(("MatMul", "BatchMatMulV2"), _multiplied),
    **dict.fromkeys(("ResizeNearestNeighbor", "ResizeBilinear", "ResizeBicubic"), _resized),
    **dict.fromkeys(("PartitionedCall", "StatefulPartitionedCall"), _called),
    "Transpose": _transposed_axes,
    "ReverseV2": _reversed,
    "ExpandDims": _expanded,
    "Squeeze": _squeezed,
    "Reshape": _reshaped,
    "Tile": _tiled,
    "StridedSlice": _sliced,
    "ConcatV2": _joined,
    "SpaceToBatchND": _folded,
    "BatchToSpaceND": _unfolded,
}
