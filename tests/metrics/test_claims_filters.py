"""What is said of filters and layers, on histories by hand: what is true, and near misses."""

from typing import Any

import pytest

from convviz_tb.metrics.findings import findings
from support.histories import filters, history, predictions, texts, told


def silent(*dead: list[bool], active: list[list[float]] | None = None) -> dict[str, Any]:
    """A layer some filters of which are dead, and silent as far as nothing else is given."""
    active = active or [[0.0 if each else 0.4 for each in row] for row in dead]
    numbers = filters(len(dead[0]), dead=list(dead), active=active)
    return history(steps=list(range(len(dead))), filters=numbers)


ALIVE = [False] * 6
ONE, TWO = [True, *[False] * 5], [True, False, True, *[False] * 3]

# ------------------------------------------------------------------------------------ silence


def test_filters_that_fell_silent_are_counted_with_their_epoch():
    (finding,) = findings(silent(ALIVE, ALIVE, ONE, ONE))
    assert finding == {
        "text": "1 of 6 filters of conv died at epoch 2: filter 0.",
        "kind": "patterns",
        "layer": "conv",
        "filter": 0,
        "step": 2,
    }


def test_units_of_classes_are_called_by_their_names():
    """In a layer some of whose units have none, all go by their numbers."""
    names = ["cow", "cat", "dog", "hen", "ape", "bee"]
    for known, words in ((names, "class cow"), ([None, *names[1:]], "filter 0")):
        lost = silent(ALIVE, ALIVE, ONE, ONE)
        lost["filters"]["conv"]["name"] = [known] * 4
        assert texts(lost) == [f"1 of 6 filters of conv died at epoch 2: {words}."]
    lost = silent(ALIVE, TWO, TWO)
    lost["filters"]["conv"]["name"] = [None, names, names]  # an older version logged no names
    assert texts(lost)[0].endswith("dead since: classes cow, dog.")


def test_a_layer_that_lost_a_third_of_its_filters_is_bad_news():
    (finding,) = findings(silent(ALIVE, ONE, TWO, TWO))
    assert finding["text"] == ("conv lost 2 of 6 filters by epoch 2, dead since: filters 0, 20.")
    assert (finding["severity"], finding["step"]) == ("bad", 2)


def test_the_epoch_is_that_since_which_nothing_wakes_it():
    """The probe images had no response since epoch 1, an ascent found something until 2."""
    active = [[0.4] * 6, [0, *[0.4] * 5], [0, *[0.4] * 5]]
    active.append(active[-1])
    assert "died at epoch 2" in texts(silent(ALIVE, ALIVE, ONE, ONE, active=active))[0]


def test_of_a_few_filters_a_second_log_must_say_so():
    assert texts(silent(ALIVE, ALIVE, ONE)) == []
    assert "died at epoch 2" in texts(silent(ALIVE, ALIVE, ONE, ONE))[0]


@pytest.mark.parametrize(
    "dead", [[ALIVE, ONE, ALIVE], [ALIVE] * 3], ids=["responds again", "never"]
)
def test_filters_that_respond_did_not_fall_silent(dead):
    assert not [text for text in texts(silent(*dead)) if "died" in text or "lost" in text]


def test_filters_that_the_ascent_finds_a_picture_for_are_not_called_silent():
    active = [[0.4] * 6, [0, *[0.4] * 5]]
    assert texts(silent(ALIVE, ALIVE, active=active)) == []


def test_the_silent_from_the_start_are_told_at_once():
    assert texts(silent(ONE)) == ["1 of 6 filters of conv is dead from the start: filter 0."]
    assert len(texts(silent(ONE, ONE, ONE))) == 1


def test_those_still_silent_are_told_apart_from_those_that_woke():
    assert texts(silent(TWO, TWO, ONE, ONE)) == [
        "1 of 6 filters of conv is still dead, of 2 before training: filter 0.",
        "1 of 6 filters of conv, dead before, woke at epoch 2: filter 20.",
    ]


def test_a_filter_that_only_the_ascent_wakes_did_not_wake():
    active = [[0, *[0.4] * 5]] * 2
    assert texts(silent(ONE, ALIVE, active=active)) == []


