"""Claims of collapse: NaN, layers no filter of which tells pictures apart, or without evidence."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from convviz_tb.metrics.claims.predictions import ENOUGH, about_picture, one_class
from convviz_tb.metrics.claims.series import Filters, Finding, Maps
from convviz_tb.metrics.claims.story import Story, since
from convviz_tb.metrics.claims.words import about

SAME: Final = 0.01  # variation between images, below which a filter does not tell them apart
_ENOUGH: Final = 4  # filters, or maps, of which it is worth saying that none does


def not_a_number(story: Story) -> Iterator[Finding]:
    """That weights or the loss are NaN or infinite now."""
    names = story.broken[-1]
    step = since(story.steps, np.array([bool(each) for each in story.broken]))
    if step is None:
        return
    weights = [name for name in names if name != "loss"]
    when = f"since epoch {step}{story.rate(step)}" if step else "before training"
    text = f"The loss is NaN or infinite {when}; the weights are not."
    if weights:
        what = f"{'The loss and w' if 'loss' in names else 'W'}eights are NaN or infinite {when}"
        more = " and others" if len(weights) > 3 else ""
        text = f"{what}, so nothing can be computed: {', '.join(weights[:3])}{more}."
    yield about_layer(story, text, step, weights)


def about_layer(story: Story, text: str, step: int, weights: Sequence[str]) -> Finding:
    """A finding on variables, shown with a layer that has one of them, or else the first."""
    layers: list[tuple[str, str, int]] = [
        *(("patterns", each.layer, each.filters[0]) for each in story.filters),
        *(("heatmaps", each.layer, int(each.images[0])) for each in story.maps),
    ]
    own = [each for each in layers for name in weights if name.startswith(f"{each[1]}/")]
    for kind, layer, tile in [*own, *layers]:
        return about(text, kind, layer, step, tile, "bad")
    return {"text": text, "step": step, "severity": "bad"}


def collapsed(story: Story) -> Iterator[Finding]:
    """The layer that collapsed first, and how many others did."""
    ranked = _collapsed_layers(story)
    if not ranked:
        return
    step, layer = ranked[0]
    when = "from the start" if step == story.steps[0] else f"since epoch {step}"
    if step == layer.steps[~np.isnan(layer.table("variation")).any(axis=1)][0] != story.steps[0]:
        when += " or before"
    text = f"None of the {layer.width} filters logged of {layer.layer} tells the probe images "
    text += f"apart {when}"
    if len(ranked) > 1:
        text += f", nor does any of {_count(len(ranked) - 1, 'other layer')} now"
    everywhere = one_class(story)
    if everywhere and step != story.steps[0]:
        name, count = story.class_name(everywhere.class_index), everywhere.pictures
        text += f", and all {count} pictures are predicted as {name} since epoch "
        text += f"{everywhere.step}: the network has collapsed"
    text += story.rate(step)
    yield about(f"{text}.", "patterns", layer.layer, step, layer.filters[0], "bad")


def same_for_all(story: Story) -> Iterator[Finding]:
    """That all pictures are predicted as one class; of a network that collapsed that is told.

    Not of few pictures: all six may be of the class that a network says to 60 % of all others.
    """
    found, collapses = one_class(story), _collapsed_layers(story)
    if found and found.pictures >= ENOUGH and (not collapses or collapses[0][0] == story.steps[0]):
        name = story.class_name(found.class_index)
        text = f"All {found.pictures} pictures are predicted as {name} since epoch {found.step}"
        text += f"{story.rate(found.step) if found.is_damage else ''}."
        yield about_picture(story, text, found.step, 0, "bad" if found.is_damage else None)


def _collapsed_layers(story: Story) -> list[tuple[int, Filters]]:
    """The layers with the epochs of their collapse, the earliest first."""
    found = []
    for layer in story.filters:
        variation = layer.table("variation")
        known = np.asarray(~np.isnan(variation).any(axis=1))
        same = variation < SAME
        # What is silent, but not dead, may respond to other pictures.
        mute = same & ((layer.silent != 1) | (layer.table("dead") == 1) | ~layer.has_life)
        holds = np.asarray(same.all(axis=1) & (2 * mute.sum(axis=1) >= layer.width))
        step = since(story.steps, holds, known)
        if step is not None and layer.width >= _ENOUGH and known[-1]:
            found.append((step, layer))
    return sorted(found, key=lambda each: each[0])


def without_evidence(story: Story) -> Iterator[Finding]:
    """Layers all heatmaps of which became empty or flat."""
    for maps in story.maps:
        known = np.asarray(maps.present.any(axis=1))
        nothing = np.asarray(known & ~maps.evidence.any(axis=1))
        step = since(story.steps, nothing, known)
        count = int(maps.present[-1].sum())
        if step is None or not known[-1] or step == story.steps[known][0] or count < _ENOUGH:
            continue
        if len(set(maps.classes[maps.present[-1]].tolist())) < 2:
            continue  # of other classes than the one that is predicted nothing is known
        text = f"{maps.layer} finds no evidence for any class since epoch {step}: all {count} "
        text += f"heatmaps are {_how(maps)}."
        yield about(text, "heatmaps", maps.layer, step, maps.images[maps.present[-1]][0], "bad")


def _how(maps: Maps) -> str:
    empty = np.isnan(maps.table("area")[-1][maps.present[-1]])
    if empty.all():
        return "empty"
    return "empty or flat" if empty.any() else "flat, the same everywhere"


def _count(number: int, one: str) -> str:
    return f"{number} {one}{'s' if number > 1 else ''}"
