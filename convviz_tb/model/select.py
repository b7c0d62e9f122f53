"""Selection of layers: names, paths and layer objects resolved to taps."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Final

import keras

from convviz_tb.model.taps import Layer, Layers, Tap

_HIDDEN: Final = "A layer inside a tf.function or loop of its own cannot be read."


def select_taps(taps: Sequence[Tap], layers: Layers) -> list[Tap]:
    """The taps that `layers` names, in network order.

    Args:
        taps: all taps of the model, from `survey`.
        layers: a name, a path, a layer object, or several of them. A name may leave out
            the front of the path as long as one tap fits.

    Raises:
        ValueError: a name fits no tap or several; the message lists the nearest.
    """
    wanted = [layers] if isinstance(layers, (str, keras.layers.Layer)) else list(layers)
    if not wanted:
        raise ValueError('layers: received an empty list. Name at least one layer, or "auto".')
    selected = {_resolve(taps, layer).path for layer in wanted}
    return [tap for tap in taps if tap.path in selected]


def _resolve(taps: Sequence[Tap], layer: Layer) -> Tap:
    if isinstance(layer, keras.layers.Layer):
        fits = [tap for tap in taps if tap.layer is layer]
        name = layer.name
    elif isinstance(layer, str):
        name = layer
        fits = [tap for tap in taps if tap.path == name]
        fits = fits or [tap for tap in taps if ("/" + tap.path).endswith("/" + name)]
        fits = fits or [tap for tap in taps if _without_call(tap.path).endswith("/" + name)]
    else:
        raise ValueError(
            f"layers: received {layer!r}. "
            "Give names, paths such as 'vgg16/block5_conv3', or layer objects."
        )
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise ValueError(
            f"layers: {name!r} fits several layers: {_listed(fits)}. Name one by its path."
        )
    raise ValueError(
        f"layers: no layer {name!r} with feature maps in this model. "
        f"Nearest: {_listed(_nearest(taps, name)) or 'none'}. {_HIDDEN}"
    )


def _without_call(path: str) -> str:
    return "/" + path.rpartition(":")[0] if ":" in path else ""


def _nearest(taps: Sequence[Tap], name: str) -> list[Tap]:
    by_tail = {tap.path.rpartition("/")[2]: tap for tap in taps}
    by_path = {tap.path: tap for tap in taps}
    close = difflib.get_close_matches(name, by_path, n=4, cutoff=0.5)
    close_tails = difflib.get_close_matches(name.rpartition("/")[2], by_tail, n=4, cutoff=0.5)
    nearest = [by_path[path] for path in close] + [by_tail[tail] for tail in close_tails]
    return list(dict.fromkeys(nearest))[:4] or [tap for tap in taps if tap.is_convolution][-4:]


def _listed(taps: Iterable[Tap]) -> str:
    return ", ".join(repr(tap.path) for tap in taps)


def convolutions(taps: Sequence[Tap]) -> list[Tap]:
    """The convolutions among `taps`.

    Raises:
        ValueError: there is none.
    """
    selected = [tap for tap in taps if tap.is_convolution]
    if not selected:
        advice = f"Name a layer with feature maps, such as {_listed(taps[-4:])}."
        nothing = f"No other layer has positions and channels: there is nothing to show. {_HIDDEN}"
        raise ValueError(
            f'layers: "auto" found no convolution in this model. {advice if taps else nothing}'
        )
    return selected


def last_map(taps: Sequence[Tap], output: int | None = None) -> list[Tap]:
    """The last feature map that everything later depends on; one for each input with pictures.

    That is the last convolution; where a shortcut or another branch goes around it, what they are
    joined to, before it gets smaller. A convolution that makes the model's output (segmentation) is
    left out: its map would only repeat it.

    Args:
        taps: all taps of the model, from `survey`.
        output: index of the model's flat output that counts; None for all of them.

    Raises:
        ValueError: there is no convolution.
    """
    every = convolutions(taps)
    inner = [tap for tap in every if not tap.is_output] or every
    counted = [tap for tap in inner if output is None or output in tap.outputs] or inner
    counted = [
        tap for tap in counted if len(tap.shape) > 2
    ] or counted  # of pictures, beside sounds
    found = [_last_of_input(taps, counted, each) for each in _inputs_of(counted)]
    return sorted({id(tap): tap for tap in found}.values(), key=lambda tap: tap.order)


def _inputs_of(taps: Sequence[Tap]) -> list[int]:
    return sorted({index for tap in taps for index in tap.inputs}) or [-1]


def _last_of_input(taps: Sequence[Tap], counted: Sequence[Tap], index: int) -> Tap:
    last = [tap for tap in counted if index in tap.inputs or index < 0][-1]
    if last.sole_path_to == last.outputs:
        return last
    passed = [tap for tap in taps if _is_passed(tap, last, index)]
    later = [tap for tap in passed if tap.order > last.order]
    if later:
        return [tap for tap in later if tap.shape == later[0].shape][-1]
    joined_before = [
        tap
        for tap in passed
        if counted[0].order < tap.order < last.order and not tap.is_convolution
    ]
    return (joined_before or [last])[-1]


def _is_passed(tap: Tap, last: Tap, index: int) -> bool:
    """Whether all that the last convolution leads to depends on a tap with as many axes."""
    is_map = len(tap.shape) == len(last.shape) and set(tap.shape[:-1]) != {1}
    is_layer = not isinstance(tap.layer, keras.Model)  # a model's output is that of its last layer
    is_inside = is_map and is_layer and not tap.is_output and index in tap.inputs
    return is_inside and last.outputs <= tap.sole_path_to
