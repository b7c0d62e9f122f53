"""Encoded sheets and facts -> event files, by the contract in `schema.py`."""

from collections.abc import Sequence

import tensorflow as tf
from tensorboard.compat.proto import event_pb2
from tensorboard.plugins.image import metadata as image_metadata

from convviz_tb import schema
from convviz_tb.schema import Facts, Series


class RunWriter:
    """The one writer of a run: `<log_dir>/convviz`.

    A sub-run of its own, since a second event file in a directory that Keras writes to makes
    TensorBoard's Python loader stop reading the first.

    Args:
        log_dir: directory of the run, on any file system that TensorFlow knows.

    Raises:
        OSError: the directory cannot be written to.
    """

    def __init__(self, log_dir: str) -> None:
        self._directory = tf.io.gfile.join(log_dir, schema.RUN_SUFFIX)
        try:
            tf.io.gfile.makedirs(self._directory)
            self._writer = tf.summary.create_file_writer(self._directory)
        except (OSError, tf.errors.OpError) as error:
            raise OSError(
                f"log_dir: cannot write to {self._directory!r}: {getattr(error, 'message', error)}"
            ) from error

    def earlier_steps(self) -> set[int]:
        """The steps that earlier processes left in the directory."""
        files = tf.io.gfile.glob(tf.io.gfile.join(self._directory, "*tfevents*"))
        return {step for file in files for step in _steps(file)}

    def write(self, series: Series, step: int, facts: Facts, sheet: bytes | None = None) -> None:
        """Adds one event to one of our series."""
        blobs = [schema.encode(facts)] + ([sheet] if sheet is not None else [])
        self._write(series.tag, blobs, step, schema.metadata(series).SerializeToString())

    def write_image(
        self, series: Series, step: int, picture: bytes, width: int, height: int
    ) -> None:
        """Adds a picture for the stock Images tab; its metadata must be the stock one."""
        blobs = [str(width).encode(), str(height).encode(), picture]
        metadata = image_metadata.create_summary_metadata(
            display_name=None, description="", converted_to_tensor=False
        )
        self._write(f"convviz/{series.tag}", blobs, step, metadata.SerializeToString())

    def write_number(self, tag: str, step: int, value: float) -> None:
        """Adds a point to a curve in the stock Scalars tab."""
        with self._writer.as_default(), tf.summary.record_if(True):
            tf.summary.scalar(tag, value, step)

    def _write(self, tag: str, blobs: Sequence[bytes], step: int, metadata: bytes) -> None:
        # Keras' TensorBoard(update_freq=N) leaves a condition active that would drop this.
        with self._writer.as_default(), tf.summary.record_if(True):
            tf.summary.write(tag, tf.constant(blobs, tf.string), step, metadata)

    def flush(self) -> None:
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


def _steps(file: str) -> set[int]:
    steps = set()
    try:
        for record in tf.data.TFRecordDataset(file):
            event = event_pb2.Event.FromString(record.numpy())
            if event.HasField("summary"):
                steps.add(event.step)
    except tf.errors.DataLossError:  # cut off by a crash: what came before it counts
        pass
    return steps
