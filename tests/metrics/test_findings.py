"""Which findings come first, how many there are, and what they look like."""

import pytest

from convviz_tb.metrics.findings import MOST, findings
from support.histories import filters, history, maps, predictions, texts

DEAD = [[False] * 3] * 3 + [[True] * 3]
SAME = {"variation": [[0.5] * 4] * 2 + [[0.0] * 4] * 2}


def test_no_more_than_five_are_told_and_what_broke_comes_first():
    many = {f"conv{i}": {"filter": [0, 1, 2], "dead": DEAD, "stuck": DEAD} for i in range(9)}
    found = history(filters=many | filters(4, "deep", **SAME), pictures=maps([0.6, 0.1, 0.1, 0.1]))
    told = findings(found)
    assert [each["kind"] for each in told] == ["patterns"] * 3 + ["heatmaps", "patterns"]
    assert told[0]["layer"] == "deep" and len(told) == MOST
    known = {"text", "kind", "layer", "filter", "image", "step", "severity"}
    assert all(set(each) <= known for each in told)


def test_the_order_is_that_of_the_damage():
    """Collapse, one class for all, deaths, evidence that left, movement, curiosities."""
    words = predictions(*["22012201"] * 2, *["11111111"] * 2)
    layers = filters(3, dead=DEAD, kernel_drift=[[0] * 3] * 3 + [[0.2] * 3])
    numbers = {"all": words["pictures"]["last"]} | maps([0.6, 0.1, 0.1, 0.1])
    found = words | {"filters": layers, "pictures": numbers}
    order = ["predicted as 1", "conv lost", "left the object", "moved most"]
    parts = zip(order, texts(found, labels=[2, 2, 0, 0] * 2), strict=True)
    assert all(part in text for part, text in parts)
    collapsed = texts(found | {"filters": layers | filters(4, "deep", **SAME)})
    assert "the network has collapsed" in collapsed[0] and "conv lost" in collapsed[1]


def test_steps_that_lack_numbers_do_not_matter():
    dead = [[False] * 3, None, [True, False, False], [True, False, False]]
    assert texts(history(filters=filters(dead=dead))) == [
        "1 of 3 filters of conv died at epoch 2: filter 0."
    ]
    assert findings(history(steps=[], filters={})) == []


@pytest.mark.parametrize("steps", [[0], [3]])
def test_at_the_first_step_nothing_has_changed(steps):
    numbers = filters(kernel_drift=[[0] * 3], function_drift=[[0] * 3], stuck=[[True] * 3])
    assert texts(history(steps=steps, filters=numbers, pictures=maps([0.1]))) == []
