"""Rendering of checkpoints on a Ray cluster of two workers against one process, as a ratio.

    python benchmarks/cluster.py --checkpoints 8

Both start every pattern from the seed. A rendering before those that are timed starts the workers.
By default Ray has its workers yield to whatever else a machine does (niceness 15): on one that is
shared they would get what is left, and the ratio would say how busy it was. Here they do not.
Skipped where Ray is not installed.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("RAY_worker_niceness", "0")

import keras
import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from convviz_tb import FilterPatterns, GradCAM, render  # noqa: E402
from demo.networks import small_network  # noqa: E402

PICTURES = np.random.default_rng(0).integers(0, 256, (8, 96, 96, 3)).astype("uint8")
WATCHED: dict[str, Any] = {
    "patterns": FilterPatterns(filters=16, refresh=1),
    "heatmaps": GradCAM(PICTURES),
    "verbose": False,
}


def main() -> None:
    """Renders the same checkpoints with and without the cluster."""
    try:
        import ray
    except ImportError:
        print("skipped: Ray is not installed (pip install convviz_tb[ray])")
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--checkpoints", type=int, default=8)
    count = parser.parse_args().checkpoints
    environment = {"env_vars": {"PYTHONPATH": str(ROOT)}}
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, runtime_env=environment)
    with tempfile.TemporaryDirectory() as folder:
        files = saved(Path(folder), count)
        seconds = {}
        for name, address in (("warm-up", "auto"), ("two workers", "auto"), ("one process", None)):
            started, before = time.perf_counter(), processor_seconds()
            render(files, Path(folder) / name, **WATCHED, ray=address)
            seconds[name] = time.perf_counter() - started
            own, workers = np.subtract(processor_seconds(), before)
            told = f"{own:.1f} s of the processor here, {workers:.1f} s in workers"
            print(f"{name}: {seconds[name]:.1f} s; {told}", flush=True)
    print(f"one process / two workers: {seconds['one process'] / seconds['two workers']:.2f}")


def processor_seconds() -> tuple[float, float]:
    """Processor time of this process, and of Ray's workers: what others do matters less to it."""
    workers = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cmdline").read_bytes().startswith((b"ray::_patterns", b"ray::IDLE")):
                user, system = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
                workers += int(user) + int(system)
        except OSError:  # it has ended
            continue
    return time.process_time(), workers / os.sysconf("SC_CLK_TCK")


def saved(folder: Path, count: int) -> list[Path]:
    """Checkpoints of a network whose weights move a little from one to the next."""
    keras.utils.set_random_seed(0)
    model = small_network(6, 96).model
    files = [folder / f"epoch_{step}.keras" for step in range(count)]
    for file in files:
        model.save(file)
        model.set_weights([each + 0.1 * np.abs(each).mean() for each in model.get_weights()])
    return files


if __name__ == "__main__":
    main()
