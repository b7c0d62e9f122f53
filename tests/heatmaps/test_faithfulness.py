"""Are heatmaps right? Planted objects, deletion, insertion, ROAD and randomised weights."""

import numpy as np
import pytest

from convviz_tb import grad_cam
from support import faithfulness, planted
from support.references import METHODS

COUNT = 24  # pictures, where each costs many forward passes


@pytest.fixture(scope="module")
def net():
    return planted.trained_net()


@pytest.fixture(scope="module")
def test_set():
    return planted.planted(200, seed=7)


def maps_of(net, images, classes, layer="last", method="gradcam"):
    maps = grad_cam(net, images, layer, classes, method=method)[layer].maps
    return faithfulness.grown(maps, planted.SIDE)


def test_the_net_has_learned(net, test_set):
    """What follows means something only for a net that tells the objects apart."""
    assert net.evaluate(test_set.images, test_set.labels, verbose=0)[1] > 0.97


@pytest.mark.parametrize("layer", ["middle", "last"])
@pytest.mark.parametrize("method", [*METHODS, "scorecam"])
def test_pointing_game(net, test_set, layer, method):
    """The hottest pixel lies in the object's box (Zhang et al. 2016), 95 times of 100."""
    count = 40 if method == "scorecam" else 200
    maps = maps_of(net, test_set.images[:count], test_set.labels[:count], layer, method)
    hottest = maps.reshape(count, -1).argmax(axis=1)
    inside = test_set.inside()[:count].reshape(count, -1)
    assert inside[np.arange(count), hottest].mean() >= 0.95


@pytest.mark.parametrize("method", ["gradcam", "hirescam", "xgradcam"])
def test_energy_lies_in_the_box(net, test_set, method):
    """A map spends at least four times the share of its heat there that the box has of the area."""
    maps, inside = maps_of(net, test_set.images, test_set.labels, method=method), test_set.inside()
    share = (maps * inside).sum(axis=(1, 2)) / maps.sum(axis=(1, 2))
    assert share.mean() > 4 * inside.mean()


@pytest.fixture(scope="module")
def rivals(net, test_set):
    """Maps of the true class, those of another, and some that know nothing."""
    images, labels = test_set.images[:COUNT], test_set.labels[:COUNT]
    other = maps_of(net, images, (labels + 1) % planted.CLASSES)
    blind = faithfulness.baselines(COUNT, planted.SIDE)
    return {"own": maps_of(net, images, labels), "other class": other, **blind}


@pytest.mark.parametrize("check", ["deletion", "insertion", "road"])
def test_better_than_maps_that_know_nothing(net, test_set, rivals, check):
    """Random maps, a centre blob and the map of another class do clearly worse."""
    images, labels = test_set.images[:COUNT], test_set.labels[:COUNT]

    def probability(changed):
        return np.asarray(net(changed, training=False))[np.arange(COUNT), labels]

    def quality(maps):
        if check == "road":
            return faithfulness.road(probability, images, maps, (0.05, 0.1, 0.2)).mean()
        blank = np.full_like(images, 0.35)
        area = getattr(faithfulness, check)(probability, images, maps, blank, 8).mean()
        return -area if check == "deletion" else area

    found = {name: quality(maps) for name, maps in rivals.items()}
    own = found.pop("own")
    assert own > max(found.values()) + 0.1, (own, found)


def test_two_objects_have_two_maps(net):
    """With one object top left and another bottom right, each class's map lies on its own."""
    random = np.random.default_rng(5)
    images = 0.35 + 0.1 * random.normal(size=(6, planted.SIDE, planted.SIDE, 3)).clip(-3, 3)
    images = images.astype(np.float32)
    classes = np.array([[i % 3, (i + 1) % 3] for i in range(6)])
    for image, (first, second) in zip(images, classes, strict=True):
        planted.plant(image, first, 2, 4)
        planted.plant(image, second, 30, 28)
    maps = grad_cam(net, images, "last", classes)["last"].maps
    for first, second in maps:
        assert np.argmax(first.max(axis=1)) < 6 and np.argmax(second.max(axis=1)) > 6
        assert faithfulness.spearman(first, second) < 0.5


def test_randomised_weights_change_the_maps(test_set):
    """From the top down, layer by layer (Adebayo et al. 2018): maps forget what they showed."""
    net = planted.trained_net()
    images, labels = test_set.images[:COUNT], test_set.labels[:COUNT]
    trained = grad_cam(net, images, "last", labels)["last"].maps
    random, found = np.random.default_rng(0), []
    for layer in reversed([each for each in net.layers if each.weights]):
        weights = layer.get_weights()
        layer.set_weights([random.normal(size=each.shape) * each.std() for each in weights])
        now = grad_cam(net, images, "last", labels)["last"].maps
        assert np.isfinite(now).all()
        pairs = zip(trained, now, strict=True)
        found.append(np.mean([abs(faithfulness.spearman(*pair)) for pair in pairs]))
    assert max(found[2:]) < 0.3, found
