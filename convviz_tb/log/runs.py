"""Runs of one log directory: whether a model goes on with a run, or is another one's."""

import weakref
from collections.abc import Iterator, Mapping

import keras

from convviz_tb.model import brief_fingerprint, is_trained
from convviz_tb.schema import Facts

_MOST = 10_000

_logged: "weakref.WeakKeyDictionary[keras.Model, set[str]]" = weakref.WeakKeyDictionary()


def note(model: keras.Model, directory: str) -> None:
    """Notes that this process has logged a model to a directory."""
    _logged.setdefault(model, set()).add(directory)


def weights_of(earlier: Mapping[int, Mapping[str, Facts]]) -> dict[int, str]:
    """Brief fingerprints of a model at the steps of a log; old logs have none."""
    facts = {step: by_tag.get("model", {}) for step, by_tag in earlier.items()}
    return {step: each["weights"] for step, each in facts.items() if each.get("weights")}


def goes_on(model: keras.Model, directory: str, weights: Mapping[int, str]) -> bool:
    """Whether a training of a model is a continuation of a run.

    It is where its weights are those of a logged step, other than a first one that training has
    left, or where this process has logged it there before, or one that shares its variables. So is
    one that its optimizer has trained already where nothing but the first step is logged: a
    training that was interrupted in its first epoch.

    Args:
        model: the model, before it is trained.
        directory: where the run is.
        weights: brief fingerprints by step, see `weights_of`.
    """
    if not weights:
        return True
    now, first, newest = brief_fingerprint(model), min(weights), max(weights)
    if now == weights[newest]:
        return True
    if now == weights[first]:
        return False  # set back to the beginning
    if first == newest and is_trained(model):
        return True
    return now in weights.values() or _is_known(model, directory)


def _is_known(model: keras.Model, directory: str) -> bool:
    variables = {id(variable) for variable in model.variables}
    of_directory = [other for other, known in list(_logged.items()) if directory in known]
    return any(id(each) in variables for other in of_directory for each in other.variables)


def others(log_dir: str) -> Iterator[str]:
    """Directories for further models of a log directory: `<log_dir>/model_2` and so on."""
    for number in range(2, _MOST):
        yield f"{log_dir.rstrip('/')}/model_{number}"
