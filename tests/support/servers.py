"""Real TensorBoard processes."""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tensorboard.context import RequestContext

from convviz_tb import schema
from support.loaders import python_loader
from support.processes import Process
from support.waiting import PATIENCE


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class TensorBoard:
    """A running TensorBoard: its address and what it said so far."""

    def __init__(self, url: str, process: Process) -> None:
        self.url = url
        self.output = process.output

    def ask(self, route: str, method: str = "GET", base: str = "data/plugin/convviz/") -> Answer:
        """Answer of a route, relative to ours; any status."""
        request = urllib.request.Request(self.url + base + route, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())


def _has_read(server: TensorBoard, stored: Any) -> bool:
    """Whether a TensorBoard shows all runs, series, steps and scalars that a loader has found."""
    context = RequestContext()
    series = stored.list_blob_sequences(context, experiment_id="", plugin_name=schema.PLUGIN_NAME)
    scalars = stored.list_scalars(context, experiment_id="", plugin_name="scalars")
    tags = server.ask("tags", base="data/plugin/scalars/").json
    return (
        bool(series)
        and all(set(found) <= set(tags.get(run, ())) for run, found in scalars.items())
        and all(_has_read_run(server, run, found) for run, found in series.items())
    )


def _has_read_run(server: TensorBoard, run: str, stored: Mapping[str, Any]) -> bool:
    """Whether all series of a run are there to their last step, but those that nobody can read."""
    answer = server.ask(f"series?{urllib.parse.urlencode({'run': run})}")
    if answer.status != 200:
        return False
    last = {series["tag"]: series["steps"][-1] for series in answer.json["series"]}
    unread = {problem["tag"] for problem in answer.json["problems"]}
    return all(tag in unread or last.get(tag) == one.max_step for tag, one in stored.items())


def start_tensorboard(logdir: Path, output: Path, *flags: str) -> tuple[Process, str]:
    """A TensorBoard process, and its address; it may not have read the log yet."""
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logdir), "--port=0"]
    process = Process([*command, *flags], output)
    return process, process.wait_for_output(r" at (http://\S+)", "TensorBoard to start")[1]


@pytest.fixture(scope="session")
def tensorboard(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., TensorBoard]]:
    """Starts TensorBoards: `tensorboard(logdir, *flags)` waits until one has read all of it."""
    running: list[Process] = []

    def start(logdir: Path, *flags: str) -> TensorBoard:
        output = tmp_path_factory.mktemp("tensorboard") / "output.txt"
        process, url = start_tensorboard(logdir, output, "--reload_interval=1", *flags)
        running.append(process)
        server, stored = TensorBoard(url, process), python_loader(logdir)
        process.wait_for(lambda: _has_read(server, stored), f"TensorBoard to read {logdir}")
        return server

    yield start
    for process in running:
        process.stop()


@pytest.fixture(
    scope="module", params=["--load_fast=true", "--load_fast=false"], ids=["rust", "python"]
)
def loader_flag(request: pytest.FixtureRequest) -> Any:
    """Has TensorBoard use each of its loaders."""
    return request.param
