"""Owner of a log directory: which process on which host, and the error that names it."""

import datetime
import json
import os
import socket
from typing import Any, Final

_UNKNOWN: Final = {"process": "?", "host": "?", "since": "?"}


class DirectoryLocked(OSError):
    """Another training writes to the directory; the message says which."""


def this_process() -> dict[str, Any]:
    """Host, process and time, as an owner of a directory leaves them for others to read."""
    now = datetime.datetime.now().astimezone()
    return {
        "host": socket.gethostname(),
        "process": os.getpid(),
        "since": now.isoformat(sep=" ", timespec="seconds"),
    }


def parse_owner(text: str) -> dict[str, Any]:
    """The owner that a file names; empty where the file is half written."""
    try:
        owner = json.loads(text)
    except ValueError:
        return {}
    return owner if isinstance(owner, dict) else {}


def locked_by(directory: str, owner: dict[str, Any]) -> DirectoryLocked:
    """The error for a directory that `owner` writes to."""
    name = "process {process} on {host}, since {since}".format_map({**_UNKNOWN, **owner})
    return DirectoryLocked(
        f"log_dir: another training writes to {directory!r}: {name}. "
        "Give this one a directory of its own, or end the other (a notebook's too)."
    )
