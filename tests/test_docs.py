"""The docs: every recipe runs as it stands, and the site builds without a broken link."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import convviz_tb
from support.events import read_run

ROOT = Path(__file__).parents[1]
#: What recipes import that is not installed with the package.
OTHERS = {"keras_tuner", "keras_hub"}


def blocks(page: str) -> list[tuple[str, str]]:
    """The Python code of a page: the headings that it stands under, and the code."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    return [
        (chapter.partition("\n")[0], code)
        for chapter in re.split(r"^## ", text, flags=re.MULTILINE)
        for code in re.findall(r"```python\n(.*?)```", chapter, re.DOTALL)
    ]


PAGES = [(page, *block) for page in ("index.md", "recipes.md") for block in blocks(page)]


def network() -> keras.Model:
    layers = keras.layers
    base = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Conv2D(4, 3, activation="relu", name="conv1"),
            layers.Conv2D(4, 3, activation="relu", name="conv2"),
        ],
        name="base",
    )
    model = keras.Sequential([base, layers.GlobalAveragePooling2D(), layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def names() -> dict[str, Any]:
    """What the pages take for granted."""
    pictures = np.random.default_rng(0).integers(0, 256, (12, 16, 16, 3)).astype("float32")
    labels = np.arange(12) % 3
    given = {name: getattr(convviz_tb, name) for name in convviz_tb.__all__}
    given |= {"keras": keras, "np": np, "convviz_tb": convviz_tb, "model": network()}
    given |= {"images": pictures, "labels": labels, "val_images": pictures, "val_labels": labels}
    return given | {"train": Batches(pictures, labels), "build_model": network}


class Batches(keras.utils.PyDataset):
    """What users call `train`."""

    def __init__(self, pictures: np.ndarray, labels: np.ndarray) -> None:
        super().__init__()
        self._pictures, self._labels = pictures, labels

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        chosen = slice(4 * index, 4 * index + 4)
        return self._pictures[chosen], self._labels[chosen]


@pytest.mark.parametrize(("page", "title", "code"), PAGES, ids=[f"{p}: {t}" for p, t, _ in PAGES])
def test_a_block_of_code_runs_as_it_stands(page, title, code, tmp_path, monkeypatch):
    compiled = compile(code, f"docs/{page}", "exec")
    if missing := sorted(each for each in OTHERS if each in code and not has(each)):
        pytest.skip(f"{', '.join(missing)} is not installed; the code was compiled only")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "checkpoints").mkdir()
    exec(compiled, names())
    for run in tmp_path.glob("runs/*/convviz"):
        events = read_run(run.parent)
        assert not any(event.facts["failures"] for event in events["model"])


def has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


@pytest.mark.skipif(not has("mkdocs_get_deps"), reason="the extra docs is not installed")
def test_the_site_builds_and_has_every_public_name(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "api" / "index.html").read_text("utf-8")
    assert [name for name in convviz_tb.__all__ if f'id="convviz_tb.{name}"' not in page] == []
    fonts = re.findall(r"https?://fonts[^\"']*", page)
    assert not fonts, "the site loads from elsewhere"


def test_every_page_is_in_the_navigation():
    config = (ROOT / "mkdocs.yml").read_text("utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")}
    pages -= {"decisions.md"}  # added by docs/hooks.py, with all of them
    assert pages <= set(re.findall(r"(\w+\.md)$", config, re.MULTILINE))
