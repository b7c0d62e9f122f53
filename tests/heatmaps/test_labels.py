"""Labels and names of classes in any form mean what their data set means by them."""

import numpy as np
import pytest

from convviz_tb import ConvViz, GradCAM, grad_cam
from convviz_tb.heatmaps.labels import names_by_index, true_classes
from support import zoo
from support.events import read_run

MASK = np.array([[[0, 0], [2, 0]], [[0, 0], [0, 0]], [[1, 2], [2, 2]]])
FORMS = {
    "indices": ([2, 0, 1], [[2], [0], [1]]),
    "column": ([[2], [0], [1]], [[2], [0], [1]]),
    "whole floats": ([2.0, 0.0, 1.0], [[2], [0], [1]]),
    "unknown": ([2, -1, 1], [[2], [], [1]]),
    "one-hot": (np.eye(3)[[2, 0, 1]], [[2], [0], [1]]),
    "bools": (np.eye(3)[[2, 0, 1]] > 0, [[2], [0], [1]]),
    "multi-hot": ([[1, 0, 1], [0, 0, 0], [0, 1, 0]], [[0, 2], [], [1]]),
    "smoothed": ([[0.05, 0.05, 0.9], [0.9, 0.05, 0.05]], [[2], [0]]),
    "mixed up": ([[0.6, 0.4, 0], [0, 0, 1]], [[0], [2]]),
    "multi-hot, smoothed": ([[0.95, 0.05, 0.95], [0.05, 0.05, 0.05]], [[0, 2], []]),
    "masks": (MASK, [[2], [0], [1, 2]]),
    "masks with an axis": (MASK[..., None], [[2], [0], [1, 2]]),
    "masks, one-hot": (np.eye(3)[MASK], [[2], [0], [1, 2]]),
}


@pytest.mark.parametrize(("labels", "classes"), FORMS.values(), ids=FORMS)
def test_labels_of_any_form_are_classes(labels, classes):
    assert true_classes(labels) == classes


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([0.7, 1.2, 3.0], "received 0.7, which is no class"),
        ([[0.3], [0.6]], "received 0.3, which is no class"),
        ([np.nan, 1], "no class"),
        ([[170.5, 60.2], [180.0, 75.0]], "rows of 2 values between 60.2 and 180"),
        ([[-1, 1], [1, -1]], "rows of 2 values between -1 and 1"),
        (["cat", "dog"], "labels: received <U3"),
        (np.full((2, 4, 4), 0.5), "received 0.5, which is no class"),
    ],
)
def test_measurements_are_no_classes(labels, said):
    with pytest.raises(ValueError, match=f"^labels: .*{said}|^{said}"):
        GradCAM(np.zeros((len(labels), 8, 8, 3), np.float32), labels=labels)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["cat", "dog"], ("cat", "dog")),
        (np.array(["cat", "dog"]), ("cat", "dog")),
        ({0: "cat", 1: "dog"}, ("cat", "dog")),
        ({"dog": 1, "cat": 0}, ("cat", "dog")),
        ({"dog": np.int64(2), "cat": 0}, ("cat", "1", "dog")),
        ({}, ()),
    ],
)
def test_names_are_by_index_whichever_way_they_were_given(given, names):
    assert names_by_index(given) == names


@pytest.mark.parametrize("given", ["cat", {"a": "b"}, {"a": 0, "b": 0}, {-1: "a"}, 3])
def test_names_that_are_no_names_are_refused(given):
    with pytest.raises(ValueError, match=r"^class_names: received"):
        GradCAM(np.zeros((1, 8, 8, 3)), class_names=given)


def test_each_true_class_of_a_picture_has_its_map_and_none_has_none(tmp_path):
    """Multi-hot rows: two classes, none, one."""
    model = zoo.sequential()
    images = zoo.inputs_of(model, 3)
    labels = np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0]])
    maps = grad_cam(model, images, "last", "true", labels=labels)["last"]
    assert maps.classes.tolist() == [[0, 2], [-1, -1], [1, -1]]
    assert not maps.maps[1].any() and np.isnan(maps.scores[1]).all()
    for image, rank, index in ((0, 0, 0), (0, 1, 2), (2, 0, 1)):
        alone = grad_cam(model, images, "last", index)["last"]
        np.testing.assert_allclose(maps.maps[image, rank], alone.maps[image], rtol=1e-5)
        assert maps.scores[image, rank] == pytest.approx(alone.scores[image], rel=1e-5)
    model.compile("sgd", "categorical_crossentropy")
    boxes = np.array([[0, 0, 8, 8]] * 3)
    heatmaps = GradCAM(images, classes="true", labels=labels, class_names={"a": 0}, boxes=boxes)
    watch = ConvViz(tmp_path, patterns=None, heatmaps=heatmaps)
    model.fit(images, labels, epochs=2, verbose=0, callbacks=[watch])
    logged = read_run(tmp_path)
    assert [event.facts["failures"] for event in logged["model"]] == [[], [], []]
    facts = logged["heatmaps/last"][2].facts
    shown = [(tile["image"], tile["class_index"]) for tile in facts["tiles"]]
    assert shown == [(0, 0), (0, 2), (2, 1)]
    labelled = [(t["label"], t.get("labels")) for t in logged["inputs"][0].facts["tiles"]]
    assert labelled == [(None, [0, 2]), (None, None), (1, None)]
