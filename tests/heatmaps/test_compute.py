"""`heatmaps.py`: what `grad_cam` returns, and what it says of bad input."""

import keras
import numpy as np
import pytest

from convviz_tb import GradCAM, grad_cam
from convviz_tb.heatmaps import compute as heatmaps
from support.references import METHODS, pictures, small_net


@pytest.fixture(scope="module")
def net():
    return small_net()


def test_what_is_returned(net):
    """Raw float32 maps at the layer's own resolution, with the model's own scores beside them."""
    images = pictures(3)
    found = grad_cam(net, images, ["three", "one"])
    assert list(found) == ["one", "three"]
    probabilities = net.predict(images, verbose=0)
    assert found["one"].maps.shape == (3, 20, 20) and found["three"].maps.shape == (3, 6, 6)
    for each in found.values():
        assert each.maps.dtype == np.float32 and (each.maps >= 0).all()
        assert each.objective == "logit"
        assert np.array_equal(each.predicted, probabilities.argmax(axis=1))
        assert np.array_equal(each.classes, each.predicted)
        np.testing.assert_allclose(each.probabilities, probabilities.max(axis=1), rtol=1e-5)


def test_several_classes_are_an_axis_of_their_own(net):
    """`"top3"` gives `(n, 3, h, w)` with falling scores, one class per image `(n, h, w)`."""
    top = grad_cam(net, pictures(2), "two", "top3")["two"]
    assert top.maps.shape == (2, 3, 8, 8) and top.scores.shape == (2, 3)
    assert (np.diff(top.scores) <= 0).all()
    assert np.array_equal(top.classes[:, 0], top.predicted)
    one = grad_cam(net, pictures(2), "two", [3, 1])["two"]
    assert one.maps.shape == (2, 8, 8) and one.classes.tolist() == [3, 1]


def test_automatic_layer_is_the_last_convolution(net):
    """Without layers named, the last convolution is explained."""
    assert list(grad_cam(net, pictures(1))) == ["three"]


def test_the_model_is_left_as_it_is(net):
    """Same weights, same layers, no `call` left behind on them."""
    before = net.get_weights()
    grad_cam(net, pictures(2), ["one", "two"])
    assert all(np.array_equal(a, b) for a, b in zip(before, net.get_weights(), strict=True))
    assert not any("call" in layer.__dict__ for layer in net.layers)


def test_maps_follow_the_weights(net):
    """The graph is traced once, yet each call sees the weights of its time."""
    model = small_net()
    before = grad_cam(model, pictures(2), "two", 1)["two"].maps
    options = GradCAM(pictures(2), "two", 1)
    watched = heatmaps.heatmap_taps(model, options)
    graph = heatmaps.prepare(model, watched, options)
    model.get_layer("two").kernel.assign(model.get_layer("two").kernel * 2.0)
    assert graph is heatmaps.prepare(model, watched, options)
    after = grad_cam(model, pictures(2), "two", 1)["two"].maps
    assert np.abs(after - before).max() > 0.1 * before.max()


@pytest.mark.parametrize("method", [*METHODS, "scorecam"])
def test_no_evidence_stays_zero(method):
    """A layer that only speaks against a class, or not at all, gives an all-zero map."""
    model = small_net(hidden=0)
    head = model.layers[-1]
    head.kernel.assign(-np.ones(head.kernel.shape))
    model.get_layer("three").bias.assign(np.full(5, 5.0))
    against = grad_cam(model, pictures(2), "three", 0, method=method)["three"].maps
    model.get_layer("three").bias.assign(np.full(5, -1e3))
    silent = grad_cam(model, pictures(2), "three", 0, method=method)["three"].maps
    assert not silent.any()
    assert not against.any() or method == "scorecam"  # its weights are never negative


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "cam"}, r"method: received 'cam'; choose one of \['gradcam'"),
        ({"classes": "all"}, "classes: received 'all'"),
        ({"classes": [0, 1, 2]}, "classes: received 3 for 2 images"),
        ({"classes": "true"}, "needs labels="),
        ({"labels": [1]}, "labels: received 1 for 2 images"),
        ({"mask": np.zeros((3, 4, 4))}, "mask: received 3 for 2 images"),
        ({"display": np.zeros((1, 4, 4, 3))}, "display: received 1 for 2 images"),
        ({"channels": [0, 1]}, "channels: received"),
        ({"channels": [-1]}, "channels: received"),
        ({"score": lambda outputs: outputs[:, 0], "classes": 1}, "classes: leave them out"),
        ({"images": np.zeros((0, 4, 4, 3))}, "images: received no pictures"),
        ({"images": pictures(2, 4) * np.nan}, "images: received NaN or infinity"),
    ],
)
def test_bad_options(arguments, message):
    """Options that cannot be right are refused when they are written down."""
    with pytest.raises(ValueError, match=message):
        GradCAM(**{"images": pictures(2, 4)} | arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes": 4}, "classes: received 4; the model has 4 classes, 0 to 3"),
        ({"classes": "top5"}, "classes: 5 for each image; the model has 4"),
        ({"channels": [0, 1, 3]}, "channels: received .* 3 channels, 0 to 2"),
        ({"layers": "too"}, "no layer 'too'.*'two'"),
        ({"images": pictures(2, 21)}, "images: received shape"),
    ],
)
def test_options_that_do_not_fit_the_model(net, arguments, message):
    """What only the model can tell is refused while preparing, before training."""
    options = GradCAM(**{"images": pictures(2)} | arguments)
    with pytest.raises(ValueError, match=message):
        heatmaps.prepare(net, heatmaps.heatmap_taps(net, options), options)


def test_a_layer_beside_the_score_is_refused():
    """A layer that another output alone depends on has no gradient to speak of."""
    inputs = keras.Input((8, 8, 3))
    left = keras.layers.Conv2D(2, 3, name="left")(inputs)
    right = keras.layers.Conv2D(2, 3, name="right")(inputs)
    outputs = [keras.layers.GlobalAveragePooling2D()(x) for x in (left, right)]
    with pytest.raises(ValueError, match="does not depend on 'left'"):
        grad_cam(keras.Model(inputs, outputs), pictures(1, 8), "left", output=1)
