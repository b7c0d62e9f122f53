"""The examples of a report: as many of each filter as there is space for, and no other pictures."""

import base64
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from convviz_tb import images
from convviz_tb.schema import Facts
from convviz_tb.serve.store import RunIndex, SeriesEntry

#: Events of one run by tag and step: facts, or pictures as their type and base64.
Events = dict[str, dict[int, Any]]
_PICTURES: Final = "pictures"


@dataclass(frozen=True)
class RunEvents:
    """What a report holds of one run.

    Attributes:
        index: its series.
        facts: of each event.
        sheet: the pictures of each event that has some.
    """

    index: RunIndex
    facts: Events
    sheet: Events

    @property
    def picture_bytes(self) -> int:
        """How much the pictures of the examples take."""
        return sum(len(coded) for _, coded in self.sheet.get(_PICTURES, {}).values())


def with_fewer(run: RunEvents, most: int | None) -> RunEvents:
    """The run with the strongest `most` examples of each filter, or all; no pictures but theirs."""
    facts = {
        tag: {step: _strongest(each, most) for step, each in events.items()}
        if tag.startswith("examples/")
        else events
        for tag, events in run.facts.items()
    }
    needed = _needed(facts)
    kept = {
        step: _only(held, run.sheet.get(_PICTURES, {}).get(step), needed[step])
        for step, held in facts.get(_PICTURES, {}).items()
        if needed[step]
    }
    if _PICTURES not in facts:
        return RunEvents(run.index, facts, run.sheet)
    return RunEvents(
        _with_pictures_at(run.index, kept),
        facts | {_PICTURES: {step: held for step, (held, _) in kept.items()}},
        run.sheet | {_PICTURES: {step: sheet for step, (_, sheet) in kept.items() if sheet}},
    )


def without(run: RunEvents) -> RunEvents:
    """The run without examples."""

    def stays(tag: str) -> bool:
        return tag != _PICTURES and not tag.startswith("examples/")

    series = [each for each in run.index["series"] if stays(each["tag"])]
    return RunEvents(
        run.index | {"series": series},
        {tag: events for tag, events in run.facts.items() if stays(tag)},
        {tag: events for tag, events in run.sheet.items() if stays(tag)},
    )


def _strongest(facts: Facts, most: int | None) -> Facts:
    if most is None:
        return facts
    lists = ("pictures", "activations", "positions")
    tiles = [tile | {name: tile[name][:most] for name in lists} for tile in facts["tiles"]]
    return facts | {"tiles": tiles}


def _needed(facts: Events) -> dict[int, set[int]]:
    """Of the pictures of each step the tiles that some example is cut from."""
    places = {step: _places(held) for step, held in sorted(facts.get(_PICTURES, {}).items())}
    stored: dict[int, list[int]] = {}  # of each picture the steps that have it, ascending
    for step, numbers in places.items():
        for number in numbers:
            stored.setdefault(number, []).append(step)
    needed: dict[int, set[int]] = {step: set() for step in places}
    for step, number in _shown(facts):
        newest = bisect_right(stored.get(number, []), step) - 1
        if newest >= 0:
            at = stored[number][newest]
            needed[at].add(places[at][number])
    return needed


def _shown(facts: Events) -> Iterator[tuple[int, int]]:
    """The step and the number of each picture that is an example."""
    for tag, events in facts.items():
        for step, each in events.items() if tag.startswith("examples/") else ():
            if each.get("source", _PICTURES) == _PICTURES:
                yield from {(step, number) for tile in each["tiles"] for number in tile["pictures"]}


def _places(held: Facts) -> dict[int, int]:
    """Where each picture lies in the sheet; of two of one number the first."""
    tiles = list(enumerate(held["tiles"]))
    return {tile["picture"]: at for at, tile in reversed(tiles)}


def _only(held: Facts, sheet: Any, tiles: Iterable[int]) -> tuple[Facts, Any]:
    """The facts and the sheet of some of its tiles, which are encoded once more."""
    wanted = sorted(tiles)
    if sheet is None or len(wanted) == len(held["tiles"]):
        return held, sheet
    mime, coded = sheet
    try:
        decoded = images.tiles_of(base64.b64decode(coded), held["sheet"])
        own, encoded = images.sheet(decoded[wanted], "png" if mime == "image/png" else "jpeg")
    except Exception:  # a log may hold anything; the page says what it cannot show
        return held, sheet
    kept = {"sheet": own, "tiles": [held["tiles"][at] for at in wanted]}
    return held | kept, [mime, base64.b64encode(encoded).decode()]


def _with_pictures_at(index: RunIndex, steps: Iterable[int]) -> RunIndex:
    """The index without the pictures of other steps."""
    series: list[SeriesEntry] = []
    for each in index["series"]:
        if each["kind"] != _PICTURES:
            series.append(each)
            continue
        pairs = zip(each["steps"], each["wall_times"], strict=True)
        kept = [(step, at) for step, at in pairs if step in set(steps)]
        if kept:
            steps_kept, times_kept = map(list, zip(*kept, strict=True))
            series.append(each | {"steps": steps_kept, "wall_times": times_kept})
    return index | {"series": series}
