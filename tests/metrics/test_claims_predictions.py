"""What is said of predictions, on histories by hand: what is true, and near misses."""

import pytest

from support.histories import explained, predictions, texts, told

NAMES = ("ball", "star", "flower")


def test_one_class_for_all_pictures_is_told_with_its_epoch():
    words = predictions(*["01220122"] * 2, *["11111111"] * 2)
    finding = told(words, "All", *NAMES, labels=[0, 1, 2, 2] * 2)
    assert finding["text"] == "All 8 pictures are predicted as star since epoch 2."
    assert (finding["kind"], finding["layer"]) == ("heatmaps", "last")
    assert (finding["image"], finding["step"], finding["severity"]) == (0, 2, "bad")


def test_it_is_no_damage_where_no_more_were_right_before():
    finding = told(predictions("02220222", "11111111"), "All", *NAMES, labels=[1, 0, 0, 0] * 2)
    assert "severity" not in finding


@pytest.mark.parametrize(
    ("steps", "labels"),
    [
        (("01220122", "11121111"), [0, 1, 2, 2] * 2),
        (("11111111", "11111111"), [0, 1, 2, 2] * 2),
        (("01220122", "11111111"), [1] * 8),
        (("0122012", "1111111", "1111111"), [0, 1, 2, 2, 0, 1, 2]),
        (("01220122", "11111111", "01220122"), [0, 1, 2, 2] * 2),
    ],
    ids=["not all", "from the start", "all are of it", "few pictures", "no more"],
)
def test_other_predictions_are_not_one_class_for_all(steps, labels):
    assert not [text for text in texts(predictions(*steps), *NAMES, labels=labels) if "All" in text]


def test_a_class_that_is_never_predicted_any_more_is_told():
    found = predictions("001122", "001122", "221122", "121122")
    finding = told(found, "any more", *NAMES, labels=[0, 0, 1, 1, 2, 2])
    assert finding["text"] == (
        "Class ball is predicted for none of 6 pictures any more since epoch 2; before training it "
        "was for 2 of its 2 pictures."
    )
    assert (finding["image"], finding["step"], finding["severity"]) == (0, 2, "bad")


def test_a_class_whose_pictures_still_look_like_it_is_not_lost():
    """By a hair: 40 % on one of its own pictures, of three classes."""
    words, labels = ("001122", "001122", "221122", "121122"), [0, 0, 1, 1, 2, 2]
    found = predictions(*words)
    sure = explained([[(i, c) for i, c in enumerate(labels)]] * 4, "true", probability=None)
    for own, is_lost in ((0.1, True), (0.4, False)):
        sure["true"]["probability"] = [[0.9] * 6] * 3 + [[0.1, own, 0.9, 0.9, 0.9, 0.9]]
        both = found | {"pictures": found["pictures"] | sure}
        assert any("any more" in text for text in texts(both, *NAMES, labels=labels)) == is_lost


@pytest.mark.parametrize(
    ("steps", "labels"),
    [
        (("001122", "221122"), None),
        (("000000", "221122"), [0, 0, 1, 1, 2, 2]),
        (("001122", "221120"), [0, 0, 1, 1, 2, 2]),
        (("001122", "221122", "021122"), [0, 0, 1, 1, 2, 2]),
        (("011122", "211122"), [0, 0, 1, 1, 2, 2]),
        (("001122", "001122", "221122"), [0, 0, 1, 1, 2, 2]),
    ],
    ids=["no labels", "by chance", "still, wrongly", "again", "one picture", "one epoch"],
)
def test_a_class_that_was_not_known_or_still_is_predicted_is_not_told(steps, labels):
    found = texts(predictions(*steps), *NAMES, labels=labels)
    assert not [text for text in found if "any more" in text]


def test_predictions_that_go_back_and_forth_are_told():
    finding = told(predictions("0012", "1012", "0112", "1012", "0112"), "forth", *NAMES)
    assert finding["text"] == (
        "The predictions of 2 of 4 pictures go back and forth: over the last 5 logs each changed "
        "3 times or more: pictures 0, 1."
    )
    assert (finding["image"], finding["step"]) == (0, 4)


@pytest.mark.parametrize(
    "steps",
    [
        ("0012", "1012", "0012", "1012", "0012"),
        ("0012", "1112", "2212", "0012", "1112"),
        ("0012", "1112", "0012", "0012", "0012"),
    ],
    ids=["one picture", "never to one that was left", "once"],
)
def test_predictions_that_change_are_not_all_back_and_forth(steps):
    assert not [text for text in texts(predictions(*steps), *NAMES) if "forth" in text]


def test_pictures_that_changed_their_prediction_are_told_as_that():
    finding = told(predictions("0001", "0011", "2011", "2011"), "another class", *NAMES)
    assert finding["text"] == (
        "2 of 4 pictures are predicted as another class than before training: picture 0 (ball to "
        "flower at epoch 2), picture 2 (ball to star at epoch 1)."
    )
    assert (finding["image"], finding["step"]) == (0, 2)


@pytest.mark.parametrize("steps", [("0001", "0011", "0001"), ("0001", "1110")])
def test_none_or_most_that_changed_are_not_told(steps):
    assert texts(predictions(*steps), *NAMES) == []
