"""The demo keeps its promises: right boxes, stickers only where told, both runs in the logs."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))
import demo_train as demo
from convviz_tb import FilterPatterns, GradCAM


@pytest.mark.parametrize("kind", demo.CLASS_NAMES)
def test_the_box_holds_the_object_and_nothing_but(kind: str) -> None:
    """All that is brighter than a black ground (where shadows do not show) fills the box."""
    for seed in range(5):
        canvas = np.zeros((demo.SIDE, demo.SIDE, 3), np.float32)
        box = demo.add_object(np.random.default_rng(seed), canvas, kind, 20, 1.0)
        rows, columns = np.nonzero(canvas.max(axis=2) > 0.3)
        drawn = [rows.min(), columns.min(), rows.max() + 1, columns.max() + 1]
        np.testing.assert_allclose(drawn, box, atol=2)


def test_objects_stay_out_of_the_stickers_corner() -> None:
    pictures = demo.draw_pictures((0, 0), np.arange(60) % 6, evening=True)
    corner = demo.SIDE - demo.CORNER
    assert pictures.boxes is not None
    assert not np.any((pictures.boxes[:, 2] > corner) & (pictures.boxes[:, 3] > corner))


def test_the_same_seed_draws_the_same_pictures() -> None:
    labels = np.arange(6)
    first, again, other = (demo.draw_pictures((seed, 0), labels).images for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_stickers_are_put_on_a_copy_and_only_where_told() -> None:
    pictures = demo.draw_pictures((0, 0), np.arange(12) % 6)
    before = pictures.images.copy()
    marked = demo.with_stickers(pictures, pictures.labels == 3)
    np.testing.assert_array_equal(pictures.images, before)
    changed = np.any(marked.images != pictures.images, axis=(1, 2, 3))
    np.testing.assert_array_equal(changed, pictures.labels == 3)
    np.testing.assert_array_equal(marked.marked, pictures.labels == 3)


def test_only_the_pretraining_pictures_carry_stickers_from_the_start() -> None:
    data = demo.drawn_data(0, scale=0.05)
    assert data.pretraining.marked.any()
    assert not any(part.marked.any() for part in (data.training, data.validation, data.test))
    assert set(data.test.labels) == {data.marked_class}


def test_the_callback_is_told_where_object_and_sticker_are() -> None:
    pictures = demo.draw_pictures((0, 0), np.array([3, 1]))
    marked = demo.with_stickers(pictures, np.array([True, False]))
    found = demo.regions(marked)
    assert found is not None and list(found) == ["object", "sticker"]
    assert pictures.boxes is not None
    top, left, bottom, right = pictures.boxes[0]
    assert found["object"][0].tolist() == [left, top, right, bottom]
    left, top, right, bottom = found["sticker"][0].astype(int)
    changed = np.any(marked.images[0] != pictures.images[0], axis=2)
    assert changed.any() and changed[top:bottom, left:right].sum() == changed.sum()
    assert np.isnan(found["sticker"][1]).all()
    GradCAM(marked.images, boxes=found)
    assert demo.regions(replace(marked, boxes=None)) is None


def test_energy_shares_are_known_for_simple_maps() -> None:
    maps = np.zeros((3, 4, 4), np.float32)
    maps[0, 0, 0] = 5
    maps[1] = 1
    shares = demo.energy_shares(maps, np.array([[0, 0, 2, 2]] * 3))
    np.testing.assert_allclose(shares, [1, 0.25, np.nan])
    assert demo.mean(shares) == 0.625


@pytest.mark.parametrize(
    ("on_object", "on_sticker", "moved_at"),
    [([0.6, 0.3, 0.2], [0.1, 0.4, 0.5], 1), ([0.6, 0.3, 0.6], [0.1, 0.4, 0.5], None)],
)
def test_a_heatmap_has_moved_when_it_stays_on_the_sticker(
    on_object: list[float], on_sticker: list[float], moved_at: int | None
) -> None:
    shares = [
        {"heatmap_on_object": a, "heatmap_on_sticker": b}
        for a, b in zip(on_object, on_sticker, strict=True)
    ]
    assert demo.Outcome("shortcut", 0.9, 0.5, shares, 0, []).moved_at == moved_at


def photo_folder(folder: Path, per_class: int = 4) -> Path:
    rng = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (folder / name).mkdir()
        for number in range(per_class):
            pixels = rng.integers(0, 256, (50, 70, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


def test_photographs_are_read_by_class_and_split(tmp_path: Path) -> None:
    data = demo.photo_data(photo_folder(tmp_path), seed=0, side=demo.SIDE)
    assert data.class_names == ("cats", "dogs")
    assert data.training.images.shape == (6, demo.SIDE, demo.SIDE, 3)
    assert len(data.validation) == 2 and len(data.test) == 1


def missing(folder: Path) -> Path:
    return folder / "missing"


def empty(folder: Path) -> Path:
    return folder


def too_few(folder: Path) -> Path:
    return photo_folder(folder, per_class=3)


def unreadable(folder: Path) -> Path:
    (photo_folder(folder) / "cats" / "0.png").write_bytes(b"not a picture")
    return folder


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (missing, "is not a folder"),
        (empty, "one per class"),
        (too_few, "'cats': 3"),
        (unreadable, "0.png cannot be read"),
    ],
)
def test_a_bad_folder_of_photographs_gives_one_clear_message(
    tmp_path: Path, make: Any, message: str
) -> None:
    with pytest.raises(SystemExit, match=message) as stop:
        demo.main(["--data", str(make(tmp_path)), "--log-dir", str(tmp_path / "logs")])
    assert str(stop.value).startswith("--data: ")
    assert "\n" not in str(stop.value)


def test_weights_that_cannot_be_had_give_one_clear_message(monkeypatch: Any) -> None:
    def no_network(*_: Any, **__: Any) -> None:
        raise Exception("URL fetch failure on https://example.org: None -- unreachable")

    monkeypatch.setattr(keras.applications, "MobileNetV2", no_network)
    with pytest.raises(SystemExit, match=r"--weights imagenet: .*URL fetch failure"):
        demo.main(["--weights", "imagenet", "--scale", "0.01"])


@pytest.mark.parametrize("options", [["--epochs", "0"], ["--scale", "0"]])
def test_options_out_of_range_are_refused(options: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        demo.main(options)
    assert stop.value.code == 2


@pytest.mark.slow
def test_the_story_is_told_from_end_to_end(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    def few_patterns(layers: list[str], filters: int) -> FilterPatterns:
        return FilterPatterns(layers=layers[:1], filters=1, steps=1)

    monkeypatch.setattr(demo, "FilterPatterns", few_patterns)
    demo.main(["--log-dir", str(tmp_path), "--epochs", "1", "--scale", "0.02"])
    for run in ("clean", "shortcut"):
        assert list((tmp_path / run / "convviz").glob("*tfevents*"))
        assert list((tmp_path / run / "train").glob("*tfevents*"))
    told = capsys.readouterr().out
    assert "What ConvViz says" in told
    assert "on object" in told and "shortcut" in told and f"--logdir {tmp_path}" in told


def test_earlier_runs_are_kept(tmp_path: Path) -> None:
    (tmp_path / "clean").mkdir()
    assert [path.name for path in demo.run_directories(tmp_path)] == ["clean-2", "shortcut-2"]


def test_the_report_says_where_boxes_are_unknown() -> None:
    data = demo.drawn_data(0, scale=0.05)
    data = replace(data, test=replace(data.test, boxes=None))
    shares = [{"heatmap_on_sticker": 0.07}, {"heatmap_on_sticker": 0.42}]
    told = demo.report([demo.Outcome("shortcut", 0.9, 0.5, shares, 2, ["They moved."])], data)
    assert "no boxes" in told and "7% -> 42%" in told and "2 heatmaps" in told
    assert told.endswith("shortcut      They moved.")
