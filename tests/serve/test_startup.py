"""TensorBoard starts, whatever became of the plugin; where it can be had, so is the tab."""

import json
import os
import shutil
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tensorboard.plugins import base_plugin

from convviz_tb import schema
from convviz_tb.serve import loader
from support.logs import write_run

ROOT = Path(__file__).parents[2]

#: A real server in a process of its own, asked over HTTP. TensorFlow is kept out: it is not
#: needed, and TensorBoard starts in a fifth of the time.
SERVE = """
import json, sys, urllib.error, urllib.request
sys.modules |= dict.fromkeys(["tensorflow", "keras"])
from tensorboard import default, program
board = program.TensorBoard(plugins=default.get_plugins())
flags = ["--port=0", "--load_fast=false", "--reload_task=blocking", "--reload_interval=0"]
board.configure(argv=["tensorboard", "--logdir", sys.argv[1], *flags])
url = board.launch()
def ask(route):
    try:
        with urllib.request.urlopen(url + "data/" + route) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return str(error.code)
listing = json.loads(ask("plugins_listing"))
told = {"others": len(listing) - 1, "tab": listing.get("convviz", {}).get("enabled")}
told |= {name: ask("plugin/convviz/" + name) for name in ("runs", "index.js")}
print(json.dumps(told))
"""

#: An editable install would lend a broken one what it lacks.
ALONE = """
import sys
sys.meta_path[:] = [f for f in sys.meta_path if not f.__module__.startswith("__editable__")]
"""

FLAGS = """
import sys
sys.modules["tensorflow"] = None
from tensorboard.main import run_main
run_main()
"""


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("logs")
    write_run(directory, "a/convviz", steps=1)
    return directory


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as it is installed: modules, bundle, metadata with the entry point."""
    site = tmp_path_factory.mktemp("whole")
    shutil.copytree(ROOT / "convviz_tb", site / "convviz_tb")
    metadata = site / "convviz_tb-0.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: convviz_tb\nVersion: 0.0\n")
    entry = "[tensorboard_plugins]\nconvviz = convviz_tb.serve.loader:ConvVizLoader\n"
    (metadata / "entry_points.txt").write_text(entry)
    return site


@pytest.fixture
def site(whole: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(whole, tmp_path / "site"))


def run(site: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", ALONE + code, *arguments],
        cwd=site,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def start(site: Path, logdir: Path) -> tuple[dict[str, Any], str]:
    """What the server tells, and what it printed."""
    done = run(site, SERVE, str(logdir))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


def test_a_whole_install_has_the_tab_also_without_tensorflow(whole: Path, logdir: Path) -> None:
    told, _ = start(whole, logdir)
    assert told["tab"] is True
    assert [entry["name"] for entry in json.loads(told["runs"])["runs"]] == ["a"]
    assert told["others"] > 5


def no_bundle(package: Path) -> None:
    shutil.rmtree(package / "static", ignore_errors=True)


def bundle_that_is_no_file(package: Path) -> None:
    no_bundle(package)
    (package / "static" / "index.js").mkdir(parents=True)


@pytest.mark.parametrize("spoil", [no_bundle, bundle_that_is_no_file])
def test_without_its_bundle_the_tab_says_what_to_do(
    site: Path, logdir: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(site / "convviz_tb")
    told, _ = start(site, logdir)
    assert told["tab"] is True
    assert "pip install ." in told["index.js"]


def no_plugin(package: Path) -> None:
    (package / "serve/plugin.py").unlink()


def no_schema(package: Path) -> None:
    (package / "schema.py").unlink()


def half_a_store(package: Path) -> None:
    source = (package / "serve/store.py").read_text()
    (package / "serve/store.py").write_text(source[: len(source) // 2] + "\n(((")


def of_another_tensorboard(package: Path) -> None:
    source = (package / "serve/plugin.py").read_text()
    (package / "serve/plugin.py").write_text("from tensorboard import not_yet_invented\n" + source)


@pytest.mark.parametrize("spoil", [no_plugin, no_schema, half_a_store, of_another_tensorboard])
def test_a_broken_install_costs_the_tab_only(
    site: Path, logdir: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(site / "convviz_tb")
    told, said = start(site, logdir)
    assert told["tab"] is None
    assert told["others"] > 5
    assert "Failed to load plugin ConvVizLoader.load" in said


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--version_tb"], ""),
        (["--inspect", "--logdir", "."], "No event files found"),
        (["--helpfull"], "--samples_per_plugin"),
    ],
)
def test_what_only_prints_prints(whole: Path, flags: list[str], said: str) -> None:
    done = run(whole, FLAGS, *flags)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert "Traceback" not in done.stderr


def test_what_is_raised_in_making_the_plugin_is_left_to_tensorboard() -> None:
    """It logs that and goes on: `load` is the one place where raising harms nobody."""
    with pytest.raises(AttributeError):
        loader.ConvVizLoader().load(types.SimpleNamespace())  # type: ignore[arg-type]


def test_the_page_and_its_routes_are_told_without_a_log() -> None:
    """`frontend_metadata` that raises blanks the whole UI, `get_plugin_apps` the tab."""
    made = loader.ConvVizLoader().load(base_plugin.TBContext())
    assert made.frontend_metadata().tab_name == "ConvViz"
    assert all(route.startswith("/") for route in made.get_plugin_apps())
    assert made.is_active() is False


def test_the_loader_calls_the_plugin_by_its_name() -> None:
    flags = types.SimpleNamespace(samples_per_plugin={})
    loader.ConvVizLoader().fix_flags(flags)
    assert flags.samples_per_plugin == {schema.PLUGIN_NAME: 0}
