"""A report: the tab with the data of its runs, in one HTML file that needs no server.

The page holds the frontend as it is, and what the routes of the plugin would answer. Its policy
lets run nothing but that script, and load nothing from elsewhere.
"""

import base64
import hashlib
import html
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeAlias

from convviz_tb import images
from convviz_tb.schema import WITH_SHEET, Facts, Kind
from convviz_tb.serve.local import open_log
from convviz_tb.serve.report_examples import RunEvents, with_fewer, without
from convviz_tb.serve.scalars import keras_curves, layer_profiles
from convviz_tb.serve.store import NotStored, Ref, RunIndex, SeriesEntry, Store

#: Bytes that a report may have, unless another size is asked for.
SIZE: Final = 5_000_000
_TOLD: Final = 10_000  # of them for what is said to be left out
#: Kinds of which later steps need what earlier ones logged.
_KEPT: Final = ("inputs", "pictures")
#: Share of a report that the pictures of examples may take before there are fewer of them.
_EXAMPLES: Final = 1 / 3
_FEWER: Final = (3, 1)  # examples of each filter, one after the other
#: What a browser must not take for the end of a script.
_ESCAPES: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})

#: By run, tag and step.
_Events: TypeAlias = dict[str, dict[str, dict[int, Any]]]


@dataclass(frozen=True)
class Report:
    """A report that was written.

    Attributes:
        path: where it is.
        size: its bytes.
        left_out: what of the log it does not hold, in sentences.
    """

    path: str
    size: int
    left_out: Sequence[str]


@dataclass(frozen=True)
class _Choice:
    """What of a log is shown."""

    layers: Sequence[str] | None
    steps: int | Sequence[int] | None
    filters: int | None

    def takes(self, series: SeriesEntry) -> bool:
        layer = series["layer"]
        return (
            not layer
            or self.layers is None
            or any(f"/{layer}".endswith(f"/{name}") for name in self.layers)
        )


@dataclass
class _Page:
    """The answers of the routes, by what they are asked for."""

    runs: list[Any] = field(default_factory=list)
    series: dict[str, RunIndex] = field(default_factory=dict)
    curves: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    facts: _Events = field(default_factory=dict)
    sheet: _Events = field(default_factory=dict)


def report(
    log_dir: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    runs: Sequence[str] | None = None,
    layers: Sequence[str] | None = None,
    steps: int | Sequence[int] | None = None,
    filters: int | None = None,
    size: int = SIZE,
) -> Report:
    """Writes what the tab shows into one HTML file, which opens from disk without a server.

    Where all would be larger than `size`, steps are left out, evenly, but never the first and the
    last. The page says what is missing.

    Args:
        log_dir: a run, or a directory of runs.
        path: of the file.
        runs: names of the runs; by default all.
        layers: names or paths of the layers; by default all.
        steps: which steps, or how many, evenly spread; by default all.
        filters: how many patterns of each layer; by default all.
        size: bytes that the file may have.

    Returns:
        The file, its size, and what was left out.

    Raises:
        ValueError: an argument is out of range, nothing is left of the log, or even the first and
            the last step are larger than `size`.
        OSError: there is no such log, or the file cannot be written.

    Example:

    ```python
    convviz_tb.report("runs", "pets.html", layers=["conv2"], steps=5)
    ```
    """
    name = Path(os.path.abspath(log_dir)).name
    chosen: dict[str, Any] = {"runs": runs, "layers": layers, "steps": steps, "filters": filters}
    with open_log(log_dir) as store:
        page, left_out = page_of(store, name=name, **chosen, size=size)
    Path(path).write_text(page, "utf-8")
    return Report(os.fspath(path), os.path.getsize(path), left_out)


def page_of(
    store: Store,
    *,
    name: str = ".",
    runs: Sequence[str] | None = None,
    layers: Sequence[str] | None = None,
    steps: int | Sequence[int] | None = None,
    filters: int | None = None,
    size: int = SIZE,
) -> tuple[str, list[str]]:
    """The report as text, and what it leaves out; see `report`.

    Args:
        store: the log.
        name: of a run that is the log directory itself.
        runs: see `report`, and so on.
        layers: see there.
        steps: see there.
        filters: see there.
        size: see there.
    """
    choice = _checked(layers, steps, filters)
    script = _bundle()
    indexes = _indexes(store, runs, name)
    chosen = {run: _chosen(index, choice) for run, index in indexes.items()}
    title = ", ".join(index["name"] for index in chosen.values())
    whole = _with_examples(_filled(store, chosen, choice), None)
    room = size - len(_document(title, "", script).encode()) - _TOLD
    page, thinned = _fitting(whole, room)
    page.left_out = [*_missing(indexes, chosen, choice), *thinned]
    return _document(title, _embedded(page), script), page.left_out


def _checked(
    layers: Sequence[str] | None, steps: int | Sequence[int] | None, filters: int | None
) -> _Choice:
    for name, given in (("steps", steps), ("filters", filters)):
        if isinstance(given, int) and given < 1:
            raise ValueError(f"{name}: received {given}; at least 1.")
    if isinstance(layers, str):
        layers = [layers]
    return _Choice(layers, steps, filters)


