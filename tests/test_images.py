"""`images.py`: what is seen, and that nothing is seen that is not there."""

import io

import numpy as np
import pytest
from PIL import Image

from convviz_tb import images


def decoded(sheet: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(sheet)))


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(shape, np.float32)


@pytest.mark.parametrize(
    ("low", "high", "dtype", "expected"),
    [
        (0, 255, np.uint8, (0, 255)),
        (0, 1, np.uint8, (0, 255)),
        (0, 200, np.int64, (0, 255)),
        (0, 4095, np.uint16, (0, 4095)),
        (0, 1, bool, (0, 1)),
        (0, 1, np.float32, (0, 1)),
        (0.2, 0.9, np.float32, (0, 1)),
        (-1, 1, np.float16, (-1, 1)),
        (-0.3, 0.9, np.float64, (-1, 1)),
        (0, 255, np.float32, (0, 255)),
        (3, 180, np.float32, (0, 255)),
        (-123.5, 151, np.float32, (-123.5, 151)),
        (-2.5, 2.75, np.float32, (-2.5, 2.75)),
        (0, 1.0000002, np.float32, (0, 1)),  # a white picture after tf.image.resize(antialias=True)
        (-0.07, 1.08, np.float32, (0, 1)),  # after a bicubic resize
        (-1.04, 1.06, np.float32, (-1, 1)),
        (-9, 262, np.float32, (0, 255)),
        (0, 1.2, np.float32, (0, 1.2)),  # brightness, not clipped
        (0, 10.3, np.float32, (0, 10.3)),  # depth in metres
        (0, 80.5, np.float32, (0, 80.5)),
        (0, 90, np.float32, (0, 255)),  # a dark photograph, whole numbers
        (0, 9, np.int16, (0, 9)),  # counts
        (-1024, 3071, np.int16, (-1024, 3071)),  # Hounsfield units
    ],
)
def test_value_range_is_guessed(low, high, dtype, expected):
    """The usual ranges are recognised; others are their own extremes."""
    found = images.value_range(np.array([low, (low + high) / 2, high]).astype(dtype))
    assert found == pytest.approx(expected)


def test_value_range_of_values_that_are_not_finite():
    """NaN and infinity do not count; nothing else at all gives a range still."""
    assert images.value_range(np.array([np.nan, 0.5, np.inf])) == (0, 1)
    assert images.value_range(np.array([np.nan])) == (0, 1)


def test_inputs_are_shown_as_they_are():
    """The same picture in any of the usual ranges gives the same levels, none of them wrapped."""
    picture = (noise(1, 8, 8, 3) * 255).round().astype(np.uint8)
    picture[0, 0, 0], picture[0, 0, 1] = 0, 255
    unit = picture.astype(np.float32) / 255
    for form in (picture, picture.astype(np.float32), unit, unit * 2 - 1, unit * 7 - 3):
        assert np.array_equal(images.input_tiles(form), picture)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
def test_any_number_of_channels(channels):
    """One is gray, two their mean, of more the first three."""
    pictures = (noise(2, 6, 7, channels) * 255).round()
    pictures[0, 0, 0] = 255
    tiles = images.input_tiles(pictures)
    shown = pictures[..., :3] if channels > 2 else pictures.mean(axis=-1, keepdims=True)
    assert tiles.shape == (2, 6, 7, 3) and tiles.dtype == np.uint8
    assert np.abs(tiles - shown).max() <= 0.5


def test_chosen_channels():
    """Three are red, green and blue, one is gray; of signals, those strips."""
    pictures = (noise(1, 4, 4, 5) * 255).round()
    pictures[0, 0, 0] = 255
    assert np.array_equal(images.input_tiles(pictures, [4, 2, 0]), pictures[..., [4, 2, 0]])
    gray = images.input_tiles(pictures, [3])
    assert np.array_equal(gray, pictures[..., [3, 3, 3]])
    signal = noise(1, 20, 5)
    assert np.array_equal(images.as_pictures(signal, [4])[0, 0, :, 0], signal[0, :, 4])


