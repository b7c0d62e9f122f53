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
#: Bounds of what is read, far beyond what a callback writes: a log may hold anything, and neither
#: TensorBoard nor a browser shall be kept busy by it. Bytes of the facts of one event:
MOST_FACTS: Final = 4 * 2**20
#: Tiles of one sheet.
MOST_TILES: Final = 8192
#: Pixels of one sheet: four bytes each, once decoded.
MOST_PIXELS: Final = 2**26
#: The number that says how much of a heatmap lies on a region: this, and the region's name.
ON_REGION: Final = "energy_on_"
#: Our own facts nest 5 deep. Deeper ones could overflow the stack of whoever handles them next.
_DEEPEST: Final = 32


class Sheet(TypedDict):
    """Geometry of a contact sheet: equal tiles in rows, first tile top left."""

    count: int
    columns: int
    tile: list[int]  # height, width in pixels


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
    """A fault the callback survived, or what it left out: the series it hit and why."""

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

    A field that readers can do without is left out where its value is not of its type; fields that
    nobody here knows are kept as they are.

    Raises:
        SchemaError: too much, not JSON, or a field that the readers rely on is missing or wrong.
    """
    if len(blob) > MOST_FACTS:
        raise SchemaError(f"{kind} facts: {len(blob)} bytes, more than {MOST_FACTS}")
    facts = _json_object(blob)
    for name, holds in _REQUIRED[kind].items():
        if not holds(facts.get(name)):
            raise SchemaError(f"{kind} facts: bad or missing field {name!r}")
    if kind != "model" and len(facts["tiles"]) != facts["sheet"]["count"]:
        raise SchemaError(f"{kind} facts: 'tiles' and 'sheet' disagree on the number of tiles")
    each = "layers" if kind == "model" else "tiles"
    kept = _well_typed(facts, _OPTIONAL[kind])
    return kept | {each: [_well_typed(item, _OPTIONAL_EACH[kind]) for item in facts[each]]}


def _well_typed(facts: Facts, optional: "Checks") -> Facts:
    return {
        name: value
        for name, value in facts.items()
        if (holds := optional.get(ON_REGION if name.startswith(ON_REGION) else name)) is None
        or holds(value)
    }


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


Check = Callable[[object], bool]
Checks = dict[str, Check]


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _text(value: object) -> bool:
    return isinstance(value, str)


def _truth(value: object) -> bool:
    return isinstance(value, bool)


def _optional(holds: Check) -> Check:
    return lambda value: value is None or holds(value)


_maybe_count = _optional(_count)
_maybe_number = _optional(_number)


def _list_of(holds: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(holds, value))


def _tuple_of(*each: Check) -> Check:
    def holds(value: object) -> bool:
        return (
            isinstance(value, list)
            and len(value) == len(each)
            and all(test(item) for test, item in zip(each, value, strict=True))
        )

    return holds


def _object_with(**fields: Check) -> Check:
    return lambda value: (
        isinstance(value, dict) and all(test(value.get(name)) for name, test in fields.items())
    )


def _numbers_by_name(value: object) -> bool:
    return isinstance(value, dict) and all(map(_maybe_number, value.values()))


_box = _tuple_of(_number, _number, _number, _number)


def _boxes_by_name(value: object) -> bool:
    return isinstance(value, dict) and all(map(_box, value.values()))


_geometry = _object_with(count=_count, columns=_count, tile=_tuple_of(_count, _count))


def _sheet(value: Any) -> bool:
    return _geometry(value) and _fits(value["count"], value["columns"], *value["tile"])


def _fits(count: int, columns: int, height: int, width: int) -> bool:
    if count > MOST_TILES or min(columns, height, width) < 1:
        return False
    return math.ceil(count / columns) * height * columns * width <= MOST_PIXELS


#: What readers rely on: an event without it is refused.
_REQUIRED: dict[Kind, Checks] = {
    "patterns": {
        "sheet": _sheet,
        "tiles": _list_of(_object_with(filter=_count, score=_maybe_number)),
    },
    "heatmaps": {
        "sheet": _sheet,
        "tiles": _list_of(
            _object_with(
                image=_count,
                class_index=_count,
                score=_maybe_number,
                probability=_maybe_number,
                predicted=_maybe_count,
                minimum=_maybe_number,
                maximum=_maybe_number,
            )
        ),
    },
    "inputs": {
        "sheet": _sheet,
        "tiles": _list_of(_object_with(image=_count, label=_maybe_count)),
        "class_names": _list_of(_text),
    },
    "model": {
        "written": _count,
        "layers": _list_of(
            _object_with(layer=_text, class_name=_text, filters=_count, kinds=_list_of(_text))
        ),
        "failures": _list_of(_object_with(tag=_text, reason=_text)),
    },
}

#: What readers can do without: a value that is not of this type is left out.
_OPTIONAL: dict[Kind, Checks] = {
    "patterns": {
        "mode": _text,
        "objective": _text,
        "view": _text,
        "ascent_steps": _maybe_count,
        "seed": _maybe_number,
        "value_range": _tuple_of(_maybe_number, _maybe_number),
        "trainable": _truth,
        "seconds": _maybe_number,
        "refreshed": _truth,
        "baseline_step": _maybe_count,
        "noise_floor": _maybe_number,
        "probes": _maybe_count,
    },
    "heatmaps": {
        "method": _text,
        "objective": _text,
        "view": _text,
        "trainable": _truth,
        "seconds": _maybe_number,
    },
    "inputs": {"view": _text},
    "model": {
        "planned": _maybe_count,
        "baseline": _optional(_text),
        "seconds": _maybe_number,
        "epoch_seconds": _maybe_number,
        "budget": _maybe_number,
        "skipped": _list_of(_object_with(tag=_text, reason=_text)),
        "findings": _list_of(
            _object_with(
                text=_text,
                kind=_optional(_text),
                layer=_optional(_text),
                filter=_maybe_count,
                image=_maybe_count,
                step=_maybe_count,
            )
        ),
    },
}

#: The same for each tile, and for each layer of the model.
_OPTIONAL_EACH: dict[Kind, Checks] = {
    "patterns": {
        "computed": _maybe_count,
        "kernel_drift": _maybe_number,
        "kernel_drift_previous": _maybe_number,
        "kernel_cosine": _maybe_number,
        "kernel_norm": _maybe_number,
        "pattern_drift": _maybe_number,
        "pattern_drift_previous": _maybe_number,
        "function_drift": _maybe_number,
        "active": _maybe_number,
        "response": _maybe_number,
        "gradient": _maybe_number,
        "dead": _truth,
        "stuck": _truth,
        "reason": _text,
        "twin": _maybe_count,
        "twin_similarity": _maybe_number,
    },
    "heatmaps": {
        "centre": _optional(_tuple_of(_number, _number)),
        "area": _maybe_number,
        "entropy": _maybe_number,
        "overlap_previous": _maybe_number,
        "overlap_baseline": _maybe_number,
        "channels": _list_of(_tuple_of(_count, _maybe_number)),
        "energy_inside": _maybe_number,
        ON_REGION: _maybe_number,
        "pointing": _truth,
    },
    "inputs": {"box": _box, "regions": _boxes_by_name},
    "model": {
        "shape": _list_of(_maybe_count),
        "trainable": _truth,
        "numbers": _numbers_by_name,
    },
}