def _indexes(store: Store, runs: Sequence[str] | None, name: str) -> dict[str, RunIndex]:
    """The index of each run that is wanted; one that is the directory itself is named after it."""
    entries = store.runs()
    names = {entry["run"]: _named(entry["name"], name) for entry in entries}
    known = {*names, *names.values()}
    if not entries:
        raise ValueError(f"log_dir: nothing of convviz_tb is in {name!r}.")
    if unknown := [run for run in runs or () if run not in known]:
        raise ValueError(f"runs: there is no {unknown[0]!r}; there are {[*names.values()]}.")
    wanted = known if runs is None else set(runs)
    chosen = {run: store.series(run) for run in names if {run, names[run]} & wanted}
    for index in chosen.values():
        index["name"] = _named(index["name"], name)
    return chosen


def _named(run: str, log_dir: str) -> str:
    return log_dir if run == "." else run


def _chosen(index: RunIndex, choice: _Choice) -> RunIndex:
    """An index of the layers and steps that are wanted."""
    series = [each for each in index["series"] if choice.takes(each)]
    if choice.layers and not any(each["layer"] for each in series):
        known = sorted({each["layer"] for each in index["series"]} - {""})
        raise ValueError(f"layers: {list(choice.layers)} are not among {known}.")
    steps = _steps(index)
    if isinstance(choice.steps, int):
        steps = _spread(steps, choice.steps)
    elif choice.steps is not None:
        if not set(choice.steps) & set(steps):
            raise ValueError(f"steps: none of {list(choice.steps)} is among {steps}.")
        steps = [step for step in steps if step in set(choice.steps)]
    return _at_steps(index | {"series": series}, steps)


def _steps(index: RunIndex) -> list[int]:
    own = (each for each in index["series"] if each["kind"] not in _KEPT)
    return sorted({step for each in own for step in each["steps"]})


def _at_steps(index: RunIndex, steps: Sequence[int]) -> RunIndex:
    """An index without other steps; whole pictures stay, which are logged before they are used."""
    series = []
    for each in index["series"]:
        kept = [
            (step, at)
            for step, at in zip(each["steps"], each["wall_times"], strict=True)
            if step in steps or each["kind"] in _KEPT
        ]
        if kept:
            times = {"steps": [step for step, _ in kept], "wall_times": [at for _, at in kept]}
            series.append(each | times)
    return index | {"series": series}  # type: ignore[return-value]


def _spread(steps: Sequence[int], most: int) -> list[int]:
    """So many steps, evenly, the last of them and if two may the first."""
    if len(steps) <= most:
        return list(steps)
    gap = (len(steps) - 1) / max(1, most - 1)
    return [steps[len(steps) - 1 - round(gap * number)] for number in reversed(range(most))]


def _filled(store: Store, indexes: Mapping[str, RunIndex], choice: _Choice) -> _Page:
    """All answers about these runs, without a bound yet."""
    page = _Page(runs=[entry for entry in store.runs() if entry["run"] in indexes])
    for entry in page.runs:
        entry["name"] = indexes[entry["run"]]["name"]
    for run, index in indexes.items():
        page.curves[run] = {"run": run, "curves": keras_curves(store, run)}
        page.profile[run] = {"run": run, "layers": layer_profiles(store, run)}
        page.series[run] = index
        for series in index["series"]:
            for step, at in zip(series["steps"], series["wall_times"], strict=True):
                _add(page, store, series["kind"], Ref(run, series["tag"], step, at), choice)
    return page


def _add(page: _Page, store: Store, kind: Kind, ref: Ref, choice: _Choice) -> None:
    """The facts and the sheet of an event, as far as they can be read; else there are none."""
    try:
        facts: Facts = store.facts(ref)
        page.facts.setdefault(ref.run, {}).setdefault(ref.tag, {})[ref.step] = facts
        if choice.filters and ref.tag.startswith("examples/"):
            facts = facts | {"tiles": facts["tiles"][: choice.filters]}
            page.facts[ref.run][ref.tag][ref.step] = facts
        if kind not in WITH_SHEET:
            return
        sheet, mime = store.sheet(ref)
        if choice.filters and ref.tag.startswith("patterns/"):
            facts, sheet = _first_tiles(facts, sheet, mime, choice.filters)
            page.facts[ref.run][ref.tag][ref.step] = facts
    except NotStored:
        return
    coded = [mime, base64.b64encode(sheet).decode()]
    page.sheet.setdefault(ref.run, {}).setdefault(ref.tag, {})[ref.step] = coded


def _first_tiles(facts: Facts, sheet: bytes, mime: str, most: int) -> tuple[Facts, bytes]:
    """The first tiles of a sheet; their pictures are encoded once more."""
    if facts["sheet"]["count"] <= most:
        return facts, sheet
    tiles = images.tiles_of(sheet, facts["sheet"])[:most]
    own, encoded = images.sheet(tiles, "png" if mime == "image/png" else "jpeg")
    return facts | {"sheet": own, "tiles": facts["tiles"][:most]}, encoded


