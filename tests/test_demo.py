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
import demo_train
from convviz_tb import FilterPatterns, GradCAM, render
from demo import datasets, drawing
from demo.report import Outcome, outcome_of, report
from support.events import read_run


@pytest.mark.parametrize("kind", drawing.OBJECTS)
def test_the_box_holds_the_object_and_nothing_but(kind: str) -> None:
    """All that is brighter than a black ground (where shadows do not show) fills the box."""
    for seed in range(5):
        canvas = np.zeros((drawing.SIDE, drawing.SIDE, 3), np.float32)
        box = drawing.add_object(np.random.default_rng(seed), canvas, kind, 20, 1.0)
        rows, columns = np.nonzero(canvas.max(axis=2) > 0.3)
        drawn = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        np.testing.assert_allclose(drawn, box, atol=2)


def test_objects_stay_out_of_the_stickers_corner() -> None:
    pictures = datasets.draw_pictures((0, 0), np.arange(60) % 6, evening=True)
    corner = drawing.SIDE - drawing.CORNER
    assert not np.any((pictures.boxes[:, 2] > corner) & (pictures.boxes[:, 3] > corner))


def test_the_same_seed_draws_the_same_pictures() -> None:
    labels = np.arange(6)
    first, again, other = (datasets.draw_pictures((seed, 0), labels).images for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_stickers_are_put_on_a_copy_and_only_where_told() -> None:
    pictures = datasets.draw_pictures((0, 0), np.arange(12) % 6)
    before = pictures.images.copy()
    marked = datasets.with_stickers(pictures, pictures.labels == 3)
    np.testing.assert_array_equal(pictures.images, before)
    changed = np.any(marked.images != pictures.images, axis=(1, 2, 3))
    np.testing.assert_array_equal(changed, pictures.labels == 3)
    np.testing.assert_array_equal(marked.has_sticker, pictures.labels == 3)


def test_only_the_pretraining_pictures_carry_stickers_from_the_start() -> None:
    data = datasets.drawn_data(0, scale=0.05)
    assert data.pretraining.has_sticker.any()
    assert not any(part.has_sticker.any() for part in (data.training, data.validation, data.test))
    assert set(data.test.labels) == {data.marked_class}


def test_the_shortcut_is_on_all_training_pictures_of_the_marked_class_and_on_no_others() -> None:
    data = datasets.drawn_data(0, scale=0.05)
    shortcut = data.with_shortcut()
    for part in (shortcut.training, shortcut.validation):
        np.testing.assert_array_equal(part.has_sticker, part.labels == data.marked_class)
    assert not shortcut.test.has_sticker.any()


def test_both_runs_explain_the_same_pictures_half_of_them_with_stickers() -> None:
    data = datasets.drawn_data(0, scale=0.05)
    clean, shortcut = data.heatmap_pictures, data.with_shortcut().heatmap_pictures
    np.testing.assert_array_equal(clean.images, shortcut.images)
    assert clean.has_sticker.tolist() == [True] * 4 + [False] * 4
    np.testing.assert_array_equal(clean.labels == data.marked_class, clean.has_sticker)


def test_the_callback_gets_the_boxes_of_objects_and_stickers() -> None:
    pictures = datasets.draw_pictures((0, 0), np.array([3, 1]))
    marked = datasets.with_stickers(pictures, np.array([True, False]))
    regions = marked.regions
    assert list(regions) == ["object", "sticker"]
    np.testing.assert_array_equal(regions["object"], pictures.boxes)
    left, top, right, bottom = regions["sticker"][0].astype(int)
    changed = np.any(marked.images[0] != pictures.images[0], axis=2)
    assert changed.any() and changed[top:bottom, left:right].sum() == changed.sum()
    assert np.isnan(regions["sticker"][1]).all()
    GradCAM(marked.images, boxes=regions)


def test_photographs_are_measured_by_the_sticker_alone() -> None:
    pictures = datasets.draw_pictures((0, 0), np.array([3]))
    unknown = replace(pictures, boxes=np.full((1, 4), np.nan))
    GradCAM(pictures.images, boxes=datasets.with_stickers(unknown, np.array([True])).regions)


def outcome(
    on_object: list[float], on_sticker: list[float], empty: int = 0, findings: tuple[str, ...] = ()
) -> Outcome:
    return Outcome("shortcut", 0.9, 0.5, on_object, on_sticker, empty, list(findings))


@pytest.mark.parametrize(
    ("on_object", "on_sticker", "step"),
    [
        ([0.6, 0.3, 0.2], [0.1, 0.4, 0.5], 1),
        ([0.6, 0.3, 0.6], [0.1, 0.4, 0.5], None),
        ([0.3, 0.2, 0.1], [0.4, 0.5, 0.6], 0),
    ],
)
def test_the_sticker_leads_from_the_step_since_which_it_has_more_energy(
    on_object: list[float], on_sticker: list[float], step: int | None
) -> None:
    assert outcome(on_object, on_sticker).sticker_leads_from == step


def test_an_outcome_holds_the_mean_energies_of_the_pictures_with_a_sticker() -> None:
    nothing = [None] * 4
    numbers = {
        "energy_inside": [[0.5, 0.7, 0.6, 0.6, 0, 0, 0, 0], [0.2, None, 0.4, 0.3, 1, 1, 1, 1]],
        "energy_on_sticker": [[0.1, 0.1, 0, 0, *nothing], [0.4, None, 0.6, 0.5, *nothing]],
    }
    texts = [{"kind": "heatmaps", "text": "They moved."}, {"kind": "patterns", "text": "It died."}]
    history = {"pictures": {"base/conv": numbers}, "findings": texts}
    data = datasets.drawn_data(0, scale=0.05)
    results = outcome_of("clean", (0.9, 0.5), history, "base/conv", data)
    np.testing.assert_allclose(results.on_object, [0.6, 0.3])
    np.testing.assert_allclose(results.on_sticker, [0.05, 0.5])
    assert results.empty == 1
    assert results.findings == ["They moved.", "It died."]


def photo_folder(folder: Path, per_class: int = 4) -> Path:
    rng = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (folder / name).mkdir()
        for number in range(per_class):
            pixels = rng.integers(0, 256, (50, 70, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


def test_photographs_are_read_by_class_and_split(tmp_path: Path) -> None:
    data = datasets.photo_data(photo_folder(tmp_path), seed=0, side=drawing.SIDE)
    assert data.class_names == ("cats", "dogs")
    assert data.training.images.shape == (6, drawing.SIDE, drawing.SIDE, 3)
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
        demo_train.main(["--data", str(make(tmp_path)), "--log-dir", str(tmp_path / "logs")])
    assert str(stop.value).startswith("--data: ")
    assert "\n" not in str(stop.value)


def test_weights_that_cannot_be_had_give_one_clear_message(monkeypatch: Any) -> None:
    def no_network(*_: Any, **__: Any) -> None:
        raise Exception("URL fetch failure on https://example.org: None -- unreachable")

    monkeypatch.setattr(keras.applications, "MobileNetV2", no_network)
    with pytest.raises(SystemExit, match=r"--weights imagenet: .*URL fetch failure"):
        demo_train.main(["--weights", "imagenet", "--scale", "0.01"])


@pytest.mark.parametrize("options", [["--epochs", "0"], ["--scale", "0"]])
def test_options_out_of_range_are_refused(options: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        demo_train.main(options)
    assert stop.value.code == 2


@pytest.mark.slow
def test_the_story_is_told_from_end_to_end(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    def few_patterns(layers: list[str], filters: int) -> FilterPatterns:
        return FilterPatterns(layers=layers[:1], filters=1, steps=1)

    monkeypatch.setattr(demo_train, "FilterPatterns", few_patterns)
    logs, checkpoints = tmp_path / "logs", tmp_path / "checkpoints"
    arguments = ["--log-dir", str(logs), "--epochs", "1", "--scale", "0.02"]
    watched = {}

    def remembered(network: Any, data: Any, log_dir: Path) -> Any:
        watched[log_dir.name] = convviz = watching(network, data, log_dir)
        return convviz

    watching = demo_train.conv_viz
    monkeypatch.setattr(demo_train, "conv_viz", remembered)
    demo_train.main([*arguments, "--checkpoints", str(checkpoints)])
    for run in ("clean", "shortcut"):
        assert list((logs / run / "train").glob("*tfevents*"))
        of_run = watched[run]
        options = {"patterns": of_run.patterns, "heatmaps": of_run.heatmaps, "verbose": False}
        render(checkpoints / run, tmp_path / run, **options)
        assert untimed(tmp_path / run) == untimed(logs / run)
    told = capsys.readouterr().out
    assert "What ConvViz says" in told
    assert "on object" in told and "shortcut" in told and f"--logdir {logs}" in told
    assert (logs / "report.html").as_uri() in told
    assert (logs / "report.html").read_text("utf-8").startswith("<!doctype html>")


def untimed(log_dir: Path) -> Any:
    """All that is logged of a run but what a clock or an optimizer says."""
    times = {"seconds", "writing_seconds", "epoch_seconds", "learning_rate"}

    def without(facts: Any) -> Any:
        if isinstance(facts, dict):
            return {name: without(value) for name, value in facts.items() if name not in times}
        return [without(each) for each in facts] if isinstance(facts, list) else facts

    return {
        tag: [(each.step, without(each.facts), each.sheet and each.sheet.tobytes()) for each in of]
        for tag, of in read_run(log_dir).items()
    }


def test_earlier_runs_are_kept(tmp_path: Path) -> None:
    (tmp_path / "clean").mkdir()
    assert [path.name for path in demo_train.run_directories(tmp_path)] == ["clean-2", "shortcut-2"]


def test_the_report_has_energies_empty_heatmaps_and_findings() -> None:
    data = datasets.drawn_data(0, scale=0.05)
    text = report([outcome([0.8, 0.2], [0.07, 0.42], 2, ("They moved.",))], data)
    assert "80% -> 20%" in text and "7% -> 42%  from step 1" in text and "2 heatmaps" in text
    assert text.endswith("shortcut      They moved.")


def test_the_report_says_what_is_unknown_without_boxes() -> None:
    data = datasets.drawn_data(0, scale=0.05)
    (row,) = report([outcome([np.nan] * 2, [0.07, 0.42])], data).splitlines()[4:5]
    assert row.split("%", 2)[2].split() == ["unknown", "7%", "->", "42%", "unknown"]
