"""The logs as TensorBoard's data provider sees them: runs, their series, facts and sheets.

Knows nothing of HTTP. A log may hold anything: what cannot be used becomes a problem in
the answer or a `NotStored`, never another exception.
"""

import math
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, NamedTuple, TypedDict, cast

from tensorboard.data import provider

from convviz_tb import schema
from convviz_tb.serve.cache import LRUCache
from convviz_tb.serve.image_header import read_header

#: The provider wants a number of points; 0 would return none.
_ALL: Final = 10**9
#: An event holds facts and at most one sheet. A tensor that claims to hold millions of blobs
#: would make the Python loader build as many keys, so a longer series is never read.
_MAX_BLOBS: Final = 16
#: Failures are gathered from the model facts of this many newest steps.
NEWEST_STEPS: Final = 20
#: One serial read through the Rust data server takes about 44 ms, a parallel one under 1 ms.
_READERS: Final = 16
#: Bytes that the cache may take, roughly: a reference to a blob, and parsed JSON by its length,
#: each with what Python adds to it.
_CACHED: Final = 48_000_000
_REFERENCE: Final = 400
_PARSED: Final = 6
#: Bounds of one answer, far beyond what a callback writes.
MOST_RUNS: Final = 20_000
MOST_SERIES: Final = 2_000
MOST_EVENTS: Final = 400_000
MOST_NOTES: Final = 100
#: How often the loader is asked in one poll, where it cannot list all runs at once.
_MOST_PARTS: Final = 200
#: Characters of a name or a reason.
LONGEST: Final = 1_000


class _Unreadable(TypedDict, total=False):
    problem: str


class RunEntry(_Unreadable):
    """One run that holds our data; `problem` only where none of it can be read."""

    run: str
    name: str
    step: int
    wall_time: float


class SeriesEntry(TypedDict):
    """One readable series; each step has its wall time."""

    tag: str
    kind: schema.Kind
    layer: str
    steps: list[int]
    wall_times: list[float]


class Problem(TypedDict):
    """Something stored that cannot be read, and why."""

    tag: str
    reason: str


class StepFailure(schema.Failure):
    """A failure of the callback, with the step it happened at."""

    step: int


class RunIndex(TypedDict):
    """Everything stored of one run, but no pictures."""

    run: str
    name: str
    series: list[SeriesEntry]
    model: Annotated[schema.ModelFacts | None, "Of the newest step that can be read."]
    end: Annotated[schema.EndFacts | None, "How training ended, if it has not gone on since."]
    failures: list[StepFailure]
    problems: list[Problem]


class Ref(NamedTuple):
    """Names one event: facts and a sheet."""

    run: str
    tag: str
    step: int
    at: Annotated[float, "The wall time, as the index gives it: a step may be written again."]


class NotStored(LookupError):
    """What was asked for is not in the log, not any more, or not usable; the message says which."""


class Unanswered(RuntimeError):
    """TensorBoard's loader gave no answer: its data server is gone, or the log changed under it."""


def run_name(run: str) -> str:
    """The run as its user named it: without the sub-run that the callback adds."""
    parent, _, last = run.rpartition("/")
    return (parent or ".") if last == schema.RUN_SUFFIX else run


@dataclass(frozen=True)
class _Tag:
    """The events of one tag; they are what is stored for as long as the tag is listed the same."""

    listed: Any
    events: list[Any]


def new_cache() -> LRUCache:
    """A cache for what requests need again: where the blobs lie, and the facts of the model."""
    return LRUCache(_CACHED)


