"""Writes the tables of metrics in `metrics.md` and `data_format.md`, between their markers.

    python docs/tables.py           writes them
    python docs/tables.py --check   fails where they are not what would be written

Made from `convviz_tb/metric_table.py`: a metric is explained there alone.
"""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from convviz_tb.metric_table import METRICS, ON_REGION, Metric, Of, metrics_of

DOCS = Path(__file__).parent
_MARKED = re.compile(r"(<!-- table: (\w+) of (\w+)[^>]*-->\n).*?(<!-- end of table -->)", re.DOTALL)

_TYPES = {
    "number": "number or null",
    "flag": "true or false",
    "index": "index of a filter, or null",
    "point": "[x, y] or null",
    "channels": "[[channel, weight], ...]",
}
_SUMMARIES = {"median": "median of its filters", "mean": "mean of its maps", "sum": "how many"}


def written(page: str) -> str:
    """A page with each of its tables as it should be."""
    return _MARKED.sub(lambda found: found[1] + TABLES[found[2]](_of(found[3])) + found[4], page)


def _of(plural: str) -> Of:
    return next(metric.of for metric in METRICS if f"{metric.of}s" == plural)


def _formulas(of: Of) -> str:
    """What is measured and how, for those who read the numbers."""
    rows = [
        (_name(metric), f"**{metric.title}**", metric.formula, metric.range, metric.trap)
        for metric in metrics_of(of).values()
    ]
    return _table(("metric", "on screen", "formula", "range", "trap"), rows)


def _fields(of: Of) -> str:
    """What is stored, for those who read the log."""
    rows = [
        (_name(metric), _TYPES[metric.type], metric.text.removesuffix("."))
        for metric in metrics_of(of).values()
        if not metric.required
    ]
    return _table(("field", "value", "meaning"), rows)


def _curves(_: Of) -> str:
    """What layers have a number of, and so a curve."""
    rows = [
        (_name(metric), _SUMMARIES[metric.summary] if metric.summary else metric.text[:-1])
        for metric in METRICS
        if metric.has_curve
    ]
    return _table(("metric", "of the layer"), rows)


TABLES: dict[str, Callable[[Of], str]] = {
    "formulas": _formulas,
    "fields": _fields,
    "curves": _curves,
}


def _name(metric: Metric) -> str:
    return f"`{metric.name}…`" if metric.name == ON_REGION else f"`{metric.name}`"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("on the …", "on the region")


def main() -> None:
    """Writes the pages, or says which should be written."""
    for path in (DOCS / "metrics.md", DOCS / "data_format.md"):
        page = path.read_text("utf-8")
        if written(page) == page:
            continue
        if "--check" in sys.argv[1:]:
            sys.exit(f"docs/{path.name} is not what the table of metrics says: make contract")
        path.write_text(written(page), "utf-8")


if __name__ == "__main__":
    main()
