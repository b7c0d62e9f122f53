"""Input pictures of a run: for each layer those that its maps lie over, and where they lie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
from keras import tree

from convviz_tb import images
from convviz_tb.heatmaps import GradCAM, picture_sides
from convviz_tb.model import Tap, View, layout_of, shown, view_of, within
from convviz_tb.schema import Facts


@dataclass(frozen=True, eq=False)
class InputPictures:
    """The pictures that heatmaps are of.

    A *source* is an input of the model, or one time step of it. Most models have one.

    Attributes:
        tiles: of each source the pictures, uint8 `(n, h, w, 3)`, all of one size.
        names: of each source.
        views: what each layer sees, by path.
        sources: index of the source that each layer's maps lie over, by path.
        marked: whether the boxes are of a source.
        sides: height and width in pixels of the pictures that boxes are of.
        value_range: the values that are black and white.
        view: what they show: "picture", "strips" or "central slice".
    """

    tiles: Sequence[images.Bytes]
    names: Sequence[str]
    views: Mapping[str, View]
    sources: Mapping[str, int]
    marked: Sequence[bool]
    sides: tuple[int, int]
    value_range: tuple[float, float]
    view: str

    def of(self, tap: Tap) -> images.Bytes:
        """The pictures below the maps of a layer."""
        return self.tiles[self.sources[tap.path]]

    def field_of(self, tap: Tap) -> Sequence[float] | None:
        """Where the maps of a layer lie in them; None for all over."""
        return self.views[tap.path].field

    def laid(self, tap: Tap, maps: images.Floats) -> images.Floats:
        """Maps of a layer, turned as they lie over the pictures."""
        return self.views[tap.path].turn.laid(maps)

    def places(self, tap: Tap) -> bool:
        """Whether it is known where in them the maps of a layer lie."""
        return self.views[tap.path].is_known

    def sides_of(self, tap: Tap) -> tuple[int, int] | None:
        """Their height and width in pixels, None where boxes are of others, or maps lie nowhere."""
        return self.sides_of_source(self.sources[tap.path]) if self.places(tap) else None

    def sides_of_source(self, source: int) -> tuple[int, int] | None:
        return self.sides if self.marked[source] else None

    def facts_of(self, tap: Tap) -> Facts:
        """What is stored of a layer: absent means the whole of the first source."""
        field, view = self.field_of(tap), self.views[tap.path]
        known: Facts = {} if field is None else {"field": [float(each) for each in field]}
        if view.turn.words:
            known["turned"] = view.turn.words
        if not view.is_known:
            known["placed"] = False
        return known | self.facts_of_source(self.sources[tap.path])

    def facts_of_source(self, source: int) -> Facts:
        return {"source": source} if source else {}


def shown_inputs(model: keras.Model, watched: Sequence[Tap], options: GradCAM) -> InputPictures:
    """The pictures to lay the heatmaps of some layers over.

    Raises:
        ValueError: the model takes flat inputs, and there is no `display`.
    """
    views = {tap.path: view_of(model, tap, options.images) for tap in watched}
    views = {
        path: replace(view, field=within(view.field, options.part)) for path, view in views.items()
    }
    between = images.value_range(options.pictures)
    if options.display is not None:
        display = np.asarray(options.display)
        tiles, distinct = [images.input_tiles(display)], [next(iter(views.values())).source]
        sources = dict.fromkeys(views, 0)
        between, view = images.value_range(display), "picture"
    else:
        distinct = sorted({each.source for each in views.values()}, key=_order)
        first = {views[tap.path].source: tap for tap in reversed(watched)}
        arrays = [_array(model, options, source, first[source]) for source in distinct]
        alone = len(arrays) == 1
        ranges = [between if alone else images.value_range(array) for array in arrays]
        parts = zip(arrays, ranges, strict=True)
        tiles = _of_one_size([images.input_tiles(a, options.channels, r) for a, r in parts])
        sources = {path: distinct.index(each.source) for path, each in views.items()}
        view = images.view(arrays[0].ndim)
    return InputPictures(
        tiles,
        [_name(model, options.images, *source) for source in distinct],
        views,
        sources,
        [source[0] == distinct[0][0] for source in distinct],
        picture_sides(model, options, watched),
        between,
        view,
    )


def _array(model: keras.Model, options: GradCAM, source: tuple[int, int | None], tap: Tap) -> Any:
    index, frame = source
    array = np.asarray(tree.flatten(options.images)[index])
    return shown(array, layout_of(model, array.ndim, tap, array.shape), frame)


def _of_one_size(tiles: Sequence[images.Bytes]) -> list[images.Bytes]:
    """All at the size of the largest: they share one sheet."""
    sides = max((each.shape[1:3] for each in tiles), key=lambda sides: sides[0] * sides[1])
    return [images.resized_tiles(each, sides) for each in tiles]


def _order(source: tuple[int, int | None]) -> tuple[int, int]:
    """Inputs as the model takes them, frames by their time; a whole input comes first."""
    index, frame = source
    return index, -1 if frame is None else frame


def _name(model: keras.Model, given: Any, index: int, frame: int | None) -> str:
    """What a source is called."""
    tensors = getattr(model, "inputs", None) or ()
    names = sorted(given) if isinstance(given, dict) else [each.name for each in tensors]
    flat = len(tree.flatten(given))
    name = str(names[index]) if len(names) == flat else ""
    if not name or name.startswith("keras_tensor"):  # Keras' own, where the user gave none
        name = f"input {index}"
    return name if frame is None else f"{name}, frame {frame}" if flat > 1 else f"frame {frame}"
