"""A log in a notebook: a run as a page in the output, and patterns as a figure."""

import html
import io
import os
from collections.abc import Sequence
from typing import Any

from convviz_tb import images
from convviz_tb.schema import Series
from convviz_tb.serve.local import open_log
from convviz_tb.serve.report import page_of
from convviz_tb.serve.store import Ref, RunIndex, SeriesEntry, Store


def show(log_dir: str | os.PathLike[str], *, height: int = 700, **options: Any) -> None:
    """Displays the report of a log in the output of a notebook's cell: Jupyter, VS Code, Colab.

    The page lies in the output itself, in a sandboxed frame, and needs no server: it is there when
    the notebook is opened again.

    Args:
        log_dir: a run, or a directory of runs.
        height: of the frame in pixels.
        options: those of `report`: runs, layers, steps, filters, size.

    Raises:
        ImportError: there is no IPython.
        ValueError: see `report`.
        OSError: there is no such log.
    """
    try:
        from IPython.display import HTML, display
    except ImportError as error:
        raise ImportError("show: needs IPython, which notebooks have; or use `report`.") from error
    with open_log(log_dir) as store:
        page, _ = page_of(store, name=os.path.basename(os.path.abspath(log_dir)), **options)
    frame = f'sandbox="allow-scripts allow-downloads" width="100%" height="{int(height)}"'
    framed = f'<iframe {frame} srcdoc="{html.escape(page)}" frameborder="0"></iframe>'
    display(HTML(f"<div>{framed}</div>"))  # IPython warns of a bare frame


def plot(
    log_dir: str | os.PathLike[str],
    layer: str,
    *,
    run: str | None = None,
    steps: Sequence[int] | None = None,
    filters: int = 8,
) -> Any:
    """A matplotlib figure of patterns: a row for each filter of a layer, a column for each step.

    Args:
        log_dir: a run, or a directory of runs.
        layer: name or path of the layer.
        run: name of the run, where there are several.
        steps: which steps; by default up to eight, evenly spread.
        filters: how many, from the first on.

    Returns:
        A `matplotlib.figure.Figure`; a notebook shows it, `savefig` saves it.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: there is no such run, layer or step.
        OSError: there is no such log.
    """
    new_figure = _figure_class()
    with open_log(log_dir) as store:
        index = _run(store, run)
        series = _patterns(index, layer)
        chosen = _chosen(series, steps)
        names, rows = _tiles(store, index, series, chosen, filters)
    figure = new_figure(figsize=(1.1 * len(chosen) + 0.6, 1.1 * len(names)), layout="compressed")
    axes = figure.subplots(len(names), len(chosen), squeeze=False)
    for row, name in enumerate(names):
        for column, step in enumerate(chosen):
            axis = axes[row][column]
            axis.imshow(rows[column][row])
            axis.set(xticks=[], yticks=[])
            if row == 0:
                axis.set_title(f"step {step}", fontsize=8)
            if column == 0:
                axis.set_ylabel(name, fontsize=8)
    figure.suptitle(series["layer"], fontsize=9)
    return figure


def _figure_class() -> Any:
    """A figure that a notebook shows also where nobody has set matplotlib up."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plot: needs matplotlib: `pip install matplotlib`.") from error

    class ShownFigure(Figure):
        def _repr_png_(self) -> bytes:
            encoded = io.BytesIO()
            self.savefig(encoded, format="png")
            return encoded.getvalue()

    return ShownFigure


def _run(store: Store, name: str | None) -> RunIndex:
    found = [store.series(entry["run"]) for entry in store.runs()]
    named = [index for index in found if name is None or index["name"] == name]
    if len(named) != 1:
        raise ValueError(f"run: name one of {[index['name'] for index in found]}.")
    return named[0]


def _patterns(index: RunIndex, layer: str) -> SeriesEntry:
    found = [each for each in index["series"] if each["kind"] == "patterns"]
    named = [each for each in found if f"/{each['layer']}".endswith(f"/{layer}")]
    if len(named) != 1:
        raise ValueError(f"layer: {layer!r}; name one of {[each['layer'] for each in found]}.")
    return named[0]


def _chosen(series: SeriesEntry, steps: Sequence[int] | None) -> list[int]:
    logged = series["steps"]
    if steps is None:
        count = min(8, len(logged))
        return [logged[round(at * (len(logged) - 1) / max(1, count - 1))] for at in range(count)]
    if missing := [step for step in steps if step not in logged]:
        raise ValueError(f"steps: {missing[0]} is not among {logged}.")
    return list(steps)


def _tiles(
    store: Store, index: RunIndex, series: SeriesEntry, steps: Sequence[int], most: int
) -> tuple[list[str], list[images.Bytes]]:
    """The names of the filters, and their pictures at each step."""
    tag = Series("patterns", series["layer"]).tag
    names: list[str] = []
    pictures = []
    for step in steps:
        at = series["wall_times"][series["steps"].index(step)]
        ref = Ref(index["run"], tag, step, at)
        facts = store.facts(ref)
        names = [str(tile.get("name", tile["filter"])) for tile in facts["tiles"]][:most]
        pictures.append(images.tiles_of(store.sheet(ref)[0], facts["sheet"])[:most])
    return names, pictures
