"""What is stored in event files: names, versions and JSON facts, both ways.

The party wall of the package: the writing side (Keras) and the reading side
(TensorBoard) meet only here. Imports neither TensorFlow nor Keras.
`docs/data_format.md` describes the same contract in prose; the page's types are made from it
(`frontend/contract.py`).
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, NamedTuple, TypedDict, get_args

from tensorboard.compat.proto import summary_pb2

from convviz_tb import checks, metric_table
from convviz_tb.checks import Fields, Length
from convviz_tb.metric_table import ON_REGION as ON_REGION

PLUGIN_NAME: Final = "convviz"
FORMAT_VERSION: Final = 1
#: Last part of the run name: the sub-run of `log_dir` that we alone write to.
RUN_SUFFIX: Final = "convviz"

Kind = Literal[
    "patterns", "heatmaps", "feature_maps", "examples", "inputs", "pictures", "model", "end"
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Facts = dict[str, Any]
#: Bounds of what is read, far beyond what a callback writes: a log may hold anything, and neither
#: TensorBoard nor a browser shall be kept busy by it. Bytes of the facts of one event:
MOST_FACTS: Final = 4 * 2**20
#: Tiles of one sheet.
MOST_TILES: Final = 8192
#: Pixels of one sheet: four bytes each, once decoded.
MOST_PIXELS: Final = 2**26
#: Classes of a confusion matrix.
MOST_CONFUSED: Final = 64
#: Our own facts nest 5 deep. Deeper ones could overflow the stack of whoever handles them next.
_DEEPEST: Final = 32


# ---------------------------------------------------------------------------- types of the facts


def _is_count(value: int) -> bool:
    return 0 <= value < 2**31


Count = Annotated[int, _is_count]
#: Left, top, right, bottom as shares of the picture.
Box = Annotated[list[float], Length(4)]


class Sheet(TypedDict):
    """Geometry of a contact sheet: equal tiles in rows, first tile top left."""

    count: Count
    columns: Count
    tile: Annotated[list[Count], Length(2), "Height, width in pixels."]


def _fits(value: Any) -> bool:
    """Whether a sheet is one that a browser can hold."""
    (height, width), columns = value["tile"], value["columns"]
    if value["count"] > MOST_TILES or min(columns, height, width) < 1:
        return False
    pixels: int = math.ceil(value["count"] / columns) * height * columns * width
    return pixels <= MOST_PIXELS


class _PatternTile(TypedDict):
    filter: Count


class PatternTile(_PatternTile, total=False):
    """One filter; its metrics are those of the table."""

    computed: Annotated[
        Count | None, "The step at which this picture was computed; older where a budget kept it."
    ]
    reason: Annotated[str, "Why it is dead or always on."]
    name: Annotated[str, "The class, where the filters of the layer are classes."]


class _PatternFacts(TypedDict):
    sheet: Annotated[Sheet, _fits]
    tiles: list[PatternTile]


class PatternFacts(_PatternFacts, total=False):
    """The filter patterns of one layer at one step."""

    mode: str
    size: Annotated[list[Count], "Sides of the pictures in pixels; a tile may be a little larger."]
    objective: str
    view: Annotated[str, '"strips" or "central slice" of inputs that are no pictures.']
    ascent_steps: Count | None
    seed: float | None
    value_range: Annotated[list[float | None], Length(2)]
    assumed: Annotated[
        list[str], '"value_range", "size": what neither options nor pictures tell; absent for none.'
    ]
    precision: Annotated[str, "What convolutions were computed in: float32 or bfloat16."]
    refreshed: Annotated[bool, "Started from the seed, not from the picture before."]
    unchanged: Annotated[
        bool, "No weight that the layer depends on has changed: pictures of the step before."
    ]
    baseline_step: Annotated[Count | None, "The step that change is measured against."]
    noise_floor: Annotated[float | None, "The pattern drift that means nothing."]
    filters_by: Annotated[
        str, '"use" or "spread": how these filters of the layer were chosen; absent where named.'
    ]
    probes: Annotated[Count | None, "How many probe images the filters were watched on."]
    trainable: bool
    seconds: Annotated[float | None, "How long training waited for them."]


class HeatmapTile(TypedDict):
    """One map; its metrics are those of the table."""

    image: Count
    class_index: Count
    predicted: Count | None
    minimum: Annotated[float | None, "The raw value of black."]


class _HeatmapFacts(TypedDict):
    sheet: Annotated[Sheet, _fits]
    tiles: list[HeatmapTile]


class HeatmapFacts(_HeatmapFacts, total=False):
    """The heatmaps of one layer at one step."""

    method: str
    objective: Annotated[str, "What was explained: logit, probability, output or custom."]
    view: str
    source: Annotated[Count, "Over which source of the input pictures the maps lie; 0 if absent."]
    field: Annotated[Box, "Where in the picture the maps lie; absent where they cover it."]
    placed: Annotated[
        bool,
        "False where it is not known where in the picture they lie, as in a model that warps it.",
    ]
    turned: Annotated[list[str], "What has been done to the layer's own maps to lay them there."]
    baseline_step: Annotated[Count | None, "The step that change is measured against."]
    most_on: Annotated[
        Mapping[str, float | None],
        "Regions thinner than a cell: the share of a map's evidence that can lie on them.",
    ]
    trainable: bool
    seconds: Annotated[float | None, "How long training waited for them."]


class FeatureTile(TypedDict):
    """What one filter sees: its activations on one picture."""

    image: Count
    filter: Count
    minimum: Annotated[float | None, "The raw value of black."]
    maximum: Annotated[float | None, "The raw value of white; null of a map that is not finite."]


class _FeatureFacts(TypedDict):
    sheet: Annotated[Sheet, _fits]
    tiles: list[FeatureTile]


class FeatureFacts(_FeatureFacts, total=False):
    """The feature maps of one layer at one step: activations of some filters on some pictures."""

    source: Annotated[Count, "Over which source of the input pictures the maps lie; 0 if absent."]
    field: Annotated[Box, "Where in the picture the maps lie; absent where they cover it."]


class _InputTile(TypedDict):
    image: Count
    label: Annotated[Count | None, "The true class."]


class InputTile(_InputTile, total=False):
    """One picture that heatmaps are of."""

    number: Annotated[Count, "Its index in the set that it was chosen from."]
    group: Annotated[str, "Why it was chosen: wrong and sure, changed its mind, and so on."]
    since: Annotated[Count, "The step at which it was added to those that were chosen together."]
    labels: Annotated[list[Count], "The true classes, where there are several."]
    source: Annotated[Count, "Which source it is from, an index; 0 if absent."]
    box: Annotated[Box, "Where the object is: left, top, right, bottom as shares of the picture."]
    regions: Annotated[Mapping[str, Box], "Where other regions are, by their names."]


class _InputFacts(TypedDict):
    sheet: Annotated[Sheet, _fits]
    tiles: list[InputTile]
    class_names: list[str]


class InputFacts(_InputFacts, total=False):
    """The pictures that heatmaps are of."""

    view: str
    sources: Annotated[list[str], "Names of the inputs or frames shown, where there are several."]
    value_range: Annotated[
        list[float | None], Length(2), "Lowest and highest value that they are taken to have."
    ]


class _ExampleTile(TypedDict):
    filter: Count
    pictures: Annotated[list[Count], "Numbers of the pictures, that of the strongest first."]
    activations: Annotated[list[float], "How strongly each excites the filter, above 0."]
    positions: Annotated[list[list[Count]], "Where in the feature map: row and column."]


class ExampleTile(_ExampleTile, total=False):
    """The examples of one filter."""

    favourite: Annotated[Count | None, "The class on which it is most active."]


class _Field(TypedDict):
    size: Annotated[list[Count], "Height, width in pixels; the picture may be smaller."]
    stride: Annotated[list[float], "Negative where the model mirrors its pictures."]
    offset: list[float]
    sides: Annotated[list[Count], "Of the pictures as the model takes them."]


class Field(_Field, total=False):
    """Which rectangle of a picture a position sees: from offset + stride * position, so large."""

    whole: Annotated[
        list[Count], "Size of the receptive field, where the rectangle is its effective part."
    ]


class _ExampleFacts(TypedDict):
    tiles: list[ExampleTile]


class ExampleFacts(_ExampleFacts, total=False):
    """The examples of the filters of one layer at one step."""

    field: Field
    count: Annotated[Count, "How many pictures were searched."]
    source: Annotated[str, "The series that holds the pictures: pictures or inputs."]
    trainable: bool
    seconds: Annotated[float | None, "How long training waited for them."]


class _PictureTile(TypedDict):
    picture: Annotated[Count, "The number by which examples name it."]


class PictureTile(_PictureTile, total=False):
    """One picture that examples are cut from."""

    label: Annotated[Count | None, "The true class."]


class _PictureFacts(TypedDict):
    sheet: Annotated[Sheet, _fits]
    tiles: list[PictureTile]


class PictureFacts(_PictureFacts, total=False):
    """Pictures that examples are cut from, as they are first needed."""

    class_names: list[str]


class _LayerFacts(TypedDict):
    layer: str
    class_name: str
    filters: Count
    kinds: Annotated[list[str], "Which kinds of series are logged of it."]


class LayerFacts(_LayerFacts, total=False):
    """One watched layer, as the model facts list it in network order."""

    shape: Annotated[list[Count | None], "Of the output, without the batch axis."]
    trainable: bool
    numbers: Annotated[
        Mapping[str, float | None],
        "Metrics of the layer as a whole at this step; old logs have none.",
    ]


class Failure(TypedDict):
    """A fault the callback survived, or what it left out: the series it hit and why."""

    tag: str
    reason: str


class _Finding(TypedDict):
    text: str


class Finding(_Finding, total=False):
    """A sentence about a run up to a step, and where to see what it says."""

    kind: str | None
    layer: str | None
    filter: Count | None
    image: Count | None
    step: Annotated[Count | None, "Since which it holds."]
    severity: Annotated[str | None, '"bad" of damage; absent where nothing is.']


class Confusion(TypedDict):
    """How often pictures of one class are taken for another, of the set that is predicted."""

    classes: Annotated[list[Count], "At most 20, those that are confused most."]
    counts: Annotated[list[list[Count]], "One row per true class, one column per predicted one."]
    pictures: Annotated[Count, "How many pictures were predicted, those of other classes too."]
    accuracy: Annotated[float | None, "The share that is right."]


def _is_matrix(value: Any) -> bool:
    """Whether a confusion matrix is one: a row and a column for each class, of which few."""
    count = len(value["classes"])
    rows = value["counts"]
    return 0 < count <= MOST_CONFUSED and [len(row) for row in rows] == [count] * count


class _ModelFacts(TypedDict):
    written: Annotated[Count, "How many steps were written to this run so far, with this one."]
    layers: list[LayerFacts]
    failures: list[Failure]


class ModelFacts(_ModelFacts, total=False):
    """The state of the callback at one step."""

    planned: Annotated[Count | None, "The step at which this fit ends."]
    baseline: Annotated[
        str | None, "Fingerprint of the weights at first; equal ones make filters comparable."
    ]
    weights: Annotated[
        str | None, "Brief fingerprint of the weights at this step: whether a training goes on."
    ]
    seconds: Annotated[float | None, "How long training waited for this step."]
    writing_seconds: Annotated[float | None, "Processor time of encoding and writing."]
    epoch_seconds: Annotated[float | None, "Training time of an epoch since the last log."]
    learning_rate: Annotated[float | None, "At the end of the epoch, that of a schedule too."]
    broken: Annotated[
        list[str], 'Variables that hold NaN or infinity, and "loss" where that is NaN.'
    ]
    budget: Annotated[float | None, "The share of the training time that may be spent."]
    skipped: Annotated[list[Failure], "What the budget did not allow."]
    findings: list[Finding]
    confusion: Annotated[Confusion, _is_matrix]


class _EndFacts(TypedDict):
    failures: Annotated[list[Failure], "Faults since the last step was written."]


class EndFacts(_EndFacts, total=False):
    """How a training ended, behind all callbacks, where the facts of its last step cannot say it.

    For `kept`, a callback has put other weights into the model than those of the last step.
    """

    kept: Annotated[
        Count | None, "The step whose weights the model was left with; null for that of none."
    ]
    stopped: Annotated[bool, "Before the step that was planned."]


class Items(NamedTuple):
    """What facts list: the field, and the type of each item."""

    field: str
    type: type


FACTS: Final[dict[Kind, type]] = {
    "patterns": PatternFacts,
    "heatmaps": HeatmapFacts,
    "feature_maps": FeatureFacts,
    "examples": ExampleFacts,
    "inputs": InputFacts,
    "pictures": PictureFacts,
    "model": ModelFacts,
    "end": EndFacts,
}
ITEMS: Final[dict[Kind, Items]] = {
    "patterns": Items("tiles", PatternTile),
    "heatmaps": Items("tiles", HeatmapTile),
    "feature_maps": Items("tiles", FeatureTile),
    "examples": Items("tiles", ExampleTile),
    "inputs": Items("tiles", InputTile),
    "pictures": Items("tiles", PictureTile),
    "model": Items("layers", LayerFacts),
    "end": Items("failures", Failure),
}
#: The kinds whose events hold a sheet beside their facts.
WITH_SHEET: Final = frozenset(kind for kind in KINDS if "sheet" in FACTS[kind].__annotations__)
#: What the values of a metric are.
METRIC_TYPES: Final[dict[metric_table.Type, Any]] = {
    "number": float | None,
    "flag": bool,
    "index": Count | None,
    "point": Annotated[list[float], Length(2)] | None,
    "channels": list[tuple[Count, float | None]],
}
#: Whose metrics the tiles of a kind have.
METRICS_IN: Final[dict[Kind, metric_table.Of]] = {"patterns": "filter", "heatmaps": "heatmap"}


def _fields_of_items(kind: Kind) -> Fields:
    """The checks of each tile, or each layer of the model: its own fields and its metrics."""
    required, optional = checks.fields(ITEMS[kind].type)
    metrics = metric_table.metrics_of(METRICS_IN[kind]) if kind in METRICS_IN else {}
    for name, metric in metrics.items():
        (required if metric.required else optional)[name] = checks.check(METRIC_TYPES[metric.type])
    return Fields(required, optional)


def _fields(kind: Kind) -> Fields:
    required, optional = checks.fields(FACTS[kind])
    return Fields(required | {ITEMS[kind].field: FIELDS_OF_ITEMS[kind].all_hold}, optional)


#: The checks of every field that is written: of the facts themselves, and of each of their items.
FIELDS_OF_ITEMS: Final[dict[Kind, Fields]] = {kind: _fields_of_items(kind) for kind in KINDS}
FIELDS: Final[dict[Kind, Fields]] = {kind: _fields(kind) for kind in KINDS}


# -------------------------------------------------------------------------------------- the wall


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


#: A metric's name, as old readers know it too, and a layer's path, which may hold slashes itself.
#: Logs of before have every metric of every layer, under `convviz/`.
_SCALAR_TAG: Final = re.compile(r"(?:layers|convviz)/([A-Za-z]\w{0,40})/(.+)", re.DOTALL)


def scalar_tag(metric: str, layer: str = "") -> str:
    """The tag of the curve of a layer's metric, or of the sum over all layers, in the stock tabs.

    They list cards by tag, and ours come after `epoch_...`, which is what people open them for.
    """
    return f"layers/{metric}/{layer}" if layer else f"layers/{metric}"


def parse_scalar_tag(tag: str) -> tuple[str, str] | None:
    """Inverse of `scalar_tag`: metric and layer; None where the tag is none of ours."""
    ours = _SCALAR_TAG.fullmatch(tag)
    return (ours[1], ours[2]) if ours else None


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
    facts, items = _json_object(blob), ITEMS[kind].field
    for name, holds in FIELDS[kind].required.items():
        if not holds(facts.get(name)):
            raise SchemaError(f"{kind} facts: bad or missing field {name!r}")
    if kind in WITH_SHEET and len(facts["tiles"]) != facts["sheet"]["count"]:
        raise SchemaError(f"{kind} facts: 'tiles' and 'sheet' disagree on the number of tiles")
    kept = [FIELDS_OF_ITEMS[kind].kept(item, metric_table.row_of) for item in facts[items]]
    return FIELDS[kind].kept(facts) | {items: kept}


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