@dataclass(frozen=True)
class Store:
    """What one request sees of the logs.

    Args:
        provider: a `tensorboard.data.provider.DataProvider`.
        context: the request context that the provider wants back.
        experiment: the experiment id of the request.
        cache: what earlier requests left, and this one leaves.
    """

    provider: Any
    context: Any
    experiment: str
    cache: LRUCache = field(default_factory=new_cache)

    def ask(self, question: str, **arguments: Any) -> Any:
        """What the data provider answers to one of its listing or reading methods.

        Raises:
            Unanswered: it raised something; what, depends on the loader and on the log.
        """
        method = getattr(self.provider, question)
        try:
            return method(self.context, experiment_id=self.experiment, **arguments)
        except Exception as error:
            raise Unanswered("TensorBoard cannot read this log just now") from error

    def runs(self) -> list[RunEntry]:
        """The runs that hold our data; cheap enough to be polled, since it reads no blob.

        Of more than `MOST_RUNS` the ones that were written last.
        """
        runs = [_run(run, listed) for run, listed in self._list_what_can_be().items() if listed]
        if len(runs) > MOST_RUNS:
            runs = sorted(runs, key=lambda entry: entry["wall_time"])[-MOST_RUNS:]
        return sorted(runs, key=lambda entry: entry["run"])

    def holds(self, run: str) -> bool:
        """Whether anything of ours is stored under this name."""
        return bool(self._list(run).get(run))

    def series(self, run: str) -> RunIndex:
        """One run: its series and their steps, the newest model facts, failures and problems.

        Raises:
            NotStored: there is no such run.
        """
        listed = self._list(run).get(run)
        if not listed:
            raise NotStored("run: nothing of convviz is stored under this name")
        readable, problems = _sort_out(listed)
        events = self._events(run, {tag: listed[tag] for tag in readable})
        most = max(1, MOST_EVENTS // max(1, len(events)))
        problems += [
            Problem(tag=tag, reason=reason)
            for tag, of_tag in events.items()
            if (reason := _lacking(readable[tag], of_tag, most))
        ]
        whole = {
            tag: _thinned([event for event in of_tag if _complete(readable[tag], event)], most)
            for tag, of_tag in events.items()
        }
        models, broken = self._read_all(run, "model", whole.get("model", [])[-NEWEST_STEPS:])
        last = models[-1][0] if models else None
        ended = [event for event in whole.get("end", []) if event.step == last]
        ends, unread = self._read_all(run, "end", ended)
        return RunIndex(
            run=run,
            name=run_name(run),
            series=[_entry(readable[tag], each) for tag, each in sorted(whole.items()) if each],
            model=cast(schema.ModelFacts, models[-1][1]) if models else None,
            end=cast(schema.EndFacts, ends[-1][1]) if ends else None,
            failures=[
                StepFailure(step=step, tag=_cut(failure["tag"]), reason=_cut(failure["reason"]))
                for step, facts in models
                for failure in facts["failures"]
            ][-MOST_NOTES:],
            problems=_few(problems + broken + unread),
        )

    def models(self, run: str, most: int) -> list[tuple[int, schema.ModelFacts]]:
        """Model facts of at most so many steps, evenly spread, oldest first."""
        listed = self._list(run, tag="model").get(run, {})
        readable, _ = _sort_out(listed)
        events = self._events(run, {tag: listed[tag] for tag in readable}).get("model", [])
        chosen = _thinned([event for event in events if event.values], most)
        return [
            (step, cast(schema.ModelFacts, facts))
            for step, facts in self._read_all(run, "model", chosen)[0]
        ]

    def facts(self, ref: Ref) -> schema.Facts:
        """Checked facts of one event.

        Raises:
            NotStored: they are not there, or not such as readers can rely on.
        """
        series, blob = self._read(ref, 0)
        return _decoded(series.kind, blob)

    def sheet(self, ref: Ref) -> tuple[bytes, str]:
        """The picture of one event and its MIME type, told from its bytes.

        Raises:
            NotStored: it is not there, neither PNG nor JPEG, or too large to be shown.
        """
        series, blob = self._read(ref, 1)
        if series.kind not in schema.WITH_SHEET:
            raise NotStored("tag: this series has no pictures")
        header = read_header(blob)
        if not header:
            raise NotStored("sheet: neither PNG nor JPEG")
        pixels = header.width * header.height
        if max(pixels, len(blob) // 4) > schema.MOST_PIXELS:
            raise NotStored(f"sheet: more than {schema.MOST_PIXELS} pixels, or as many bytes")
        return blob, header.mime

    def _list(self, *runs: str, tag: str | None = None) -> dict[str, dict[str, Any]]:
        listing: dict[str, dict[str, Any]] = self.ask(
            "list_blob_sequences",
            plugin_name=schema.PLUGIN_NAME,
            run_tag_filter=_filter(runs or None, None if tag is None else [tag]),
        )
        return listing

    def _list_what_can_be(self) -> dict[str, dict[str, Any]]:
        """Every run of ours; one that the loader cannot list does not take the others with it."""
        try:
            return self._list()
        except Unanswered:
            runs = self.ask("list_runs")
        return self._list_parts([run.run_name for run in runs], [_MOST_PARTS])

    def _list_parts(self, runs: list[str], left: list[int]) -> dict[str, dict[str, Any]]:
        """Lists ever smaller parts, until those that cannot be listed are found or `left` is 0."""
        left[0] -= 1
        try:
            return self._list(*runs)
        except Unanswered:
            if len(runs) == 1:
                return {runs[0]: _UNLISTED}
            if left[0] <= 0:
                return {run: _UNLISTED for run in runs if run.endswith(schema.RUN_SUFFIX)}
        half = len(runs) // 2
        return self._list_parts(runs[:half], left) | self._list_parts(runs[half:], left)

    def _events(self, run: str, listed: dict[str, Any]) -> dict[str, list[Any]]:
        """Events by tag, sorted by step; a tag that is gone is not there."""
        known = {tag: self._known(run, tag) for tag in listed}
        events = {
            tag: old.events for tag, old in known.items() if old and old.listed == listed[tag]
        }
        if missing := listed.keys() - events.keys():
            answer = self.ask(
                "read_blob_sequences",
                plugin_name=schema.PLUGIN_NAME,
                downsample=_ALL,
                run_tag_filter=_filter([run], missing),
            )
            read = dict(answer.get(run, {}))
            for tag, of_tag in read.items():
                size = _REFERENCE * sum(1 + len(event.values) for event in of_tag)
                self.cache.put(self._key(run, tag), _Tag(listed[tag], of_tag), size)
            events |= read
        return events

    def _known(self, run: str, tag: str) -> _Tag | None:
        known: _Tag | None = self.cache.get(self._key(run, tag))
        return known

    def _key(self, run: str, tag: str) -> tuple[str, ...]:
        return (self.experiment, run, tag)

    def _read(self, ref: Ref, number: int) -> tuple[schema.Series, bytes]:
        """The series that an event belongs to, and one of its blobs.

        Where the event is known, the blob is read while the provider tells whether the tag is
        still as it was: one answer of the Rust data server after the other takes twice as long.
        """
        known = self._known(ref.run, ref.tag)
        guess = known and _find(known.events, ref)
        if not guess:
            series, event = self._event(ref)
            return series, self._nth_blob(event, number)
        with ThreadPoolExecutor(1) as pool:
            early = pool.submit(self._nth_blob, guess, number)
            series, event = self._event(ref)
        return series, early.result() if event is guess else self._nth_blob(event, number)

    def _event(self, ref: Ref) -> tuple[schema.Series, Any]:
        listed = self._list(ref.run, tag=ref.tag).get(ref.run)
        if not listed:
            raise NotStored("run, tag: nothing of convviz is stored under these names")
        readable, problems = _sort_out(listed)
        if problems:
            raise NotStored(f"tag: {problems[0]['reason']}")
        of_step = [
            event
            for event in self._events(ref.run, listed).get(ref.tag, [])
            if event.step == ref.step and _complete(readable[ref.tag], event)
        ]
        if not of_step:
            raise NotStored("step: not stored (any more)")
        event = _find(of_step, ref)
        if event is None:
            raise NotStored("at: the step was written again since")
        return readable[ref.tag], event

    def _read_all(
        self, run: str, kind: schema.Kind, events: list[Any]
    ) -> tuple[list[tuple[int, schema.Facts]], list[Problem]]:
        """Facts of these events of a series without a layer, and what of them cannot be read."""
        found: list[tuple[int, schema.Facts]] = []
        problems: list[Problem] = []
        with ThreadPoolExecutor(_READERS) as pool:
            readings = [(each.step, pool.submit(self._parsed, run, kind, each)) for each in events]
        for step, reading in readings:
            try:
                found.append((step, reading.result()))
            except NotStored as error:
                problems.append(Problem(tag=kind, reason=f"step {step}: {error}"))
        return found, problems

    def _parsed(self, run: str, kind: schema.Kind, event: Any) -> schema.Facts:
        """Facts of one event; they never change, but every index wants them again."""
        key = (*self._key(run, kind), event.step, event.wall_time)
        known: schema.Facts | None = self.cache.get(key)
        if known is None:
            blob = self._nth_blob(event, 0)
            known = _decoded(kind, blob)
            self.cache.put(key, known, _PARSED * len(blob))
        return known

    def _nth_blob(self, event: Any, number: int) -> bytes:
        if number >= len(event.values):
            raise NotStored("tag: this step of it has no picture")
        return self._blob(event.values[number])

    def _blob(self, reference: Any) -> bytes:
        try:
            blob = self.provider.read_blob(self.context, blob_key=reference.blob_key)
        except Exception as error:  # the providers raise whatever a broken tensor makes of them
            raise NotStored("step: could not be read (any more)") from error
        if not isinstance(blob, bytes):  # the Python loader hands out items of any tensor
            raise NotStored("step: holds no bytes")
        return blob


def _decoded(kind: schema.Kind, blob: bytes) -> schema.Facts:
    try:
        return schema.decode(kind, blob)
    except schema.SchemaError as error:
        raise NotStored(f"facts: {error}") from error


def _find(events: Iterable[Any], ref: Ref) -> Any:
    """The event that is meant, or None.

    A wall time goes from here to the page and back as text and is still the same number: Python and
    JavaScript both write the shortest text that reads back as it.
    """
    return next(
        (e for e in events if e.step == ref.step and _wall_time(e.wall_time) == ref.at), None
    )


def _filter(runs: Iterable[str] | None, tags: Iterable[str] | None) -> provider.RunTagFilter:
    return provider.RunTagFilter(runs=runs, tags=tags)


#: Stands for the series of a run that the loader raises at, since it cannot list them.
_UNLISTED: Final = {
    "": provider.BlobSequenceTimeSeries(
        max_step=0,
        max_wall_time=0.0,
        max_length=0,
        plugin_content=b"",
        description="",
        display_name="",
    )
}


def _run(run: str, listed: dict[str, Any]) -> RunEntry:
    entry = RunEntry(
        run=run,
        name=run_name(run),
        step=max(series.max_step or 0 for series in listed.values()),
        wall_time=max(_wall_time(series.max_wall_time) for series in listed.values()),
    )
    # Most runs can be read, and then one series tells it: this is asked of every run at every poll.
    if not any(_usable(tag, stored) for tag, stored in listed.items()):
        entry["problem"] = _sort_out(listed)[1][0]["reason"]
    return entry


def _usable(tag: str, stored: Any) -> bool:
    try:
        return bool(_checked_series(tag, stored))
    except schema.SchemaError:
        return False


def _sort_out(listed: dict[str, Any]) -> tuple[dict[str, schema.Series], list[Problem]]:
    """Splits listed series into those that can be read and the problems of the others."""
    readable: dict[str, schema.Series] = {}
    problems: list[Problem] = []
    for tag, stored in sorted(listed.items(), key=_bare_first):
        try:
            if len(readable) == MOST_SERIES:
                raise schema.SchemaError(f"more than {MOST_SERIES} series in one run")
            readable[tag] = _checked_series(tag, stored)
        except schema.SchemaError as error:
            problems.append(Problem(tag=_cut(tag), reason=str(error)))
    return readable, problems


def _bare_first(listed: tuple[str, Any]) -> tuple[bool, str]:
    """`inputs` and `model`, without which the others make no sense, then by tag."""
    tag, _ = listed
    return "/" in tag, tag


def _checked_series(tag: str, stored: Any) -> schema.Series:
    if len(tag) > LONGEST:
        raise schema.SchemaError(f"a name of more than {LONGEST} characters")
    if not tag:
        raise schema.SchemaError("TensorBoard cannot list what is in it")
    series = schema.parse_metadata(stored.plugin_content)
    if series.tag != tag:
        raise schema.SchemaError("its tag is not the one that its metadata describes")
    if (stored.max_length or 0) > _MAX_BLOBS:
        raise schema.SchemaError(f"more than {_MAX_BLOBS} blobs in one event")
    return series


def _complete(series: schema.Series, event: Any) -> bool:
    return len(event.values) >= (2 if series.kind in schema.WITH_SHEET else 1)


def _lacking(series: schema.Series, events: list[Any], most: int) -> str:
    """What of a series is left out, in words; empty where nothing is."""
    whole = sum(_complete(series, event) for event in events)
    if whole < len(events):
        return "events without the expected blobs are left out"
    return f"{most} of its {whole} steps are shown" if whole > most else ""


def _thinned(events: list[Any], most: int) -> list[Any]:
    """At most so many of them, evenly spread; the last of all stays, and if two may, the first."""
    if len(events) <= most:
        return events
    gap = (len(events) - 1) / max(1, most - 1)
    return [events[len(events) - 1 - round(gap * number)] for number in reversed(range(most))]


def _few(problems: list[Problem]) -> list[Problem]:
    """So many that someone could read them."""
    more = len(problems) - MOST_NOTES
    last = [Problem(tag="others", reason=f"{more} more problems")] if more > 0 else []
    return problems[:MOST_NOTES] + last


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + " ..."


def _entry(series: schema.Series, events: list[Any]) -> SeriesEntry:
    return SeriesEntry(
        tag=series.tag,
        kind=series.kind,
        layer=series.layer,
        steps=[event.step for event in events],
        wall_times=[_wall_time(event.wall_time) for event in events],
    )


def _wall_time(stored: float | None) -> float:
    """A wall time that JSON can hold and an address can repeat."""
    return stored if stored is not None and math.isfinite(stored) else 0.0