def test_filters_count_as_always_on_only_if_they_became_so():
    always = [[True, False, False]] * 4
    assert texts(history(filters=filters(stuck=always))) == []
    again = [[False] * 3, [True] * 3, [False] * 3, [False] * 3]
    assert texts(history(filters=filters(stuck=again))) == []
    late = [[False] * 3] * 3 + [[False, True, False]]
    (finding,) = findings(history(filters=filters(stuck=late)))
    assert finding["text"] == "1 of 3 filters of conv became always on at epoch 3: filter 10."
    assert (finding["filter"], finding["step"]) == (10, 3)


# ----------------------------------------------------------------------------------- collapse


def varying(*rows: list[float | None], layer: str = "conv") -> dict[str, Any]:
    return filters(len(rows[0]), layer, variation=list(rows))


FINE, GONE = [0.4] * 4, [0.0, 0.0, 0.009, 0.0]


def test_a_layer_no_filter_of_which_tells_pictures_apart_is_told_first():
    (finding,) = findings(history(filters=varying(FINE, FINE, GONE, GONE)))
    assert finding["text"] == (
        "None of the 4 filters logged of conv tells the probe images apart since epoch 2."
    )
    assert (finding["layer"], finding["step"], finding["severity"]) == ("conv", 2, "bad")


def test_the_layer_that_collapsed_first_is_named_and_the_others_counted():
    layers = varying(FINE, FINE, FINE, GONE) | varying(FINE, GONE, GONE, GONE, layer="early")
    (finding,) = findings(history(filters=layers))
    assert finding["text"] == (
        "None of the 4 filters logged of early tells the probe images apart since epoch 1, nor "
        "does any of 1 other layer now."
    )


def test_with_one_class_for_all_pictures_the_network_has_collapsed():
    found = predictions("0123", "0123", "1111", "1111")
    found["filters"] = varying(FINE, FINE, FINE, GONE)
    text = texts(found, "cat", "parrot")[0]
    assert text == (
        "None of the 4 filters logged of conv tells the probe images apart since epoch 3, and all "
        "4 pictures are predicted as parrot since epoch 2: the network has collapsed."
    )


def test_a_collapse_before_what_is_known_is_dated_with_care():
    assert "apart from the start." in texts(history(filters=varying(*[GONE] * 4)))[0]
    layers = varying(FINE, FINE, GONE, GONE)
    layers["conv"]["baseline_step"] = [0, 0, 2, 2]
    assert "since epoch 2 or before." in texts(history(filters=layers))[0]


@pytest.mark.parametrize(
    "rows",
    [
        [FINE, FINE, [0.0, 0.0, 0.02, 0.0]],
        [FINE, GONE, FINE],
        [FINE, [None] * 4, [None] * 4],
        [[0.4], [0.0], [0.0]],
    ],
    ids=["one still does", "again", "not known", "one filter logged"],
)
def test_a_layer_that_tells_pictures_apart_has_not_collapsed(rows):
    assert texts(history(steps=[0, 1, 2], filters=varying(*rows))) == []


# ----------------------------------------------------------------------------------- movement


def moved(**drifts: list[float]) -> dict[str, Any]:
    """Layers at two steps, with the drift of each filter's weights at the second."""
    layers = {
        layer: {"filter": list(range(len(now))), "kernel_drift": [[0.0] * len(now), now]}
        for layer, now in drifts.items()
    }
    return history(steps=[0, 1], filters=layers)


def test_the_layer_that_moved_most_and_those_that_did_not():
    (finding,) = findings(moved(one=[0.0, 0.0], two=[0.2, 0.42], three=[0.3, 0.1]))
    assert finding["text"] == (
        "two moved most: the weights of its logged filters by 31% on average since the baseline, "
        "those of filter 1 by 42%; 1 watched layer did not move."
    )
    assert (finding["layer"], finding["filter"], finding["step"]) == ("two", 1, 1)
    assert "severity" not in finding


