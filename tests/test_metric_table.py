"""The table of metrics: each row can be shown, explained and stored."""

import re

import pytest

from convviz_tb import metric_table, schema
from convviz_tb.metric_table import METRICS, ON_REGION, Metric

EACH = pytest.mark.parametrize("metric", METRICS, ids=lambda row: f"{row.of} {row.name}")


@EACH
def test_a_metric_is_explained_in_one_sentence(metric: Metric) -> None:
    assert re.fullmatch(r"[A-Z][^.]*(\.\d[^.]*)*\.", metric.text), "one sentence, with a full stop"
    for cell in (metric.formula, metric.range, metric.trap, metric.title, metric.short):
        assert not re.search(r"\n|[^.]\.$", cell), "a cell of a table in the docs"
    assert metric.formula and metric.range and metric.title


@EACH
def test_a_metric_has_a_name_that_tags_and_addresses_can_hold(metric: Metric) -> None:
    name = metric.name + ("sticker" if metric.name == ON_REGION else "")
    assert schema.parse_scalar_tag(schema.scalar_tag(name, "a/b")) == (name, "a/b")
    assert name not in schema.KINDS, "stock images have tags of this form"


def test_no_two_metrics_of_one_thing_share_a_name_or_a_title() -> None:
    for of in ("filter", "heatmap", "layer"):
        rows = [metric for metric in METRICS if metric.of == of]
        assert len({metric.name for metric in rows}) == len(rows)
        assert len({metric.title for metric in rows}) == len(rows)


@EACH
def test_what_a_layer_sums_up_can_be_summed_up(metric: Metric) -> None:
    if metric.summary == "sum":
        assert metric.type == "flag", "only what is true can be counted"
    if metric.summary in ("median", "mean"):
        assert metric.type == "number"
    assert metric.has_curve == (metric.of == "layer" or metric.summary is not None)


def test_metrics_of_one_group_stand_together_under_different_names() -> None:
    for of in ("filter", "heatmap"):
        shown = [(row.group, row.short or row.title) for row in METRICS if row.of == of]
        assert len(set(shown)) == len(shown)


def test_a_metric_of_a_region_has_the_row_of_all_regions() -> None:
    assert metric_table.row_of("energy_on_sticker") == ON_REGION
    assert metric_table.row_of("energy_inside") == "energy_inside"
    assert metric_table.names_of(metric_table.metrics_of("heatmap").values())[1] == "energy_on_…"
