"""The command line: what it prints, where it exits, and that bad input gets one line."""

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from convviz_tb import schema
from convviz_tb.cli.main import main
from support.events import read_run
from support.logs import write_run
from support.processes import ROOT
from support.zoo import one_convolution


@pytest.fixture
def checkpoints(tmp_path: Path) -> Path:
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    for step in range(2):
        one_convolution(3).save(folder / f"epoch_{step}.keras")
    return folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for number in range(2):
            level = np.full((20, 30, 3), 100 * number + 50)
            keras.utils.save_img(folder / name / f"{number}.png", level, scale=False)
    return folder


def test_render_writes_patterns_and_heatmaps_of_the_pictures_in_a_folder(
    checkpoints, photos, tmp_path, capsys
):
    arguments = ["render", str(checkpoints), "--images", str(photos), "--log-dir"]
    arguments += [str(tmp_path / "run"), "--filters", "2", "--classes", "true", "--count", "3"]
    assert main(arguments) == 0
    assert "2 steps rendered, 0 were there" in capsys.readouterr().out
    events = read_run(tmp_path / "run")
    assert [event.step for event in events["model"]] == [0, 1]
    inputs = events["inputs"][0].facts
    assert inputs["class_names"] == ["cat", "dog"]
    assert [tile["label"] for tile in inputs["tiles"]] == [0, 1, 0]
    assert len(events["patterns/conv"][0].facts["tiles"]) == 2
    assert main([*arguments, "--quiet"]) == 0
    assert "0 steps rendered, 2 were there" in capsys.readouterr().out


@pytest.mark.parametrize("folder", [[], ["{photos}"]])
def test_render_searches_the_pictures_of_a_folder_for_examples(
    checkpoints, photos, tmp_path, folder
):
    arguments = ["render", str(checkpoints), "--images", str(photos), "--count", "1"]
    arguments += ["--filters", "2", "--log-dir", str(tmp_path / "run"), "--examples"]
    assert main([*arguments, *(each.format(photos=photos) for each in folder)]) == 0
    facts = [event.facts for event in read_run(tmp_path / "run")["examples/conv"]]
    assert [each["count"] for each in facts] == [4, 4]
    (pictures, *_) = read_run(tmp_path / "run")["pictures"]
    assert pictures.facts["class_names"] == ["cat", "dog"]
    assert {tile["label"] for tile in pictures.facts["tiles"]} <= {0, 1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["render", "{checkpoints}", "--log-dir", "run", "--examples"],
            "--examples: name a folder of pictures, or give --images",
        ),
        (
            ["render", "{checkpoints}", "--log-dir", "run", "--examples", "no"],
            "--examples: there is no folder 'no'",
        ),
        (
            ["render", "nothing.keras", "--log-dir", "run"],
            "there is no 'nothing.keras'",
        ),
        (["render", "{checkpoints}", "--log-dir", "run", "--layers", "c"], "no layer 'c'"),
        (
            ["render", "{checkpoints}", "--log-dir", "run", "--images", "no"],
            "there is no folder 'no'",
        ),
        (["render", "{checkpoints}", "--log-dir", "run", "--no-patterns"], "both are None"),
        (["report", "nothing", "-o", "x.html"], "there is no folder 'nothing'"),
        (["report", "{checkpoints}", "-o", "x.html"], "nothing of convviz_tb is in"),
        (["info", "nothing"], "there is no folder 'nothing'"),
        (["info", "{checkpoints}"], "nothing of convviz_tb is in"),
    ],
)
def test_bad_input_gets_one_line_and_status_1(
    checkpoints, tmp_path, monkeypatch, capsys, arguments, message
):
    monkeypatch.chdir(tmp_path)
    assert main([each.format(checkpoints=checkpoints) for each in arguments]) == 1
    told = capsys.readouterr().err.strip().splitlines()
    assert told[-1].startswith(f"convviz-tb {arguments[0]}: ") and message in told[-1]


def test_report_writes_a_file_and_says_what_it_leaves_out(tmp_path, capsys):
    write_run(tmp_path / "logs", "run/convviz", 4)
    file = tmp_path / "report.html"
    arguments = ["report", str(tmp_path / "logs"), "-o", str(file), "--steps", "0", "3"]
    assert main(arguments) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"{file}: {file.stat().st_size / 1e6:.1f} MB"
    assert told[1] == "  left out: run: 2 of 4 steps, as asked for"


@pytest.mark.parametrize("arguments", [[], ["rendr"], ["render"], ["info", "a", "b"]])
def test_wrong_arguments_exit_with_status_2(arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


@pytest.mark.parametrize("command", ["report", "render", "info"])
def test_help_has_examples(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"examples:\n  convviz-tb {command} " in capsys.readouterr().out


def test_info_lists_runs_steps_layers_and_sizes(tmp_path, capsys):
    write_run(tmp_path, "one/convviz", 3)
    write_run(tmp_path, "two/convviz", 2)
    assert main(["info", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert (
        "one: step 0-2 of 3, " in told and "two: step 0-1" in told and " MB, last written " in told
    )
    assert main(["info", str(tmp_path / "one"), "--json"]) == 0
    (run,) = json.loads(capsys.readouterr().out)
    written = read_run(tmp_path / "one")
    assert run["name"] == "one" and run["problems"] == []
    assert run["steps"] == [event.step for event in written["model"]]
    files = (tmp_path / "one" / schema.RUN_SUFFIX).glob("*tfevents*")
    assert run["bytes"] == sum(file.stat().st_size for file in files)
    for layer in run["layers"]:
        events = written[f"{layer['kind']}/{layer['layer']}"]
        assert layer["steps"] == len(events)
        assert layer["sheet"] == events[-1].facts["sheet"]


def test_info_and_report_need_neither_tensorflow_nor_keras(tmp_path):
    write_run(tmp_path, "run/convviz", 2)
    code = f"""
import sys
from convviz_tb.cli.main import main
assert main(["info", {str(tmp_path)!r}]) == 0
assert main(["report", {str(tmp_path)!r}, "-o", {str(tmp_path / "report.html")!r}]) == 0
print(sorted({{"tensorflow", "keras"}} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_log_writes_no_escape_sequences_to_the_terminal(tmp_path, capsys):
    write_run(tmp_path, "\x1b[31mred/convviz", 1)
    assert main(["info", str(tmp_path)]) == 0
    assert "?[31mred: step" in capsys.readouterr().out
