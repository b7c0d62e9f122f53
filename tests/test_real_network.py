"""On a real MobileNet V2, a real SqueezeNet and photographs; skipped where they are absent."""

import json
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from convviz_tb import ConvViz, GradCAM, filter_patterns, grad_cam
from support import faithfulness
from support.events import read_run
from support.references import (
    METHODS,
    class_activation_map,
    gray_start,
    notebook_pattern,
    score_cam,
)

DATA = Path(__file__).parents[2] / "shared" / "data"
ELEPHANT, CAT, DOG, PARROT = 387, 286, 201, 89
BULL_MASTIFF, TIGER_CAT = 244, 283  # in `both.png`
SIDE = 224
LAST = "relu_51"  # 7x7, before the pooling
LAYERS = ["relu_30", "relu_45", LAST]

FEW = "conv_2"  # 16 channels, and nothing goes around it

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(),
    reason=f"no {DATA.name} folder of models and photographs beside the repository",
)


def load(name: str) -> keras.Model:
    try:
        return keras.models.load_model(DATA / name, compile=False)
    except TypeError:
        with zipfile.ZipFile(DATA / name) as saved:
            by = json.loads(saved.read("metadata.json"))["keras_version"]
        if keras.__version__ == by:
            raise
        pytest.skip(f"{name} was saved by Keras {by}, which this one cannot read")


def photographs(*names: str) -> np.ndarray:
    """In -1..1, as MobileNet takes them."""
    opened = [Image.open(DATA / name).convert("RGB").resize((SIDE, SIDE)) for name in names]
    return np.stack([np.asarray(each, np.float32) / 127.5 - 1 for each in opened])


@pytest.fixture(scope="module")
def mobilenet():
    return load("mobilenet_v2_imagenet.keras")


@pytest.fixture(scope="module")
def squeezenet():
    return load("squeezenet_imagenet_notop.keras")


@pytest.fixture(scope="module")
def photos():
    return photographs("elephant.jpg", "cat.jpg", "dog.jpg", "parrot.jpg")


CLASSES = np.array([ELEPHANT, CAT, DOG, PARROT])


def test_the_network_knows_the_photographs(mobilenet, photos):
    """The classes named here are what it sees."""
    found = grad_cam(mobilenet, photos, LAST)[LAST]
    assert found.predicted.tolist() == CLASSES.tolist()
    assert found.probabilities[0] == pytest.approx(0.91, abs=0.02)


def test_every_method_equals_the_reference(mobilenet, photos):
    """In three layers, in batches of one and of eight, within 1e-5 of the maximum.

    The reference: a tape over a model with four heads, the logits being what enters the softmax.
    """
    images, classes = np.concatenate([photos, photos[:, :, ::-1]]), np.tile(CLASSES, 2)
    watched = [mobilenet.get_layer(layer).output for layer in LAYERS]
    heads = keras.Model(mobilenet.inputs[0], [*watched, mobilenet.layers[-1].input])
    expected = {(method, layer): [] for method in METHODS for layer in LAYERS}
    for image, class_ in zip(images, classes, strict=True):
        with tf.GradientTape() as tape:
            *activations, logits = heads(image[None])
            score = logits[0, class_]
        gradients = tape.gradient(score, activations)
        for (method, layer), maps in expected.items():
            a, g = (each[LAYERS.index(layer)][0].numpy() for each in (activations, gradients))
            maps.append(class_activation_map(method, a, g))
    for method in METHODS:
        for count in (1, 8):
            found = grad_cam(mobilenet, images[:count], LAYERS, classes[:count], method=method)
            for layer in LAYERS:
                wanted = np.stack(expected[method, layer][:count])
                error, largest = np.abs(found[layer].maps - wanted), wanted.max(axis=(1, 2))
                assert (largest > 0).sum() >= count / 2
                assert (error.max(axis=(1, 2)) <= 1e-5 * largest).all(), (method, layer, count)


def test_score_cam_equals_the_reference(mobilenet, photos):
    """In a layer of few channels, since each costs a forward pass."""
    to_layer = keras.Model(mobilenet.inputs[0], mobilenet.get_layer(FEW).output)
    from_layer = keras.Model(mobilenet.get_layer(FEW).output, mobilenet.layers[-1].input)
    expected = score_cam(to_layer, from_layer, photos[0], ELEPHANT)
    found = grad_cam(mobilenet, photos[:1], FEW, ELEPHANT, method="scorecam")[FEW].maps[0]
    assert np.abs(found - expected).max() <= 1e-5 * expected.max()


def test_hirescam_is_grad_cam_in_front_of_the_pooling(mobilenet, photos):
    """MobileNet's head is pooling and one linear layer."""
    plain, high = (
        grad_cam(mobilenet, photos, LAST, CLASSES, method=method)[LAST].maps
        for method in ("gradcam", "hirescam")
    )
    assert np.abs(plain - high).max() <= 1e-6 * plain.max()


def on_elephants(map_: np.ndarray) -> tuple[bool, float]:
    """Whether the hottest pixel of a map is on an elephant, and the share of heat that is."""
    heat, inside = faithfulness.grown(map_[None], SIDE)[0], np.zeros((SIDE, SIDE), bool)
    inside[95:150, 38:124] = inside[32:142, 100:224] = True  # the calf, its mother
    return inside.ravel()[heat.argmax()], heat[inside].sum() / heat.sum()


