"""A log directory opened without TensorBoard's web server: event files -> the store.

TensorBoard's own data server reads them, in a fraction of a second and without TensorFlow. Where a
platform has none, its Python loader does.
"""

import contextlib
import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import grpc
from tensorboard.context import RequestContext
from tensorboard.data import grpc_provider, server_ingester
from tensorboard.util import grpc_util

from convviz_tb import schema
from convviz_tb.serve.store import Store, new_cache


@contextlib.contextmanager
def open_log(log_dir: str | os.PathLike[str]) -> Iterator[Store]:
    """The store of all runs in a directory, as they are now.

    Raises:
        FileNotFoundError: there is no such directory.
    """
    path = os.fspath(log_dir)
    if not os.path.isdir(path):
        raise FileNotFoundError(f"log_dir: there is no folder {path!r}.")
    with contextlib.ExitStack() as stack:
        provider = stack.enter_context(_data_server(path)) or _python_loader(path)
        yield Store(provider, RequestContext(), "", new_cache())


@contextlib.contextmanager
def _data_server(log_dir: str) -> Iterator[Any]:
    """A provider that has read everything, or None where the data server cannot."""
    try:
        program = server_ingester.get_server_binary().path
    except server_ingester.NoDataServerError:
        yield None
        return
    options = ["--reload=once", "--port=0", "--die-after-stdin", "--verbose"]
    options += [f"--logdir={log_dir}", f"--samples-per-plugin={schema.PLUGIN_NAME}=all"]
    pipe = subprocess.PIPE  # the server ends with the one that it reads
    with subprocess.Popen([program, *options], stdin=pipe, stderr=pipe, text=True) as server:
        try:
            port = _port_when_loaded(server)
            yield _provider(port) if port else None
        finally:
            server.kill()


def _port_when_loaded(server: "subprocess.Popen[str]") -> str | None:
    """Reads what the server tells until it has loaded everything; None if it ends before."""
    port = None
    for line in server.stderr or ():
        if listening := re.search(r"listening on .*:(\d+)", line):
            port = listening[1]
        if "Finished load cycle" in line:
            return port
    return None


def _provider(port: str) -> Any:
    address = f"localhost:{port}"
    credentials, options = grpc_util.ChannelCredsType.LOCAL.channel_config()
    channel = grpc.secure_channel(address, credentials, options=options)
    return grpc_provider.GrpcDataProvider(address, grpc_provider.make_stub(channel))


def _python_loader(log_dir: str) -> Any:
    from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer

    multiplexer = plugin_event_multiplexer.EventMultiplexer(
        tensor_size_guidance={schema.PLUGIN_NAME: 0}
    )
    multiplexer.AddRunsFromDirectory(log_dir)
    multiplexer.Reload()
    return data_provider.MultiplexerDataProvider(multiplexer, log_dir)
