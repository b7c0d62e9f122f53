"""The numbers are what `docs/metrics.md` says: closed forms, and what must not matter to them."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from convviz_tb.metrics import drift
from convviz_tb.metrics.heatmaps import RegionCoverage

few = settings(max_examples=40, deadline=None)
scales = st.floats(0.1, 10)


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def stripes(period: float, angle: float = 0.0, phase: float = 0.0, side: int = 48) -> np.ndarray:
    """A grating as a uint8 tile `(1, side, side, 3)`."""
    y, x = np.mgrid[:side, :side]
    wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period + phase)
    return np.repeat((127 + 60 * wave).astype(np.uint8)[None, ..., None], 3, axis=-1)


# ------------------------------------------------------------------------------------ patterns


@pytest.mark.parametrize(
    "changed",
    [
        lambda tile: tile // 2 + 60,  # less contrast, brighter
        lambda tile: np.roll(tile, (3, -5), axis=(1, 2)),
        lambda tile: np.roll(tile, (20, 20), axis=(1, 2)),
    ],
    ids=["contrast", "small shift", "large shift"],
)
def test_neither_contrast_nor_place_is_pattern_drift(changed):
    tile = (128 + 40 * noise(1, 48, 48, 3).cumsum(axis=1) / 7).clip(0, 255).astype(np.uint8)
    found = drift.pattern_drift(drift.textures(changed(tile)), drift.textures(tile))
    assert found[0] < 2e-3


@pytest.mark.parametrize("side", [48, 150, 224])
def test_other_stripes_and_other_colours_are_pattern_drift(side):
    tile = stripes(12, side=side)
    turned, finer = stripes(12, np.pi / 2, side=side), stripes(5, side=side)
    red = tile.copy()
    red[..., 1:] = 255 - red[..., 1:]
    for other in (turned, finer, red):
        assert drift.pattern_drift(drift.textures(other), drift.textures(tile))[0] > 0.2


def test_equal_pictures_have_exactly_no_drift():
    tiles = np.random.default_rng(0).integers(0, 256, (4, 33, 20, 3)).astype(np.uint8)
    assert (drift.pattern_drift(drift.textures(tiles), drift.textures(tiles.copy())) == 0).all()


def test_a_flat_picture_is_unlike_any_other_and_like_itself():
    flat, tile = np.full((1, 48, 48, 3), 90, np.uint8), stripes(12)
    flat, tile = drift.textures(flat), drift.textures(tile)
    assert drift.pattern_drift(flat, tile)[0] == 1
    assert drift.pattern_drift(flat, flat)[0] == 0


@few
@given(hnp.arrays(np.uint8, (2, 9, 7, 3)), hnp.arrays(np.uint8, (2, 9, 7, 3)))
def test_pattern_drift_is_symmetric_and_in_range(one, other):
    one, other = drift.textures(one), drift.textures(other)
    there, back = drift.pattern_drift(one, other), drift.pattern_drift(other, one)
    assert (there >= 0).all() and (there <= 1).all()
    np.testing.assert_allclose(there, back, atol=1e-6)


# ------------------------------------------------------------------------------------- answers


@few
@given(
    hnp.arrays(np.float32, (3, 12), elements=st.floats(-8, 8, width=32)),
    scales,
    st.floats(-5, 5),
)
def test_scale_and_offset_of_the_answers_are_no_function_drift(answers, scale, offset):
    varies = np.ptp(answers, axis=1) > 0.1
    before, now = drift.unit_responses(answers), drift.unit_responses(scale * answers + offset)
    assert (drift.function_drift(now, before)[varies] < 1e-4).all()


def test_function_drift_is_one_minus_pearson():
    before, now = noise(4, 300), noise(4, 300, seed=1) + noise(4, 300)
    expected = [1 - np.corrcoef(a, b)[0, 1] for a, b in zip(now, before, strict=True)]
    found = drift.function_drift(drift.unit_responses(now), drift.unit_responses(before))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_filter_that_falls_silent_has_drifted_by_one():
    silent, alive = np.zeros((1, 20)), np.abs(noise(1, 20))
    silent, alive = drift.unit_responses(silent), drift.unit_responses(alive)
    assert drift.function_drift(silent, alive)[0] == 1
    assert drift.function_drift(silent, silent)[0] == 0
    assert drift.function_drift(alive, alive.copy())[0] == 0
    assert drift.function_drift(-alive, alive)[0] == pytest.approx(2)


def test_variation_is_what_differs_between_pictures_at_the_same_position():
    everywhere = np.tile(noise(1, 9), 4)  # positions differ, pictures do not
    pictures = np.repeat(noise(1, 4), 9, axis=1)
    half = np.concatenate([np.zeros((1, 18)), np.full((1, 18), 2.0)], axis=1)
    found = drift.variation(np.concatenate([everywhere, np.zeros((1, 36)), half, pictures]), 4)
    assert found[:2].tolist() == [0, 0]
    np.testing.assert_allclose(found[2], np.sqrt(0.5))
    expected = np.sqrt(1 - noise(1, 4).mean() ** 2 / (noise(1, 4) ** 2).mean())
    np.testing.assert_allclose(found[3], expected)


def test_twins_find_the_copy_and_never_themselves():
    layer = noise(5, 200)
    layer[3] = 2 * layer[1] + 1
    layer[4] = 0
    unit = drift.unit_responses(layer)
    nearest, similarity = drift.most_similar(unit[[1, 3, 4]], unit, np.array([1, 3, 4]))
    assert nearest.tolist() == [3, 1, -1]
    np.testing.assert_allclose(similarity, [1, 1, np.nan], atol=1e-6)


def test_the_only_filter_of_a_layer_has_no_twin():
    unit = drift.unit_responses(noise(1, 50))
    nearest, similarity = drift.most_similar(unit, unit, np.array([0]))
    assert nearest.tolist() == [-1] and np.isnan(similarity).all()


# ------------------------------------------------------------------------------------ heatmaps


def point(row: int, column: int) -> np.ndarray:
    spot = np.zeros((4, 8))
    spot[row, column] = 7
    return spot


def test_a_single_hot_position():
    spot = point(1, 6)
    np.testing.assert_allclose(drift.centre(spot), [6.5 / 8, 1.5 / 4])
    assert drift.area(spot) == 1 / 32
    assert drift.entropy(spot) == 0


def test_an_even_map():
    even = np.ones((4, 8))
    np.testing.assert_allclose(drift.centre(even), [0.5, 0.5])
    assert drift.area(even) == 1
    assert drift.entropy(even) == pytest.approx(1)


def test_an_empty_map_has_no_place():
    empty = np.zeros((2, 4, 8))
    assert np.isnan(drift.centre(empty)).all()
    assert np.isnan(drift.area(empty)).all() and np.isnan(drift.entropy(empty)).all()
    assert np.isnan(drift.energy_inside(empty, np.ones((2, 4, 8)))).all()


@few
@given(
    hnp.arrays(np.float32, (2, 4, 5), elements=st.floats(0, 9, width=32)),
    hnp.arrays(np.float32, (2, 4, 5), elements=st.floats(0, 9, width=32)),
    scales,
)
def test_overlap_is_symmetric_in_range_and_blind_to_scale(one, other, scale):
    there, back = drift.overlap(one, other), drift.overlap(other, one)
    np.testing.assert_allclose(there, back)
    known = ~np.isnan(there)
    assert ((there[known] >= 0) & (there[known] <= 1)).all()
    with_itself = drift.overlap(scale * one, one)
    np.testing.assert_allclose(with_itself[~np.isnan(with_itself)], 1, atol=1e-6)


def test_overlap_of_maps_that_share_a_half():
    half = point(0, 0) + point(2, 2)
    assert drift.overlap(half, point(0, 0)) == 0.5
    assert drift.overlap(point(0, 0), point(2, 2)) == 0


@pytest.mark.parametrize("nowhere", [np.zeros((4, 8)), np.ones((4, 8)), 5 + 0.1 * noise(4, 8)])
def test_with_an_empty_or_a_flat_map_nothing_overlaps(nowhere):
    for one, other in ((point(0, 0), nowhere), (nowhere, point(0, 0)), (nowhere, nowhere)):
        assert np.isnan(drift.overlap(one, other))


def test_maps_of_one_position_are_not_flat():
    assert drift.overlap(np.ones((1, 1)), np.full((1, 1), 3.0)) == 1


def test_large_maps_are_averaged_down_for_the_overlap():
    assert drift.small(noise(2, 224, 224)).shape == (2, 32, 32)
    assert drift.small(noise(2, 14, 14)).shape == (2, 14, 14)


def test_energy_inside_counts_cut_positions_by_their_share():
    region = np.zeros((4, 8))
    region[0, 0], region[2, 2] = 1, 0.5
    assert drift.energy_inside(point(0, 0) + 3 * point(2, 2), region) == pytest.approx(2.5 / 4)


def test_the_hottest_place_is_the_centre_of_the_hottest_position():
    maps = np.full((3, 2, 4), 0.1)
    maps[0, 1, 3], maps[1] = 5, 0
    np.testing.assert_allclose(drift.peak(maps)[0], [0.875, 0.75])
    assert np.isnan(drift.peak(maps)[1:]).all()  # empty, flat


def test_of_a_thin_region_it_is_known_how_much_of_a_map_can_lie_on_it():
    """A frame of one pixel covers 7 of the 16 pixels of a corner of 8 x 8 cells."""
    frame = np.ones((2, 32, 32), bool)
    frame[:, 1:-1, 1:-1] = False
    boxes = np.array([[8, 8, 24, 24], [8, 8, 24, 24]])
    coverage = RegionCoverage({"object": boxes, "frame": frame})
    computed = SimpleNamespace(maps=np.zeros((2, 8, 8)))
    assert coverage.most_on(computed, (32, 32)) == {"frame": 0.4375}
    assert RegionCoverage(None).most_on(computed, (32, 32)) == {}
    only_one = boxes * np.array([[1.0], [np.nan]])
    small = RegionCoverage({"object": boxes, "dot": only_one * 0 + [9, 9, 11, 11]})
    assert small.most_on(computed, (32, 32)) == {"dot": 0.25}
