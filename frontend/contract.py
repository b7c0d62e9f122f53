"""Writes `src/data/contract.ts`: the types of what the backend answers, and the table of metrics.

    python frontend/contract.py           writes it
    python frontend/contract.py --check   fails where it is not what would be written

Made from `convviz_tb/schema.py`, `convviz_tb/metric_table.py` and `convviz_tb/serve/`: a field or a
metric is declared there alone.
"""

import inspect
import json
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict, Union, get_args, get_origin, get_type_hints

from convviz_tb import metric_table, schema
from convviz_tb.checks import Length
from convviz_tb.metric_table import METRICS, ON_REGION, Metric
from convviz_tb.serve import scalars, store

FILE = Path(__file__).parent / "src" / "data" / "contract.ts"


class _Row(TypedDict):
    name: str
    of: metric_table.Of
    title: Annotated[str, "By itself, in a menu."]
    text: Annotated[str, "One sentence."]
    group: metric_table.Group
    unit: metric_table.Unit | Literal["flag"]


class Row(_Row, total=False):
    """A row of the table of metrics."""

    short: Annotated[str, "Under the heading of its group, where it has another name there."]
    summary: Annotated[metric_table.Summary, "How a layer sums it up, where it does."]
    good: Annotated[metric_table.End, "The end of its range that is better, where one is."]
    first: Annotated[Literal["low"], "That its low end is to be looked at first."]


#: The page's names of what the backend answers.
INTERFACES: dict[str, Any] = {
    "RunEntry": store.RunEntry,
    "RunIndex": store.RunIndex,
    "Series": store.SeriesEntry,
    "StepFailure": store.StepFailure,
    "Failure": schema.Failure,
    "Problem": store.Problem,
    "Ref": store.Ref,
    "Curve": scalars.Curve,
    "LayerProfile": scalars.LayerProfile,
    "Course": scalars.Course,
    "Turns": scalars.Turns,
    "ModelFacts": schema.ModelFacts,
    "EndFacts": schema.EndFacts,
    "LayerFacts": schema.LayerFacts,
    "Finding": schema.Finding,
    "Confusion": schema.Confusion,
    "PatternFacts": schema.PatternFacts,
    "PatternTile": schema.PatternTile,
    "HeatmapFacts": schema.HeatmapFacts,
    "HeatmapTile": schema.HeatmapTile,
    "FeatureFacts": schema.FeatureFacts,
    "FeatureTile": schema.FeatureTile,
    "ExampleFacts": schema.ExampleFacts,
    "ExampleTile": schema.ExampleTile,
    "Field": schema.Field,
    "PictureFacts": schema.PictureFacts,
    "PictureTile": schema.PictureTile,
    "InputFacts": schema.InputFacts,
    "InputTile": schema.InputTile,
    "Sheet": schema.Sheet,
    "Metric": Row,
}
#: Metrics that the page sorts by, prints and draws: what is one number, or yes or no.
_SHOWN = ("number", "flag")
#: Whose metrics the tiles have.
_METRICS_OF = {schema.ITEMS[kind].type: of for kind, of in schema.METRICS_IN.items()}

_HEAD = """\
// Made by frontend/contract.py from convviz_tb/schema.py and what it imports: change it there.
// The types of what the backend answers (docs/http_api.md, docs/data_format.md); the metrics.
"""


def contract() -> str:
    """The whole file."""
    kinds = f"/** The kinds that have tiles. */\nexport type Kind = {_texts(*schema.METRICS_IN)};\n"
    interfaces = [_interface(name, each) for name, each in INTERFACES.items()]
    region = "/** Begins the name of a metric of a region; the region's name follows. */\n"
    region += f"export const ON_REGION = {json.dumps(ON_REGION)};\n"
    rows = "\n".join(_literal(_row(metric)) for metric in METRICS if metric.type in _SHOWN)
    table = f"export const METRICS: readonly Metric[] = [\n{rows}\n];\n"
    return "\n".join([_HEAD, kinds, *interfaces, region, table])


