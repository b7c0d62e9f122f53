"""What is stored in event files: names, versions and JSON facts, both ways.

The party wall of the package: the writing side (Keras) and the reading side
(TensorBoard) meet only here. Imports neither TensorFlow nor Keras.
`docs/data_format.md` describes the same contract in prose.
"""

import json
import math
from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple, TypedDict, get_args

from tensorboard.compat.proto import summary_pb2

PLUGIN_NAME: Final = "convviz"
FORMAT_VERSION: Final = 1
#: Last part of the run name: the sub-run of `log_dir` that we alone write to.
RUN_SUFFIX: Final = "convviz"

Kind = Literal["patterns", "heatmaps", "inputs", "model"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Facts = dict[str, Any]
#: Our own facts nest 4 deep. Deeper ones could overflow the stack of whoever handles them next.
_DEEPEST: Final = 32


class Sheet(TypedDict):
    """Geometry of a contact sheet: equal tiles in rows, first tile top left."""

    count: int
    columns: int
    tile: list[int]  # height, width in pixels


class PatternTile(TypedDict):
    """Numbers of one filter pattern."""

    filter: int
    score: float | None  # mean activation reached; None if not finite


class HeatmapTile(TypedDict):
    """Numbers of one class-activation map.

    A grey level g of the tile stands for `minimum + g / 255 * (maximum - minimum)`.
    """

    image: int
    class_index: int
    score: float | None
    probability: float | None
    predicted: int | None
    minimum: float | None
    maximum: float | None


class InputTile(TypedDict):
    """One input image; `label` is its true class, where known."""

    image: int
    label: int | None


class LayerFacts(TypedDict):
    """One watched layer, as the model facts list it in network order."""

    layer: str
    class_name: str
    shape: list[int | None]  # output shape without the batch axis
    filters: int
    trainable: bool
    kinds: list[str]
    numbers: dict[str, float]  # of the layer as a whole, at this step


class Failure(TypedDict):
    """A fault the callback survived: the series it hit and why."""

    tag: str
    reason: str


class SchemaError(ValueError):
    """Stored data that this version cannot use; the message says why."""


class Series(NamedTuple):
    """What the metadata of a tag says: its kind and, for two kinds, its layer."""

    kind: Kind
    layer: str = ""

    @property
    def tag(self) -> str:
        """The tag that this series is stored under."""
        return f"{self.kind}/{self.layer}" if self.layer else self.kind


def metadata(series: Series) -> summary_pb2.SummaryMetadata:
    """Summary metadata of a series: static facts only, since only a tag's first counts."""
    content = {"format": FORMAT_VERSION, "kind": series.kind, "layer": series.layer}
    return summary_pb2.SummaryMetadata(
        plugin_data=summary_pb2.SummaryMetadata.PluginData(
            plugin_name=PLUGIN_NAME, content=json.dumps(content).encode()
        ),
        data_class=summary_pb2.DATA_CLASS_BLOB_SEQUENCE,
    )


def parse_metadata(content: bytes) -> Series:
    """Inverse of `metadata`.

    Raises:
        SchemaError: the content is not ours, or of a newer format version.
    """
    facts = _json_object(content)
    version = facts.get("format")
    if not isinstance(version, int) or version < 1:
        raise SchemaError("not written by convviz_tb: no format version")
    if version > FORMAT_VERSION:
        raise SchemaError(
            f"written by a newer convviz_tb (format {version}; this one reads up to "
            f"{FORMAT_VERSION}): pip install --upgrade convviz_tb"
        )
    kind, layer = facts.get("kind"), facts.get("layer")
    if kind not in KINDS or not isinstance(layer, str):
        raise SchemaError("unknown kind of series")
    return Series(kind, layer)


def encode(facts: Facts) -> bytes:
    """Facts of one step as JSON; numbers that are not finite become null."""
    return json.dumps(_finite(facts), separators=(",", ":")).encode()


def decode(kind: Kind, blob: bytes) -> Facts:
    """Facts of one step out of a log that may hold anything.

    Raises:
        SchemaError: not JSON, or a field that the readers rely on is missing or wrong.
    """
    facts = _json_object(blob)
    for name, holds in _REQUIRED[kind].items():
        if not holds(facts.get(name)):
            raise SchemaError(f"{kind} facts: bad or missing field {name!r}")
    if "sheet" in facts and len(facts["tiles"]) != facts["sheet"]["count"]:
        raise SchemaError(f"{kind} facts: 'tiles' and 'sheet' disagree on the number of tiles")
    return facts


def _json_object(blob: bytes) -> Facts:
    try:
        facts = json.loads(blob)
    except (ValueError, RecursionError) as error:
        raise SchemaError("not JSON") from error
    if not isinstance(facts, dict):
        raise SchemaError("not a JSON object")
    return {name: _finite(value) for name, value in facts.items()}


def _finite(value: Any, depth: int = 0) -> Any:
    """`value` with every number that a browser could not read back replaced by None."""
    if depth > _DEEPEST:
        raise SchemaError("nested too deeply")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        return value if abs(value) <= 2**53 else None
    if isinstance(value, dict):
        return {name: _finite(item, depth + 1) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item, depth + 1) for item in value]
    return value


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _optional(holds: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or holds(value)


def _list_of(**fields: Callable[[object], bool]) -> Callable[[object], bool]:
    def holds(value: object) -> bool:
        return isinstance(value, list) and all(
            isinstance(item, dict) and all(test(item.get(name)) for name, test in fields.items())
            for item in value
        )

    return holds


def _sheet(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    tile = value.get("tile")
    return (
        _count(value.get("count"))
        and _count(value.get("columns"))
        and value["columns"] > 0
        and isinstance(tile, list)
        and len(tile) == 2
        and all(_count(side) and side > 0 for side in tile)
    )


def _text(value: object) -> bool:
    return isinstance(value, str)


_REQUIRED: dict[Kind, dict[str, Callable[[object], bool]]] = {
    "patterns": {
        "sheet": _sheet,
        "tiles": _list_of(filter=_count, score=_optional(_number)),
    },
    "heatmaps": {
        "sheet": _sheet,
        "tiles": _list_of(
            image=_count,
            class_index=_count,
            score=_optional(_number),
            probability=_optional(_number),
            predicted=_optional(_count),
            minimum=_optional(_number),
            maximum=_optional(_number),
        ),
    },
    "inputs": {
        "sheet": _sheet,
        "tiles": _list_of(image=_count, label=_optional(_count)),
        "class_names": lambda names: isinstance(names, list) and all(map(_text, names)),
    },
    "model": {
        "written": _count,
        "layers": _list_of(
            layer=_text,
            class_name=_text,
            filters=_count,
            kinds=lambda kinds: isinstance(kinds, list),
        ),
        "failures": _list_of(tag=_text, reason=_text),
    },
}