def test_signals_and_volumes():
    """A signal is one strip per channel, a volume its central slice."""
    signal = noise(2, 20, 4)
    strips = images.as_pictures(signal)
    assert strips.shape == (2, 32, 20, 3)
    assert np.array_equal(strips[1, 8:16, :, 1], np.tile(signal[1, :, 1], (8, 1)))
    volume = noise(2, 5, 6, 7, 1)
    assert np.array_equal(images.as_pictures(volume)[..., 0], volume[:, 2, ..., 0])
    assert [images.view(rank) for rank in (3, 4, 5)] == ["strips", "picture", "central slice"]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((1, 1, 1, 3), (1, 1)),
        ((1, 2, 1000, 3), (1, 384)),
        ((1, 1500, 1000, 3), (384, 256)),
        ((1, 384, 384, 1), (384, 384)),
    ],
)
def test_huge_and_tiny_inputs(shape, expected):
    """Huge pictures shrink in proportion, tiny ones stay."""
    tiles = images.input_tiles(np.full(shape, 200, np.uint8))
    assert tiles.shape == (1, *expected, 3) and (tiles == 200).all()


def test_inputs_with_nan():
    """NaN is black, infinity white or black; the rest of the pictures stays right."""
    pictures = np.full((1, 2, 2, 1), 0.5)
    pictures[0, 0, 0], pictures[0, 0, 1], pictures[0, 1, 0] = np.nan, np.inf, -np.inf
    assert images.input_tiles(pictures)[0, ..., 0].tolist() == [[0, 255], [0, 128]]


def test_patterns_have_equal_contrast():
    """Mean at mid gray and the same spread, whatever their own."""
    patterns = noise(2, 32, 32, 3) * np.float32([1, 300])[:, None, None, None] - 7
    tiles = images.pattern_tiles(patterns).astype(float)
    np.testing.assert_allclose(tiles.mean(axis=(1, 2, 3)), 127.5, atol=1)
    np.testing.assert_allclose(tiles.std(axis=(1, 2, 3)), 0.15 * 255, atol=1)


def test_patterns_without_contrast_or_numbers_are_gray():
    """Flat, NaN or infinite ones do not become noise, nor do they spoil their neighbours."""
    patterns = noise(4, 8, 8, 3)
    patterns[0], patterns[1], patterns[2, 0, 0, 0] = 5, np.nan, np.inf
    tiles = images.pattern_tiles(patterns)
    assert np.abs(tiles[:3].astype(int) - 128).max() <= 1
    assert np.array_equal(tiles[3:], images.pattern_tiles(patterns[3:]))


def test_heatmap_levels_stand_for_raw_numbers():
    """`minimum + level / 255 * (maximum - minimum)` gives the map back to half a level."""
    maps = noise(3, 5, 6) * np.float32([1, 1e-6, 1e6])[:, None, None]
    levels, minimum, maximum = images.heatmap_tiles(maps)
    span = (maximum - minimum)[:, None, None]
    restored = minimum[:, None, None] + levels / 255 * span
    assert (np.abs(restored - maps) <= span * (0.5 / 255 + 1e-6)).all()


def test_no_evidence_is_never_stretched():
    """All-zero and flat maps are black, with the extremes that say so."""
    maps = np.float32([np.zeros((4, 4)), np.full((4, 4), 3)])
    levels, minimum, maximum = images.heatmap_tiles(maps)
    assert not levels.any()
    assert minimum.tolist() == maximum.tolist() == [0, 3]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_heatmaps_that_are_not_finite_are_not_drawn(bad):
    """Black, extremes NaN (null in JSON), the next map untouched, the picture bare."""
    maps = noise(2, 4, 4)
    maps[0, 1, 2] = bad
    levels, minimum, maximum = images.heatmap_tiles(maps)
    assert not levels[0].any() and np.isnan([minimum[0], maximum[0]]).all()
    assert np.array_equal(levels[1:], images.heatmap_tiles(maps[1:])[0])
    pictures = (noise(2, 12, 12, 3) * 255).astype(np.uint8)
    assert np.array_equal(images.superimpose(pictures, maps)[0], pictures[0])


