"""Fixtures of all tests: seeds, settings of hypothesis; those of `support/` are listed below."""

import os
import sys
from collections import Counter
from typing import Any

import hypothesis
import pytest

pytest_plugins = ["support.browser", "support.loaders", "support.servers"]

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# A busy machine must not fail a test: only what is answered counts, not when.
hypothesis.settings.register_profile(
    "untimed",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    max_examples=100 * int(os.environ.get("FUZZ", "1")),  # `make fuzz` asks for more
)
hypothesis.settings.load_profile("untimed")

of_all_workers: Counter[str] = Counter()


def _seed() -> None:
    if keras := sys.modules.get("keras"):
        keras.utils.set_random_seed(0)


@pytest.fixture(autouse=True, scope="module")
def seeded_module() -> None:
    """What a module shares is the same whatever ran before it."""
    _seed()


@pytest.fixture(autouse=True)
def seeded(seeded_module: None) -> None:
    """So is each test."""
    _seed()


def tried() -> Counter[str]:
    """How much was tried in this process where tests make up their inputs."""
    hostile = sys.modules.get("support.hostile")
    return hostile.TRIED if hostile else Counter()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several workers tells the process that started it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tried"] = dict(tried())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker has ended."""
    of_all_workers.update(getattr(node, "workeroutput", {}).get("tried", {}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says how much was tried."""
    if counts := of_all_workers + tried():
        said = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
        terminalreporter.write_line(f"tried: {said}")
