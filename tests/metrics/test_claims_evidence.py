"""What is said of heatmaps, on histories written by hand: what is true, and near misses."""

from typing import Any

import pytest

from convviz_tb.metrics.findings import findings
from support.histories import explained, history, maps, predictions, texts, told


def test_heatmaps_that_leave_the_object_are_told_with_their_epoch():
    found = history(pictures=maps([0.6, 0.5, 0.2, 0.1]))
    (finding,) = findings(found, ["ball", "star", "flower"])
    assert finding["text"] == (
        "On class flower the heatmaps left the object at epoch 2: 60% of their evidence lay on it "
        "before training, 10% now."
    )
    assert finding["kind"] == "heatmaps" and finding["layer"] == "last"
    assert finding["image"] == 0 and finding["step"] == 2


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ([[0.7, 0.8]] * 4, "; they moved down and to the right."),
        ([[0.1, 0.4]] * 3 + [[0.5, 0.4]], "; they moved to the left."),
        ([[0.9, 0.9], [0.9, 0.9], [0.3, 0.3], [0.3, 0.3]], "now."),
        ([[0.43, 0.43]] * 4, "now."),
        ([[0.7, 0.8]] * 2, "now."),
    ],
    ids=["all", "most", "half", "hardly", "two pictures"],
)
def test_the_direction_is_told_where_most_of_several_maps_moved_that_way(now, said):
    count = len(now)
    numbers = {
        "energy_inside": [[0.6] * count, [0.1] * count],
        "centre": [[[0.4, 0.4]] * count, now],
    }
    pairs = [[(i, 2) for i in range(count)]] * 2
    (text,) = texts(history(steps=[0, 1], pictures=explained(pairs, **numbers)))
    assert "left the object at epoch 1" in text and text.endswith(said)


@pytest.mark.parametrize(
    "energy",
    [[0.6, 0.5, 0.4, 0.4], [0.6, 0.1, 0.1, 0.5], [0.1, 0.1, 0.01, 0.01]],
    ids=["stays", "comes back", "was never on it"],
)
def test_heatmaps_that_stay_are_not_told(energy):
    assert texts(history(pictures=maps(energy))) == []


TURNED = [0.6, 0.5, 0.2, 0.1]  # away from the object, at step 2


def with_regions(**regions: list[list[float | None]]) -> dict[str, Any]:
    """Maps that leave the object, and what of them lies on other regions."""
    return maps(TURNED, **{f"energy_on_{name}": shares for name, shares in regions.items()})


def test_heatmaps_that_go_to_a_region_are_told_with_its_name():
    sticker = [[e, e, None] for e in (0.03, 0.05, 0.3, 0.61)]
    corner = [[e, e, e] for e in (0.1, 0.1, 0.05, 0.1)]
    found = history(pictures=with_regions(corner=corner, price_tag=sticker))
    (finding,) = findings(found, ["ball", "star", "flower"], "whole_flower")
    assert finding["text"] == (
        "On class flower the heatmaps moved from the whole flower to the price tag at epoch 2: "
        "evidence on the whole flower fell from 60% to 10%, on the price tag it rose from 3% to "
        "61%."
    )
    assert (finding["kind"], finding["layer"]) == ("heatmaps", "last")
    assert (finding["image"], finding["step"]) == (0, 2)


def test_the_epoch_is_that_at_which_the_region_had_it():
    """From the object at 2, to the sticker at 3 only."""
    sticker = [[e, e, None] for e in (0.03, 0.03, 0.03, 0.5)]
    (text,) = texts(history(pictures=with_regions(sticker=sticker)))
    assert "moved from the object to the sticker at epoch 3" in text


def test_some_pictures_with_a_region_speak_for_themselves_alone():
    """The class as a whole stays on its objects."""
    numbers = maps([0.6] * 4)
    numbers["last"]["energy_inside"] = [[0.6, e, 0.6] for e in TURNED]
    numbers["last"]["energy_on_sticker"] = [[None, e, None] for e in (0.0, 0.1, 0.4, 0.5)]
    (finding,) = findings(history(pictures=numbers))
    assert finding["text"].startswith(
        "On class 2, on 1 of 2 pictures, the heatmaps moved from the object"
    )
    assert finding["image"] == 1