def test_without_evidence_the_picture_is_left_alone():
    """Zero and all-negative maps change no pixel; where a map is zero, neither does that one."""
    pictures = (noise(3, 16, 16, 3) * 255).astype(np.uint8)
    maps = np.zeros((3, 4, 4), np.float32)
    maps[1], maps[2, 0, 0] = -1, 5
    shown = images.superimpose(pictures, maps)
    assert np.array_equal(shown[:2], pictures[:2])
    assert np.array_equal(shown[2, 8:, 8:], pictures[2, 8:, 8:])
    assert (shown[2, :2, :2] != pictures[2, :2, :2]).any()


def test_evidence_is_shown_where_it_is():
    """A single hot position colours its own corner of a picture of any size and shape."""
    pictures = np.zeros((1, 30, 50, 3), np.uint8)
    for row, column in ((0, 0), (2, 4)):
        map_ = np.zeros((1, 3, 5), np.float32)
        map_[0, row, column] = 1e-9
        change = images.superimpose(pictures, map_)[0].sum(axis=-1)
        assert np.unravel_index(change.argmax(), change.shape) == pytest.approx(
            (row * 10 + 5, column * 10 + 5), abs=6
        )


@pytest.mark.parametrize("count", [1, 2, 3, 5, 16])
@pytest.mark.parametrize("image_format", ["png", "jpeg"])
def test_geometry_of_a_sheet(count, image_format):
    """Tiles in rows, first one top left, in a nearly square sheet; sides fit the geometry."""
    values = np.linspace(40, 220, count).astype(np.uint8)
    tiles = np.tile(values[:, None, None, None], (1, 16, 24, 3))
    geometry, sheet = images.sheet(tiles, image_format)
    picture, (height, width) = decoded(sheet), geometry["tile"]
    columns, rows = geometry["columns"], -(-count // geometry["columns"])
    assert geometry["count"] == count and (height, width) == (16, 24)
    assert picture.shape == (rows * height, columns * width, 3)
    assert rows <= columns <= rows + 1
    for i, value in enumerate(values):
        top, left = i // columns * height, i % columns * width
        tile = picture[top : top + height, left : left + width].astype(int)
        assert np.abs(tile - value).max() <= (0 if image_format == "png" else 3)


@pytest.mark.parametrize("side", [32, 37, 150])
def test_tiles_do_not_bleed(side):
    """A tile decodes to the same pixels, whether black, white or garish ones lie around it."""
    tile = (noise(side, side, 3) * 255).astype(np.uint8)
    found = []
    for neighbour in ([0, 0, 0], [255, 255, 255], [255, 0, 255]):
        tiles = np.broadcast_to(np.uint8(neighbour), (9, side, side, 3)).copy()
        tiles[4] = tile
        geometry, sheet = images.sheet(tiles, "jpeg")
        height, width = geometry["tile"]
        assert height % 8 == width % 8 == 0 and height - side < 8
        found.append(decoded(sheet)[height : height + side, width : width + side])
    assert np.array_equal(found[0], found[1]) and np.array_equal(found[0], found[2])
    assert np.abs(found[0].astype(int) - tile).mean() < 12


def test_a_jpeg_keeps_its_colours():
    """Stored 4:4:4: single red and blue columns are not smeared into each other."""
    tiles = np.zeros((1, 16, 16, 3), np.uint8)
    tiles[0, :, ::2, 0], tiles[0, :, 1::2, 2] = 255, 255
    picture = decoded(images.sheet(tiles, "jpeg")[1]).astype(int)
    assert picture[:, ::2, 0].mean() > 200 and picture[:, 1::2, 0].mean() < 60


def test_heatmap_sheets_are_exact():
    """Grey levels survive as PNG to the last bit."""
    levels = (noise(5, 7, 7) * 255).astype(np.uint8)
    geometry, sheet = images.sheet(levels, "png")
    picture = decoded(sheet)
    assert picture.shape == (14, 21) and geometry["tile"] == [7, 7]
    assert np.array_equal(picture[7:14, :7], levels[3])
