"""Type annotations as checks: whether a value out of JSON is of a type.

Types are spelled as `typing` spells them: `int`, `float`, `str`, `bool`, `None`, `Any`, unions,
`Literal`, `list`, `Mapping` with text as keys, `tuple` (a list of that length), `TypedDict`, and
`Annotated` with further checks; texts in an `Annotated` are comments and check nothing.
"""

import types
from collections.abc import Callable, Mapping
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NamedTuple,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

Check = Callable[[object], bool]
Checks = dict[str, Check]


class Length(NamedTuple):
    """A further check of a list: it has so many items."""

    items: int

    def __call__(self, value: Any) -> bool:
        """Whether the list is that long."""
        return len(value) == self.items


class Fields(NamedTuple):
    """The fields of an object: what it must have, and what it may lack."""

    required: Checks
    optional: Checks

    def holds(self, value: object) -> bool:
        """Whether this is an object with what it must have; one that may be null may be missing."""
        return isinstance(value, dict) and all(
            holds(value.get(name)) for name, holds in self.required.items()
        )

    def all_hold(self, values: object) -> bool:
        """Whether this is a list of such objects."""
        return isinstance(values, list) and all(map(self.holds, values))

    def kept(self, value: dict[str, Any], row: Callable[[str], str] = str) -> dict[str, Any]:
        """The same without the optional fields that are not of their types.

        Args:
            value: an object that `holds`.
            row: the name of a field -> the name that its check has here.
        """
        tests = ((name, each, self.optional.get(row(name))) for name, each in value.items())
        return {name: each for name, each, holds in tests if holds is None or holds(each)}


def fields(annotation: Any) -> Fields:
    """The checks of each field of a `TypedDict`."""
    hints = get_type_hints(annotation, include_extras=True)
    checks = {name: check(hint) for name, hint in hints.items()}
    required = {name: checks[name] for name in hints if name in annotation.__required_keys__}
    return Fields(required, {name: checks[name] for name in hints if name not in required})


def check(annotation: Any) -> Check:
    """Whether a value out of JSON is of this type."""
    if is_typeddict(annotation):
        return _object(fields(annotation))
    origin = get_origin(annotation)
    return _PLAIN[annotation] if origin is None else _COMPOSED[origin](*get_args(annotation))


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_PLAIN: Final[dict[Any, Check]] = {
    int: _is_int,
    float: _is_number,
    str: lambda value: isinstance(value, str),
    bool: lambda value: isinstance(value, bool),
    type(None): lambda value: value is None,
    Any: lambda value: True,
}


def _object(own: Fields) -> Check:
    def holds(value: Any) -> bool:
        return own.holds(value) and len(own.kept(value)) == len(value)

    return holds


def _annotated(annotation: Any, *more: Any) -> Check:
    tests = [check(annotation), *(each for each in more if callable(each))]
    return lambda value: all(test(value) for test in tests)


def _union(*annotations: Any) -> Check:
    tests = [check(each) for each in annotations]
    return lambda value: any(test(value) for test in tests)


def _literal(*texts: str) -> Check:
    return lambda value: isinstance(value, str) and value in texts


def _list(annotation: Any) -> Check:
    test = check(annotation)
    return lambda value: isinstance(value, list) and all(map(test, value))


def _tuple(*annotations: Any) -> Check:
    tests = [check(each) for each in annotations]
    return lambda value: (
        isinstance(value, list)
        and len(value) == len(tests)
        and all(test(item) for test, item in zip(tests, value, strict=True))
    )


def _mapping(_: Any, annotation: Any) -> Check:
    test = check(annotation)
    return lambda value: isinstance(value, dict) and all(map(test, value.values()))


_COMPOSED: Final[dict[Any, Callable[..., Check]]] = {
    Annotated: _annotated,
    Union: _union,
    types.UnionType: _union,
    Literal: _literal,
    list: _list,
    tuple: _tuple,
    Mapping: _mapping,
}