@pytest.mark.parametrize(
    "sticker",
    [
        [[0.1] * 3] * 4,
        [[0.0, 0.0, None]] * 3 + [[0.2, 0.2, None]],
        [[None] * 3] * 4,
        [[None] * 3] + [[0.9] * 3] * 3,
        [[0.0, 0.0, None]] * 3 + [None],
        [[0.0] * 3, [0.9] * 3, [0.9] * 3, [None] * 3],
    ],
    ids=["no more", "too little", "unknown", "unknown at first", "no step", "unknown now"],
)
def test_without_a_region_that_took_it_heatmaps_only_left(sticker):
    (text,) = texts(history(pictures=with_regions(sticker=sticker)))
    assert "the heatmaps left the object at epoch 2: 60%" in text and "sticker" not in text


def test_heatmaps_that_stay_on_the_object_are_not_told_of_any_region():
    found = maps([0.6, 0.6, 0.5, 0.5], energy_on_sticker=[[e] * 3 for e in (0, 0.1, 0.4, 0.4)])
    assert texts(history(pictures=found)) == []


def test_a_step_without_heatmaps_does_not_change_the_epoch():
    """A budget left the layer out at step 2."""
    numbers = with_regions(sticker=[[e] * 3 for e in (0.0, 0.5, 0.5, 0.5)])["last"]
    numbers["energy_inside"] = [[e] * 3 for e in (0.6, 0.1, 0.1, 0.1)]
    for column in numbers.values():
        column[2] = None
    (text, *_) = texts(history(pictures={"last": numbers}))
    assert "moved from the object to the sticker at epoch 1" in text
    del numbers["energy_on_sticker"]
    (text, *_) = texts(history(pictures={"last": numbers}))
    assert "left the object at epoch 1" in text


def test_a_region_without_the_object_s_energy_says_nothing():
    """As only a log of another writer has it."""
    numbers = maps(None, overlap_baseline=[[1] * 3] * 4, energy_on_sticker=[[0.5] * 3] * 4)
    assert texts(history(pictures=numbers)) == []


def test_where_the_object_is_unknown_heatmaps_elsewhere_are_told():
    found = maps([None] * 4, overlap_baseline=[[1] * 3, [0.2] * 3, [0.2] * 3, [0.2, 0.2, 1]])
    (text,) = texts(history(pictures=found))
    assert "On class 2 the heatmaps lie elsewhere since epoch 1" in text


def test_without_boxes_heatmaps_elsewhere_are_told():
    overlap = [[1, 1, 1], [0.8, 0.7, 0.9], [0.2, 0.2, 0.9], [0.1, 0.3, 0.9]]
    (text,) = texts(history(pictures=maps(None, overlap_baseline=overlap)))
    assert "On class 2 the heatmaps lie elsewhere since epoch 2" in text and "20%" in text


@pytest.mark.parametrize(
    "numbers",
    [
        {"overlap_baseline": [[1] * 3, [0] * 3, [0] * 3], "area": [[0.1] * 3, *[[None] * 3] * 2]},
        {"overlap_baseline": [[None, None, 1], [0, 0, 1], [0, 0, 1]], "area": [[0.1] * 3] * 3},
    ],
    ids=["empty now", "empty at first"],
)
def test_an_empty_heatmap_does_not_lie_elsewhere(numbers):
    assert texts(history(steps=[0, 1, 2], pictures=maps(None, **numbers))) == []


def test_one_that_is_not_empty_does():
    numbers = {"overlap_baseline": [[1] * 3, [0, 0.2, 1]], "area": [[0.1] * 3, [None, 0.1, 0.1]]}
    (text,) = texts(history(steps=[0, 1], pictures=maps(None, **numbers)))
    assert "on 1 of 2 pictures, the heatmaps lie elsewhere since epoch 1" in text
    assert "they have 20% in common with those before training" in text


