"""Saves and loads the baseline of a run: what its later steps are measured against.

It is a file next to the event files, so that a new process that continues the run finds it.
"""

import io
import logging
import zipfile
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import tensorflow as tf

_logger = logging.getLogger("convviz_tb")

Array = npt.NDArray[Any]
#: What is known of one series at a step: its weights, textures, responses ("answers"), maps.
State: TypeAlias = dict[str, Array]

FILE: Final = "baseline.npz"
#: Beyond so many bytes, further series are not kept: a new process gives them a new baseline.
MOST_BYTES: Final = 64 * 2**20
_BETWEEN: Final = "|"  # series and name


def save(directory: str, states: dict[str, State]) -> None:
    """Writes the states of all series, by tag; a process killed meanwhile leaves the file before.

    Raises:
        OSError: the directory cannot be written to.
    """
    file, size = io.BytesIO(), 0
    kept: dict[str, Any] = {}
    for tag, state in states.items():
        size += sum(array.nbytes for array in state.values())
        if size > MOST_BYTES:
            _logger.warning("The baseline of %s is too large to be kept for a new process.", tag)
            break
        kept |= {f"{tag}{_BETWEEN}{name}": array for name, array in state.items()}
    np.savez(file, **kept)  # NumPy 1 takes any option for one more array
    path = tf.io.gfile.join(directory, FILE)
    try:
        with tf.io.gfile.GFile(path + ".part", "wb") as part:
            part.write(file.getvalue())
        tf.io.gfile.rename(path + ".part", path, overwrite=True)
    except tf.errors.OpError as error:
        raise OSError(f"cannot write {path!r}: {error.message}") from error


def load(directory: str) -> dict[str, State]:
    """What `save` wrote; nothing where there is no such file, or one that cannot be read."""
    path = tf.io.gfile.join(directory, FILE)
    try:
        with tf.io.gfile.GFile(path, "rb") as file, np.load(io.BytesIO(file.read())) as arrays:
            states: dict[str, State] = {}
            for key in arrays.files:
                tag, _, name = key.rpartition(_BETWEEN)
                states.setdefault(tag, {})[name] = arrays[key]
            return states
    except tf.errors.NotFoundError:
        return {}
    except (tf.errors.OpError, OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        _logger.warning("The baseline in %r cannot be read: %s", path, error)
        return {}
