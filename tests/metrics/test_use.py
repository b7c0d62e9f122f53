"""Filters of most use: half by their responses, half by their evidence."""

import numpy as np
import pytest

from convviz_tb.metrics.use import by_use


def test_the_two_rankings_take_turns():
    responses = np.array([9.0, 8, 7, 1, 2, 3])
    evidence = np.array([0, 0, 0, 0.5, 0.4, 0])
    assert by_use(responses, evidence, 4).tolist() == [0, 1, 3, 4]


def test_one_that_leads_both_counts_once():
    responses = np.array([9.0, 8, 7, 1])
    assert by_use(responses, np.array([1.0, 0, 0, 0.5]), 3).tolist() == [0, 1, 3]


@pytest.mark.parametrize("evidence", [None, np.zeros(4)])
def test_without_evidence_responses_alone_count(evidence):
    assert by_use(np.array([1.0, 9, 8, 2]), evidence, 2).tolist() == [1, 2]


def test_never_more_than_the_layer_has():
    assert by_use(np.zeros(3), np.ones(3), 8).tolist() == [0, 1, 2]
