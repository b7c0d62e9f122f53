"""The writer of event files: whole passes, in an order that both loaders read, come what may."""

import contextlib
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import tensorflow as tf
from tensorboard.context import RequestContext

from convviz_tb.log.lock import DirectoryLocked
from convviz_tb.log.writer import RunWriter
from convviz_tb.schema import Series
from support.events import loaded_steps, read_run
from support.logs import example_facts, picture

INPUTS, PATTERNS, MODEL = Series("inputs"), Series("patterns", "conv"), Series("model")


def write(writer: RunWriter, step: int, size: int = 1000) -> None:
    """A pass as the callback writes it, with a sheet of `size` bytes."""
    writer.write(PATTERNS, step, example_facts("patterns"), picture(8, 16) + bytes(size))
    writer.write_number("layers/dead", step, 0.5)
    writer.write(MODEL, step, example_facts("model"))
    writer.flush()


def steps(load, logdir: Path, tag: str = "patterns/conv") -> list[int]:
    return loaded_steps(load, logdir)["run/convviz"][tag]


def test_every_pass_is_read_by_both_loaders(tmp_path, load):
    writer = RunWriter(str(tmp_path / "run"))
    for step in range(12):
        write(writer, step)
    writer.close()
    for tag in ("patterns/conv", "model"):
        assert steps(load, tmp_path, tag) == list(range(12))


def test_numbers_are_curves_of_the_stock_scalars_tab(tmp_path, load):
    writer = RunWriter(str(tmp_path / "run"))
    write(writer, 3)
    writer.close()
    loaded_steps(load, tmp_path)
    found = load(tmp_path).read_scalars(
        RequestContext(), experiment_id="", plugin_name="scalars", downsample=100
    )
    (point,) = found["run/convviz"]["layers/dead"]
    assert (point.step, point.value) == (3, 0.5)


def test_a_directory_named_like_a_pattern_of_names_is_gone_on_with(tmp_path):
    for step in (0, 1):
        writer = RunWriter(str(tmp_path / "run[1]*?"))
        assert set(writer.earlier()) == set(range(step))
        write(writer, step)
        writer.close()


def test_many_fits_within_a_second_keep_their_order(tmp_path, load):
    for step in range(12):
        writer = RunWriter(str(tmp_path / "run"))
        write(writer, step)
        writer.close()
    assert steps(load, tmp_path) == list(range(12))


def test_a_clock_that_was_set_back_does_not_change_the_order(tmp_path, load, monkeypatch):
    for step, now in enumerate([2_000_000_000, 1_000_000_000, 1_500_000_000]):
        with monkeypatch.context() as patch:
            patch.setattr("convviz_tb.log.writer.time.time", lambda now=now: now)
            writer = RunWriter(str(tmp_path / "run"))
            write(writer, step)
            writer.close()
    assert steps(load, tmp_path) == [0, 1, 2]


def test_a_pass_that_was_not_finished_leaves_nothing_behind(tmp_path):
    writer = RunWriter(str(tmp_path / "run"))
    write(writer, 0)
    writer.write(PATTERNS, 1, example_facts("patterns"))
    assert set(read_run(tmp_path / "run")) == {"patterns/conv", "model"}
    assert [event.step for event in read_run(tmp_path / "run")["patterns/conv"]] == [0]
    writer.close()


def test_a_writer_that_wrote_nothing_leaves_no_file(tmp_path):
    RunWriter(str(tmp_path / "run")).close()
    assert not list((tmp_path / "run" / "convviz").iterdir())


