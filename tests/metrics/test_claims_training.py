"""What is said of the training itself, on histories written by hand: NaN, rates, unfreezing."""

from typing import Any

import pytest

from support.histories import filters, history, predictions, texts, told

MOVED = [[0.0] * 3, [0.0] * 3, [0.02] * 3, [0.03, 0.04, 0.05]]
FROZEN = {"conv": [False, False, True, True]}


def broken(*names: list[str], **parts: Any) -> dict[str, Any]:
    steps = list(range(len(names)))
    numbers = {"dead": [[False] * 3 for _ in steps[:-1]] + [None]}
    return history(steps=steps, broken=names, filters=filters(3, **numbers), **parts)


def test_nan_in_the_weights_is_told_first_and_alone():
    found = broken([], ["conv/kernel"], ["loss", "conv/kernel", "head/bias"])
    found["learning_rate"] = [None, 0.5, 0.5]
    (text,) = texts(found)
    assert text == (
        "The loss and weights are NaN or infinite since epoch 1 (learning rate 0.5), so nothing "
        "can be computed: conv/kernel, head/bias."
    )
    finding = told(found, "NaN")
    assert (finding["layer"], finding["step"], finding["severity"]) == ("conv", 1, "bad")


def test_a_loss_that_is_nan_is_told_and_all_else_too():
    assert texts(broken([], ["loss"])) == [
        "The loss is NaN or infinite since epoch 1; the weights are not."
    ]


@pytest.mark.parametrize("names", [([], []), (["conv/kernel"], [])], ids=["never", "not now"])
def test_numbers_that_are_finite_are_not_told_of(names):
    assert texts(broken(*names)) == []


def test_a_collapse_names_the_learning_rate_where_it_is_known():
    same = {"variation": [[0.5] * 4] * 2 + [[0.0] * 4] * 2}
    words = predictions("2201", "2201", "1111", "1111")
    found = words | {"filters": filters(4, "deep", **same)}
    assert texts(found)[0].endswith("since epoch 2: the network has collapsed.")
    found["learning_rate"] = [0.001, 0.001, 0.3, 0.2]
    assert texts(found)[0].endswith("the network has collapsed (learning rate 0.3).")


def test_a_layer_that_lost_filters_names_the_rate_too():
    dead = [[False] * 3] * 3 + [[True] * 3]
    found = history(filters=filters(3, dead=dead), learning_rate=[None, 0.1, 0.1, 0.25])
    assert "lost 3 of 3 filters at epoch 3 (learning rate 0.25), " in texts(found)[0]


def unfrozen(drift: list[Any], trainable: Any = FROZEN, **parts: Any) -> dict[str, Any]:
    return history(filters=filters(3, kernel_drift=drift), trainable=trainable, **parts)


def test_layers_that_moved_once_they_were_not_frozen_are_told():
    finding = told(unfrozen(MOVED), "Unfrozen")
    assert finding["text"] == "Unfrozen after epoch 1, conv moved: its weights by 4.0% on average."
    assert (finding["layer"], finding["filter"], finding["step"]) == ("conv", 20, 2)
    assert len(texts(unfrozen(MOVED))) == 1  # that it moved most goes without saying


def test_several_layers_that_were_unfrozen_are_told_together_with_the_one_that_moved_most():
    found = unfrozen(MOVED, {name: FROZEN["conv"] for name in ("conv", "deep")})
    found["filters"]["deep"] = {"filter": [0], "kernel_drift": [[0], [0], [0.1], [0.2]]}
    assert texts(found)[0] == (
        "Unfrozen after epoch 1, deep and conv moved: deep most, its weights by 20% on average."
    )


def test_layers_that_hardly_moved_then_are_told_so():
    little = [[0.0] * 3, [0.0] * 3, [0.001] * 3, [0.004] * 3]
    assert "conv hardly moved: its weights by 0.4% on average" in texts(unfrozen(little))[0]


def test_between_two_logs_the_epoch_is_not_known():
    found = unfrozen(MOVED, steps=[0, 3, 6, 9])
    assert "Unfrozen between epochs 3 and 6, conv moved" in texts(found)[0]


@pytest.mark.parametrize(
    ("drift", "trainable"),
    [
        (MOVED, {"conv": [True] * 4}),
        (MOVED, {"conv": [False] * 4}),
        (MOVED, {"conv": [True, True, False, False]}),
        (MOVED, {}),
        ([[0.0] * 3, [0.1] * 3, [0.1] * 3, [0.2] * 3], FROZEN),
    ],
    ids=["never frozen", "frozen still", "frozen since", "an old log", "moved before"],
)
def test_what_was_not_unfrozen_is_not_told(drift, trainable):
    assert not [text for text in texts(unfrozen(drift, trainable)) if "nfrozen" in text]


def test_layers_that_do_not_move_though_they_are_not_frozen_are_told():
    """The model was not compiled again."""
    still = [[0.0] * 3] * 4
    finding = told(unfrozen(still), "did not move since")
    assert finding["text"].startswith("Unfrozen after epoch 1, conv did not move since: ")
    assert (finding["layer"], finding["severity"]) == ("conv", "bad")
    for other in (unfrozen(MOVED), unfrozen(still, learning_rate=[0.1, 0.1, 0.1, 0.0])):
        assert not [text for text in texts(other) if "did not move since" in text]
