"""What the numbers are made to say, on histories written by hand."""

from typing import Any

import pytest

from convviz_tb.metrics.findings import MOST, findings


def history(**parts: Any) -> dict[str, Any]:
    steps = parts.pop("steps", [0, 1, 2, 3])
    return {"steps": steps, "layers": {}, "filters": {}, "pictures": {}} | parts


def maps(
    energy: list[float] | list[None] | None, centres: Any = None, **numbers: Any
) -> dict[str, Any]:
    """Heatmaps of two pictures of class 2 and one of class 0, whose energy stays."""
    steps = len(energy or numbers["overlap_baseline"])
    found = {"image": [[0, 1, 2]] * steps, "class_index": [[2, 2, 0]] * steps} | numbers
    found["centre"] = centres or [[[0.5, 0.5]] * 3] * steps
    if energy:
        found["energy_inside"] = [[each, each, 0.6] for each in energy]
    return {"last": found}


def texts(found: dict[str, Any], *names: str) -> list[str]:
    return [finding["text"] for finding in findings(found, names)]


def test_heatmaps_that_leave_the_object_are_told_with_epoch_and_direction():
    centres = [[[0.4, 0.4]] * 3, [[0.4, 0.4]] * 3, *[[[0.7, 0.8], [0.7, 0.8], [0.4, 0.4]]] * 2]
    found = history(pictures=maps([0.6, 0.5, 0.2, 0.1], centres))
    (finding,) = findings(found, ["ball", "star", "flower"])
    assert finding["text"] == (
        "On class flower the heatmaps left the object at epoch 2: 60% of their evidence lay on it "
        "at first, 10% now; they moved down and to the right."
    )
    assert finding["kind"] == "heatmaps" and finding["layer"] == "last"
    assert finding["image"] == 0 and finding["step"] == 2


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
        "On class 2, on the 1 of 2 pictures with the sticker, the heatmaps moved from the object"
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
    assert "they have 20% in common with those of the baseline" in text


def filters(count: int = 3, **numbers: Any) -> dict[str, Any]:
    return {"conv": {"filter": [10 * i for i in range(count)]} | numbers}


def test_filters_that_died_are_counted_with_their_epoch():
    dead = [[False] * 3, [False] * 3, [True, False, True], [True, False, True]]
    (finding,) = findings(history(filters=filters(dead=dead)))
    assert finding["text"] == "2 of 3 filters of conv died at epoch 2: filters 0, 20."
    assert finding["filter"] == 0 and finding["step"] == 2
    slowly = [[False] * 3, [True, False, False], [True, False, True], [True, False, True]]
    assert texts(history(filters=filters(dead=slowly))) == [
        "2 of 3 filters of conv died by epoch 2: filters 0, 20."
    ]


def test_the_dead_from_the_start_are_told_at_once_and_the_revived_not():
    dead = [[True, False, False]]
    told = ["1 of 3 filters of conv was dead from the start: filter 0."]
    assert texts(history(steps=[0], filters=filters(dead=dead))) == told
    revived = [[False] * 3, [True] * 3, [False] * 3, [False] * 3]
    assert texts(history(filters=filters(dead=revived))) == []


def test_stuck_filters_count_only_if_they_got_stuck():
    always = [[True, False, False]] * 4
    assert texts(history(filters=filters(stuck=always))) == []
    late = [[False] * 3] * 3 + [[False, True, False]]
    assert texts(history(filters=filters(stuck=late))) == [
        "1 of 3 filters of conv became always on at epoch 3: filter 10."
    ]


def test_the_layer_that_moved_most_and_those_that_did_not():
    drifts = {"one": [0, 0, 0, 0], "two": [0, 0.1, 0.2, 0.31], "three": [0, 0.1, 0.1, 0.02]}
    found = history(
        layers={name: {"kernel_drift": drift} for name, drift in drifts.items()},
        filters={
            name: {"filter": [0, 4], "kernel_drift": [[d, 2 * d] for d in drift]}
            for name, drift in drifts.items()
        },
    )
    (finding,) = findings(found)
    assert finding["text"] == (
        "two moved most: its weights by 31% since the baseline (median of its filters); "
        "1 watched layer did not move."
    )
    assert finding["filter"] == 4


def test_a_single_filter_that_does_something_else_is_named():
    drifts = [[0, 0, 0], [0.1, 0.0, 0.02], [0.7, 0.05, 0.1], [0.8, 0.05, 0.1]]
    assert texts(history(filters=filters(function_drift=drifts))) == [
        "Filter 0 of conv responds to something else since epoch 2: its responses correlate with "
        "those of the baseline by 0.20."
    ]


def test_filters_that_became_twins_are_named():
    similar = [[0.3, 0.3, 0.1], [0.4, 0.4, 0.1], [0.99, 0.99, 0.1], [0.99, 0.99, None]]
    found = filters(twin_similarity=similar, twin=[[1, 0, 1]] * 3 + [[10, 0, None]])
    assert texts(history(filters=found)) == [
        "Filters 0 and 10 of conv became alike at epoch 2: their responses correlate by 0.99."
    ]


def test_kernels_that_moved_without_effect_are_named():
    found = history(
        layers={"conv": {"kernel_drift": [0, 0.1, 0.1, 0.2], "function_drift": [0, 0, 0, 0.004]}},
        filters=filters(kernel_drift=[[0.2] * 3] * 4, function_drift=[[0.004] * 3] * 4),
    )
    assert any("moved by 20% without effect" in text for text in texts(found))


def test_no_more_than_five_are_told_and_the_heatmaps_first():
    dead = [[False] * 3] * 3 + [[True] * 3]
    many = {f"conv{i}": {"filter": [0, 1, 2], "dead": dead, "stuck": dead} for i in range(9)}
    found = history(filters=many, pictures=maps([0.6, 0.1, 0.1, 0.1]))
    told = findings(found)
    assert len(told) <= MOST and told[0]["kind"] == "heatmaps"
    assert all(set(each) <= {"text", "kind", "layer", "filter", "image", "step"} for each in told)


def test_steps_that_lack_numbers_do_not_matter():
    dead = [None, [False] * 3, None, [True, False, False]]
    assert texts(history(filters=filters(dead=dead))) == [
        "1 of 3 filters of conv died at epoch 3: filter 0."
    ]
    assert findings(history(steps=[], filters={})) == []
