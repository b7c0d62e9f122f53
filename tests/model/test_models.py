"""Every kind of Keras model: patterns and heatmaps of it, and a `fit` that logs each step."""

import functools
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from convviz_tb import ConvViz, FilterPatterns, GradCAM, filter_patterns, grad_cam
from convviz_tb.patterns import ascend, choose_filters, pattern_taps
from support import zoo
from support.events import read_run

# Kind of model -> the tap that "auto" watches for heatmaps, and the size of its map.
KINDS: dict[Callable[[], keras.Model], tuple[str, tuple[int, int]]] = {
    zoo.sequential: ("last", (8, 8)),
    zoo.sequential_built_by_calling: ("last", (16, 16)),
    zoo.nested_twice: ("middle/base/last", (16, 16)),
    zoo.branches: ("sum", (16, 16)),
    zoo.shared: ("twice:1", (16, 16)),
    zoo.subclassed: ("block2", (16, 16)),
    zoo.equal_names: ("same:1", (16, 16)),
    zoo.two_inputs: ("last", (16, 16)),
    zoo.inputs_by_name: ("last", (16, 16)),
    zoo.augmented: ("last", (16, 16)),
    zoo.frozen: ("middle/base/last", (16, 16)),
    zoo.partly_frozen: ("last", (16, 16)),
    zoo.mixed_float16: ("last", (16, 16)),
    zoo.mixed_bfloat16: ("last", (16, 16)),
    zoo.wholly_float16: ("last", (16, 16)),
    zoo.channels_first: ("last", (8, 8)),
    zoo.gray: ("last", (16, 16)),
    zoo.five_channels: ("last", (16, 16)),
    zoo.any_size: ("last", (16, 16)),
    zoo.conv1d: ("last", (1, 28)),
    zoo.conv3d: ("last", (16, 16)),
    zoo.depthwise: ("last", (14, 14)),
    zoo.separable: ("last", (14, 14)),
    zoo.transposed: ("last", (33, 33)),
    zoo.grouped: ("last", (16, 16)),
    zoo.dilated: ("last", (16, 16)),
    zoo.nested_head: ("last", (16, 16)),
    zoo.segmentation: ("last", (16, 16)),
    zoo.odd_names: ("_9", (16, 16)),
    zoo.quantised: ("last", (16, 16)),
    zoo.time_distributed: ("over_time/inner:3", (16, 16)),
    zoo.vision_transformer: ("patches", (4, 4)),
    zoo.backbone: ("backbone/stage1/conv1", (8, 8)),
    zoo.stateful: ("last", (16, 16)),
}
# Kinds that differ in how the callback meets them: in what `fit` does, or in what is stored.
LOGGED = [
    zoo.never_built,
    zoo.subclassed_and_never_built,
    zoo.nested_twice,
    zoo.shared,
    zoo.inputs_by_name,
    zoo.augmented,
    zoo.mixed_float16,
    zoo.channels_first,
    zoo.five_channels,
    zoo.any_size,
    zoo.conv1d,
    zoo.conv3d,
    zoo.segmentation,
    zoo.time_distributed,
    zoo.odd_names,
    zoo.backbone,
]
APPLICATIONS = {
    "VGG16": 32,
    "ResNet50": 32,
    "ResNet50V2": 32,
    "MobileNet": 32,
    "MobileNetV2": 32,
    "MobileNetV3Small": 32,
    "DenseNet121": 32,
    "EfficientNetB0": 32,
    "EfficientNetV2B0": 32,
    "InceptionV3": 75,
    "InceptionResNetV2": 75,
    "Xception": 71,
    "NASNetMobile": 32,
    "ConvNeXtTiny": 32,
}


@functools.cache
def made(kind: Callable[[], keras.Model]) -> keras.Model:
    keras.utils.set_random_seed(3)
    return kind()


def of_kind(function: Callable[..., object]) -> str:
    return getattr(function, "__name__", "")


@pytest.mark.parametrize("kind", KINDS, ids=of_kind)
def test_patterns_rise_in_every_kind_of_model(kind):
    model, (layer, _) = made(kind), KINDS[kind]
    open_sized = kind in (zoo.any_size, zoo.backbone)
    options = FilterPatterns(layer, size=24 if open_sized else None, seed=1)
    (tap,) = pattern_taps(model, options)
    given = (model, tap, options, choose_filters("all", tap))
    before = ascend(*given, steps=1, step_size=1e-6)
    after = ascend(*given, steps=6)
    channels_last = zoo.RGB if kind is zoo.channels_first else _picture_shape(model)
    assert after.images.shape == (len(after.filters), *channels_last)
    assert np.isfinite(after.images).all()
    assert (after.scores >= before.scores).all()
    assert (after.scores > before.scores).any()


def _picture_shape(model: keras.Model) -> tuple[int, ...]:
    arrays = tf.nest.flatten(zoo.inputs_of(model, 1, side=24))
    return max((array.shape[1:] for array in arrays), key=len)


