"""Claims on classes for which the network found evidence: good news, and no move."""

from collections.abc import Iterator

import numpy as np

from convviz_tb.metrics.claims.series import Array, Finding, Maps
from convviz_tb.metrics.claims.story import Story, since
from convviz_tb.metrics.claims.words import about, sure


def found(story: Story) -> Iterator[Finding]:
    """Classes for which there was no evidence at first: not recognised, or empty maps."""
    told: dict[int, tuple[str, str, int, int]] = {}
    for maps in story.maps:
        for index, text, step, image in _found_in(story, maps):
            told.setdefault(index, (text, maps.layer, step, image))
    if not told:
        return
    ranked = sorted(told.values(), key=lambda each: each[2])
    text, layer, step, image = ranked[0]
    more = ", ".join(each[0].partition(" (")[0] for each in ranked[1:4])
    left_out = f" and {len(ranked) - 4} more" if len(ranked) > 4 else ""
    text = f"The network found evidence for {text}{', ' + more if more else ''}{left_out}."
    yield about(text, "heatmaps", layer, step, image)


def _found_in(story: Story, maps: Maps) -> Iterator[tuple[int, str, int, int]]:
    """Class, words, step and image of each class that has been recognised since some step."""
    usable = maps.evidence & story.recognised(maps)
    known = np.asarray(maps.present.any(axis=1))
    if not known.any() or not known[-1]:
        return
    first = int(known.argmax())
    for index in np.unique(maps.classes[maps.present[-1]]).tolist():
        of_class = maps.classes == index
        columns = np.flatnonzero(of_class & maps.present[first] & usable[-1])
        if not len(columns) or usable[first, of_class].any():
            continue
        step = since(maps.steps, 2 * usable[:, columns].sum(axis=1) >= len(columns), known)
        if step is not None and step > maps.steps[first]:
            how = _how_found(maps, columns, first)
            text = f"class {story.class_name(index)} at epoch {step}{how}"
            yield index, text, step, int(maps.images[columns[0]])


def _how_found(maps: Maps, columns: Array, first: int) -> str:
    one = "the picture" if len(columns) == 1 else f"the same {len(columns)} pictures"
    if not maps.evidence[first, columns].any():
        return f" (its heatmaps on {one} were empty or flat at first)"
    probability = maps.table("probability")[:, columns]
    if np.isnan(probability[[first, -1]]).any():
        return ""
    before, now = probability[first].mean(), probability[-1].mean()
    return f" (its probability on {one} rose from {sure(before)} to {sure(now)})"
