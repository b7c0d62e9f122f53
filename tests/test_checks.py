"""A type annotation accepts what it says, and nothing else."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypedDict

import pytest

from convviz_tb import checks
from convviz_tb.checks import Length, check


class _Named(TypedDict):
    name: str


class Point(_Named, total=False):
    x: float | None


@pytest.mark.parametrize(
    ("annotation", "fitting", "others"),
    [
        (int, [0, -3], [True, 1.0, "1", None]),
        (float, [0, 0.5], [False, "0.5", None]),
        (str, ["", "a"], [1, None, ["a"]]),
        (bool, [True, False], [0, 1, None, "true"]),
        (Any, [None, {}, 3], []),
        (float | None, [None, 1], ["", []]),
        (Literal["a", "b"], ["a"], ["c", ["a"], None]),
        (list[int], [[], [1, 2]], [[1, None], (1,), {"0": 1}, None]),
        (tuple[int, str], [[1, "a"]], [[1], [1, "a", 2], ["a", 1], "1a"]),
        (Mapping[str, float], [{}, {"a": 1}], [{"a": None}, [], None]),
        (Annotated[list[int], Length(2), "a comment"], [[1, 2]], [[1], [1, "a"], None]),
        (Annotated[int, lambda value: value > 0] | None, [1, None], [0, "1"]),
        (Point, [{"name": "a"}, {"name": "a", "x": None}], [{"x": 1}, {"name": 1}, [], None]),
        (Point, [{"name": "a", "unheard of": []}], [{"name": "a", "x": "1"}]),
    ],
    ids=str,
)
def test_a_type_accepts_what_it_says(
    annotation: Any, fitting: list[Any], others: list[Any]
) -> None:
    assert all(map(check(annotation), fitting))
    assert not [value for value in others if check(annotation)(value)]


def test_an_optional_field_of_another_type_is_left_out_and_an_unknown_one_kept() -> None:
    fields = checks.fields(Point)
    assert fields.kept({"name": "a", "x": "odd", "y": "unknown"}) == {"name": "a", "y": "unknown"}
    assert fields.kept({"name": "a", "x": 0.5}) == {"name": "a", "x": 0.5}


def test_fields_may_go_by_the_name_of_a_row() -> None:
    fields = checks.fields(Point)
    values = {"name": "a", "x_1": "odd", "x_2": 0.5}
    assert fields.kept(values, lambda name: name.partition("_")[0]) == {"name": "a", "x_2": 0.5}
