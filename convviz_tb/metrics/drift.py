"""Formulas of metrics: pattern drift, function drift, extent and overlap of maps; numpy only.

Arrays of one step, or of two, go in; a number for each filter or map comes out. `metric_table.py`
has their ranges and traps. Where a number has no meaning (the centre of an empty map) it is NaN.
"""

from functools import reduce
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.floating[Any]]

#: Entropy of a map above which it is flat: it differs by less than a tenth from an even one.
FLAT: Final = 0.999
#: A drift below this comes from rounding, and is given as 0.
ROUNDING: Final = 1e-6
_LAGS: Final = 4  # pixels: how far apart two positions of a texture are compared
_TEXTURE_SIDE: Final = 64  # pixels: larger pictures are averaged down towards this
_OVERLAP_SIDE: Final = 32  # positions: larger maps are averaged down to this to be overlaid


# ------------------------------------------------------------------------------------ patterns


def textures(tiles: Array) -> Floats:
    """What a picture looks like wherever its parts lie: the correlations of its near pixels.

    Each tile is averaged down towards 64 pixels and standardised; then each of its three colours is
    multiplied with each, moved by up to 4 pixels each way and wrapped around (Julesz 1962: textures
    with equal second-order statistics are hard to tell apart).

    Args:
        tiles: pictures `(n, h, w, 3)` as they are shown, of any contrast.

    Returns:
        float32 `(n, 6 * lags)` of length 1; all zero for a picture of one colour.
    """
    # Channels first, so that the transform reads them in a row; float32 is exact enough.
    channels_first = np.ascontiguousarray(np.moveaxis(np.asarray(tiles), -1, 1), np.float32)
    pictures = _standardised(_averaged_down(channels_first, _TEXTURE_SIDE))
    channels, height, width = pictures.shape[1:]
    # The inverse transform at the few lags that count, instead of at all of them.
    up = _waves(_lags(height), np.arange(height), height)
    back = _waves(np.arange(width // 2 + 1), _lags(width), width)
    back[1 : (width + 1) // 2] *= 2  # a real transform leaves out the mirrored half
    one, other = np.triu_indices(channels)  # the mirrored pairs say the same
    weights = np.where(one != other, np.sqrt(2), 1)[:, None, None]  # and count

    def near(picture: Floats) -> Floats:
        spectra = np.fft.rfft2(picture).astype(np.complex64)
        products = spectra[one] * spectra[other].conj()
        correlations: Floats = weights * (up @ products @ back).real
        return correlations.ravel()

    # One by one: what a picture needs fits in the processor's cache.
    return units(np.stack([near(picture) for picture in pictures])).astype(np.float32)


def pattern_drift(now: Floats, before: Floats) -> Floats:
    """How unlike two pictures of each filter are, 0..1: 1 - the cosine of their textures.

    Contrast, brightness and place do not count. A number means something above the noise floor: the
    drift between two pictures of one filter from two seeds.

    Args:
        now: `textures` of the pictures, `(filters, features)`.
        before: the same of an earlier step.
    """
    return _rounded(1 - _cosines(now, before).clip(0, 1), now, before)


def _waves(one: Array, other: Array, side: int) -> Array:
    return np.exp(2j * np.pi / side * np.outer(one, other)).astype(np.complex64)


def _lags(side: int) -> Array:
    reach = min(_LAGS, (side - 1) // 2)
    return np.arange(-reach, reach + 1)


def _float64(values: Array) -> Floats:
    return np.asarray(values, np.float64)


def _averaged_down(pictures: Floats, side: int) -> Floats:
    """`(..., h, w)` with blocks averaged, so that the shorter side is `side` or a little more.

    What does not fill a block, at the right and below, is left out.
    """
    height, width = pictures.shape[-2:]
    block = max(1, min(height, width) // side)
    if block == 1:
        return pictures
    rows, columns = height // block * block, width // block * block
    # Sums of every n-th row, then column: several times as fast as a mean over split axes.
    by_rows = reduce(np.add, (pictures[..., i:rows:block, :columns] for i in range(block)))
    sums = reduce(np.add, (by_rows[..., i::block] for i in range(block)))
    averaged: Floats = sums / block**2
    return averaged


def _standardised(pictures: Floats) -> Floats:
    """Each colour to mean 0, all three together to deviation 1."""
    flat = pictures.reshape(*pictures.shape[:2], -1)
    centred = flat - flat.mean(axis=2, keepdims=True)
    spread = np.sqrt(np.einsum("ncp,ncp->n", centred, centred) / centred[0].size)[:, None, None]
    standard: Floats = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-9)
    return standard.reshape(pictures.shape)


def units(rows: Floats) -> Floats:
    """Rows of length 1; those that are nothing but rounding become zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-12)
    return units


def _cosines(now: Floats, before: Floats) -> Floats:
    """Of rows of length 1; two rows of zeros are alike."""
    products = (_float64(now) * _float64(before)).sum(axis=1)
    both_empty = ~np.any(now, axis=1) & ~np.any(before, axis=1)
    return np.where(both_empty, 1.0, products)


def _rounded(drift: Floats, now: Floats, before: Floats) -> Floats:
    same = (now == before).all(axis=1)
    return np.where(same | (drift < ROUNDING), 0.0, drift)


# ----------------------------------------------------------------------------------- responses


def unit_responses(responses: Floats) -> Floats:
    """Each filter's responses without their mean and scale.

    Args:
        responses: activations on the probe images `(filters, positions)`.

    Returns:
        float32 of the same shape, rows of mean 0 and length 1; zero for a filter that gives the
        same everywhere.
    """
    wide = _float64(responses)
    centred = wide - wide.mean(axis=1, keepdims=True)
    largest = np.abs(wide).max(axis=1, keepdims=True, initial=0)
    varies = np.abs(centred).max(axis=1, keepdims=True, initial=0) > ROUNDING * largest
    return units(np.where(varies, centred, 0)).astype(np.float32)


def function_drift(now: Floats, before: Floats) -> Floats:
    """How differently each filter responds to the same pictures, 0..2: 1 - Pearson's correlation.

    0 where the responses are the same up to scale and offset, 1 where they have nothing in common
    (or a filter has fallen silent), 2 where they are opposite.

    Args:
        now: `unit_responses` `(filters, positions)`.
        before: the same of an earlier step.
    """
    return _rounded((1 - _cosines(now, before)).clip(0, 2), now, before)


def variation(responses: Floats, images: int) -> Floats:
    """How much each filter's responses differ between pictures, 0..1.

    The root mean square of what is left of the responses without their mean over the pictures at
    the same position, over that of the responses. 0 where all pictures get the same, as from a
    filter that is silent.

    Args:
        responses: activations on the probe images `(filters, images * positions)`.
        images: how many pictures they are of.
    """
    wide = _float64(responses).reshape(len(responses), images, -1)
    varying = wide - wide.mean(axis=1, keepdims=True)
    rest, whole = (np.sqrt((each**2).mean(axis=(1, 2))) for each in (varying, wide))
    parts: Floats = np.divide(rest, whole, out=np.zeros(len(wide)), where=whole > 0)
    return np.where(parts < ROUNDING, 0.0, parts)


def most_similar(chosen: Floats, layer: Floats, filters: Array | None) -> tuple[Array, Floats]:
    """For each filter the one of its layer whose responses correlate most with its own.

    Args:
        chosen: `unit_responses` `(n, positions)`.
        layer: `unit_responses` of all filters of the layer `(filters, positions)`.
        filters: which of them the chosen are, int `(n,)`; None where they are none of them.

    Returns:
        Indices in the layer `(n,)`, -1 where there is none, and the correlations `(n,)`, NaN there:
        no filter is similar to one that gives the same everywhere.
    """
    correlations = _float64(chosen) @ _float64(layer).T
    correlations[:, ~np.any(layer, axis=1)] = -np.inf
    correlations[~np.any(chosen, axis=1)] = -np.inf
    if filters is not None:
        correlations[np.arange(len(filters)), filters] = -np.inf
    nearest = correlations.argmax(axis=1)
    highest = correlations[np.arange(len(chosen)), nearest]
    known = np.isfinite(highest)
    return np.where(known, nearest, -1), np.where(known, highest.clip(-1, 1), np.nan)


# ------------------------------------------------------------------------------------ heatmaps


def shares(maps: Floats) -> Floats:
    """Each map `(h, w)` over its sum, NaN where it is empty or holds what is no number."""
    totals = _float64(maps).sum(axis=(-2, -1), keepdims=True)
    known = np.isfinite(totals) & (totals > 0)
    parts: Floats = np.divide(maps, totals, out=np.full(np.shape(maps), np.nan), where=known)
    return parts


def centre(maps: Floats) -> Floats:
    """Centre of mass `(..., 2)`, x and y in 0..1 from the left and the top."""
    weights = shares(maps)
    height, width = weights.shape[-2:]
    x = (weights.sum(axis=-2) * (np.arange(width) + 0.5) / width).sum(axis=-1)
    y = (weights.sum(axis=-1) * (np.arange(height) + 0.5) / height).sum(axis=-1)
    return np.stack([x, y], axis=-1)


def peak(maps: Floats) -> Floats:
    """Centre of the hottest position `(..., 2)`, x and y in 0..1; NaN of an empty or flat map."""
    height, width = np.shape(maps)[-2:]
    hottest = np.reshape(maps, (*np.shape(maps)[:-2], -1)).argmax(axis=-1)
    places = np.stack([(hottest % width + 0.5) / width, (hottest // width + 0.5) / height], -1)
    return np.where(_lies_nowhere(maps)[..., None], np.nan, places)


def area(maps: Floats) -> Floats:
    """Share of positions at or over half the maximum, 0..1."""
    weights = shares(maps)
    over = weights >= weights.max(axis=(-2, -1), keepdims=True) / 2
    return np.where(_is_empty(weights), np.nan, over.mean(axis=(-2, -1)))


def entropy(maps: Floats) -> Floats:
    """Spread over the positions, 0 (all in one) to 1 (even): Shannon's entropy by its most."""
    weights = shares(maps)
    logarithms = np.log(weights, out=np.zeros_like(weights), where=weights > 0)
    most = np.log(max(weights.shape[-2] * weights.shape[-1], 2))
    spread: Floats = -(weights * logarithms).sum(axis=(-2, -1)) / most
    return spread.clip(0, 1) if spread.ndim else spread


def overlap(now: Floats, before: Floats) -> Floats:
    """How far two maps lie in the same place, 0..1: the intersection of their shares.

    Swain and Ballard 1991; "SIM" to those who compare saliency maps (Bylinskii et al. 2019).
    NaN where one of them is empty or flat: evidence that lies nowhere has not moved.
    """
    one, other = shares(now), shares(before)
    nowhere = _lies_nowhere(now) | _lies_nowhere(before)
    common = np.minimum(one, other).sum(axis=(-2, -1))
    return np.where(nowhere, np.nan, common.clip(0, 1))


def small(maps: Floats) -> Floats:
    """Maps `(n, h, w)` averaged down to what `overlap` needs, float32."""
    return _averaged_down(_float64(maps), _OVERLAP_SIDE).astype(np.float32)


def energy_inside(maps: Floats, regions: Floats) -> Floats:
    """Share of a map's sum that lies in the object, 0..1 (Wang et al. 2020, equation 10).

    Args:
        maps: `(..., h, w)`.
        regions: which share of each position the object covers, 0..1, of the same shape.
    """
    inside: Floats = (shares(maps) * regions).sum(axis=(-2, -1))
    return inside.clip(0, 1)


def _lies_nowhere(maps: Floats) -> Array:
    """Whether maps are empty, or flat: see `FLAT`. One of a single position is neither."""
    spread, positions = entropy(maps), np.shape(maps)[-2] * np.shape(maps)[-1]
    return np.asarray(np.isnan(spread) | ((spread > FLAT) & (positions > 1)))


def _is_empty(weights: Floats) -> Array:
    return np.asarray(np.isnan(weights).any(axis=(-2, -1)))