# ------------------------------------------------------------- the same pictures, then and now


def test_other_pictures_of_a_class_are_no_move():
    """Every map stays as it is; two pictures of little energy join the class."""
    before, after = [(0, 0), (1, 0), (2, 1)], [(0, 0), (1, 0), (2, 0), (3, 0)]
    energy = [[0.6, 0.6, 0.1], [0.6, 0.6, 0.1, 0.05], [0.6, 0.6, 0.1, 0.05]]
    found = explained([before, after, after], energy_inside=energy)
    assert texts(history(steps=[0, 1, 2], pictures=found)) == []


def test_the_energies_told_are_those_of_the_same_pictures():
    before, after = [(0, 0), (1, 0), (2, 1)], [(0, 0), (1, 0), (2, 0)]
    energy = [[0.6, 0.8, 0.1], [0.1, 0.1, 1.0], [0.1, 0.1, 1.0]]
    found = explained([before, after, after], energy_inside=energy)
    (text,) = texts(history(steps=[0, 1, 2], pictures=found))
    assert text == (
        "On class 0, on 2 of 3 pictures, the heatmaps left the object at epoch 1: 70% of their "
        "evidence lay on it before training, 10% now."
    )


def test_steps_against_another_baseline_are_not_compared():
    """Another process went on with other pictures."""
    found = maps([0.6, 0.6, 0.1, 0.1], baseline_step=[0, 0, 2, 2])
    assert texts(history(pictures=found)) == []
    found = maps([0.6, 0.6, 0.1, 0.1], baseline_step=[0, 0, 0, 0])
    assert "left the object at epoch 2" in texts(history(pictures=found))[0]


# ------------------------------------------------------------------------ empty and flat maps


FLAT = [[0.6, 0.6, 0.6], *[[1.0, 1.0, 0.6]] * 3]


@pytest.mark.parametrize("area", [[[0.1] * 3, *[[None, None, 0.1]] * 3], [[0.1] * 3] * 4])
def test_a_class_without_evidence_has_not_left_its_object(area):
    """A flat map has on the object what the box covers of the picture."""
    found = maps([0.6, 0.1, 0.1, 0.1], area=area, entropy=FLAT)
    (finding,) = findings(history(pictures=found))
    assert "left" not in finding["text"]
    how = "empty or flat" if area[1][0] else "empty"
    assert finding["text"] == (
        f"On class 2 the heatmaps are {how} since epoch 1, on all 2 pictures that showed evidence "
        "before training."
    )
    assert (finding["image"], finding["step"], finding["severity"]) == (0, 1, "bad")


@pytest.mark.parametrize(
    "area",
    [
        [[0.1] * 3, [None, None, 0.1], [None, None, 0.1], [None, 0.1, 0.1]],
        [[None, None, 0.1]] * 4,
    ],
    ids=["one has evidence", "never had"],
)
def test_a_class_with_some_evidence_is_not_said_to_have_none(area):
    assert texts(history(pictures=maps([0.6] * 4, area=area))) == []


def four_maps(area: list[float | None], **numbers: Any) -> dict[str, Any]:
    pairs = [[(0, 0), (1, 0), (2, 1), (3, 1)]] * 4
    found = explained(pairs, "relu", area=[[0.1] * 4] * 2 + [area] * 2, **numbers)
    return history(pictures=found)


def test_a_layer_without_any_evidence_is_named():
    finding = told(four_maps([None] * 4), "relu")
    assert finding["text"] == (
        "relu finds no evidence for any class since epoch 2: all 4 heatmaps are empty."
    )
    assert (finding["layer"], finding["image"], finding["step"]) == ("relu", 0, 2)
    assert finding["severity"] == "bad"
    flat = [[0.5] * 4] * 2 + [[1.0] * 4] * 2
    assert "flat, the same everywhere" in told(four_maps([1.0] * 4, entropy=flat), "relu")["text"]


