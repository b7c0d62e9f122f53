"""Class selectivity: 1 of a filter that one class excites, around 0 of one that knows no class."""

import numpy as np
import pytest

from convviz_tb.examples import ClassMeans
from convviz_tb.metrics.selectivity import class_selectivity, favourite_classes


def means(activations, labels) -> ClassMeans:
    collected = ClassMeans(activations.shape[1])
    for part in np.array_split(np.arange(len(labels)), 3):
        collected.add(activations[part], labels[part])
    return collected


def test_a_filter_of_one_class_and_one_of_all():
    labels = np.arange(40) % 4
    of_class_two = (labels == 2).astype(float)
    collected = means(np.stack([of_class_two, np.ones(40), 1 + of_class_two], axis=1), labels)
    selectivity = class_selectivity(collected)
    assert selectivity == pytest.approx([1, 0, 1 / 3])  # (2 - 1) / (2 + 1)
    assert favourite_classes(collected)[0] == 2


def test_a_filter_that_knows_no_class_has_none_where_morcos_finds_some():
    random = np.random.default_rng(0)
    labels = np.arange(100) % 10
    noise = random.exponential(size=(100, 400)) * (random.random((100, 400)) < 0.2)
    by_class = np.stack([noise[labels == c].mean(axis=0) for c in range(10)])
    largest = by_class.max(axis=0)
    others = (by_class.sum(axis=0) - largest) / 9
    published = (largest - others) / (largest + others)
    assert np.median(published) > 0.35
    assert abs(np.nanmean(class_selectivity(means(noise, labels)))) < 0.05


def test_a_silent_filter_has_none():
    labels = np.arange(8) % 2
    collected = means(np.zeros((8, 1)), labels)
    assert np.isnan(class_selectivity(collected)).all()
    assert favourite_classes(collected) == [None]


def test_it_needs_two_pictures_of_two_classes():
    assert class_selectivity(None) is None
    assert class_selectivity(means(np.ones((6, 2)), np.zeros(6, int))) is None
    assert class_selectivity(means(np.ones((3, 2)), np.array([0, 0, 1]))) is None
