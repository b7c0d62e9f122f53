"""One writer per directory: who comes second is told, and nobody waits for the dead."""

import errno
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from convviz_tb.log import lock
from convviz_tb.log.lock import LOCK_NAME, SIGN_NAME, DirectoryLock, DirectoryLocked
from support.waiting import wait_for

#: Takes the claim in another process, says so, then waits to be ended.
HOLDER = """
import os, sys, time
sys.modules["tensorflow"] = type(sys)("tensorflow")  # of no use for a lock; costs seconds
sys.modules["tensorflow"].io = type("io", (), {"gfile": type("gfile", (), {"join": os.path.join})})
from convviz_tb.log.lock import DirectoryLock
held = DirectoryLock(sys.argv[1])
if sys.argv[2:] == ["fork"]:
    if not os.fork():  # a worker that feeds the data
        print("forked", os.getpid(), flush=True)
        time.sleep(600)
    else:
        time.sleep(600)
print("held", os.getpid(), flush=True)
time.sleep(600)
"""


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with _holder(tmp_path) as process:
        yield process
        process.kill()


def _holder(directory: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLDER, str(directory), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline(), "the other process took no claim"
    return process


def test_a_second_process_is_told_who_writes_there(tmp_path, hold):
    told = rf"another training writes to '{tmp_path}': process {hold.pid} on \S+, since 20"
    with pytest.raises(DirectoryLocked, match=told):
        DirectoryLock(str(tmp_path))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_was_killed_holds_nothing(tmp_path, hold, how):
    hold.send_signal(how)
    hold.wait()
    assert (tmp_path / LOCK_NAME).exists()
    DirectoryLock(str(tmp_path)).release()
    assert not (tmp_path / LOCK_NAME).exists()


def test_a_worker_that_outlives_its_killed_parent_holds_nothing(tmp_path):
    with _holder(tmp_path, "fork") as process:
        worker = _children(process.pid)
        process.kill()
        process.wait()
        try:
            DirectoryLock(str(tmp_path)).release()
        finally:
            for pid in worker:
                os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_in_one_process_the_newer_fit_takes_over(tmp_path):
    interrupted, newer = DirectoryLock(str(tmp_path), {}), DirectoryLock(str(tmp_path), {})
    assert interrupted.lost and not newer.lost
    newer.release()


def test_two_of_one_fit_are_a_mistake(tmp_path):
    fit: dict[str, int] = {}
    first = DirectoryLock(str(tmp_path), fit)
    with pytest.raises(ValueError, match="two ConvViz of one fit write to"):
        DirectoryLock(str(tmp_path / "." / ""), fit)
    first.release()
    DirectoryLock(str(tmp_path), fit).release()


def test_a_claim_that_was_given_back_may_be_given_back_again(tmp_path):
    first = DirectoryLock(str(tmp_path))
    first.release()
    second = DirectoryLock(str(tmp_path))
    first.release()
    assert not second.lost and (tmp_path / LOCK_NAME).exists()
    second.release()


@pytest.fixture
def no_locks(monkeypatch):
    """A file system without locks, where signs of life come quickly."""

    def refuse(*_):
        raise OSError(errno.EOPNOTSUPP, "no locks here")

    monkeypatch.setattr("fcntl.flock", refuse)
    monkeypatch.setattr(lock, "_BEAT", 0.04)


PLACES = ["local", "ram://claims"]


@pytest.fixture(params=PLACES)
def place(request, tmp_path, no_locks) -> str:
    return str(tmp_path) if request.param == "local" else f"{request.param}/{tmp_path.name}"


def elsewhere(place: str) -> DirectoryLock:
    """A claim as another process would make it, which does not know of ours."""
    ours = dict(lock._held_here)
    lock._held_here.clear()
    try:
        return DirectoryLock(place)
    finally:
        lock._held_here.clear()
        lock._held_here.update(ours)


def test_without_locks_signs_of_life_tell_the_second(place, monkeypatch):
    monkeypatch.setattr(lock, "_BEAT", 0.5)  # a busy machine may keep a beat waiting
    first = DirectoryLock(place)
    with pytest.raises(
        DirectoryLocked, match=f"another training writes to '{place}': process {os.getpid()}"
    ):
        elsewhere(place)
    assert not first.lost
    first.release()


def test_without_locks_the_dead_are_found_dead(place, caplog):
    first = DirectoryLock(place)
    first._held._stop.set()  # as SIGKILL does
    wait_for(lambda: _is_silent(place), "the last beat")
    second = elsewhere(place)
    assert "did not end properly, or still runs" in caplog.text
    assert not second.lost
    second.release()


def _is_silent(place: str) -> bool:
    before = lock._read(f"{place}/{SIGN_NAME}")
    time.sleep(5 * lock._BEAT)
    return lock._read(f"{place}/{SIGN_NAME}") == before


def test_without_locks_an_orderly_end_leaves_nothing_to_wait_for(place, caplog):
    DirectoryLock(place).release()
    elsewhere(place).release()
    assert not caplog.text and lock._read(f"{place}/{SIGN_NAME}") is None


def test_without_locks_who_was_suspended_finds_that_it_lost(place):
    first = DirectoryLock(place)
    lock._write(f"{place}/{SIGN_NAME}", {"token": "of another"})
    wait_for(lambda: first.lost, "the first to notice")
    first.release()
    assert lock._read(f"{place}/{SIGN_NAME}") == {"token": "of another"}


def test_without_locks_a_forgotten_claim_falls_silent(place):
    DirectoryLock(place)
    wait_for(lambda: _is_silent(place), "the last beat")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_does_not_end_the_claim_of_its_parent(tmp_path):
    held = DirectoryLock(str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # threads of others; the child does next to nothing
        child = os.fork()
    if not child:
        held.release()
        os._exit(0)
    os.waitpid(child, 0)
    assert (tmp_path / LOCK_NAME).exists()
    with pytest.raises(DirectoryLocked):
        elsewhere(str(tmp_path))
    held.release()