def test_a_layer_with_one_map_left_finds_evidence():
    assert not [text for text in texts(four_maps([None, None, None, 0.1])) if "any class" in text]


def test_of_one_class_alone_nothing_is_said_of_others():
    """All pictures are predicted as one class: of others no heatmaps were computed."""
    found = explained([[(i, 1) for i in range(4)]] * 2, "relu", area=[[0.1] * 4, [None] * 4])
    assert not [text for text in texts(history(steps=[0, 1], pictures=found)) if "any" in text]


# ------------------------------------------------------------------------- evidence was found


def sure(*probabilities: float, count: int = 3, **numbers: Any) -> dict[str, Any]:
    """Three pictures of class 1, of 4 classes, over the steps."""
    found = explained(
        [[(i, 1) for i in range(count)]] * len(probabilities),
        probability=[[each] * count for each in probabilities],
        **numbers,
    )
    return history(steps=list(range(len(probabilities))), pictures=found)


NAMES = ("ball", "elephant", "cat", "dog")


def test_a_new_head_finds_evidence_and_nothing_has_moved():
    finding = told(
        sure(0.27, 0.95, 0.97, overlap_baseline=[[1] * 3, [0] * 3, [0] * 3]), "found", *NAMES
    )
    assert finding["text"] == (
        "The network found evidence for class elephant at epoch 1 (its probability on the same 3 "
        "pictures rose from 27% to 97%)."
    )
    assert (finding["layer"], finding["image"], finding["step"]) == ("last", 0, 1)
    assert "severity" not in finding
    assert len(texts(sure(0.27, 0.95, overlap_baseline=[[1] * 3, [0] * 3]), *NAMES)) == 1


def test_maps_that_were_empty_at_first_are_evidence_found():
    area = [[None] * 3, [None] * 3, [0.2] * 3]
    (text,) = texts(sure(0.9, 0.9, 0.9, area=area), *NAMES)
    assert text == (
        "The network found evidence for class elephant at epoch 2 (its heatmaps on the same 3 "
        "pictures were empty or flat at first)."
    )


@pytest.mark.parametrize("probabilities", [(0.9, 0.95, 0.99), (0.27, 0.4, 0.5), (0.2, 0.9, 0.3)])
def test_a_class_known_from_the_start_or_not_known_now_was_not_found(probabilities):
    assert texts(sure(*probabilities), *NAMES) == []


def test_what_is_recognised_but_another_class_is_not_evidence_found():
    found = sure(0.27, 0.95)
    assert texts(found, *NAMES, labels=[0] * 3) == []
    assert len(texts(found, *NAMES, labels=[1] * 3)) == 1


def test_two_pictures_of_a_class_say_little_about_it():
    assert texts(sure(0.27, 0.95, count=2), *NAMES) == []


def of_two_classes(*probabilities: tuple[float, float]) -> dict[str, Any]:
    """Two pictures of each."""
    pairs = [[(0, 1), (1, 1), (2, 3), (3, 3)]] * len(probabilities)
    numbers = [[one, one, other, other] for one, other in probabilities]
    found = explained(pairs, probability=numbers)
    return history(steps=list(range(len(probabilities))), pictures=found)


def test_classes_of_few_pictures_are_told_together():
    assert texts(of_two_classes((0.3, 0.2), (0.9, 0.8)), *NAMES) == [
        "The network found evidence for its classes at epoch 1 (its probability on the same 4 "
        "pictures rose from 25% to 85%)."
    ]
    assert texts(of_two_classes((0.3, 0.9), (0.9, 0.9)), *NAMES) == []


def test_where_all_pictures_are_of_one_class_it_was_not_found():
    """Who says "elephant" to all pictures knows none."""
    found = sure(0.27, 0.95, 0.95)
    assert len(texts(found, *NAMES)) == 1
    all_are = predictions("0123", "1111", "1111")
    both = found | {"pictures": found["pictures"] | {"all": all_are["pictures"]["last"]}}
    assert not [text for text in texts(both, *NAMES) if "found" in text]


