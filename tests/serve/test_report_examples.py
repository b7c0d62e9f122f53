"""Examples in a report: their pictures come along, as many as there is space for, and no others."""

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import convviz_tb
from convviz_tb.schema import Series
from support.examples import LAYER, OTHER, PICTURES, colour_of, write_examples
from support.hostile import rich_facts
from support.logs import log

RUN = "run/convviz"


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    write_examples(tmp_path / "logs", "run")
    return tmp_path / "logs"


def written(logdir: Path, **options: Any) -> dict[str, Any]:
    file = logdir.parent / "report.html"
    convviz_tb.report(logdir, file, **options)
    data = re.search(r'id="convviz-report">(.*?)</script>', file.read_text("utf-8"), re.DOTALL)
    assert data
    held: dict[str, Any] = json.loads(data[1])
    return held


def pictures_at(held: dict[str, Any], step: int) -> dict[int, np.ndarray]:
    """The pictures that an event holds, by their numbers."""
    facts = held["facts"][RUN]["pictures"][str(step)]
    _, coded = held["sheet"][RUN]["pictures"][str(step)]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(coded))).convert("RGB"))
    (height, width), columns = facts["sheet"]["tile"], facts["sheet"]["columns"]
    places = [divmod(at, columns) for at in range(facts["sheet"]["count"])]
    return {
        tile["picture"]: pixels[height * row :, width * column :][:height, :width]
        for tile, (row, column) in zip(facts["tiles"], places, strict=True)
    }


def examples_at(held: dict[str, Any], step: int) -> dict[int, list[int]]:
    tiles = held["facts"][RUN][f"examples/{LAYER}"][str(step)]["tiles"]
    return {tile["filter"]: tile["pictures"] for tile in tiles}


def test_it_holds_the_pictures_that_examples_are_cut_from_and_no_others(logdir):
    held = written(logdir)
    # Picture 4 excites nothing.
    assert set(pictures_at(held, 0)) == {0, 1, 2, 3}
    assert set(pictures_at(held, 2)) == {2, 9}
    for number, tile in pictures_at(held, 0).items():
        _, (row, column) = PICTURES[number]
        middle = tile[8 * row + 4, 8 * column + 4].astype(int)
        assert np.abs(middle - colour_of(number)).max() < 12
    assert held["left_out"] == []


def test_pictures_of_steps_that_are_left_out_stay_where_later_ones_need_them(logdir):
    held = written(logdir, steps=[1])
    assert set(pictures_at(held, 0)) == {0, 1, 2, 3}
    assert examples_at(held, 1)[3] == [2, 3]
    by_tag = {each["tag"]: each["steps"] for each in held["series"][RUN]["series"]}
    assert (by_tag["pictures"], by_tag[f"examples/{LAYER}"]) == ([0], [1])


def test_pictures_of_layers_and_filters_that_are_left_out_stay_out(logdir):
    held = written(logdir, filters=1)
    assert examples_at(held, 2) == {0: [0, 1, 2, 3]}
    assert set(pictures_at(held, 0)) == {0, 1, 2, 3} and set(pictures_at(held, 2)) == {2}
    without = written(logdir, layers=[OTHER])
    assert "pictures" not in {each["tag"] for each in without["series"][RUN]["series"]}
    assert not without["sheet"][RUN].get("pictures")


def test_there_are_fewer_examples_where_their_pictures_take_too_much(tmp_path):
    """Many large pictures: as many examples as fit into a third, else none, and it says so."""
    noise = np.random.default_rng(0).integers(0, 256, (60, 128, 128, 3), dtype=np.uint8)
    from convviz_tb import images

    geometry, sheet = images.sheet(noise, "jpeg")
    with log(tmp_path / "logs", RUN) as writing:
        for step in (0, 1):
            writing.put_whole(Series("patterns", "conv"), step)
            tiles = [
                {"filter": filter_, "pictures": [5 * filter_ + place for place in range(5)]}
                | {"activations": [1.0] * 5, "positions": [[0, 0]] * 5}
                for filter_ in range(12)
            ]
            facts = rich_facts("examples", tiles=tiles)
            writing.put(Series("examples", "conv"), step, json.dumps(facts).encode())
            writing.put_whole(Series("model"), step)
        own = {"sheet": geometry, "tiles": [{"picture": number} for number in range(60)]}
        writing.put(Series("pictures"), 0, json.dumps(own).encode(), sheet)
    whole = convviz_tb.report(tmp_path / "logs", tmp_path / "whole.html", size=10**8)
    coded = 4 * len(sheet) / 3
    bundle = whole.size - coded
    assert not whole.left_out

    def at(share: float) -> dict[str, Any]:
        # So much that the pictures of this share of the examples are a third of it.
        return written(tmp_path / "logs", size=int(bundle + 20_000 + 3 * share * coded))

    held = at(0.25)
    assert held["left_out"] == ["at most 1 example of each filter, to stay below the size"]
    assert examples_of_conv(held) == [[5 * filter_] for filter_ in range(12)]
    assert sorted(pictures_at(held, 0)) == list(range(0, 60, 5))
    held = at(0.02)
    assert held["left_out"] == ["no examples, to stay below the size"]
    kinds = {each["kind"] for each in held["series"][RUN]["series"]}
    assert kinds == {"patterns", "model"}


def examples_of_conv(held: dict[str, Any]) -> list[list[int]]:
    tiles = held["facts"][RUN]["examples/conv"]["1"]["tiles"]
    return [tile["pictures"] for tile in tiles]


def test_pictures_that_cannot_be_decoded_stay_as_they_are(tmp_path):
    with log(tmp_path / "logs", RUN) as writing:
        writing.put_whole(Series("patterns", "conv"), 0)
        writing.put_whole(Series("examples", "conv"), 0)
        facts = {"sheet": {"count": 2, "columns": 2, "tile": [8, 8]}, "class_names": []}
        facts |= {"tiles": [{"picture": 7}, {"picture": 99}]}
        broken = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x08\x08\2\0\0\0" + bytes(40)
        writing.put(Series("pictures"), 0, json.dumps(facts).encode(), broken)
        writing.put_whole(Series("model"), 0)
    held = written(tmp_path / "logs")
    mime, coded = held["sheet"][RUN]["pictures"]["0"]
    assert (mime, base64.b64decode(coded)) == ("image/png", broken)
