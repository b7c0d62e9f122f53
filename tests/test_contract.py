"""What is made from the schema is what the schema says."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("script", ["frontend/contract.py", "docs/tables.py"])
def test_what_is_made_from_the_schema_is_current(script: str) -> None:
    told = run(ROOT / script)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize(
    ("script", "made"),
    [("frontend/contract.py", "src/data/contract.ts"), ("docs/tables.py", "metrics.md")],
)
def test_and_where_it_is_not_that_is_said(script: str, made: str, tmp_path: Path) -> None:
    source = ROOT / script
    for path in ("src/data/contract.ts", "metrics.md", "data_format.md"):
        if (source.parent / path).exists():
            copy = tmp_path / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text((source.parent / path).read_text("utf-8"), "utf-8")
    (tmp_path / source.name).write_text(source.read_text("utf-8"), "utf-8")
    old = (tmp_path / made).read_text("utf-8")
    (tmp_path / made).write_text(old.replace("kernel_drift", "kernel_swift"), "utf-8")
    told = run(tmp_path / source.name)
    assert told.returncode == 1 and "make contract" in told.stderr


def run(script: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(script), "--check"]
    environment = {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
