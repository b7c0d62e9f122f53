"""Claims on heatmaps that left the object, lie elsewhere, or show no evidence any more."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from convviz_tb.metrics.claims.class_maps import ClassMaps, class_maps
from convviz_tb.metrics.claims.series import Array, Finding
from convviz_tb.metrics.claims.story import Story
from convviz_tb.metrics.claims.words import about, plain
from convviz_tb.schema import ON_REGION

_ON_OBJECT: Final = 0.25  # energy on the object at first, below which a map cannot leave it
_LEFT: Final = 0.5  # of that energy; below, a map has left the object
_TO_REGION: Final = 0.5  # of what the object lost; above, it went to that region
_ELSEWHERE: Final = 0.35  # overlap with the baseline, below which a map lies elsewhere
_SAME_PLACE: Final = 0.15  # of the picture's side, between hottest places that are one
_ENOUGH: Final = 3  # pictures of which it is worth saying
_MOST_OF_THEM: Final = 2 / 3
_THIN: Final = 0.9  # of a map that can lie on a region; below, it is said
_AGREE: Final = 0.75  # of the centres, that moved one way
_SHIFTED: Final = 0.06  # of the picture's side, by which a centre has moved


class _Change(NamedTuple):
    """What became of the heatmaps of a class."""

    text: str  # after the name of the class
    step: int
    image: int
    weight: float  # against the changes of other layers and classes
    severity: str | None = "bad"


def left(story: Story) -> Iterator[Finding]:
    """Classes whose heatmaps left the object, or, without boxes, lie elsewhere, or vanished."""
    largest: dict[int, tuple[str, _Change]] = {}  # by class, of several layers
    for maps in story.maps:
        for each in class_maps(story, maps):
            change = (
                _vanished(each)
                or _moved_to_region(each, plain(story.object_name))
                or _left_object(each, plain(story.object_name))
                or _to_one_place(each)
                or _lies_elsewhere(each)
            )
            known = largest.get(each.index)
            if change and (known is None or change.weight >= known[1].weight):
                largest[each.index] = maps.layer, change
    for index, (layer, change) in sorted(largest.items(), key=lambda each: -each[1][1].weight):
        text = f"On class {story.class_name(index)}{change.text}"
        yield about(text, "heatmaps", layer, change.step, change.image, change.severity)


def _vanished(each: ClassMaps) -> _Change | None:
    """Maps that showed evidence and are all empty or flat now."""
    had = each.columns[each.usable[each.reference, each.columns]]
    rows = slice(each.reference, None)
    nothing = np.asarray(~each.maps.evidence[rows, had].any(axis=1))
    step = each.since(nothing, np.asarray(each.maps.present[rows, had].all(axis=1)))
    if step is None or not each.maps.evidence[-1].any():  # of the layer as a whole: `collapse`
        return None
    empty = np.isnan(each.maps.table("area")[-1, had]).all()
    on = "the picture" if len(had) == 1 else f"all {len(had)} pictures"
    text = f" the heatmaps are {'empty' if empty else 'empty or flat'} since epoch {step}, on {on} "
    text += f"that showed evidence {each.was}."
    return _Change(text, step, int(each.maps.images[had[0]]), 1.5)


def _moved_to_region(each: ClassMaps, old: str) -> _Change | None:
    """To the region that took most of what the object lost, on the maps that know both."""
    moves = []
    object_ = each.maps.table("energy_inside")
    for name in each.maps.numbers:
        if not name.startswith(ON_REGION):
            continue
        region = each.maps.table(name)
        columns = each.common(object_, region)
        (before, inside), (before_on, onto) = (
            each.paired(np.where(np.isnan(object_ + region), np.nan, table), columns)
            for table in (object_, region)
        )
        gained, most = onto - before_on, _most_on(each, name)
        holds = (inside < _LEFT * before) & (gained > _TO_REGION * most * (before - inside))
        step = each.since(holds, ~np.isnan(inside)) if len(columns) else None
        if step is not None and before[-1] >= _ON_OBJECT:
            ends = (before[-1], inside[-1], before_on[-1], onto[-1], most)
            moves.append((gained[-1], step, name, columns, ends))
    if not moves:
        return None
    _, step, name, columns, ends = max(moves, key=lambda move: move[0])
    before, inside, before_on, onto, most = ends
    cells = f", of {most:.0%} that cells of this size can show there" if most < _THIN else ""
    new = plain(name.removeprefix(ON_REGION))
    return _Change(
        f"{each.part(columns)} the heatmaps moved from the {old} to the {new} at epoch "
        f"{step}: evidence on the {old} fell from {before:.0%} to {inside:.0%}, on the {new} it "
        f"rose from {before_on:.0%} to {onto:.0%}{cells}.",
        step,
        int(each.maps.images[columns[0]]),
        1 + before - inside,  # where they went is worth more than that they left
    )


def _most_on(each: ClassMaps, name: str) -> float:
    """The share of a map that can lie on a region, given the cells of the layer."""
    known = [most for most in each.maps.numbers.get("most_on", ()) if most]
    return float(known[-1].get(name.removeprefix(ON_REGION), 1.0)) if known else 1.0


def _left_object(each: ClassMaps, name: str) -> _Change | None:
    table = each.maps.table("energy_inside")
    columns = each.common(table)
    before, inside = each.paired(table, columns)
    step = each.since(inside < _LEFT * before, ~np.isnan(inside)) if len(columns) else None
    if step is None or before[-1] < _ON_OBJECT:
        return None
    return _Change(
        f"{each.part(columns)} the heatmaps left the {name} at epoch {step}: {before[-1]:.0%} of "
        f"their evidence lay on it {each.was}, {inside[-1]:.0%} now{_direction(each, columns)}.",
        step,
        int(each.maps.images[columns[0]]),
        before[-1] - inside[-1],
    )


def _to_one_place(each: ClassMaps) -> _Change | None:
    """Maps of many pictures whose hottest places became one; where objects are not known."""
    if _knows_object(each):
        return None
    x, y = (each.maps.table("peak", axis) for axis in (0, 1))
    columns = each.common(x, y)
    if len(columns) < _ENOUGH:
        return None
    places = np.stack([x, y], axis=-1)[each.reference :, columns]  # (steps, maps, 2)
    apart = np.abs(places[-1, :, None] - places[-1, None]).max(axis=2)
    place = places[-1, (apart <= _SAME_PLACE).sum(axis=1).argmax()]
    near = np.abs(places - place).max(axis=2) <= _SAME_PLACE
    came = near & ~near[0]
    enough = max(_ENOUGH, _MOST_OF_THEM * len(columns))
    step = each.since(came.sum(axis=1) >= enough, ~np.isnan(places[..., 0]).any(axis=1))
    where = _place(*place)
    if step is None or where == "the middle":  # where objects are by right
        return None
    count = int(came[-1].sum())
    return _Change(
        f" the evidence moved to the same place on {count} of {len(columns)} pictures by epoch "
        f"{step}: {where}; {each.was} it was hottest elsewhere on each of them.",
        step,
        int(each.maps.images[columns[came[-1]][0]]),
        1,
        severity=None,
    )


def _place(x: float, y: float) -> str:
    """A place of the picture in words."""
    down = "upper" if y < 1 / 3 else "lower" if y > 2 / 3 else ""
    right = "left" if x < 1 / 3 else "right" if x > 2 / 3 else ""
    if down and right:
        return f"the {down} {right} corner"
    return f"the {down or right} edge" if down or right else "the middle"


def _knows_object(each: ClassMaps) -> bool:
    return not np.isnan(each.maps.table("energy_inside")[:, each.columns]).all()


def _lies_elsewhere(each: ClassMaps) -> _Change | None:
    """Said only where it is not known where the object is; against the baseline alone."""
    first = int(each.maps.present.any(axis=1).argmax())
    if _knows_object(each) or each.reference != first or not each.maps.has("overlap_baseline"):
        return None
    table = each.maps.table("overlap_baseline")
    columns = each.common(table)
    _, overlap = each.paired(table, columns)
    step = each.since(overlap < _ELSEWHERE, ~np.isnan(overlap)) if len(columns) else None
    if step is None:
        return None
    return _Change(
        f"{each.part(columns)} the heatmaps lie elsewhere since epoch {step}: they have "
        f"{overlap[-1]:.0%} in common with those {each.was}{_direction(each, columns)}.",
        step,
        int(each.maps.images[columns[0]]),
        1 - overlap[-1],
        severity=None,
    )


def _direction(each: ClassMaps, columns: Array) -> str:
    """Where the centres of these maps went, in words, if most of several went there."""
    if len(columns) < _ENOUGH:
        return ""
    shifts = []
    for axis in (0, 1):
        centre = each.maps.table("centre", axis)[:, columns]
        moved = centre[-1] - centre[each.reference]
        shifts.append(moved[~np.isnan(moved)])
    right, down = shifts
    named = {"down": down, "up": -down, "to the right": right, "to the left": -right}
    words = [
        word
        for word, moves in named.items()
        if len(moves) and moves.mean() > _SHIFTED and (moves > 0).mean() >= _AGREE
    ]
    return f"; they moved {' and '.join(words)}" if words else ""