def _interface(name: str, annotation: Any) -> str:
    comment = (inspect.getdoc(annotation) or "").partition("\n\n")[0].replace("\n", " ")
    lines = [*_fields(annotation), *_metric_fields(annotation)]
    body = "\n".join(f"  {line}" for line in lines)
    return f"/** {comment} */\nexport interface {name} {{\n{body}\n}}\n"


def _fields(annotation: Any) -> Iterator[str]:
    optional = getattr(annotation, "__optional_keys__", ())
    hints = get_type_hints(annotation, include_extras=True)
    for name, hint in sorted(hints.items(), key=lambda field: field[0] in optional):
        comments = [each for each in getattr(hint, "__metadata__", ()) if isinstance(each, str)]
        yield from (f"/** {comment} */" for comment in comments)
        yield f"readonly {name}{'?' if name in optional else ''}: {_type(hint)};"


def _metric_fields(annotation: Any) -> Iterator[str]:
    of = _METRICS_OF.get(annotation)
    for metric in metric_table.metrics_of(of).values() if of else ():
        value = _type(schema.METRIC_TYPES[metric.type])
        yield f"/** {metric.text.replace('…', 'region')} */"
        if metric.name == ON_REGION:
            yield f"readonly [region: `{ON_REGION}${{string}}`]: {value} | undefined;"
        else:
            yield f"readonly {metric.name}{'' if metric.required else '?'}: {value};"


def _type(annotation: Any) -> str:
    """A type as TypeScript spells it."""
    for name, interface in INTERFACES.items():
        if interface is annotation:
            return name
    origin = get_origin(annotation)
    return _PLAIN[annotation] if origin is None else _COMPOSED[origin](*get_args(annotation))


def _annotated(annotation: Any, *more: Any) -> str:
    lengths = [each.items for each in more if isinstance(each, Length)]
    return _tuple(*get_args(annotation) * lengths[0]) if lengths else _type(annotation)


def _union(*annotations: Any) -> str:
    return " | ".join(map(_type, annotations))


def _texts(*texts: str) -> str:
    return " | ".join(map(json.dumps, texts))


def _list(annotation: Any) -> str:
    item = _type(annotation)
    return f"readonly ({item})[]" if " " in item else f"readonly {item}[]"


def _tuple(*annotations: Any) -> str:
    return f"readonly [{', '.join(map(_type, annotations))}]"


def _mapping(_: Any, annotation: Any) -> str:
    return f"Readonly<Record<string, {_type(annotation)}>>"


_PLAIN = {int: "number", float: "number", str: "string", bool: "boolean", type(None): "null"}
_COMPOSED: dict[Any, Callable[..., str]] = {
    Annotated: _annotated,
    Union: _union,
    types.UnionType: _union,
    Literal: _texts,
    list: _list,
    tuple: _tuple,
    dict: _mapping,
    Mapping: _mapping,
}


def _row(metric: Metric) -> Row:
    row = Row(
        name=metric.name,
        of=metric.of,
        title=metric.title,
        text=metric.text,
        group=metric.group,
        unit="flag" if metric.type == "flag" else metric.unit,
    )
    more = {"short": metric.short, "summary": metric.summary, "good": metric.good}
    more["first"] = metric.first if metric.first == "low" else None
    return row | {name: cell for name, cell in more.items() if cell}


def _literal(row: Row) -> str:
    lines = "\n".join(f"    {name}: {json.dumps(cell)}," for name, cell in row.items())
    return f"  {{\n{lines}\n  }},"


def main() -> None:
    """Writes the file, or says that it should be written."""
    if "--check" not in sys.argv[1:]:
        FILE.write_text(contract(), "utf-8")
    elif FILE.read_text("utf-8") != contract():
        sys.exit(f"{FILE.name} is not what the schema says: make contract")


if __name__ == "__main__":
    main()
