"""Processes that tests start: what they print is kept, and their death is noticed at once."""

import contextlib
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from support.waiting import PATIENCE, wait_for

ROOT = Path(__file__).parents[2]


class Process:
    """A program in the background, ended when it is left.

    Args:
        command: the program and its arguments.
        output: the file that takes all that it prints.
        environment: variables beside those of this process.

    Example:

    ```python
    with Process(command, tmp_path / "output.txt") as server:
        port = server.wait_for_output(r"port (\\d+)", "the server to start")[1]
    ```
    """

    def __init__(
        self, command: Sequence[str], output: Path, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._command = command
        self._output = output
        with output.open("wb") as file:
            self._process = subprocess.Popen(
                command, stdout=file, stderr=subprocess.STDOUT, env=os.environ | dict(environment)
            )

    def output(self) -> str:
        """All that it has printed."""
        return self._output.read_text(errors="replace")

    def wait_for(self, condition: Callable[[], Any], what: str) -> Any:
        """The first true value of `condition`.

        Raises:
            AssertionError: the process has died, or nothing came of it; with what it printed.
        """

        def polled() -> Any:
            status = self._process.poll()
            assert status is None, (
                f"{self._command[0]} ended with {status}, before {what}:\n{self.output()}"
            )
            return condition()

        try:
            return wait_for(polled, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.output()}") from None

    def wait_for_output(self, pattern: str, what: str) -> re.Match[str]:
        """The first match of `pattern` in what it prints."""
        match: re.Match[str] = self.wait_for(lambda: re.search(pattern, self.output()), what)
        return match

    def wait_for_port(self, port: int, what: str) -> None:
        """Waits until somebody answers at `port`."""
        self.wait_for(lambda: _answers(port), what)

    def stop(self) -> None:
        """Ends it; one that does not want to is killed."""
        self._process.terminate()
        try:
            self._process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> "Process":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as trying:
        trying.bind(("127.0.0.1", 0))
        port: int = trying.getsockname()[1]
    return port


def _answers(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


def start_script(script: str, *arguments: object) -> subprocess.Popen[str]:
    """Runs a test file as a script of its own, to be asked by `finish`."""
    paths = [str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )


def finish(*processes: subprocess.Popen[str], status: int = 0) -> list[str]:
    """What each of them printed, once all have ended; none outlives the test.

    Raises:
        AssertionError: one ended with another status; with what it said last.
    """
    with contextlib.ExitStack() as stack:
        for process in processes:
            stack.enter_context(process)
            stack.callback(process.kill)
        outputs = [process.communicate(timeout=2 * PATIENCE) for process in processes]
    for process, (_, errors) in zip(processes, outputs, strict=True):
        assert process.returncode == status, errors[-3000:]
    return [output for output, _ in outputs]
