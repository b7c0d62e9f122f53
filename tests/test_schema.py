"""The party wall: what is written can be read, and whatever else is refused with a reason."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convviz_tb import checks, metric_table, schema
from convviz_tb.schema import KINDS, SchemaError, Series
from support.hostile import rich_facts
from support.logs import example_facts

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("series", "tag"),
    [
        (Series("patterns", "vgg16/block5_conv3"), "patterns/vgg16/block5_conv3"),
        (Series("heatmaps", "conv_ß"), "heatmaps/conv_ß"),
        (Series("inputs"), "inputs"),
        (Series("model"), "model"),
    ],
)
def test_a_series_survives_its_metadata(series: Series, tag: str) -> None:
    metadata = schema.metadata(series)
    assert schema.parse_metadata(metadata.plugin_data.content) == series
    assert series.tag == tag


def test_a_newer_format_is_refused_with_the_way_out() -> None:
    content = json.dumps({"format": schema.FORMAT_VERSION + 1, "kind": "model", "layer": ""})
    with pytest.raises(SchemaError, match=r"newer convviz_tb \(format 2.*pip install --upgrade"):
        schema.parse_metadata(content.encode())


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_metadata_of_others_is_a_schema_error(content: bytes) -> None:
    with pytest.raises(SchemaError):
        schema.parse_metadata(content)


@pytest.mark.parametrize("kind", KINDS)
def test_facts_survive_encoding(kind: schema.Kind) -> None:
    facts = example_facts(kind)
    assert schema.decode(kind, schema.encode(facts)) == facts


@pytest.mark.parametrize("kind", KINDS)
def test_the_richest_facts_have_every_field_and_no_other(kind: schema.Kind) -> None:
    """What tests of both sides try is what the schema knows."""
    facts = rich_facts(kind)
    assert set(facts) == known(schema.FIELDS[kind])
    items = facts[schema.ITEMS[kind].field]
    rows = {metric_table.row_of(name) for item in items for name in item}
    assert rows == known(schema.FIELDS_OF_ITEMS[kind])
    assert schema.decode(kind, schema.encode(facts)) == facts


def known(fields: checks.Fields) -> set[str]:
    return {*fields.required, *fields.optional}


@pytest.mark.parametrize(
    ("kind", "field", "fitting", "other"),
    [
        ("patterns", "unchanged", True, "yes"),
        ("patterns", "precision", "bfloat16", 16),
        ("heatmaps", "baseline_step", 3, "3"),
        ("model", "writing_seconds", 0.5, [0.5]),
    ],
)
def test_a_field_of_its_type_is_kept_and_one_of_another_left_out(
    kind: schema.Kind, field: str, fitting: object, other: object
) -> None:
    for value, there in ((fitting, True), (other, False)):
        facts = schema.decode(kind, schema.encode(example_facts(kind, **{field: value})))
        assert (field in facts) == there


@pytest.mark.parametrize("name", ["kernel_drift", "dead", "twin"])
def test_so_is_a_metric_of_a_tile(name: str) -> None:
    facts = rich_facts("patterns")
    facts["tiles"][0][name] = "odd"
    first, second = schema.decode("patterns", schema.encode(facts))["tiles"]
    assert name not in first and name in second


def test_metrics_of_all_regions_are_checked_alike() -> None:
    facts = rich_facts("heatmaps")
    facts["tiles"][0] |= {"energy_on_sticker": "much", "energy_on_标签": 0.5}
    first, _ = schema.decode("heatmaps", schema.encode(facts))["tiles"]
    assert "energy_on_sticker" not in first and first["energy_on_标签"] == 0.5


@pytest.mark.parametrize(
    ("metric", "layer"),
    [("kernel_drift", "conv1"), ("dead", "base/conv2"), ("energy_on_标签", "a b/\n"), ("x", "/")],
)
def test_a_scalar_tag_survives_parsing(metric: str, layer: str) -> None:
    assert schema.parse_scalar_tag(schema.scalar_tag(metric, layer)) == (metric, layer)


@pytest.mark.parametrize(
    "tag",
    [
        *("", "loss", "convviz/dead", "convviz/dead/", "convviz//conv", "convviz/a b/conv"),
        *("xconvviz/a/b", "convviz/_a/b", f"convviz/{'a' * 42}/b"),
    ],
)
def test_a_tag_of_others_is_no_scalar_of_ours(tag: str) -> None:
    assert schema.parse_scalar_tag(tag) is None


def test_fields_of_later_versions_are_kept() -> None:
    facts = example_facts("patterns", brand_new={"x": 1})
    assert schema.decode("patterns", schema.encode(facts)) == facts


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_null_on_both_ways(number: float) -> None:
    facts = example_facts("patterns", seconds=number)
    assert json.loads(schema.encode(facts))["seconds"] is None
    assert schema.decode("patterns", json.dumps(facts).encode())["seconds"] is None


@given(st.sampled_from(KINDS), st.binary() | json_values.map(lambda v: json.dumps(v).encode()))
def test_facts_of_others_are_a_schema_error(kind: schema.Kind, blob: bytes) -> None:
    with pytest.raises(SchemaError):
        schema.decode(kind, blob)


@given(st.sampled_from(KINDS), st.data())
def test_facts_with_any_field_replaced_are_refused_or_can_be_served(
    kind: schema.Kind, data: st.DataObject
) -> None:
    facts = example_facts(kind)
    place = facts
    while True:
        name = data.draw(st.sampled_from(sorted(place)))
        inner = place[name][0] if isinstance(place[name], list) and place[name] else place[name]
        if not isinstance(inner, dict) or data.draw(st.booleans()):
            break
        place = inner
    place[name] = data.draw(json_values)
    try:
        decoded = schema.decode(kind, json.dumps(facts).encode())
    except SchemaError:
        return
    served = json.dumps(decoded, allow_nan=False)
    assert json.loads(served) == decoded


@pytest.mark.parametrize(
    "blob",
    [
        pytest.param(b"[" * 100_000, id="unclosed"),
        pytest.param(b'{"x":' + b"[" * 200 + b"]" * 200 + b"}", id="deep"),
        pytest.param(b'{"x":' + b'{"x":' * 900 + b"1" + b"}" * 901, id="deeper"),
        pytest.param(b'{"x":' + b"9" * 5000 + b"}", id="long number"),
        pytest.param(b"\xff\xfe{", id="no text"),
    ],
)
def test_json_made_to_break_readers_is_a_schema_error(blob: bytes) -> None:
    with pytest.raises(SchemaError):
        schema.decode("model", blob)


def test_deeply_nested_extra_fields_are_refused() -> None:
    """They would overflow the stack where the answer is written."""
    deep: object = 0
    for _ in range(300):
        deep = [deep]
    blob = json.dumps(example_facts("model", extra=deep)).encode()
    with pytest.raises(SchemaError, match="nested"):
        schema.decode("model", blob)


def test_integers_no_browser_can_hold_are_null() -> None:
    blob = json.dumps(example_facts("model", seconds=10**400)).encode()
    assert schema.decode("model", blob)["seconds"] is None


def test_a_sheet_with_more_tiles_than_it_counts_is_refused() -> None:
    facts = example_facts("patterns")
    facts["tiles"].append({"filter": 9, "score": 0.0})
    with pytest.raises(SchemaError, match="disagree"):
        schema.decode("patterns", schema.encode(facts))