def test_two_filters_begun_anew_outweigh_a_layer_that_moved_a_little():
    """Their median is 0, and they did not stand still."""
    found = moved(conv3=[0.0] * 14 + [1.38, 1.42], conv4=[0.064] * 16)
    assert texts(found) == [
        "conv3 moved most: the weights of its logged filters by 18% on average since the "
        "baseline, those of filter 15 by 142%."
    ]


def test_layers_that_moved_about_as_much_are_named_together():
    found = moved(one=[0.2] * 4, two=[0.22] * 4, three=[0.01] * 4)
    assert texts(found)[0].startswith("two and one moved most: the weights of two's logged")
    found = moved(one=[0.2] * 4, two=[0.22] * 4)
    assert texts(found)[0].startswith("All 2 watched layers moved about as much: the weights")
    found = moved(one=[0.15] * 4, two=[0.22] * 4)
    assert texts(found)[0].startswith("two moved most: the weights of its logged")


def test_a_layer_that_passes_on_the_filters_of_another_is_not_named_beside_it():
    found = moved(conv=[0.2, 0.3], relu=[0.2, 0.3], other=[0.1, 0.1])
    assert texts(found)[0].startswith("conv moved most: the weights of its logged")


def test_of_a_few_filters_of_many_it_is_not_known_which_layer_moved_most():
    """Filters 0 and 30 of 31 in each."""
    found = moved(one=[0.0, 0.36], two=[0.2, 0.3])
    assert texts(found)[0].startswith("two moved most")  # of 2 filters these are all
    for layer in found["filters"].values():
        layer["filter"] = [0, 30]
    assert texts(found)[0].startswith("All 2 watched layers moved about as much")


@pytest.mark.parametrize(
    "numbers",
    [
        {"function_drift": [[0.0] * 2, [0.0, 0.2]]},
        {"response": [[1.0, 1.0], [1.0, 6.0]]},
        {"kernel_drift": [[0.0] * 2, [None, 0.0]]},
    ],
    ids=["its responses did", "they grew", "not known of one"],
)
def test_a_layer_is_not_said_to_have_stood_still_where_its_bias_may_have_moved(numbers):
    found = moved(one=[0.0, 0.0], two=[0.2, 0.4])
    found["filters"]["one"] |= numbers
    assert "did not move" not in texts(found)[0]
    found["filters"]["one"] |= {name: [row[0]] * 2 for name, row in numbers.items()}
    assert "1 watched layer did not move" in texts(found)[0]


def test_layers_without_weights_are_not_said_to_have_stood_still():
    found = moved(one=[0.2, 0.4])
    found["filters"]["relu"] = {"filter": [0], "function_drift": [[0.0], [0.0]]}
    assert "did not move" not in texts(found)[0]


@pytest.mark.parametrize(
    "ends",
    [{"response": [[2.0] * 3, [2.0, 3.0, 0.0]]}, {"variation": [[0.5] * 3, [0.4, 0.5, 0.0]]}],
)
def test_a_filter_that_fell_silent_or_constant_is_no_movement_of_the_responses(ends):
    numbers = {"function_drift": [[0.0] * 3, [0.1, 0.2, 1.0]]}
    found = history(filters=filters(**numbers, **ends), steps=[0, 1])
    assert texts(found)[0] == (
        "conv moved most: the responses of its logged filters by 15% on average since the "
        "baseline, those of filter 10 by 20%."
    )
    found["filters"]["conv"]["response"] = [[2.0] * 3, [0.0] * 3]
    assert not [text for text in texts(found) if "moved" in text]


def test_without_weights_the_responses_count():
    relu = filters(2, "relu", function_drift=[[0.0, 0.0], [0.2, 0.3]])
    assert texts(history(steps=[0, 1], filters=relu)) == [
        "relu moved most: the responses of its logged filters by 25% on average since the "
        "baseline, those of filter 10 by 30%."
    ]


def test_training_that_changed_hardly_anything_says_so():
    assert texts(moved(one=[0.001, 0.0], two=[0.004, 0.004])) == [
        "Hardly anything moved in the watched layers: two most, the weights of its logged filters "
        "by 0.4% on average since the baseline."
    ]


