"""The tab inside a notebook: a real Jupyter, a real kernel, `%tensorboard`."""

import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from support.logs import write_run
from support.processes import Process
from support.waiting import wait_for

# The fixture is found by name in the module that uses it.

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.slow]

#: The program; that of another environment will do, since the kernel only starts TensorBoard.
JUPYTER = os.environ.get("JUPYTER") or shutil.which(
    "jupyter-notebook", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
)


def notebook(*cells: str) -> dict[str, Any]:
    """A notebook with these cells, none of them run."""
    code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    kernel = {"name": "python3", "display_name": "Python 3"}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel},
        "cells": [code | {"id": f"cell{at}", "source": text} for at, text in enumerate(cells)],
    }


@pytest.fixture
def jupyter(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Address of a Jupyter, and the directory that it shows."""
    if not JUPYTER:
        pytest.skip("no jupyter-notebook on PATH (pip install notebook); JUPYTER names another")
    home = tmp_path / "home"
    place = tmp_path / "notebooks"
    place.mkdir()
    own = {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home), "JUPYTER_RUNTIME_DIR": str(home)}
    own |= {"IPYTHONDIR": str(home), "TMPDIR": str(tmp_path)}
    # TensorBoard is that of the tests, which knows the plugin: found where they find it.
    board = tmp_path / "tensorboard"
    path = shlex.quote(os.pathsep.join(filter(None, sys.path)))
    board.write_text(
        f'#!/bin/sh\nPYTHONPATH={path} exec {sys.executable} -m tensorboard.main "$@"\n'
    )
    board.chmod(0o755)
    own["TENSORBOARD_BINARY"] = str(board)
    command = [JUPYTER, "--no-browser", "--port=0", "--ip=127.0.0.1", "--IdentityProvider.token="]
    command += ["--allow-root", f"--notebook-dir={place}"]
    with Process(command, tmp_path / "jupyter.txt", own) as process:
        address = process.wait_for_output(r"(http://127\.0\.0\.1:\d+/)tree", "Jupyter to start")
        yield address[1], place


def test_the_tab_works_in_a_notebook(
    jupyter: tuple[str, Path],
    browser: Browser,
    tmp_path: Path,
) -> None:
    url, place = jupyter
    logdir = tmp_path / "logs"
    write_run(logdir, "run/convviz", steps=3)
    stop = "from tensorboard import manager, notebook\nimport os\n"
    stop += "for info in manager.get_all(): os.kill(info.pid, 15)\nprint('stop' + 'ped')"
    cells = ["%load_ext tensorboard", f"%tensorboard --logdir {logdir} --port 0", stop]
    (place / "look.ipynb").write_text(json.dumps(notebook(*cells)))
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{url}notebooks/look.ipynb")
    page.locator(".jp-Notebook .cm-content").first.click()
    try:
        for _ in range(2):
            page.keyboard.press("Shift+Enter")
        board = page.frame_locator("iframe[id^=tensorboard-frame]")
        ours = board.get_by_role("tab", name="ConvViz")

        def listed() -> bool:
            if not ours.is_visible():  # TensorBoard had not read the log yet
                board.locator(".reload-button").click()
                page.wait_for_timeout(1000)
            return ours.is_visible()

        wait_for(listed, "TensorBoard to list the tab")
        ours.click()
        tab = board.frame_locator('iframe[src*="name=convviz"]')
        tab.get_by_role("button", name="Patterns").click()
        expect(tab.locator(".tile canvas").first).to_be_visible()
        slider = tab.get_by_role("slider", name="Step")
        expect(slider).to_have_attribute("aria-valuenow", "2")
        tab.get_by_role("button", name="Previous stored step").click()
        expect(slider).to_have_attribute("aria-valuenow", "1")
        tab.locator(".tile").first.click()
        expect(tab.locator(".viewer canvas").first).to_be_visible()
    finally:
        page.screenshot(path=os.environ.get("CONVVIZ_SHOT", str(tmp_path / "shot.png")))
        page.locator(".jp-Notebook .cm-content").nth(2).click()
        page.keyboard.press("Shift+Enter")
        expect(page.locator(".jp-OutputArea-output").get_by_text("stopped")).to_be_visible()
        page.close()
    assert not [fault for fault in faults if "convviz" in fault.lower()]