@pytest.mark.parametrize("kind", KINDS, ids=of_kind)
def test_heatmaps_of_every_kind_of_model_are_at_the_layers_own_resolution(kind):
    model, (layer, size) = made(kind), KINDS[kind]
    (path, found), *others = grad_cam(model, zoo.inputs_of(model, 2)).items()
    assert (path, others) == (layer, [])
    assert found.maps.shape == (2, *size)
    assert np.isfinite(found.maps).all()
    assert found.maps.max() > 0


@pytest.mark.parametrize("kind", LOGGED, ids=of_kind)
def test_fit_logs_every_step_of_every_kind_of_model(kind, tmp_path: Path):
    model, count = kind(), 4
    images = zoo.inputs_of(model, count)
    labels = np.arange(count) % zoo.CLASSES
    if kind is zoo.segmentation:
        labels = np.broadcast_to(labels[:, None, None], (count, zoo.SIDE, zoo.SIDE))
    model.compile("sgd", "sparse_categorical_crossentropy")
    size = 24 if kind in (zoo.any_size, zoo.backbone) else None
    callback = ConvViz(
        tmp_path,
        patterns=FilterPatterns(filters=2, steps=1, size=size),
        heatmaps=GradCAM(tf.nest.map_structure(lambda array: array[:2], images)),
    )
    model.fit(images, labels, epochs=2, verbose=0, callbacks=[callback])
    events = read_run(tmp_path)
    assert {event.step for event in events["inputs"]} == {0}
    assert {"patterns", "heatmaps"} <= {tag.partition("/")[0] for tag in events}
    for tag in set(events) - {"inputs", "pictures"}:  # written once
        assert [event.step for event in events[tag]] == [0, 1, 2], tag
    assert [event.facts["failures"] for event in events["model"]] == [[], [], []]


def twin_of(model: keras.Model, source: keras.Model) -> keras.Model:
    model.set_weights(source.get_weights())
    return model


def flat() -> keras.Model:
    """What `zoo.nested_twice` is made of, in one row."""
    first, last = zoo.conv(name="first"), zoo.conv(6, name="last")
    pool = keras.layers.MaxPooling2D()
    return keras.Sequential([keras.Input(zoo.RGB), first, last, pool, *zoo.head()])


def test_a_nested_model_has_the_patterns_and_maps_of_its_flat_twin():
    nested = made(zoo.nested_twice)
    images, twin = zoo.inputs_of(nested, 2), twin_of(flat(), nested)
    found, wanted = grad_cam(nested, images), grad_cam(twin, images)
    maps, reference = found["middle/base/last"].maps, wanted["last"].maps
    np.testing.assert_allclose(maps, reference, atol=1e-6 * reference.max())
    start = images[:1]
    patterns = [filter_patterns(each, "last", [3], start=start) for each in (nested, twin)]
    np.testing.assert_allclose(patterns[0].images, patterns[1].images, atol=1e-3)


def test_channels_first_gives_the_patterns_and_maps_of_channels_last():
    first = made(zoo.channels_first)
    keras.utils.set_random_seed(3)
    last = keras.Sequential(
        [
            keras.Input(zoo.RGB),
            zoo.conv(name="first"),
            keras.layers.MaxPooling2D(),
            keras.layers.BatchNormalization(name="norm"),
            keras.layers.ReLU(name="relu"),
            zoo.conv(6, name="last"),
            *zoo.head(),
        ]
    )
    twin_of(last, first)
    images = zoo.inputs_of(last, 2)
    for layer in ("norm", "relu", "last"):
        found = grad_cam(first, np.moveaxis(images, -1, 1), layer)[layer].maps
        wanted = grad_cam(last, images, layer)[layer].maps
        np.testing.assert_allclose(found, wanted, atol=1e-5 * wanted.max())
        patterns = [
            filter_patterns(each, layer, [1], start=images[:1], steps=4) for each in (first, last)
        ]
        np.testing.assert_allclose(patterns[0].images, patterns[1].images, atol=0.01)


@pytest.mark.parametrize(
    ("kind", "tolerance"), [(zoo.mixed_float16, 0.01), (zoo.mixed_bfloat16, 0.05)]
)
def test_mixed_precision_gives_the_maps_of_float32_but_for_rounding(kind, tolerance):
    keras.utils.set_random_seed(3)
    mixed, full = kind(), zoo._mixed("float32")
    twin_of(full, mixed)
    images = zoo.inputs_of(full, 2)
    for classes in (0, 1, 2):
        found = grad_cam(mixed, images, "last", classes)["last"].maps
        wanted = grad_cam(full, images, "last", classes)["last"].maps
        np.testing.assert_allclose(found, wanted, atol=tolerance * wanted.max())