@pytest.mark.parametrize("part", ["one filter", "responses"])
def test_one_filter_that_moved_is_more_than_hardly_anything(part):
    found = moved(one=[0.0] * 9 + [0.08 if part == "one filter" else 0.01])
    if part == "responses":
        found["filters"]["one"]["function_drift"] = [[0.0] * 10, [0.2] * 10]
    assert "one moved most" in texts(found)[0]


def test_that_nothing_moved_is_told_where_everything_is_frozen():
    assert texts(moved(one=[0.0], two=[0.0])) == [
        "Nothing moved: 2 watched layers stayed as at the baseline."
    ]


def test_a_new_baseline_has_not_moved_and_did_not_stand_still():
    """Another process went on without what the first one had kept."""
    found = moved(one=[0.0, 0.0])
    found["filters"]["one"]["baseline_step"] = [0, 1]
    assert texts(found) == []


# -------------------------------------------------------------------------- scale and effect


def scaled(size: float, drift: float = 0.004, cosine: float = 1.0, **more: Any) -> dict[str, Any]:
    numbers = {
        "kernel_drift": [[0.0] * 3, [0.2] * 3],
        "function_drift": [[0.0] * 3, [drift] * 3],
        "kernel_cosine": [[1.0] * 3, [cosine] * 3],
        "response": [[1.0, 2.0, 3.0], [size, 2 * size, 3 * size]],
    }
    return history(steps=[0, 1], filters=filters(**numbers | more))


def test_scale_alone_is_growth_and_not_without_effect():
    finding = told(scaled(2.0), "factor")
    assert finding["text"] == (
        "The responses of conv grew by a factor of 2 since the baseline; what they respond to "
        "stayed the same."
    )
    assert (finding["layer"], finding["step"]) == ("conv", 1)
    assert "shrank by a factor of 4" in told(scaled(0.25), "factor")["text"]
    assert not [text for text in texts(scaled(2.0)) if "without effect" in text]


@pytest.mark.parametrize(
    "numbers",
    [
        {"size": 1.03},
        {"size": 2.0, "drift": 0.02},
        {"size": 2.0, "cosine": 0.9},
        {"size": 2.0, "response": [[1.0, 2.0, 3.0], [2.0, 4.0, 3.0]]},
    ],
    ids=["hardly", "other responses", "turned", "not all"],
)
def test_other_changes_are_not_growth(numbers):
    assert not [text for text in texts(scaled(**numbers)) if "factor" in text]


def test_weights_that_moved_without_effect_are_named():
    finding = told(scaled(1.0), "without effect")
    assert finding["text"] == (
        "The weights of conv moved by 20% without effect: its responses stayed as they were "
        "(changed by 0.4% at most)."
    )
    assert (finding["layer"], finding["step"]) == ("conv", 1)


def test_of_a_layer_without_weights_no_effect_of_them_is_told():
    found = scaled(1.0, kernel_drift=[[None] * 3] * 2, kernel_cosine=[[None] * 3] * 2)
    assert not [text for text in texts(found) if "weights" in text]


@pytest.mark.parametrize(
    "numbers",
    [
        {"size": 1.0, "drift": 0.02},
        {"size": 1.0, "kernel_drift": [[0.0] * 3, [0.01] * 3]},
        {"size": 1.0, "response": [[1.0] * 3, [1.0, 1.0, 1.5]]},
        {"size": 1.0, "response": [[None] * 3] * 2},
    ],
    ids=["changed", "hardly moved", "one grew", "size not known"],
)
def test_weights_with_an_effect_are_not_called_without(numbers):
    assert not [text for text in texts(scaled(**numbers)) if "without effect" in text]


# ------------------------------------------------------------------------------ single filters

DRIFTS = [[0, 0, 0], [0.1, 0.0, 0.02], [0.7, 0.05, 0.1], [0.8, 0.05, 0.1]]


def other(**numbers: Any) -> list[str]:
    found = history(filters=filters(**{"function_drift": DRIFTS} | numbers))
    return [text for text in texts(found) if "something else" in text]


