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


def last_convolution(taps: Sequence[Tap]) -> list[Tap]:
    """The last convolution, leaving out one that is the model's output (segmentation).

    The map of an output would only repeat it.

    Raises:
        ValueError: there is no convolution.
    """
    every = convolutions(taps)
    return ([tap for tap in every if not tap.is_output] or every)[-1:]
