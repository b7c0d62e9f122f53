"""What is assumed where neither options nor pictures tell: in the facts, and said once."""

import keras
import numpy as np
import pytest
from keras import layers

from convviz_tb import ConvViz, FilterPatterns, GradCAM
from support import zoo
from support.events import read_run

RANGE = "value_range: no pictures tell"
SIZE = "size: the model takes pictures of any size"


def volumes() -> keras.Model:
    conv = layers.Conv3D(2, 3, activation="relu", name="last")
    end = [layers.GlobalAveragePooling3D(), layers.Dense(2)]
    return keras.Sequential([keras.Input((None, None, None, 1)), conv, *end])


def pictures_of_any_size() -> keras.Model:
    return keras.Sequential([keras.Input((None, None, 3)), zoo.conv(name="last"), *zoo.head(2)])


def said(caplog) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.name == "convviz_tb"]


def logged(tmp_path, model, shape, **options):
    """The facts of the patterns of two fits of one callback."""
    model.compile("sgd", "mse")
    few = FilterPatterns("last", filters=1, steps=1, **options.pop("patterns", {}))
    watch = ConvViz(tmp_path, patterns=few, **options)
    for _ in range(2):
        model.fit(np.zeros((2, *shape)), np.zeros((2, 2)), verbose=0, callbacks=[watch])
    return [event.facts for event in read_run(tmp_path)["patterns/last"]]


def test_a_range_without_pictures_is_assumed_and_said_once(tmp_path, caplog):
    model = keras.Sequential([keras.Input(zoo.RGB), zoo.conv(name="last"), *zoo.head(2)])
    for facts in logged(tmp_path, model, zoo.RGB):
        assert (facts["assumed"], facts["value_range"]) == (["value_range"], [0, 255])
    assert caplog.text.count(RANGE) == 1 and "between 0 and 255" in caplog.text
    assert "FilterPatterns(value_range=(lowest, highest))" in caplog.text
    assert SIZE not in caplog.text


@pytest.mark.parametrize(
    "told",
    [
        {"heatmaps": GradCAM(np.random.default_rng(0).random((2, *zoo.RGB)))},
        {"patterns": {"value_range": (0, 1)}},
        {"patterns": {"images": np.random.default_rng(0).random((4, *zoo.RGB))}},
    ],
    ids=["heatmaps", "value_range", "images"],
)
def test_a_range_that_is_told_is_not_assumed(tmp_path, caplog, told):
    model = keras.Sequential([keras.Input(zoo.RGB), zoo.conv(name="last"), *zoo.head(2)])
    for facts in logged(tmp_path, model, zoo.RGB, **told):
        assert "assumed" not in facts and facts["value_range"] == [0, 1]
    assert not said(caplog)


def test_open_sizes_without_pictures_are_assumed_and_said_once(tmp_path, caplog):
    found = logged(tmp_path, volumes(), (4, 8, 8, 1), patterns={"value_range": (0, 1)})
    assert [(facts["assumed"], facts["size"]) for facts in found] == [
        (["size"], [16, 64, 64]),
        (["size"], [16, 64, 64]),
        (["size"], [16, 64, 64]),
    ]
    assert caplog.text.count(SIZE) == 1 and "of 16 x 64 x 64. FilterPatterns(size=" in caplog.text


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (volumes, {"patterns": {"size": (8, 16, 16)}}),
        (volumes, {"heatmaps": GradCAM(np.random.default_rng(0).random((2, 4, 16, 16, 1)))}),
        (pictures_of_any_size, {}),  # by the receptive field of the layer
    ],
    ids=["size", "pictures", "receptive field"],
)
def test_sizes_that_are_told_are_not_assumed(tmp_path, caplog, make, told):
    patterns = {"value_range": (0, 1)} | told.get("patterns", {})
    shape = (4, 16, 16, 1) if make is volumes else zoo.RGB
    for facts in logged(tmp_path, make(), shape, **told | {"patterns": patterns}):
        assert "assumed" not in facts
    assert not said(caplog)


def test_a_mode_of_one_size_assumes_that_of_open_axes(tmp_path, caplog):
    patterns = {"value_range": (0, 1), "mode": "smooth"}
    for facts in logged(tmp_path, pictures_of_any_size(), zoo.RGB, patterns=patterns):
        assert (facts["assumed"], facts["size"]) == (["size"], [128, 128])
    assert caplog.text.count("of 128 x 128.") == 1
