"""Logs written by hand, both of TensorBoard's loaders, and a real TensorBoard process."""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import hypothesis
import numpy as np
import pytest
from PIL import Image
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.context import RequestContext
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from convviz_tb import schema
from convviz_tb.schema import Series

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

_MARKER = "written"  # plugin of the last event of a log: whoever sees it has seen all the rest


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


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """The first true value of `condition`, polled."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)
    return value


def picture(height: int, width: int, *, kind: str = "PNG", seed: int = 0) -> bytes:
    """An encoded picture of noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, kind)
    return encoded.getvalue()


def example_facts(kind: schema.Kind, **changes: Any) -> schema.Facts:
    """Facts as the callback writes them, with two tiles."""
    sheet = {"count": 2, "columns": 2, "tile": [8, 8]}
    tiles: dict[str, dict[str, Any]] = {
        "patterns": {"filter": 0, "score": 1.5},
        "heatmaps": {
            "image": 0,
            "class_index": 3,
            "score": 11.25,
            "probability": 0.5,
            "predicted": 3,
            "minimum": 0.0,
            "maximum": 0.25,
        },
        "inputs": {"image": 0, "label": None},
    }
    if kind == "model":
        layer = {"layer": "conv2", "class_name": "Conv2D", "shape": [8, 8, 4], "filters": 4}
        layer |= {"trainable": True, "kinds": ["patterns", "heatmaps"]}
        facts = {"written": 1, "planned": 3, "seconds": 0.5, "layers": [layer], "failures": []}
    else:
        facts = {"sheet": sheet, "tiles": [tiles[kind], tiles[kind]]}
        if kind == "inputs":
            facts["class_names"] = ["cat", "dog"]
    return facts | changes


class Log:
    """One event file, written event by event: also such as no callback would write."""

    def __init__(self, directory: Path) -> None:
        self._writer = EventFileWriter(str(directory))

    def put(
        self,
        series: Series,
        step: int,
        *blobs: bytes,
        at: float = 1000.0,
        tag: str | None = None,
        content: bytes | None = None,
        shape: tuple[int, ...] | None = None,
        dtype: int = types_pb2.DT_STRING,
    ) -> None:
        """Adds one event; what is not given is as the data format wants it."""
        metadata = schema.metadata(series)
        if content is not None:
            metadata.plugin_data.content = content
        tensor = tensor_pb2.TensorProto(dtype=dtype)
        if dtype == types_pb2.DT_STRING:
            tensor.string_val.extend(blobs)
        else:
            tensor.float_val.extend([1.0] * len(blobs))
        for size in (len(blobs),) if shape is None else shape:
            tensor.tensor_shape.dim.add(size=size)
        value = summary_pb2.Summary.Value(tag=tag or series.tag, tensor=tensor, metadata=metadata)
        self._add(value, step, at)

    def put_whole(self, series: Series, step: int, *, at: float = 1000.0, **changes: Any) -> None:
        """Adds one event as the callback would, facts and picture."""
        blobs = [schema.encode(example_facts(series.kind, **changes))]
        if series.kind != "model":
            blobs.append(picture(8, 16, seed=step))
        self.put(series, step, *blobs, at=at)

    def put_scalar(self, tag: str, step: int, value: float, *, at: float) -> None:
        """Adds one scalar as TensorFlow 2 writes it."""
        metadata = summary_pb2.SummaryMetadata(data_class=summary_pb2.DATA_CLASS_SCALAR)
        metadata.plugin_data.plugin_name = "scalars"
        tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, float_val=[value])
        self._add(summary_pb2.Summary.Value(tag=tag, tensor=tensor, metadata=metadata), step, at)

    def put_event(self, event: event_pb2.Event) -> None:
        """Adds an event as it is."""
        self._writer.add_event(event)

    def close(self) -> None:
        """Adds the marker and closes the file."""
        metadata = schema.metadata(Series("model"))
        metadata.plugin_data.plugin_name = _MARKER
        tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING)
        tensor.tensor_shape.dim.add(size=0)
        value = summary_pb2.Summary.Value(tag=_MARKER, tensor=tensor, metadata=metadata)
        self._add(value, 0, 1000.0)
        self._writer.close()

    def _add(self, value: summary_pb2.Summary.Value, step: int, at: float) -> None:
        summary = summary_pb2.Summary(value=[value])
        self._writer.add_event(event_pb2.Event(step=step, wall_time=at, summary=summary))


@contextlib.contextmanager
def log(logdir: Path, run: str) -> Iterator[Log]:
    """Opens a log for writing."""
    opened = Log(logdir / run)
    try:
        yield opened
    finally:
        opened.close()


def write_run(logdir: Path, run: str, steps: int) -> None:
    """A run as the callback writes it: inputs once, patterns, heatmaps and model at each step."""
    with log(logdir, run) as writing:
        for step in range(steps):
            at = 1000.25 + 2 * step
            if step == 0:
                writing.put_whole(Series("inputs"), step, at=at)
            writing.put_whole(Series("patterns", "conv2"), step, at=at)
            writing.put_whole(Series("heatmaps", "block/conv2"), step, at=at)
            writing.put_whole(Series("model"), step, at=at, written=step + 1)


