"""Feature maps in the log: what filters see on the pictures of the heatmaps, raw, and bounded."""

from pathlib import Path

import keras
import numpy as np
import pytest

from convviz_tb import ConvViz, FilterPatterns, GradCAM
from convviz_tb.images import tiles_of
from convviz_tb.log import feature_maps
from support.events import read_run

SIDE, FILTERS = 20, 6


def model() -> keras.Model:
    layers = keras.layers
    net = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Conv2D(FILTERS, 3, strides=2, name="conv"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    net.compile("sgd", "sparse_categorical_crossentropy")
    return net


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(0).random((count, SIDE, SIDE, 3), dtype=np.float32)


def fitted(log_dir: Path, count: int = 3, **given) -> tuple[keras.Model, dict]:
    net, images = model(), pictures(count)
    asked = {"patterns": None} | {
        name: given.pop(name) for name in ("patterns", "budget") if name in given
    }
    convviz = ConvViz(log_dir, heatmaps=GradCAM(images, ["conv"], **given), **asked)
    net.fit(images, np.arange(count) % 2, verbose=0, callbacks=[convviz])
    return net, read_run(log_dir)


def logged(event) -> np.ndarray:
    """The raw maps `(tiles, h, w)` that an event holds."""
    grey = event.sheet if isinstance(event.sheet, bytes) else None
    sheet = event.facts["sheet"]
    height, width = sheet["tile"]
    levels = (
        tiles_of(grey, sheet)[..., 0]
        if grey
        else [
            np.asarray(event.sheet)[y : y + height, x : x + width]
            for y, x in (
                (i // sheet["columns"] * height, i % sheet["columns"] * width)
                for i in range(sheet["count"])
            )
        ]
    )
    low, high = (
        np.array([tile[end] for tile in event.facts["tiles"]])[:, None, None]
        for end in ("minimum", "maximum")
    )
    return low + np.asarray(levels, float) / 255 * (high - low)


def test_they_are_the_activations_of_the_layer(tmp_path):
    net, run = fitted(tmp_path)
    first, last = run["feature_maps/conv"]
    true = np.moveaxis(net.get_layer("conv")(pictures(3)).numpy(), -1, 1)
    maps = logged(last).reshape(true.shape)
    assert np.abs(maps - true).max() <= (true.max() - true.min()) / 255
    assert [(tile["image"], tile["filter"]) for tile in last.facts["tiles"]] == [
        (image, filter_) for image in range(3) for filter_ in range(FILTERS)
    ]
    assert (first.step, last.step) == (0, 1)


@pytest.mark.parametrize("method", ["layercam", "scorecam"])
def test_every_method_has_them(tmp_path, method):
    assert "feature_maps/conv" in fitted(tmp_path, method=method)[1]


def test_they_are_of_the_filters_whose_patterns_are_logged(tmp_path):
    patterns = FilterPatterns(["conv"], [4, 1, 5], steps=2, size=16)
    _, run = fitted(tmp_path, patterns=patterns, feature_maps=2)
    assert {tile["filter"] for tile in run["feature_maps/conv"][0].facts["tiles"]} == {4, 1}


def test_directions_are_no_channels(tmp_path):
    patterns = FilterPatterns(["conv"], np.eye(FILTERS, dtype=np.float32)[3:5], steps=2, size=16)
    _, run = fitted(tmp_path, patterns=patterns, feature_maps=2)
    assert {tile["filter"] for tile in run["feature_maps/conv"][0].facts["tiles"]} == {0, 1}


def test_none_are_logged_where_none_are_wanted(tmp_path):
    assert "feature_maps/conv" not in fitted(tmp_path, feature_maps=0)[1]


@pytest.mark.parametrize("given", [-1, True, 2.5, "all"])
def test_a_number_that_is_none_is_refused(given):
    with pytest.raises(ValueError, match="feature_maps"):
        GradCAM(pictures(1), feature_maps=given)


@pytest.mark.parametrize(
    ("shape", "kept"),
    [
        ((40, 32, 7, 7), (16, 32)),
        ((8, 32, 56, 56), (8, 10)),
        ((8, 32, 224, 224), (5, 1)),
        ((2, 2, 600, 600), (0, 2)),
    ],
)
def test_bytes_are_bounded(shape, kept):
    values = np.broadcast_to(np.float32(0), shape)
    bounded = feature_maps._bounded(values)
    assert (bounded.size == 0) if kept[0] == 0 else (bounded.shape[:2] == kept)
    assert bounded.size <= feature_maps.MOST_VALUES


def test_a_map_that_is_not_finite_has_no_extremes(tmp_path):
    net, images = model(), pictures(2)
    kernel = np.ones(net.get_layer("conv").kernel.shape, np.float32)
    kernel[..., 0] = 3e38  # their sum is infinite
    net.get_layer("conv").kernel.assign(kernel)
    convviz = ConvViz(tmp_path, patterns=None, heatmaps=GradCAM(images, ["conv"]))
    net.fit(images, np.zeros(2), verbose=0, epochs=1, callbacks=[convviz])
    tiles = read_run(tmp_path)["feature_maps/conv"][0].facts["tiles"]
    assert [tile["maximum"] is None for tile in tiles[:2]] == [True, False]
