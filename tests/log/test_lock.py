"""One writer per directory: the second is told who holds it, and nobody waits for the dead."""

import fcntl
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from convviz_tb.log.lock import LOCK_NAME, DirectoryLock, DirectoryLocked

#: Takes the lock in another process, says so, then waits to be ended.
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
    assert process.stdout.readline(), "the other process took no lock"
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


def test_a_lock_may_be_released_twice(tmp_path):
    first = DirectoryLock(str(tmp_path))
    first.release()
    second = DirectoryLock(str(tmp_path))
    first.release()
    assert not second.lost and (tmp_path / LOCK_NAME).exists()
    second.release()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_does_not_release_the_lock_of_its_parent(tmp_path):
    held = DirectoryLock(str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # threads of others; the child does next to nothing
        child = os.fork()
    if not child:
        held.release()
        os._exit(0)
    os.waitpid(child, 0)
    with open(tmp_path / LOCK_NAME) as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    held.release()
