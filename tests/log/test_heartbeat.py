"""Where the file system has no locks: a living owner is noticed, a dead one is waited out."""

import errno
import gc
import os
import threading

import pytest

from convviz_tb.log import heartbeat
from convviz_tb.log.heartbeat import Heartbeat, heartbeat_path, read_beat, write_beat
from convviz_tb.log.lock import DirectoryLock, DirectoryLocked
from support.waiting import wait_for


@pytest.fixture(params=["local", "ram://heartbeats"])
def directory(request, tmp_path, monkeypatch) -> str:
    """A directory on a file system without locks, where hearts beat fast."""
    monkeypatch.setattr(heartbeat, "INTERVAL", 0.04)
    return str(tmp_path) if request.param == "local" else f"{request.param}/{tmp_path.name}"


def test_the_second_is_told_who_beats(directory, monkeypatch):
    monkeypatch.setattr(heartbeat, "INTERVAL", 0.5)  # a busy machine may keep a beat waiting
    first = Heartbeat(directory)
    told = f"another training writes to '{directory}': process {os.getpid()}"
    with pytest.raises(DirectoryLocked, match=told):
        Heartbeat(directory)
    assert not first.lost
    first.release()


def test_the_dead_are_found_dead(directory, caplog):
    first = Heartbeat(directory)
    first.stop()
    first.thread.join(60)
    second = Heartbeat(directory)
    assert "did not end properly, or still runs" in caplog.text
    assert not second.lost
    second.release()


def test_an_orderly_end_leaves_nothing_to_wait_for(directory, caplog):
    Heartbeat(directory).release()
    Heartbeat(directory).release()
    assert not caplog.text and read_beat(heartbeat_path(directory)) is None


def test_an_owner_that_was_suspended_finds_that_it_lost(directory):
    first = Heartbeat(directory)
    write_beat(heartbeat_path(directory), {"token": "of another"})
    wait_for(lambda: first.lost, "the first to notice")
    first.release()
    assert read_beat(heartbeat_path(directory)) == {"token": "of another"}


def test_a_heartbeat_that_nobody_holds_any_more_stops(directory):
    threads = [Heartbeat(directory).thread]
    gc.collect()
    wait_for(lambda: not threads[0].is_alive(), "the last beat")


def test_a_lock_falls_back_to_a_heartbeat(directory, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EOPNOTSUPP, "no locks here")

    monkeypatch.setattr("fcntl.flock", refuse)
    lock = DirectoryLock(directory)
    assert read_beat(heartbeat_path(directory))["process"] == os.getpid()
    assert f"heartbeat of {directory}" in [each.name for each in threading.enumerate()]
    write_beat(heartbeat_path(directory), {"token": "of another"})
    wait_for(lambda: lock.lost, "the lock to notice")
    lock.release()