def test_a_single_filter_that_does_something_else_is_named():
    assert other() == [
        "Filter 0 of conv responds to something else since epoch 2: its responses correlate with "
        "those of the baseline by 0.20."
    ]
    assert other(probes=[None, 8, 8, 8]) == other()


@pytest.mark.parametrize(
    "numbers",
    [
        {"active": [[0.5] * 3] * 3 + [[0.0, 0.5, 0.5]]},
        {"active": [[0.0, 0.5, 0.5]] + [[0.5] * 3] * 3},
        {"active": [[0.006, 0.5, 0.5]] * 4},
        {"stuck": [[False] * 3] * 3 + [[True, False, False]]},
        {"function_drift": [[0, 0, 0], [0.8, 0.4, 0.5], [0.8, 0.4, 0.5], [0.8, 0.4, 0.5]]},
        {"function_drift": [[0, 0, 0], [0.8, 0, 0], [0.8, 0, 0], [0.4, 0, 0]]},
        {"probes": [6] * 4},
    ],
    ids=["silent now", "silent at first", "rarely", "constant", "all of them", "back", "6 images"],
)
def test_silence_is_not_something_else(numbers):
    assert other(**numbers) == []


def alike(similar: list[Any], twin: list[Any], **numbers: Any) -> list[str]:
    found = history(filters=filters(twin_similarity=similar, twin=twin, **numbers))
    return [text for text in texts(found) if "alike" in text]


SIMILAR = [[0.3, 0.3, 0.1], [0.4, 0.4, 0.1], [0.99, 0.99, 0.1], [0.99, 0.99, None]]
PAIR = [[10, 0, 10]] * 3 + [[10, 0, None]]


def test_filters_that_became_alike_are_named():
    assert alike(SIMILAR, PAIR) == [
        "Filters 0 and 10 of conv became alike at epoch 2: their responses correlate by 0.99."
    ]


def test_a_pair_is_alike_since_it_is_this_pair():
    """Filter 0 was a copy of 20 until epoch 1, and is one of 10 since epoch 2."""
    similar = [[0.3] * 3, [0.99, 0.3, 0.99], [0.99, 0.99, 0.3], [0.99, 0.99, 0.3]]
    twin = [[10, 0, 0], [20, 0, 0], [10, 0, 0], [10, 0, 0]]
    assert alike(similar, twin) == [
        "Filters 0 and 10 of conv became alike at epoch 2: their responses correlate by 0.99."
    ]


def test_a_pair_that_may_have_been_alike_before_is_not_dated():
    """At epoch 1 the filter most similar to 0 and 10 was 20: they may have been as similar."""
    similar = [[0.3] * 3, [0.99] * 3, [0.99, 0.99, 0.3], [0.99, 0.99, 0.3]]
    assert alike(similar, [[10, 0, 0], [20, 20, 0], [10, 0, 0], [10, 0, 0]]) == []


@pytest.mark.parametrize(
    "numbers",
    [
        {"similar": [[0.99, 0.99, 0.1]] * 4},
        {"similar": [*SIMILAR[:3], [0.97, 0.97, 0.1]]},
        {"similar": [[None] * 3] * 4},
        {"active": [[0.01] * 3] * 4},
        {"probes": [6] * 4},
    ],
    ids=["from the start", "no more", "not known", "respond at a few positions", "6 images"],
)
def test_other_pairs_are_not_said_to_have_become_alike(numbers):
    assert alike(**{"similar": SIMILAR, "twin": PAIR} | numbers) == []


def test_what_is_silent_may_respond_to_other_pictures_and_has_not_collapsed():
    """Three of four filters are silent on the probe images, and an ascent wakes them."""
    varies = [[0.5] * 4] * 2 + [[0.0] * 4] * 2
    active = [[0.4] * 4] * 2 + [[0.0, 0.0, 0.0, 1.0]] * 2
    numbers = {"variation": varies, "active": active, "dead": [[False] * 4] * 4}
    found = history(filters=filters(4, **numbers))
    assert not [text for text in texts(found) if "tells the probe" in text]
    numbers["dead"] = [[False] * 4] * 2 + [[True, False, False, False]] * 2
    assert "tells the probe" in texts(history(filters=filters(4, **numbers)))[0]
