"""Both of TensorBoard's loaders, and our store and plugin over what they read."""

import contextlib
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from tensorboard.backend import application
from tensorboard.plugins import base_plugin
from werkzeug.test import Client

from convviz_tb import schema
from convviz_tb.serve.loader import ConvVizLoader
from convviz_tb.serve.store import Store
from support.logs import MARKER
from support.waiting import wait_for

BASE = "/data/plugin/convviz/"


def python_loader(logdir: Path) -> Any:
    from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer

    multiplexer = plugin_event_multiplexer.EventMultiplexer(
        tensor_size_guidance={schema.PLUGIN_NAME: 0}
    )
    multiplexer.AddRunsFromDirectory(str(logdir))
    multiplexer.Reload()
    return data_provider.MultiplexerDataProvider(multiplexer, str(logdir))


@contextlib.contextmanager
def rust_loader(logdir: Path) -> Iterator[Any]:
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
            marked = provider.list_blob_sequences(None, experiment_id="", plugin_name=MARKER)
            return len(runs - set(marked)) <= lost

        wait_for(all_loaded, "the Rust data server to read the log")
        yield provider


@pytest.fixture(params=["python", "rust"])
def load(request: pytest.FixtureRequest) -> Iterator[Callable[[Path], Any]]:
    """Makes a data provider of a log directory: with the Python and with the Rust loader."""
    with contextlib.ExitStack() as stack:
        if request.param == "python":
            yield python_loader
        else:
            yield lambda logdir: stack.enter_context(rust_loader(logdir))


def client_of(provider: Any) -> Client:
    plugin = ConvVizLoader().load(base_plugin.TBContext(data_provider=provider))
    return Client(application.TensorBoardWSGI([plugin], data_provider=provider))


def store_of(provider: Any) -> Store:
    from tensorboard import context

    return Store(provider=provider, context=context.RequestContext(), experiment="")