def test_float16_gradients_of_a_large_map_do_not_vanish():
    keras.utils.set_random_seed(3)
    model = zoo.wholly_float16()
    model.layers[-1].kernel.assign(model.layers[-1].kernel * 1e-4)
    maps = grad_cam(model, zoo.inputs_of(model, 2), "last", classes=[0, 1])["last"].maps
    assert np.isfinite(maps).all()
    assert maps.max() > 0


def test_rescaling_inside_a_model_counts_and_augmentation_does_not():
    model = made(zoo.augmented)
    images = zoo.inputs_of(model, 2)
    bare = keras.Sequential(
        [
            keras.Input(zoo.RGB),
            zoo.conv(name="first"),
            keras.layers.BatchNormalization(),
            zoo.conv(6, name="last"),
            *zoo.head(),
        ]
    )
    twin_of(bare, model)
    found, wanted = grad_cam(model, images), grad_cam(bare, images / 255)
    np.testing.assert_allclose(found["last"].maps, wanted["last"].maps, atol=1e-6)
    np.testing.assert_array_equal(found["last"].maps, grad_cam(model, images)["last"].maps)


def test_a_model_of_any_size_gives_patterns_of_the_size_asked_for():
    small = filter_patterns(made(zoo.any_size), "last", [0], size=(20, 28), steps=1)
    usual = filter_patterns(made(zoo.any_size), "last", [0], steps=1)
    assert small.images.shape == (1, 20, 28, 3)
    assert usual.images.shape == (1, 64, 64, 3)  # it sees 5 pixels


def test_batchnorm_and_activation_layers_are_targets():
    model = made(zoo.channels_first)
    maps = grad_cam(model, zoo.inputs_of(model, 2), ["norm", "relu"])
    assert list(maps) == ["norm", "relu"]
    assert filter_patterns(model, "norm", [0], steps=1).images.shape == (1, *zoo.RGB)


def test_the_map_of_a_volume_is_its_central_slice():
    model = made(zoo.conv3d)
    images = zoo.inputs_of(model, 1)
    aside = images.copy()
    aside[:, :2] = 0  # two convolutions away from the centre; the mean gradient stays the same
    found, wanted = grad_cam(model, aside, classes=1), grad_cam(model, images, classes=1)
    np.testing.assert_allclose(found["last"].maps, wanted["last"].maps, atol=1e-6)
    assert found["last"].maps.shape == (1, zoo.SIDE, zoo.SIDE)


def test_a_recurrent_convolution_is_shown_as_a_whole():
    model = keras.Sequential(
        [
            keras.Input((3, *zoo.RGB)),
            keras.layers.ConvLSTM2D(4, 3, padding="same", name="lstm"),
            *zoo.head(),
        ]
    )
    found = grad_cam(model, zoo.inputs_of(model, 2), "lstm")["lstm"]
    assert found.maps.shape == (2, zoo.SIDE, zoo.SIDE)
    assert filter_patterns(model, "lstm", [0], steps=1).images.shape == (1, 3, *zoo.RGB)


def test_tokens_of_a_vision_transformer_are_laid_out_as_a_grid():
    model = made(zoo.vision_transformer)
    layers = ["tokens", "norm", "mlp", "block"]
    maps = grad_cam(model, zoo.inputs_of(model, 2), layers)
    assert {path: found.maps.shape for path, found in maps.items()} == {
        path: (2, 4, 4) for path in layers
    }


def test_a_model_of_dense_layers_only_says_that_there_is_nothing_to_show():
    model = zoo.dense_only()
    with pytest.raises(ValueError, match=r"no convolution.*there is nothing to show"):
        grad_cam(model, zoo.inputs_of(model, 1))


def test_a_model_compiled_with_jit_is_logged(tmp_path: Path):
    model = zoo.sequential()
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=True)
    images = zoo.inputs_of(model, 4)
    callback = ConvViz(tmp_path, patterns=None, heatmaps=GradCAM(images[:1]))
    model.fit(images, np.zeros(4), verbose=0, callbacks=[callback])
    assert [event.facts["failures"] for event in read_run(tmp_path)["model"]] == [[], []]


@pytest.mark.slow
@pytest.mark.parametrize("name", APPLICATIONS)
def test_every_family_of_keras_applications_gives_patterns_and_heatmaps(name):
    side = APPLICATIONS[name]
    net = getattr(keras.applications, name)(
        weights=None, include_top=False, input_shape=(side, side, 3), pooling="avg"
    )
    model = keras.Sequential([net, keras.layers.Dense(3)])
    images = np.random.default_rng(0).random((1, side, side, 3)).astype("float32")
    ((path, maps),) = grad_cam(model, images).items()
    assert path.startswith(net.name + "/")
    assert np.isfinite(maps.maps).all()
    first = next(layer for layer in net.layers if isinstance(layer, keras.layers.Conv2D))
    patterns = filter_patterns(model, first, filters=[0], steps=1, mode="notebook")
    assert np.isfinite(patterns.images).all()
    assert patterns.images.shape == (1, side, side, 3)
