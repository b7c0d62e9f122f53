"""What can be read at all: the backend of Keras, and the kind of model; errors of models named."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any, Final

import keras

_SET_MODEL: Final = (
    "Let the callback watch one of its parts: in a subclass of ConvViz, "
    "`def set_model(self, model): super().set_model(model.discriminator)`, say."
)


class ModelError(ValueError):
    """The user's model failed when it was called; not what was asked of us."""


def check_backend() -> None:
    """Checks that Keras computes with TensorFlow.

    Raises:
        ValueError: it does not.
    """
    backend = keras.config.backend()
    if backend != "tensorflow":
        raise ValueError(
            f"KERAS_BACKEND: received {backend!r}; convviz_tb needs Keras' TensorFlow backend. Set "
            "os.environ['KERAS_BACKEND'] = 'tensorflow' before keras is imported."
        )


def check_model(model: Any) -> None:
    """Checks that a model is one of Keras 3, and that it can be called.

    Raises:
        ValueError: it is of another library, or has no `call`.
    """
    check_library(model)
    if type(model).call in (keras.Model.call, keras.layers.Layer.call):
        raise ValueError(
            f"model: {model.name!r} has no call(), so there is nothing to look at. {_SET_MODEL}"
        )


def check_library(model: Any) -> None:
    """Checks that a model is one of Keras 3, with TensorFlow.

    Raises:
        ValueError: it is not.
    """
    check_backend()
    if not isinstance(model, keras.Model):
        kind = type(model)
        raise ValueError(
            f"model: received {kind.__module__}.{kind.__name__}; convviz_tb needs a model of "
            f"Keras 3, a keras.Model. {_advice(kind.__module__)}"
        )


def _advice(module: str) -> str:
    if module.partition(".")[0] in ("tf_keras", "keras", "tensorflow"):
        return "Build it with `import keras`, and without TF_USE_LEGACY_KERAS."
    return "keras.layers.TFSMLayer and keras.layers.TorchModuleWrapper make layers of others."


@contextlib.contextmanager
def calling(model: keras.Model) -> Iterator[None]:
    """Raises what a model raises when it is called as `ModelError`, which blames nobody else."""
    try:
        with warnings.catch_warnings():  # KerasHub's: what it wants is done before
            warnings.filterwarnings("ignore", "Calling `PipelineModel`")
            yield
    except Exception as error:
        said = f"{type(error).__name__}: {cause(error)}"
        raise ModelError(f"model: {model.name!r} failed when it was called: {said}") from error


#: Lines that wrap an error, by Keras and TensorFlow, and say nothing of it.
_WRAPPERS: Final = (
    "Exception encountered when calling",
    "Arguments received by",
    "Graph execution error",
    "Detected at node",
    "<stack traces unavailable>",
    "File ",
    "[[{{node",
)


def cause(error: BaseException) -> str:
    """What an error says in one line, past what Keras and TensorFlow wrap it in."""
    try:
        is_key = isinstance(error, KeyError) and len(error.args) == 1  # says its text as a literal
        text = str(error.args[0] if is_key else error).replace("\x1b[1m", "").replace("\x1b[0m", "")
    except Exception:  # an error of the user's own may not even be able to say what it is
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines and lines[0] == "in user code:":  # the stack, then the error
        return lines[-1]
    return next((line for line in lines if not line.startswith(_WRAPPERS)), "".join(lines[:1]))