def test_a_run_of_the_callback_finds_the_elephants(mobilenet, photos, tmp_path):
    """What is stored for class 387 lies on them, at both steps."""
    mobilenet.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    heatmaps = GradCAM(photos[:2], LAST, [ELEPHANT, CAT])
    convviz = ConvViz(tmp_path, patterns=None, heatmaps=heatmaps)
    mobilenet.fit(photos[:2], CLASSES[:2], callbacks=[convviz], verbose=0)
    events = read_run(tmp_path)[f"heatmaps/{LAST}"]
    assert [event.step for event in events] == [0, 1]
    for event in events:
        assert event.facts["tiles"][0]["class_index"] == ELEPHANT
        height, width = event.facts["sheet"]["tile"]
        found, share = on_elephants(np.asarray(event.sheet, np.float32)[:height, :width])
        assert found and share > 0.55  # on a third of the picture


def test_two_animals_have_two_maps(mobilenet):
    """In `both.png` the dog's map lies above, the cat's below (Spearman's rho below 0.5)."""
    image = np.repeat(photographs("both.png"), 2, axis=0)
    dog, cat = grad_cam(mobilenet, image, LAST, [BULL_MASTIFF, TIGER_CAT])[LAST].maps
    assert faithfulness.spearman(dog, cat) < 0.5
    assert np.unravel_index(dog.argmax(), dog.shape)[0] < 4
    assert np.unravel_index(cat.argmax(), cat.shape)[0] > 3


@pytest.fixture(scope="module")
def off_centre(photos):
    """Elephants, cat and parrot, each smaller and in a corner: a centre blob knows too much."""
    images, small = np.zeros((3, SIDE, SIDE, 3), np.float32), 128
    resized = tf.image.resize(photos[[0, 1, 3]], (small, small), antialias=True).numpy()
    images[0, :small, :small], images[1, :small, -small:] = resized[:2]
    images[2, -small:, :small] = resized[2]
    return images


def test_better_than_maps_that_know_nothing(mobilenet, off_centre):
    """Deletion, insertion and ROAD against noise, a centre blob and another class's map."""
    classes = CLASSES[[0, 1, 3]]
    graph = tf.function(lambda x: mobilenet(x, training=False))

    def probability(changed):
        return graph(changed).numpy()[np.arange(3), classes]

    rivals = {
        "own": grad_cam(mobilenet, off_centre, LAST, classes)[LAST].maps,
        "other class": grad_cam(mobilenet, off_centre, LAST, np.roll(classes, 1))[LAST].maps,
    }
    rivals = {name: faithfulness.grown(maps, SIDE) for name, maps in rivals.items()}
    rivals |= faithfulness.baselines(3, SIDE)
    gray, vague = np.zeros_like(off_centre), faithfulness.blurred(off_centre, 11)
    measures = {
        "deletion": lambda maps: -faithfulness.deletion(probability, off_centre, maps, gray, 12),
        "insertion": lambda maps: faithfulness.insertion(probability, off_centre, maps, vague, 12),
        "road": lambda maps: faithfulness.road(probability, off_centre, maps, (0.1, 0.2)),
    }
    for name, measure in measures.items():
        found = {rival: measure(maps).mean() for rival, maps in rivals.items()}
        assert found.pop("own") > max(found.values()) + 0.01, (name, found)


def test_randomised_weights_change_the_maps(photos):
    """With the top 4, 16 and all layers random, the maps forget (Adebayo et al. 2018)."""
    net, random = load("mobilenet_v2_imagenet.keras"), np.random.default_rng(0)
    images, classes = np.concatenate([photos, photos[:, :, ::-1]]), np.tile(CLASSES, 2)
    trained = grad_cam(net, images, LAST, classes)[LAST].maps
    layers = [each for each in reversed(net.layers) if each.weights]
    for count in (4, 16, len(layers)):
        for layer in layers[:count]:
            weights = layer.get_weights()
            layer.set_weights([random.normal(size=each.shape) * each.std() for each in weights])
        now = grad_cam(net, images, LAST, classes)[LAST].maps
        assert np.isfinite(now).all()
        rho = [faithfulness.spearman(*pair) for pair in zip(trained, now, strict=True)]
        assert abs(np.mean(rho)) < 0.3, (count, rho)


@pytest.mark.parametrize("layer", ["conv1", "fire2_expand3x3"])
def test_notebook_mode_is_the_notebook(squeezenet, layer):
    """Within 1e-3 grey levels of a literal port after 40 steps through a real network."""
    start = gray_start(1, 150)
    found = filter_patterns(squeezenet, layer, [5], mode="notebook", start=start).images[0]
    expected = notebook_pattern(squeezenet, layer, 5, start[0])
    assert np.abs(expected - start).max() > 10
    assert np.abs(found - expected).max() < 1e-3


@pytest.mark.parametrize("mode", ["notebook", "smooth"])
def test_a_pattern_does_not_depend_on_the_others(squeezenet, mode):
    """Alone and among others, in any order: these sizes once made it differ."""
    layer, options = "fire5_expand3x3", {"mode": mode, "steps": 10}
    several = filter_patterns(squeezenet, layer, [0, 1, 2, 3, 9], **options).images
    backwards = filter_patterns(squeezenet, layer, [9, 3, 2, 1, 0], **options).images
    alone = filter_patterns(squeezenet, layer, [9], **options).images
    assert np.array_equal(several, backwards[::-1])
    assert np.array_equal(several[4:], alone)


def test_filters_dead_from_gray_are_found(squeezenet):
    """Of these the notebook's recipe shows the noise it began with; we show a pattern."""
    dead, layer = [2, 6, 8, 9, 12, 14, 15], "fire5_expand3x3"
    assert not filter_patterns(squeezenet, layer, dead, mode="notebook").scores.any()
    assert (filter_patterns(squeezenet, layer, dead).scores > 100).all()
