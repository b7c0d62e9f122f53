"""The tab behind a reverse proxy, below a path of its own: nginx, and a proxy in Python."""

import http.client
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from support.browser import Tab
from support.logs import write_run
from support.processes import Process, free_port
from support.servers import TensorBoard
from support.waiting import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.server]

PREFIX = "/team/board"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
CONFIG = """
daemon off;
pid {place}/nginx.pid;
error_log {place}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {place}/body;
  proxy_temp_path {place}/proxy;
  fastcgi_temp_path {place}/fastcgi;
  uwsgi_temp_path {place}/uwsgi;
  scgi_temp_path {place}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{ return 404 "not TensorBoard"; }}
    location {prefix}/ {{ proxy_pass http://127.0.0.1:{behind}; }}
  }}
}}
"""


@contextmanager
def nginx(behind: int, place: Path) -> Iterator[str]:
    """nginx as the manual of TensorBoard's `--path_prefix` wants it: paths are passed on whole."""
    if not NGINX:
        pytest.skip("no nginx on PATH")
    port = free_port()
    config = place / "nginx.conf"
    config.write_text(CONFIG.format(place=place, port=port, prefix=PREFIX, behind=behind))
    command = [NGINX, "-c", str(config), "-e", str(place / "error.log")]
    with Process(command, place / "output.txt") as process:
        process.wait_for_port(port, "nginx to start")
        yield f"http://127.0.0.1:{port}{PREFIX}/"


class Proxy(BaseHTTPRequestHandler):
    """Passes on what lies below the prefix, and answers 404 to the rest."""

    behind: int

    def do_GET(self) -> None:
        if not self.path.startswith(f"{PREFIX}/"):
            return self.send_error(404)
        connection = http.client.HTTPConnection("127.0.0.1", self.behind, timeout=PATIENCE)
        length = int(self.headers.get("Content-Length", 0))
        asked = self.rfile.read(length) if length else None
        connection.request(self.command, self.path, asked, dict(self.headers))
        answer = connection.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        connection.close()

    do_POST = do_GET

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def python(behind: int, place: Path) -> Iterator[str]:
    """A proxy of a few lines: it runs on every machine."""
    handler = type("Handler", (Proxy,), {"behind": behind})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{PREFIX}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def behind(
    tensorboard: Callable[..., TensorBoard], tmp_path_factory: pytest.TempPathFactory
) -> int:
    """Port of a TensorBoard that expects to be found below the prefix."""
    logdir = tmp_path_factory.mktemp("logs")
    write_run(logdir, "run/convviz", steps=3)
    server = tensorboard(logdir, f"--path_prefix={PREFIX}")
    port = urlsplit(server.url).port
    assert port
    return port


@pytest.mark.parametrize("proxy", [nginx, python])
def test_it_works_behind_a_proxy(
    proxy: Callable[..., Any],
    behind: int,
    tmp_path: Path,
    open_tab: Callable[[str], Tab],
) -> None:
    with proxy(behind, tmp_path) as url:
        tab = open_tab(url).open().ready()
        tab.at_step(2)
        tab.press("ArrowLeft")
        tab.at_step(1)
        tab.frame.get_by_role("button", name="Heatmaps").click()
        expect(tab.frame.get_by_role("figure", name=re.compile("^Legend"))).to_be_visible()
        tab.ready()
        tab.page.reload()
        tab.open("&" + tab.hash().partition("&")[2]).ready()
        expect(tab.frame.get_by_role("figure", name=re.compile("^Legend"))).to_be_visible()
        ours = [asked for asked in tab.asked if "convviz" in asked]
        assert ours and all(urlsplit(asked).path.startswith(PREFIX) for asked in ours)
        tab.page.close()
    # Under a prefix TensorBoard itself looks for its fonts where they are not.
    tab.faults = [fault for fault in tab.faults if "404" not in fault]
