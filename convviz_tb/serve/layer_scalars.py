"""A run in; the numbers of its layers over the steps out.

They are the scalars `convviz/<number>/<layer path>` that the callback writes beside its own series.
Others may have written such tags as well: whatever is a scalar of that name is a number of a layer.
"""

import re
from typing import Final, TypedDict

from tensorboard.data import provider
from tensorboard.plugins.scalar import metadata

from convviz_tb.serve.curves import MOST_POINTS, finite
from convviz_tb.serve.store import LONGEST, Store

_TAG: Final = re.compile(r"convviz/([A-Za-z]\w{0,40})/(.+)", re.DOTALL)
#: Bound of one answer: ten numbers of each of two hundred layers.
MOST_TAGS: Final = 2000
#: And of all of them together, some two megabytes: a thousand values of each of two hundred.
MOST_VALUES: Final = 200_000


class Numbers(TypedDict):
    """One number of one layer; what is not finite is None."""

    steps: list[int]
    values: list[float | None]


class LayerProfile(TypedDict):
    """The numbers of one layer by their names."""

    layer: str
    numbers: dict[str, Numbers]


def profile(store: Store, run: str) -> list[LayerProfile]:
    """The numbers of the layers of a run over its steps; layers and numbers by name."""
    listed = store.ask(
        "list_scalars",
        plugin_name=metadata.PLUGIN_NAME,
        run_tag_filter=provider.RunTagFilter(runs=[run]),
    )
    tags = sorted(tag for tag in listed.get(run, {}) if _is_ours(tag))[:MOST_TAGS]
    if not tags:
        return []
    found = store.ask(
        "read_scalars",
        plugin_name=metadata.PLUGIN_NAME,
        downsample=min(MOST_POINTS, max(1, MOST_VALUES // len(tags))),
        run_tag_filter=provider.RunTagFilter(runs=[run], tags=tags),
    )
    layers: dict[str, dict[str, Numbers]] = {}
    for tag, points in sorted(found.get(run, {}).items()):
        number, layer = _parts(tag)
        layers.setdefault(layer, {})[number] = Numbers(
            steps=[point.step for point in points],
            values=[_short(point.value) for point in points],
        )
    return [LayerProfile(layer=layer, numbers=layers[layer]) for layer in sorted(layers)]


def _is_ours(tag: str) -> bool:
    return len(tag) <= LONGEST and _TAG.fullmatch(tag) is not None


def _parts(tag: str) -> tuple[str, str]:
    """Number and layer of a tag; a layer's path may hold slashes itself."""
    _, number, layer = tag.split("/", 2)
    return number, layer


def _short(value: float) -> float | None:
    """Scalars are 32 bits wide: more digits than these would only be noise to transfer."""
    exact = finite(value)
    return None if exact is None else float(f"{exact:.6g}")
