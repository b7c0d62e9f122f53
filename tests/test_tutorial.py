"""The tutorial, from a fresh kernel with a real TensorBoard."""

import contextlib
import importlib.util
import json
import os
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
TUTORIAL = ROOT / "docs" / "tutorial.ipynb"
NEEDED = ("nbclient", "nbformat", "ipykernel", "matplotlib")

pytestmark = [pytest.mark.slow, pytest.mark.server]


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The notebook with the outputs of a run in an empty directory."""
    if missing := [name for name in NEEDED if not importlib.util.find_spec(name)]:
        pytest.skip(f"not installed: {', '.join(missing)} (the extra notebook)")
    import nbformat
    from nbclient import NotebookClient

    place = tmp_path_factory.mktemp("tutorial")
    path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    board = place / "tensorboard"
    board.write_text(
        f"#!/bin/sh\necho $$ > {place}/pid\n"
        f'PYTHONPATH={shlex.quote(path)} exec {sys.executable} -m tensorboard.main "$@"\n'
    )
    board.chmod(0o755)
    own = {"PYTHONPATH": path, "TENSORBOARD_BINARY": str(board), "TMPDIR": str(place)}
    own |= {"HOME": str(place), "IPYTHONDIR": str(place)}
    notebook = nbformat.read(TUTORIAL, 4)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in own.items():
            patch.setenv(name, value)
        client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(place)}})
        client.execute()
    keep(nbformat, notebook)
    yield notebook, place
    if (place / "pid").exists():
        with contextlib.suppress(ProcessLookupError):  # it may have ended with its kernel
            os.kill(int((place / "pid").read_text()), signal.SIGTERM)


def keep(nbformat: Any, notebook: Any) -> None:
    """Leaves it in `artifacts/`, to be committed; without the two pages, which are large."""
    small = nbformat.from_dict(json.loads(json.dumps(notebook)))
    for cell in small.cells:
        cell.get("metadata", {}).pop("execution", None)
        if cell.source.startswith(("watch.show", "%load_ext")):
            cell.outputs = []
    (ROOT / "artifacts").mkdir(exist_ok=True)
    nbformat.write(small, ROOT / "artifacts" / "tutorial.ipynb")


def output_of(notebook: Any, source: str) -> str:
    (cell,) = [cell for cell in notebook.cells if source in cell.source]
    return str(cell.outputs)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_it_runs_and_shows_what_it_speaks_of(executed):
    notebook, place = executed
    assert "sticker" in output_of(notebook, 'watch.history["findings"]')
    assert "image/png" in output_of(notebook, "filter_patterns(network")
    assert "data:image/png" in output_of(notebook, "grad_cam(network")
    assert "sandbox=" in output_of(notebook, "watch.show")
    assert "image/png" in output_of(notebook, "watch.plot")
    assert "iframe" in output_of(notebook, "%tensorboard")
    assert (place / "shortcut.html").stat().st_size < 5_000_000
    assert '"examples/base/block2_conv"' in (place / "shortcut.html").read_text("utf-8")


def test_what_is_committed_is_small_and_has_pictures():
    text = TUTORIAL.read_text("utf-8")
    assert len(text) < 1_000_000
    assert text.count("image/png") >= 2
