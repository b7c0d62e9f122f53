"""What lies below a heatmap in the log: the picture, frame and part of it that the layer sees."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from convviz_tb import ConvViz, Examples, FilterPatterns, GradCAM, grad_cam
from support import zoo
from support.events import read_run

RGB = (24, 24, 3)


def logged(directory, model, images, **options):
    """The series of a fit of no epochs: the baseline alone."""
    model.compile("sgd", "mse")
    heatmaps = GradCAM(images, **options)
    watch = ConvViz(directory, patterns=None, heatmaps=heatmaps)
    loop = keras.callbacks.CallbackList([watch], model=model, epochs=1)
    loop.on_train_begin()
    loop.on_epoch_begin(0)
    loop.on_train_end()
    series = read_run(directory)
    assert series["model"][0].facts["failures"] == []
    return series


def spots(*shape: int, row: slice, column: slice) -> np.ndarray:
    """Black pictures `(2, *shape)` with a bright spot; rows and columns are the first axes."""
    pictures = np.zeros((2, *shape), "float32")
    pictures[:, row, column] = 1
    return pictures


def bright(sheet, facts, at=0) -> tuple[slice, slice]:
    """Rows and columns of the bright part of a tile."""
    height, width = facts["sheet"]["tile"]
    columns = facts["sheet"]["columns"]
    top, left = at // columns * height, at % columns * width
    tile = np.asarray(sheet.convert("L"))[top : top + height, left : left + width] > 127
    rows, across = np.flatnonzero(tile.any(axis=1)), np.flatnonzero(tile.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(across[0], across[-1] + 1)


def brightness(*front, shape, **options) -> keras.Model:
    """Its one convolution adds up what it sees: a map is as bright as the picture."""
    conv = layers.Conv2D(2, 1, kernel_initializer="ones", use_bias=False, name="last")
    body = [conv, layers.GlobalAveragePooling2D(), layers.Dense(2, kernel_initializer="ones")]
    return keras.Sequential([keras.Input(shape), *front, *body])


def test_a_picture_without_channels_is_shown_as_its_map_is(tmp_path):
    row, column = slice(5, 9), slice(18, 24)
    images = spots(28, 28, row=row, column=column)
    model = brightness(layers.Reshape((28, 28, 1)), shape=(28, 28))
    boxes = np.array([[18, 5, 24, 9]] * 2)
    series = logged(tmp_path, model, images, boxes=boxes)
    for tag in ("inputs", "heatmaps/last"):
        event = series[tag][0]
        assert bright(event.sheet, event.facts) == (row, column), tag
    assert series["heatmaps/last"][0].facts["tiles"][0]["energy_inside"] == pytest.approx(1)


def test_a_crop_inside_the_model_is_followed_and_boxes_are_measured_there(tmp_path):
    """The object is in the rows that the network sees; a second one is in those it does not."""
    images = spots(80, 160, 3, row=slice(50, 60), column=slice(80, 120))
    images[:, :20, :40] = 1
    crop = layers.Cropping2D(((40, 10), (0, 0)))
    boxes = {"object": np.array([[80, 50, 120, 60]] * 2), "sky": np.array([[0, 0, 160, 40]] * 2)}
    series = logged(tmp_path, brightness(crop, shape=(80, 160, 3)), images, boxes=boxes)
    facts = series["heatmaps/last"][0].facts
    assert facts["field"] == pytest.approx([0, 0.5, 1, 0.875], abs=1e-3)
    tile = facts["tiles"][0]
    assert tile["energy_inside"] == pytest.approx(1, abs=1e-3)
    assert tile["energy_on_sky"] == pytest.approx(0, abs=1e-3) and tile["pointing"] is True
    assert tile["centre"] == pytest.approx([100 / 160, 55 / 80], abs=0.01)
    assert 0.5 < tile["peak"][0] < 0.75 and 50 / 80 < tile["peak"][1] < 60 / 80


def siamese() -> keras.Model:
    before, after = keras.Input(RGB, name="before"), keras.Input(RGB, name="after")
    tower = keras.Sequential([keras.Input(RGB), zoo.conv(name="last")], name="tower")
    both = [layers.GlobalAveragePooling2D()(tower(each)) for each in (before, after)]
    return keras.Model([before, after], layers.Dense(2)(layers.Concatenate()(both)))


def test_each_branch_has_its_own_pictures_below(tmp_path):
    first = spots(*RGB, row=slice(0, 6), column=slice(0, 6))
    second = spots(*RGB, row=slice(12, 24), column=slice(9, 21))
    series = logged(tmp_path, siamese(), [first, second], boxes=np.array([[0, 0, 6, 6]] * 2))
    inputs, pictures = series["inputs"][0].facts, series["inputs"][0].sheet
    assert inputs["sources"] == ["before", "after"]
    assert [tile.get("source", 0) for tile in inputs["tiles"]] == [0, 0, 1, 1]
    assert bright(pictures, inputs, 0) == (slice(0, 6), slice(0, 6))
    assert bright(pictures, inputs, 3) == (slice(12, 24), slice(9, 21))
    facts = [series[f"heatmaps/tower/last:{i}"][0].facts for i in (0, 1)]
    sources = [each.get("source", 0) for each in facts]
    assert sorted(sources) == [0, 1]  # Keras calls the branches in an order of its own
    measured = ["energy_inside" in each["tiles"][0] for each in facts]
    assert measured == [source == 0 for source in sources]
    assert "box" in inputs["tiles"][0] and "box" not in inputs["tiles"][2]


def test_pictures_go_through_the_preprocessor_of_a_task_and_the_originals_are_shown(tmp_path):
    """It looks at the square in the middle of pictures twice as wide as high."""
    model = zoo.task()
    raw = np.random.default_rng(0).integers(0, 256, (4, 40, 80, 3)).astype("uint8")
    probabilities = model.predict(raw, verbose=0)
    found = grad_cam(model, raw, classes=1, score="probability")["last"]
    np.testing.assert_allclose(found.scores, probabilities[:, 1], rtol=1e-3)
    model.compile("sgd", "sparse_categorical_crossentropy")
    boxes = np.array([[0, 0, 20, 40], [20, 0, 60, 40]])
    watch = ConvViz(
        tmp_path, patterns=FilterPatterns(filters=1), heatmaps=GradCAM(raw[:2], boxes=boxes)
    )
    model.fit(raw, np.arange(4) % 3, verbose=0, callbacks=[watch])
    series = read_run(tmp_path)
    assert series["model"][0].facts["failures"] == []
    shown = np.asarray(series["inputs"][0].sheet)
    np.testing.assert_array_equal(shown[:40, :80], raw[0])
    facts = series["heatmaps/last"][0].facts
    assert facts["field"] == pytest.approx([0.25, 0, 0.75, 1], abs=0.01)
    energies = [tile["energy_inside"] for tile in facts["tiles"]]
    assert energies == pytest.approx([0, 1], abs=0.02)
    assert series["patterns/last"][0].facts["value_range"] == [0, 1]


def test_examples_go_through_the_preprocessor_of_a_task_too(tmp_path):
    model = zoo.task()
    raw = np.random.default_rng(0).integers(0, 256, (6, 40, 80, 3)).astype("uint8")
    model.compile("sgd", "sparse_categorical_crossentropy")
    layer = keras.Model(model.inputs, model.get_layer("last").output)
    prepared = keras.utils.unpack_x_y_sample_weight(model.preprocess_samples(raw))[0]
    strongest = np.asarray(layer(prepared)).max(axis=(1, 2))
    patterns = FilterPatterns(["last"], [0, 1], steps=1)
    watch = ConvViz(tmp_path, patterns=patterns, examples=Examples(raw))
    model.fit(raw, np.arange(6) % 3, verbose=0, callbacks=[watch])
    series = read_run(tmp_path)
    for tile in series["examples/last"][0].facts["tiles"]:
        for number, activation in zip(tile["pictures"], tile["activations"], strict=True):
            assert activation == pytest.approx(strongest[number, tile["filter"]], rel=1e-3)
    assert series["pictures"][0].facts["sheet"]["tile"] == [32, 32]  # they are cropped: as seen


def test_inputs_of_two_sizes_share_a_sheet(tmp_path):
    small, large = keras.Input((12, 12, 1), name="small"), keras.Input((24, 36, 3), name="large")
    parts = [layers.GlobalMaxPooling2D()(zoo.conv()(each)) for each in (small, large)]
    model = keras.Model(
        {"small": small, "large": large}, layers.Dense(2)(layers.Concatenate()(parts))
    )
    given = {each.name: np.ones((2, *each.shape[1:]), "float32") for each in (small, large)}
    facts = logged(tmp_path, model, given)["inputs"][0].facts
    assert facts["sheet"]["tile"] == [24, 36] and len(facts["tiles"]) == 4


def test_each_frame_lies_below_its_own_map(tmp_path):
    cnn = keras.Sequential([keras.Input(RGB), zoo.conv(name="last"), *zoo.head()], name="cnn")
    frames = keras.Input((5, *RGB))
    x = layers.LSTM(6)(layers.TimeDistributed(cnn, name="each")(frames))
    video = np.zeros((2, 5, *RGB), "float32")
    for i in range(5):
        video[:, i, 4 * i : 4 * i + 4, :8] = 1
    named = ["each/cnn/last:4", "each/cnn/last:1"]
    series = logged(tmp_path, keras.Model(frames, layers.Dense(2)(x)), video, layers=named)
    inputs = series["inputs"][0].facts
    assert inputs["sources"] == ["frame 1", "frame 4"]
    for frame, at in ((1, 0), (4, 2)):
        wanted = (slice(4 * frame, 4 * frame + 4), slice(0, 8))
        assert bright(series["inputs"][0].sheet, inputs, at) == wanted
    sources = [series[f"heatmaps/{each}"][0].facts.get("source", 0) for each in named]
    assert sources == [1, 0]


def flat() -> keras.Model:
    body = [zoo.conv(name="last"), *zoo.head()]
    return keras.Sequential([keras.Input((784,)), layers.Reshape((28, 28, 1)), *body])


def test_flat_inputs_ask_for_what_they_look_like(tmp_path):
    images = np.zeros((2, 784), "float32")
    with pytest.raises(ValueError, match=r"^display: .*\(2, 784\).* `display=`"):
        logged(tmp_path / "without", flat(), images)
    display = np.zeros((2, 28, 28, 1), "uint8")
    facts = logged(tmp_path / "with", flat(), images, display=display)["inputs"][0].facts
    assert facts["sheet"]["tile"] == [28, 28]


def test_the_bands_of_a_cube_are_shown_as_channels(tmp_path):
    body = [layers.Conv3D(4, (3, 3, 5)), layers.Reshape((14, 14, -1)), zoo.conv(name="last")]
    model = keras.Sequential([keras.Input((16, 16, 20, 1)), *body, *zoo.head()])
    images = np.zeros((2, 16, 16, 20, 1), "float32")
    images[:, 2:5, 8:15] = 1
    event = logged(tmp_path, model, images)["inputs"][0]
    assert bright(event.sheet, event.facts) == (slice(2, 5), slice(8, 15))


@pytest.mark.parametrize(
    ("front", "turned"),
    [
        (layers.Permute((2, 1, 3)), ["transposed"]),
        (zoo.Moved(tf.image.flip_left_right), ["mirrored left to right"]),
        (zoo.Moved(tf.image.rot90), ["transposed", "mirrored left to right"]),
    ],
    ids=["permuted", "mirrored", "by 90 degrees"],
)
def test_maps_of_turned_pictures_lie_over_their_object(tmp_path, front, turned):
    row, column = slice(4, 8), slice(20, 32)
    images = spots(24, 36, 3, row=row, column=column)
    boxes = np.array([[20, 4, 32, 8]] * 2)
    series = logged(tmp_path, brightness(front, shape=(24, 36, 3)), images, boxes=boxes)
    event = series["heatmaps/last"][0]
    assert event.facts["sheet"]["tile"] == [24, 36] and event.facts["turned"] == turned
    assert bright(event.sheet, event.facts) == (row, column)
    tile = event.facts["tiles"][0]
    assert tile["energy_inside"] == pytest.approx(1) and tile["pointing"] is True
    assert tile["peak"] == pytest.approx([20.5 / 36, 4.5 / 24], abs=0.02)


def test_maps_that_lie_nobody_knows_where_are_not_laid_over_anything(tmp_path, caplog):
    rolled = zoo.Moved(lambda x: keras.ops.roll(x, 12, axis=2))
    images = spots(24, 36, 3, row=slice(4, 8), column=slice(20, 32))
    boxes = np.array([[20, 4, 32, 8]] * 2)
    series = logged(tmp_path, brightness(rolled, shape=(24, 36, 3)), images, boxes=boxes)
    facts = series["heatmaps/last"][0].facts
    assert facts["placed"] is False and "field" not in facts
    assert not {"energy_inside", "pointing", "peak", "centre"} & set(facts["tiles"][0])
    assert caplog.text.count("it is not known where in the picture its heatmaps lie") == 1
    assert "'last'" in caplog.text
