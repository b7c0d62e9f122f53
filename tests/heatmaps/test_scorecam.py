"""`scorecam.py`: against the paper's algorithm, mask by mask."""

import keras
import numpy as np
import pytest

from convviz_tb import grad_cam
from convviz_tb.heatmaps import compute as heatmaps
from convviz_tb.heatmaps.options import GradCAM
from support import references
from support.references import pictures, score_cam, small_net


@pytest.fixture(scope="module")
def net():
    return small_net()


@pytest.mark.parametrize("count", [1, 8])
def test_score_cam_equals_the_reference(net, count):
    """Algorithm 1 of the paper, in several layers, for several classes per picture."""
    images = pictures(count) * 4  # so that scores differ
    classes = np.array([[i % 4, (i + 1) % 4] for i in range(count)])
    found = grad_cam(net, images, ["one", "two"], classes, method="scorecam")
    for layer in ("one", "two"):
        to_layer, logits = references.split(net, layer)
        for i in range(count):
            for k in range(2):
                expected = score_cam(to_layer, logits, images[i], classes[i, k])
                error = np.abs(found[layer].maps[i, k] - expected).max()
                assert 0 < expected.max() and error <= 1e-5 * expected.max()


def test_scores_and_classes_are_those_of_grad_cam(net):
    """The method changes the map, nothing else."""
    images = pictures(3)
    by_gradients = grad_cam(net, images, "two", "top2")["two"]
    by_scores = grad_cam(net, images, "two", "top2", method="scorecam")["two"]
    for name in ("scores", "classes", "probabilities", "predicted"):
        assert np.array_equal(getattr(by_gradients, name), getattr(by_scores, name))


def test_a_silent_layer_has_no_evidence():
    """A layer that is zero everywhere gives a zero map, not NaN."""
    model = small_net()
    model.get_layer("two").bias.assign(np.full(8, -1e3))
    assert not grad_cam(model, pictures(2), "two", 0, method="scorecam")["two"].maps.any()


def test_a_mask_counts():
    """What a segmentation scores outside of `mask` is left out, as with the other methods."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((12, 12, 3))
    x = keras.layers.Conv2D(5, 3, activation="relu", padding="same", name="conv")(inputs)
    model = keras.Model(inputs, keras.layers.Conv2D(2, 1, activation="softmax")(x))
    images, mask = pictures(2, 12), np.zeros((2, 12, 12), bool)
    mask[0, :6], mask[1, 6:] = True, True
    found = grad_cam(model, images, "conv", 1, method="scorecam", mask=mask)["conv"].maps
    conv, last = model.layers[1], model.layers[2]

    def summed(i):
        def logits(activations):
            positions = np.asarray(activations) @ np.asarray(last.kernel[0, 0]) + last.bias.numpy()
            return np.sum(positions * mask[i, ..., None], axis=(1, 2))

        return logits

    for i in range(2):
        expected = score_cam(conv, summed(i), images[i], 1)
        assert np.abs(found[i] - expected).max() <= 1e-5 * expected.max()
    whole = grad_cam(model, images, "conv", 1, method="scorecam")["conv"].maps
    assert np.abs(found - whole).max() > 1e-3 * whole.max()


def test_tokens_of_pictures_are_masks_too():
    """A layer of tokens masks with its grid; the map is that grid."""
    keras.utils.set_random_seed(0)
    x = inputs = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(6, 4, strides=4, activation="relu")(x)
    x = keras.layers.Reshape((16, 6), name="tokens")(x)
    x = keras.layers.GlobalAveragePooling1D()(x)
    model = keras.Model(inputs, keras.layers.Dense(3)(x))
    tokens = grad_cam(model, pictures(2, 16), "tokens", 1, method="scorecam")["tokens"].maps
    grid = grad_cam(model, pictures(2, 16), model.layers[1], 1, method="scorecam")
    np.testing.assert_allclose(tokens, grid[model.layers[1].name].maps, rtol=1e-5)


def test_its_cost_is_said(net):
    """Forward passes per step, before any of them."""
    options = GradCAM(pictures(3), ["one", "two"], method="scorecam")
    watched = heatmaps.heatmap_taps(net, options)
    assert "42 forward passes" in heatmaps.cost_of(options, watched)
    assert heatmaps.cost_of(GradCAM(pictures(3)), watched) is None


def test_other_inputs_than_pictures_are_refused_before_training():
    """Signals cannot be masked: `prepare`, which runs before training, says so."""
    inputs = keras.Input((32, 2))
    x = keras.layers.Conv1D(4, 3, name="conv")(inputs)
    x = keras.layers.GlobalAveragePooling1D()(x)
    model = keras.Model(inputs, keras.layers.Dense(2)(x))
    options = GradCAM(np.zeros((2, 32, 2), np.float32), method="scorecam")
    with pytest.raises(ValueError, match="scorecam"):
        heatmaps.prepare(model, heatmaps.heatmap_taps(model, options), options)
