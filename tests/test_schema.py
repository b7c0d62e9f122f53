"""The party wall: what is written can be read, and whatever else is refused with a reason."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convviz_tb import schema
from convviz_tb.schema import KINDS, SchemaError, Series
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