def write_scalars(
    logdir: Path,
    run: str,
    metrics: dict[str, list[float]],
    *,
    at: float = 1000.0,
    every: float = 1.0,
) -> None:
    """Scalars as Keras' own TensorBoard callback writes them: the end of epoch e at step e."""
    with log(logdir, run) as writing:
        for tag, values in metrics.items():
            for epoch, value in enumerate(values):
                writing.put_scalar(tag, epoch, value, at=at + every * epoch)


def _python_loader(logdir: Path) -> Any:
    from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer

    multiplexer = plugin_event_multiplexer.EventMultiplexer(
        tensor_size_guidance={schema.PLUGIN_NAME: 0}
    )
    multiplexer.AddRunsFromDirectory(str(logdir))
    multiplexer.Reload()
    return data_provider.MultiplexerDataProvider(multiplexer, str(logdir))


@contextlib.contextmanager
def _rust_loader(logdir: Path) -> Iterator[Any]:
    """The data server that TensorBoard itself would start, with its own way to stop it."""
    from tensorboard.data import grpc_provider, server_ingester
    from tensorboard.util import grpc_util

    try:
        program = server_ingester.get_server_binary().path
    except server_ingester.NoDataServerError as error:
        pytest.skip(str(error))
    command = [program, "--logdir", str(logdir), "--reload=once", "--port=0"]
    command += [f"--samples-per-plugin={schema.PLUGIN_NAME}=all"]
    runs = {path.parent.relative_to(logdir).as_posix() for path in logdir.rglob("*tfevents*")}
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        stack.callback(server.kill)
        port = re.search(r":(\d+)", server.stderr.readline())
        assert port, "the data server named no port"
        address = f"localhost:{port[1]}"
        credentials, options = grpc_util.ChannelCredsType.LOCAL.channel_config()
        channel = stack.enter_context(grpc.secure_channel(address, credentials, options=options))
        provider = grpc_provider.GrpcDataProvider(address, grpc_provider.make_stub(channel))

        # Behind some damage the server does not even see the marker.
        lost = len(list(logdir.rglob("*tfevents*damaged"))) // 10

        def all_loaded() -> bool:
            marked = provider.list_blob_sequences(None, experiment_id="", plugin_name=_MARKER)
            return len(runs - set(marked)) <= lost

        wait_for(all_loaded, "the Rust data server to read the log")
        yield provider


@pytest.fixture(params=["python", "rust"])
def load(request: pytest.FixtureRequest) -> Iterator[Callable[[Path], Any]]:
    """Makes a data provider of a log directory: with the Python and with the Rust loader."""
    with contextlib.ExitStack() as stack:
        if request.param == "python":
            yield _python_loader
        else:
            yield lambda logdir: stack.enter_context(_rust_loader(logdir))


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

    def __init__(self, url: str, output: Path) -> None:
        self.url = url
        self._output = output

    def ask(self, route: str, method: str = "GET", base: str = "data/plugin/convviz/") -> Answer:
        """Answer of a route, relative to ours; any status."""
        request = urllib.request.Request(self.url + base + route, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def output(self) -> str:
        """Everything the process printed."""
        return self._output.read_text()


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


@pytest.fixture(scope="session")
def tensorboard(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., TensorBoard]]:
    """Starts TensorBoards: `tensorboard(logdir, *flags)` waits until one has read all of it."""
    running: list[subprocess.Popen[bytes]] = []

    def start(logdir: Path, *flags: str) -> TensorBoard:
        output = tmp_path_factory.mktemp("tensorboard") / "output.txt"
        command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logdir), "--port=0"]
        with output.open("wb") as file:
            process = subprocess.Popen(
                [*command, "--reload_interval=1", *flags], stdout=file, stderr=subprocess.STDOUT
            )
        running.append(process)

        def address() -> re.Match[str] | None:
            assert process.poll() is None, output.read_text()
            return re.search(r" at (http://\S+)", output.read_text())

        server = TensorBoard(wait_for(address, "TensorBoard to start")[1], output)
        stored = _python_loader(logdir)
        wait_for(lambda: _has_read(server, stored), f"TensorBoard to read {logdir}")
        return server

    yield start
    for process in running:
        process.terminate()
    for process in running:
        process.wait(timeout=30)


@pytest.fixture(
    scope="module", params=["--load_fast=true", "--load_fast=false"], ids=["rust", "python"]
)
def loader_flag(request: pytest.FixtureRequest) -> Any:
    """Has TensorBoard use each of its loaders."""
    return request.param


def tried() -> Counter[str]:
    """How much was tried in this process where tests make up their inputs."""
    hostile = sys.modules.get("hostile")
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
