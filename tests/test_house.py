"""The rules of the house that a machine can check."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

import convviz_tb

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "convviz_tb"
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))

#: model -> patterns | heatmaps | examples -> metrics -> log, and serve -> schema: for each room
#: those that it may import. The contract (`schema` and what it is made of) and `images` lie below
#: all.
CONTRACT = {"schema", "metric_table", "checks"}
BELOW = {
    "checks": set(),
    "metric_table": set(),
    "schema": {"metric_table", "checks"},
    "images": {"schema"},
    "model": {*CONTRACT, "images"},
    "patterns": {*CONTRACT, "images", "model"},
    "heatmaps": {*CONTRACT, "images", "model"},
    "examples": {*CONTRACT, "images", "model"},
    "metrics": {*CONTRACT, "images", "model", "patterns", "heatmaps", "examples"},
    "log": {*CONTRACT, "images", "model", "patterns", "heatmaps", "examples", "metrics"},
    "serve": {*CONTRACT, "images"},
    "notebook": {*CONTRACT, "images", "serve"},
    "cli": {*CONTRACT, "model", "patterns", "heatmaps", "examples", "log", "serve"},
}
#: Who may know TensorFlow: `model/` for what no other backend has, and who reads and writes files.
TENSORFLOW = {
    *(f"model/{name}.py" for name in ("cores", "fourier", "graphs", "precision")),
    *(f"model/{name}.py" for name in ("prune_channels", "replicas", "stateless", "tracing")),
    *("log/event_file.py", "log/heartbeat.py", "log/writer.py", "metrics/baseline.py"),
}
#: Rooms of which others import only what `__init__.py` exports.
DOORS = ("model", "patterns", "heatmaps", "examples")


def room_of(module: str) -> str:
    """`patterns/options.py` -> `patterns`; `schema.py` -> `schema`."""
    return module.partition("/")[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Full names of all that a module imports, wherever it does so."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def rooms_imported(module: str) -> set[str]:
    ours = (name.split(".") for name in imports(PACKAGE / module) if name.startswith("convviz_tb."))
    return {parts[1] for parts in ours} - {room_of(module)}


@pytest.mark.parametrize("module", [each for each in MODULES if each != "__init__.py"])
def test_no_import_runs_against_the_arrow(module):
    assert rooms_imported(module) <= BELOW[room_of(module)]


@pytest.mark.parametrize(
    "module", [each for each in MODULES if room_of(each) in {"serve", *CONTRACT}]
)
def test_the_tensorboard_side_knows_neither_tensorflow_nor_keras(module):
    libraries = {name.partition(".")[0] for name in imports(PACKAGE / module)}
    assert not libraries & {"tensorflow", "keras"}


def test_few_files_know_tensorflow():
    """Another Keras backend has no more than these to replace."""
    found = {
        module
        for module in MODULES
        if "tensorflow" in {name.partition(".")[0] for name in imports(PACKAGE / module)}
    }
    assert found == TENSORFLOW


@pytest.mark.parametrize("room", DOORS)
def test_others_import_of_a_room_what_its_door_exports(room):
    door = f"convviz_tb.{room}"
    exported = {f"{door}.{name}" for name in importlib.import_module(door).__all__}
    outside = [module for module in MODULES if room_of(module) != room]
    used = {name for module in outside for name in imports(PACKAGE / module)}
    assert {name for name in used if name.startswith(f"{door}.")} <= exported


@pytest.mark.parametrize("room", ["serve", "log"])
def test_entering_a_light_room_imports_nothing(room):
    """The loader of the plugin is in one of them, and TensorBoard imports it at every start."""
    assert not imports(PACKAGE / room / "__init__.py")


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_no_test_file_imports_another(path):
    assert not [
        name for name in imports(path) if re.search(r"(^|\.)(test_\w+|conftest)(\.|$)", name)
    ]


def test_the_map_in_contributing_is_the_tree():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for module in MODULES:
        assert (
            re.search(rf"^ +{Path(module).name}  ", text, re.MULTILINE) or "__init__" in module
        ), module


@pytest.mark.parametrize("name", convviz_tb.__all__)
def test_every_public_argument_is_documented(name):
    public = getattr(convviz_tb, name)
    documentation = inspect.getdoc(public) or ""
    for argument in inspect.signature(public).parameters:
        assert re.search(rf"^    {argument}: ", documentation, re.MULTILINE), argument


def test_public_names_are_loaded_on_first_use_and_listed():
    assert set(convviz_tb.__all__) <= set(dir(convviz_tb))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        convviz_tb.nothing  # noqa: B018


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_decisions_are_short(page):
    assert len(page.read_text("utf-8").splitlines()) < 40


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_is_headed_by_its_number(page):
    assert re.match(rf"# {page.stem[:4]}: [A-Z].*[^.]\n", page.read_text("utf-8"))


def test_each_decision_has_a_number_of_its_own():
    numbers = [page.stem[:4] for page in DECISIONS]
    assert len(set(numbers)) == len(numbers)