@contextlib.contextmanager
def quota(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes: what exceeds it fails in mid-write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_quota_in_mid_write_costs_that_pass_only(tmp_path, load):
    writer = RunWriter(str(tmp_path / "run"))
    write(writer, 0)
    with quota(1_000_000):
        for step in (1, 2):
            with pytest.raises(OSError, match=r"cannot write to '\S+convviz': .*File too large"):
                write(writer, step, 1_500_000)
    write(writer, 3)
    writer.close()
    assert steps(load, tmp_path, "model") == [0, 3]
    assert len(files(tmp_path)) == 3  # with the one that `loaded_steps` adds


def files(logdir: Path) -> list[Path]:
    return list(logdir.rglob("*tfevents*"))


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A file system of 300 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "none", str(place)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("may not mount a file system here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_is_told_and_written_to_again_when_there_is_room(small_disk, load):
    writer = RunWriter(str(small_disk / "run"))
    write(writer, 0)
    ballast = small_disk / "ballast"
    with contextlib.suppress(OSError):
        ballast.write_bytes(bytes(290_000))
    for step in range(1, 30):
        with pytest.raises(OSError, match=r"cannot write to .*: .*No space left on device"):
            write(writer, step, 200_000)
    assert len(files(small_disk)) == 1  # what failed is not left lying about
    ballast.unlink()
    write(writer, 30)
    writer.close()
    assert steps(load, small_disk, "model") == [0, 30]


def test_a_full_disk_before_training_is_an_error_at_once(small_disk):
    with contextlib.suppress(OSError), open(small_disk / "ballast", "wb", buffering=0) as ballast:
        while ballast.write(bytes(4096)):
            pass
    with pytest.raises(OSError, match=r"log_dir: cannot write to .*No space left on device"):
        RunWriter(str(small_disk / "run"))


@pytest.mark.parametrize("what", ["the file", "the directory"])
def test_what_somebody_removed_is_begun_anew(tmp_path, load, what):
    writer = RunWriter(str(tmp_path / "run"))
    writer.write(INPUTS, 0, example_facts("inputs"), b"pictures")
    write(writer, 0)
    if what == "the directory":
        shutil.rmtree(tmp_path / "run")
    else:
        files(tmp_path)[0].unlink()
    write(writer, 1)
    write(writer, 2)
    writer.close()
    found = loaded_steps(load, tmp_path)["run/convviz"]
    assert found == {"inputs": [0], "patterns/conv": [1, 2], "model": [1, 2]}


def test_a_file_in_the_place_of_the_directory_stops_nothing_for_good(tmp_path, load):
    writer = RunWriter(str(tmp_path / "run"))
    write(writer, 0)
    shutil.rmtree(tmp_path / "run")
    (tmp_path / "run").write_text("in the way")
    for step in (1, 2):
        with pytest.raises(OSError, match="cannot write to"):
            write(writer, step)
    (tmp_path / "run").unlink()
    write(writer, 3)
    writer.close()
    assert steps(load, tmp_path) == [3]


def test_pictures_of_the_inputs_that_could_not_be_written_come_later(tmp_path, load):
    writer = RunWriter(str(tmp_path / "run"))
    writer.write(INPUTS, 0, example_facts("inputs"), b"pictures")
    with quota(1_000_000), pytest.raises(OSError, match="too large"):
        write(writer, 0, 1_500_000)
    write(writer, 1)
    write(writer, 2)
    writer.close()
    found = loaded_steps(load, tmp_path)["run/convviz"]
    assert found == {"inputs": [0], "patterns/conv": [1, 2], "model": [1, 2]}


def test_who_lost_the_directory_writes_there_no_more(tmp_path, load):
    first = RunWriter(str(tmp_path / "run"))
    write(first, 0)
    second = RunWriter(str(tmp_path / "run"))
    with pytest.raises(DirectoryLocked, match="another training has taken over"):
        write(first, 1)
    write(second, 1)
    first.close()
    write(second, 2)
    second.close()
    assert steps(load, tmp_path) == [0, 1, 2]


@pytest.mark.parametrize(("cut", "kept"), [(1, [0, 1, 2]), (1500, [0, 1])])
def test_a_file_that_was_cut_off_is_read_up_to_there_and_gone_on_with(tmp_path, load, cut, kept):
    writer = RunWriter(str(tmp_path / "run"))
    for step in range(3):
        write(writer, step)
    writer.close()
    (file,) = files(tmp_path)
    os.truncate(file, file.stat().st_size - cut)
    writer = RunWriter(str(tmp_path / "run"))
    assert set(writer.earlier()) == set(kept)
    write(writer, 3)
    writer.close()
    assert steps(load, tmp_path) == [*kept, 3]
    assert steps(load, tmp_path, "model") == [0, 1, 3]


def test_foreign_bytes_in_the_directory_hold_up_nobody(tmp_path):
    directory = tmp_path / "run" / "convviz"
    directory.mkdir(parents=True)
    (directory / "events.out.tfevents.1700000000.foreign").write_bytes(b"\0" * 100)
    with tf.io.TFRecordWriter(str(directory / "events.out.tfevents.1700000001.foreign")) as file:
        file.write(b"not an event")
    writer = RunWriter(str(tmp_path / "run"))
    assert set(writer.earlier()) == set()
    writer.close()


def test_a_file_system_of_tensorflow_s_own_is_written_to_as_it_is_named():
    for step in (0, 1):
        writer = RunWriter("ram://bucket/run")
        assert set(writer.earlier()) == set(range(step))
        write(writer, step)
        writer.close()
    assert len(tf.io.gfile.glob("ram://bucket/run/convviz/*tfevents*")) == 2
    assert not os.path.exists("ram:")


@pytest.mark.parametrize("place", ["nowhere://bucket/run", "/proc/run"])
def test_a_place_that_cannot_be_written_to_is_told_with_the_reason(place):
    with pytest.raises(OSError, match=rf"log_dir: cannot write to '{place}/convviz': \S+"):
        RunWriter(place)
