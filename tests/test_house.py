"""The rules of the house that a machine can check."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import convviz_tb

ROOT = Path(__file__).parent.parent
MODULES = sorted(path.stem for path in (ROOT / "convviz_tb").glob("*.py"))
#: Upstream to downstream; a room may use those before it.
FLOW = [
    {"schema", "drift", "regions", "kernels", "baseline", "findings", "claim", "effects"},
    {"taps", "slicing", "precision", "devices"},
    {"naming", "inputs", "weights"},
    {"targets", "methods", "ascent"},
    {"gradients", "options", "probes"},
    {"objective", "scorecam"},
    {"patterns", "heatmaps"},
    {"follow"},
    {"images"},
    {"summaries"},
    {"record", "progress", "background", "budget"},
    {"measures"},
    {"jobs"},
    {"look"},
    {"callback"},
]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PLUGIN_SIDE = {"schema", "pictures", "memory", "store", "curves", "profile", "plugin", "loader"}


def imported(module: str) -> set[str]:
    """The rooms of ours that a module imports, wherever it does so."""
    tree = ast.parse((ROOT / "convviz_tb" / f"{module}.py").read_text())
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "convviz_tb":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("convviz_tb."):
            found.add(node.module.removeprefix("convviz_tb."))
    return found & set(MODULES)


def third_parties(module: str) -> set[str]:
    tree = ast.parse((ROOT / "convviz_tb" / f"{module}.py").read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    names = {alias.name for node in imports for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


def test_every_room_has_its_place_in_the_flow():
    assert set(MODULES) == set().union(*FLOW) | PLUGIN_SIDE | {"__init__"}


@pytest.mark.parametrize("module", sorted(set().union(*FLOW) - {"schema"}))
def test_data_flows_one_way(module):
    place = next(i for i, rooms in enumerate(FLOW) if module in rooms)
    upstream = set().union(*FLOW[: place + 1]) - {module}
    assert imported(module) <= upstream


@pytest.mark.parametrize("module", sorted(PLUGIN_SIDE))
def test_the_tensorboard_side_knows_only_the_schema(module):
    assert imported(module) <= PLUGIN_SIDE - {module}
    assert not third_parties(module) & {"tensorflow", "keras"}


def test_the_map_in_contributing_is_the_tree():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert set(re.findall(r"^      (\w+)\.py  ", text, re.MULTILINE)) >= set(MODULES)
    for room in re.findall(r"^      (\w+\.py)  ", text, re.MULTILINE):
        assert (ROOT / "convviz_tb" / room).exists() or (ROOT / "tests" / room).exists(), room


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
    assert len(page.read_text().splitlines()) < 40
