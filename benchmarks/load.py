"""Many people scrubbing at once: latency, errors, memory, and what the rest of TensorBoard feels.

Writes a large log, starts TensorBoard on it and lets `--clients` walk through steps, layers and
runs for `--seconds`, each asking for facts and sheet of the next step as soon as it has the last.
Meanwhile a stock route is asked again and again. Prints one line per figure.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from big_log import write_log
from browser import tensorboard

STOCK = "data/plugin/scalars/scalars?run=run1%2Ftrain&tag=epoch_loss"
OURS = "data/plugin/convviz/"


class Watch:
    """Latencies in milliseconds by route, and answers by status."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self.times: dict[str, list[float]] = {}
        self.statuses: Counter[int] = Counter()

    def ask(self, what: str, route: str) -> bytes:
        """The body of an answer."""
        started = time.perf_counter()
        status, body = 0, b""
        try:
            with urllib.request.urlopen(self._url + route, timeout=60) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            pass  # no connection, or none in time: status 0
        took = (time.perf_counter() - started) * 1000
        with self._lock:
            self.times.setdefault(what, []).append(took)
            self.statuses[status] += 1
        return body


def scrub(watch: Watch, runs: list[str], number: int, until: float) -> None:
    """One person: a run and a layer after the other, each from its first step to its last."""
    at = number
    while time.monotonic() < until:
        run = runs[at % len(runs)]
        index = json.loads(
            watch.ask("series", f"{OURS}series?{urllib.parse.urlencode({'run': run})}") or "{}"
        )
        layers = [one for one in index.get("series", []) if one["kind"] in ("patterns", "heatmaps")]
        if not layers:
            return
        series = layers[at * 7 % len(layers)]
        for step, wall in zip(series["steps"], series["wall_times"], strict=True):
            place = {"run": run, "tag": series["tag"], "step": step, "at": wall}
            for route in ("facts", "sheet"):
                watch.ask(route, f"{OURS}{route}?{urllib.parse.urlencode(place)}")
            if time.monotonic() >= until:
                return
        at += 1


def stock(watch: Watch, what: str, until: float) -> None:
    """Someone who looks at the Scalars tab."""
    while time.monotonic() < until:
        watch.ask(what, STOCK)
        time.sleep(0.2)


def memory() -> dict[str, int]:
    """Resident megabytes of the TensorBoard that this process started, and of its data server."""
    parents = _children(os.getpid())
    found = {_name(process): _resident(process) for process in parents}
    return found | {_name(one): _resident(one) for process in parents for one in _children(process)}


def _children(process: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "--no-headers", "-o", "pid", "--ppid", str(process)],
        capture_output=True,
        text=True,
        check=False,
    )
    return [int(pid) for pid in listed.stdout.split() if Path(f"/proc/{pid}/statm").exists()]


def _name(process: int) -> str:
    name = Path(f"/proc/{process}/comm").read_text().strip()
    return "data server" if name == "server" else "TensorBoard"


def _resident(process: int) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def told(what: str, times: list[float], seconds: float) -> None:
    """Prints a line of latencies."""
    ranked = sorted(times)
    p99 = ranked[min(len(ranked) - 1, int(len(ranked) * 0.99))]
    print(
        f"{what:22}{len(times):7d} answers {len(times) / seconds:7.0f}/s"
        f"  p50 {statistics.median(times):7.1f} ms  p99 {p99:7.1f} ms  worst {ranked[-1]:7.1f} ms",
        flush=True,
    )


def hold(url: str, clients: int, seconds: float) -> None:
    """Asks alone, then with everyone; prints what came of it."""
    watch = Watch(url)
    runs = [entry["run"] for entry in json.loads(watch.ask("runs", f"{OURS}runs"))["runs"]]
    print(f"memory before: {memory()} MiB", flush=True)
    stock(watch, "stock, alone", time.monotonic() + min(10, seconds))
    until = time.monotonic() + seconds
    people: list[Any] = [
        threading.Thread(target=scrub, args=(watch, runs, number, until))
        for number in range(clients)
    ]
    people.append(threading.Thread(target=stock, args=(watch, "stock, under load", until)))
    for person in people:
        person.start()
    for person in people:
        person.join()
    for what, times in sorted(watch.times.items()):
        told(what, times, seconds)
    print(f"statuses: {dict(watch.statuses)}")
    print(f"memory after: {memory()} MiB")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def main() -> None:
    """Both loaders, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--loaders", nargs="+", default=["true", "false"], help="of --load_fast")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        logdir = Path(place) / "logs"
        write_log(
            logdir, runs=3, layers=12, steps=asked.steps, filters=16, tile=152, start=time.time()
        )
        size = sum(path.stat().st_size for path in logdir.rglob("*tfevents*")) / 1e6
        print(f"log of {size:.0f} MB: 3 runs, 12 layers, {asked.steps} steps", flush=True)
        for fast in asked.loaders:
            print(f"--load_fast={fast}, {asked.clients} clients, {asked.seconds:g} s", flush=True)
            with tensorboard(logdir, f"--load_fast={fast}") as url:
                hold(url, asked.clients, asked.seconds)


if __name__ == "__main__":
    main()
