"""The rules of the house that a machine can check."""

import ast
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

#: model -> patterns | heatmaps -> metrics -> log, and serve -> schema: for each room those that
#: it may import. The contract (`schema` and what it is made of) and `images` lie below all.
CONTRACT = {"schema", "metric_table", "checks"}
BELOW = {
    "checks": set(),
    "metric_table": set(),
    "schema": {"metric_table", "checks"},
    "images": {"schema"},
    "model": {*CONTRACT, "images"},
    "patterns": {*CONTRACT, "images", "model"},
    "heatmaps": {*CONTRACT, "images", "model"},
    "metrics": {*CONTRACT, "images", "model", "patterns", "heatmaps"},
    "log": {*CONTRACT, "images", "model", "patterns", "heatmaps", "metrics"},
    "serve": CONTRACT,
}


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
