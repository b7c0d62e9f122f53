"""What gets installed: the package with its built frontend, and nothing heavy at import."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import convviz_tb

ROOT = Path(__file__).parent.parent
PARTS = [
    "setup.py",
    "README.md",
    "pyproject.toml",
    "MANIFEST.in",
    "LICENSE",
    "CITATION.cff",
    "convviz_tb",
    "frontend",
    "docs/reading.md",
]
#: Whose code or colours the bundle holds.
BUNDLED = ["preact", "@preact/signals", "@preact/signals-core", "fflate", "gifenc"]
BUNDLED += ["d3-scale-chromatic"]


def setup_py(
    tree: Path, *command: str, path: str = "", only: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "setup.py", *command],
        cwd=tree,
        env=os.environ | {"PATH": only or path + os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources and the bundle, so that building leaves no traces in the real one."""
    copy = tmp_path_factory.mktemp("sources")
    for part in PARTS:
        if (ROOT / part).is_dir():
            unwanted = shutil.ignore_patterns("node_modules", "__pycache__")
            shutil.copytree(ROOT / part, copy / part, ignore=unwanted)
        else:
            (copy / part).parent.mkdir(exist_ok=True)
            shutil.copy2(ROOT / part, copy / part)
    return copy


def test_the_wheel_holds_the_bundle_and_only_the_package(tree: Path) -> None:
    built = setup_py(tree, "bdist_wheel")
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = (tree / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert (
            archive.read("convviz_tb/static/index.js")
            == (tree / "convviz_tb/static/index.js").read_bytes()
        )
        (metadata,) = [name for name in names if name.endswith("entry_points.txt")]
        entry_points = archive.read(metadata).decode()
        licences = archive.read("convviz_tb/static/licenses.md").decode()
    assert "convviz_tb/py.typed" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"convviz_tb"}
    assert "[tensorboard_plugins]\nconvviz = convviz_tb.serve.loader:ConvVizLoader" in entry_points
    assert "[console_scripts]\nconvviz-tb = convviz_tb.cli.main:main" in entry_points
    for package in BUNDLED:
        assert re.search(rf"^## {re.escape(package)} - \d", licences, re.MULTILINE), package
    assert licences.count("Permission ") >= 6 and "Cynthia Brewer" in licences


def test_every_library_that_the_page_imports_is_among_those_with_a_licence() -> None:
    manifest = json.loads((ROOT / "frontend/package.json").read_text())
    assert set(manifest["dependencies"]) <= set(BUNDLED)


def test_the_source_archive_can_build_the_frontend_again(tree: Path) -> None:
    (tree / "frontend" / "node_modules").mkdir(exist_ok=True)
    (tree / "frontend" / "node_modules" / "heavy.js").touch()
    made = setup_py(tree, "sdist")
    assert made.returncode == 0, made.stdout + made.stderr
    (archive,) = (tree / "dist").glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    sources = {path.relative_to(tree).as_posix() for path in (tree / "frontend/src").rglob("*.ts*")}
    assert sources
    assert sources | {"frontend/package.json", "frontend/package-lock.json", "LICENSE"} <= names
    assert "docs/reading.md" in names  # the bundle is made from it, too
    assert {"convviz_tb/static/index.js", "convviz_tb/static/licenses.md"} <= names
    assert not any("node_modules" in name for name in names)


def test_the_source_archive_installs_without_node_and_network(tree: Path, tmp_path: Path) -> None:
    assert setup_py(tree, "sdist").returncode == 0
    (archive,) = (tree / "dist").glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    for source in (unpacked / "frontend/src").rglob("*.ts"):
        source.touch()  # as unpackers do that keep no times
    built = setup_py(unpacked, "bdist_wheel", only="/nonexistent")
    assert built.returncode == 0, built.stdout + built.stderr
    assert list((unpacked / "dist").glob("*.whl"))


def test_pictures_and_links_of_the_readme_lead_somewhere_on_pypi(tree: Path) -> None:
    told = setup_py(tree, "--quiet", "--long-description")
    assert told.returncode == 0, told.stderr
    links = re.findall(r"\]\(([^)]+)\)", told.stdout)
    assert links and all(link.startswith(("https://", "#")) for link in links)
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", told.stdout)
    assert pictures and all("//raw.githubusercontent.com/" in picture for picture in pictures)
    for link in re.findall(r"/v[0-9.]+/([^)#]+)", told.stdout):
        assert (ROOT / link).exists(), link


def test_the_changelog_and_the_citation_know_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.search(r"^## \[(.+)\] - (unreleased|\d{4}-\d\d-\d\d)$", changelog, re.MULTILINE)
    assert newest and newest[1] == convviz_tb.__version__
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\nversion: {convviz_tb.__version__}\n" in citation


@pytest.fixture
def small_tree(tmp_path: Path) -> Path:
    """The real setup.py over a frontend of one file, with a Node.js and npm that only pretend."""
    tree = tmp_path / "tree"
    (tree / "frontend/src").mkdir(parents=True)
    (tree / "frontend/src/main.ts").touch()
    (tree / "convviz_tb").mkdir()
    for part in ("setup.py", "README.md", "CITATION.cff"):
        shutil.copy2(ROOT / part, tree)
    shutil.copy2(ROOT / "convviz_tb/__init__.py", tree / "convviz_tb")
    program(tmp_path / "bin/node", "echo v22.12.0")
    static = tree / "convviz_tb/static"
    build = f"mkdir -p {static}; echo built >> {static}/index.js; touch {static}/licenses.md"
    program(tmp_path / "bin/npm", f'[ "$1" = ci ] || {{ {build}; }}')
    return tree


def program(file: Path, shell: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{shell}\n")
    file.chmod(0o755)


def test_the_frontend_is_built_when_its_sources_are_newer(small_tree: Path) -> None:
    bundle = small_tree / "convviz_tb/static/index.js"
    path = f"{small_tree.parent / 'bin'}{os.pathsep}"

    assert setup_py(small_tree, "build_py", path=path).returncode == 0
    assert bundle.read_text() == "built\n"
    assert (small_tree / "build/lib/convviz_tb/static/index.js").read_text() == "built\n"

    assert setup_py(small_tree, "build_py", path=path).returncode == 0
    assert bundle.read_text() == "built\n", "built again, though nothing had changed"

    newer = bundle.stat().st_mtime + 1
    os.utime(small_tree / "frontend/src/main.ts", (newer, newer))
    assert setup_py(small_tree, "build_py", path=path).returncode == 0
    assert bundle.read_text() == "built\nbuilt\n"


def test_a_failed_frontend_build_fails_the_install_with_one_message(small_tree: Path) -> None:
    program(small_tree.parent / "bin/npm", "exit 7")
    built = setup_py(small_tree, "build_py", path=f"{small_tree.parent / 'bin'}{os.pathsep}")
    assert built.returncode != 0
    assert "convviz_tb: `npm ci` failed" in built.stderr
    assert "Traceback" not in built.stderr


@pytest.mark.parametrize(
    "module", ["convviz_tb", "convviz_tb.serve.loader", "convviz_tb.serve.plugin"]
)
def test_tensorboard_does_not_pay_for_tensorflow_and_keras(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({{'tensorflow', 'keras'}} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