def test_pictures_that_are_not_recognised_count():
    """Those that are now were chosen by what they shall show."""
    found = sure(0.27, 0.95)
    found["pictures"]["last"]["probability"][1] = [0.95, 0.3, 0.3]
    assert texts(found, *NAMES) == []


def test_maps_are_compared_with_those_of_the_step_at_which_the_class_was_recognised():
    """A random head's maps lay on the object by chance, or not."""
    found = sure(0.27, 0.9, 0.9, 0.9, energy_inside=[[x] * 3 for x in (0.1, 0.8, 0.7, 0.2)])
    assert told(found, "left the object", *NAMES)["text"] == (
        "On class elephant the heatmaps left the object at epoch 3: 80% of their evidence lay on "
        "it at epoch 1, 20% now."
    )
    chance = sure(0.27, 0.9, 0.9, 0.9, energy_inside=[[x] * 3 for x in (0.8, 0.2, 0.2, 0.2)])
    assert not [text for text in texts(chance, *NAMES) if "left" in text]


# ------------------------------------------------------------ without boxes: the same place


CORNER = [0.9, 0.1]
SPREAD = [[0.3, 0.4], [0.7, 0.5], [0.4, 0.7], [0.6, 0.3]]


def hottest(*steps: Any, **numbers: Any) -> dict[str, Any]:
    """Heatmaps of four pictures of one class, and where they are hottest."""
    pairs = [[(i, 2) for i in range(4)]] * len(steps)
    found = explained(pairs, peak=[list(step) for step in steps], **numbers)
    return history(steps=list(range(len(steps))), pictures=found)


def test_evidence_that_moved_to_one_place_is_told_without_boxes():
    now = [CORNER, CORNER, [0.85, 0.2], SPREAD[3]]
    finding = told(hottest(SPREAD, SPREAD, now, now), "same place", "ball", "star", "flower")
    assert finding["text"] == (
        "On class flower the evidence moved to the same place on 3 of 4 pictures by epoch 2: the "
        "upper right corner; before training it was hottest elsewhere on each of them."
    )
    assert (finding["layer"], finding["image"], finding["step"]) == ("last", 0, 2)


@pytest.mark.parametrize(
    "now",
    [
        [CORNER, CORNER, SPREAD[2], SPREAD[3]],
        [[0.1, 0.1], [0.9, 0.9], [0.1, 0.9], CORNER],
        [[0.5, 0.5]] * 4,
        [CORNER, CORNER, None, None],
    ],
    ids=["two of four", "each elsewhere", "the middle", "no evidence"],
)
def test_evidence_that_did_not_is_not(now):
    found = texts(hottest(SPREAD, SPREAD, now, now))
    assert not [text for text in found if "same place" in text]


def test_evidence_that_was_there_from_the_start_has_not_moved_there():
    assert texts(hottest([CORNER] * 4, [CORNER] * 4)) == []


def test_where_objects_are_known_their_boxes_say_more():
    now = [CORNER] * 4
    found = hottest(SPREAD, now, energy_inside=[[0.6] * 4, [0.2] * 4])
    (text,) = texts(found)
    assert "left the object" in text


# ------------------------------------------------------------------------------ thin regions


def test_a_thin_region_is_measured_by_what_the_cells_can_show():
    """A frame of one pixel: no map can lie on it by more than 44 %."""
    numbers = with_regions(frame=[[e] * 3 for e in (0.1, 0.1, 0.25, 0.33)])
    assert "left the object" in texts(history(pictures=numbers))[0]
    numbers["last"]["most_on"] = [{"frame": 0.44}] * 4
    (text,) = texts(history(pictures=numbers))
    assert "moved from the object to the frame at epoch 2" in text
    assert text.endswith("rose from 10% to 33%, of 44% that cells of this size can show there.")
    numbers["last"]["energy_on_frame"] = [[0.1] * 3] * 4
    assert "left the object" in texts(history(pictures=numbers))[0]
