"""Workflows run what is there; versions of Python and the address of the sources agree."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import convviz_tb

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed (the extra test)")

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def read(file: Path) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(file.read_text("utf-8"))
    return found


def jobs() -> dict[str, dict[str, Any]]:
    """All jobs, by file and name."""
    return {
        f"{file.name}: {name}": job
        for file in WORKFLOWS
        for name, job in read(file)["jobs"].items()
    }


def steps(key: str) -> list[str]:
    """What the steps of all jobs say under a key."""
    found = [step for job in jobs().values() for step in job.get("steps", ())]
    return [str(step[key]) for step in found if key in step]


def targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    return set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def made(commands: str) -> list[str]:
    """The targets of the commands that call make."""
    lines = [line.split() for line in commands.splitlines()]
    return [target for line in lines if line[:1] == ["make"] for target in line[1:]]


def test_a_workflow_runs_nothing_but_targets_of_make() -> None:
    commands = [line for step in steps("run") for line in step.splitlines()]
    assert commands and all(line.startswith("make ") for line in commands)
    assert {target for line in commands for target in made(line)} <= targets()


def test_a_fresh_machine_runs_what_the_workflows_run() -> None:
    script = ROOT / ".ci/run"
    own = set(made(script.read_text("utf-8")))
    assert own <= targets()
    assert own == {"check", "test"} <= set(made("\n".join(steps("run"))))
    assert os.access(script, os.X_OK) and os.access(ROOT / "tests/versions.sh", os.X_OK)


def test_what_a_job_needs_or_calls_exists() -> None:
    for file in WORKFLOWS:
        own = read(file)["jobs"]
        for job in own.values():
            needed = job.get("needs", [])
            assert set([needed] if isinstance(needed, str) else needed) <= set(own)
            if "uses" in job:
                called = ROOT / job["uses"]
                # YAML takes the key `on` for true.
                assert "workflow_call" in read(called)[True]


def test_an_action_has_one_version_wherever_it_is_used() -> None:
    used = set(steps("uses"))
    assert used and all(re.fullmatch(r"[\w-]+/[\w-]+@(v\d+|release/v\d+)", each) for each in used)
    assert len({each.partition("@")[0] for each in used}) == len(used)


def test_what_is_published_is_what_was_built_and_tested() -> None:
    own = read(ROOT / ".github/workflows/release.yml")["jobs"]
    names = [
        step["with"]["name"]
        for job in own.values()
        for step in job.get("steps", ())
        if "artifact" in step.get("uses", "")
    ]
    assert names == ["dist", "dist"]
    assert set(own["publish"]["needs"]) == {"test", "build"}


def test_the_pythons_that_are_tested_are_those_of_the_metadata() -> None:
    metadata = (ROOT / "setup.py").read_text("utf-8")
    tested = read(ROOT / ".github/workflows/test.yml")["jobs"]["test"]["strategy"]["matrix"]
    minors = [int(version.removeprefix("3.")) for version in tested["python"]]
    ((low, high),) = re.findall(r'python_requires=">=3\.(\d+),<3\.(\d+)"', metadata)
    assert minors == list(range(int(low), int(high)))
    assert f"for minor in range({low}, {high})" in metadata


def address() -> str:
    home: str = read(ROOT / "CITATION.cff")["repository-code"]
    return home


def test_only_the_citation_names_the_address_of_the_sources() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("no clone")
    naming = []
    for name in listed.stdout.splitlines():
        file = ROOT / name
        if file.suffix in {".py", ".md", ".yml", ".toml", ".cff", ".ipynb", ".ts", ".tsx", ".json"}:
            text = file.read_text("utf-8")
            if re.search(rf"github\.com/[\w.-]+/{convviz_tb.__name__}\b", text):
                naming.append(name)
    assert naming == ["CITATION.cff"]


def test_metadata_and_readme_on_pypi_lead_to_that_address(tmp_path: Path) -> None:
    other = "https://github.com/somebody/else"
    for part in ("setup.py", "README.md", "convviz_tb/__init__.py"):
        (tmp_path / part).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / part, tmp_path / part)
    citation = (ROOT / "CITATION.cff").read_text("utf-8").replace(address(), other)
    (tmp_path / "CITATION.cff").write_text(citation)
    program = [sys.executable, "-W", "ignore", "setup.py", "--quiet", "--long-description", "--url"]
    told = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert told.splitlines()[-1] == other
    assert (
        f"]({other}/blob/v" in told and "](https://raw.githubusercontent.com/somebody/else/" in told
    )
    assert address() not in told


@pytest.mark.parametrize(
    ("tag", "heading", "repository", "told"),
    [
        ("v{version}", "2026-01-31", None, ""),
        ("v{version}", "2026-01-31", "{owner}/{name}", ""),
        ("v{version}", "2026-01-31", "somebody/else", "this is https://github.com/somebody/else"),
        ("v{version}", "unreleased", None, "does not say when"),
        ("v9.9.9", "2026-01-31", None, "The tag is 'v9.9.9'"),
        ("$(touch here)", "2026-01-31", None, "The tag is '$(touch here)'"),
    ],
)
def test_a_release_is_refused_where_tag_changelog_and_address_differ(
    tag: str, heading: str, repository: str | None, told: str, tmp_path: Path
) -> None:
    for part in ("Makefile", "CITATION.cff", "convviz_tb/__init__.py"):
        (tmp_path / part).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / part, tmp_path / part)
    version = convviz_tb.__version__
    (tmp_path / "CHANGELOG.md").write_text(f"## [{version}] - {heading}\n")
    owner, name = address().split("/")[-2:]
    own = {"TAG": tag.format(version=version), "GITHUB_SERVER_URL": "https://github.com"}
    if repository:
        own["GITHUB_REPOSITORY"] = repository.format(owner=owner, name=name)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GITHUB_")} | own
    done = subprocess.run(
        ["make", "tag"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) == (not told), done.stderr
    assert told in done.stderr
    assert not (tmp_path / "here").exists()