def _fitting(page: _Page, size: float) -> tuple[_Page, list[str]]:
    """The page with as many steps of each run as there is room for."""
    if _size(page) <= size:
        return page, []
    page, told = _lighter(page, size)
    longest = max(len(_steps(index)) for index in page.series.values())
    low, high = min(2, longest), longest + 1  # the most steps that fit, by bisection
    least = _thinned(page, low)
    if _size(least) > size and _picture_bytes(page):
        page, told = _with_examples(page, 0), [_NO_EXAMPLES]
        least = _thinned(page, low)
    if _size(least) > size:
        raise ValueError(
            f"size: the first and the last step alone are {_size(least) / 1e6:.1f} MB; "
            "name fewer layers or filters, or a larger size."
        )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _size(_thinned(page, middle)) <= size else (low, middle)
    thinned = _thinned(page, low)
    return _with_examples(thinned, None), told + [
        f"{index['name']}: {low} of {len(_steps(page.series[run]))} steps, to stay below the size"
        for run, index in thinned.series.items()
        if len(_steps(page.series[run])) > low
    ]


_NO_EXAMPLES: Final = "no examples, to stay below the size"


def _lighter(page: _Page, size: float) -> tuple[_Page, list[str]]:
    """The page with fewer examples where their pictures would take much of it."""
    if _picture_bytes(page) <= _EXAMPLES * size:
        return page, []
    for most in _FEWER:
        fewer = _with_examples(page, most)
        if _picture_bytes(fewer) <= _EXAMPLES * size:
            examples = "1 example" if most == 1 else f"{most} examples"
            return fewer, [f"at most {examples} of each filter, to stay below the size"]
    return _with_examples(page, 0), [_NO_EXAMPLES]


def _picture_bytes(page: _Page) -> int:
    return sum(_events_of(page, run).picture_bytes for run in page.series)


def _with_examples(page: _Page, most: int | None) -> _Page:
    """The page with so many examples of each filter, or all, and no pictures but theirs."""
    runs = {}
    for run in page.series:
        events = _events_of(page, run)
        runs[run] = without(events) if most == 0 else with_fewer(events, most)
    return replace(
        page,
        series={run: own.index for run, own in runs.items()},
        facts={run: own.facts for run, own in runs.items()},
        sheet={run: own.sheet for run, own in runs.items()},
    )


def _events_of(page: _Page, run: str) -> RunEvents:
    return RunEvents(page.series[run], page.facts.get(run, {}), page.sheet.get(run, {}))


def _thinned(page: _Page, most: int) -> _Page:
    series = {
        run: _at_steps(index, _spread(_steps(index), most)) for run, index in page.series.items()
    }
    return replace(
        page, series=series, facts=_of(page.facts, series), sheet=_of(page.sheet, series)
    )


def _of(events: _Events, indexes: Mapping[str, RunIndex]) -> _Events:
    """The events that the indexes still name."""
    return {
        run: {
            each["tag"]: {
                step: event
                for step, event in events.get(run, {}).get(each["tag"], {}).items()
                if step in set(each["steps"])
            }
            for each in index["series"]
        }
        for run, index in indexes.items()
    }


def _missing(
    indexes: Mapping[str, RunIndex], chosen: Mapping[str, RunIndex], choice: _Choice
) -> Iterable[str]:
    """What was not asked for, in sentences."""
    for run, index in indexes.items():
        ours, all_steps = _steps(chosen[run]), _steps(index)
        if len(ours) < len(all_steps):
            yield f"{index['name']}: {len(ours)} of {len(all_steps)} steps, as asked for"
        layers = {each["layer"] for each in index["series"]}
        left = sorted(layers - {each["layer"] for each in chosen[run]["series"]})
        if left:
            yield f"{index['name']}: without the layers {', '.join(left)}, as asked for"
    if choice.filters:
        yield f"the first {choice.filters} patterns of each layer, as asked for"


def _size(page: _Page) -> int:
    return len(_embedded(page))


def _embedded(page: _Page) -> str:
    """The answers as JSON that is safe inside a script element, whatever a log holds."""
    text = json.dumps(_finite(vars(page)), ensure_ascii=True, separators=(",", ":"))
    return text.translate(_ESCAPES)


def _finite(value: Any) -> Any:
    """JSON has no NaN."""
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _bundle() -> str:
    """The frontend; nothing in it may end the script element that holds it."""
    try:
        script = (resources.files("convviz_tb") / "static" / "index.js").read_text("utf-8")
    except OSError as error:
        raise OSError("the frontend of convviz_tb has not been built: `pip install .`") from error
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _document(title: str, data: str, script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; "
        "img-src blob: data:; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>ConvViz: {html.escape(title)}</title>\n</head>\n<body>\n"
        f'<script type="application/json" id="convviz-report">{data}</script>\n'
        f'<script type="module">{script}</script>\n</body>\n</html>\n'
    )
