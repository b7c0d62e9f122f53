"""End of a training, behind all other callbacks: some put the weights of an earlier step back."""

import inspect
from collections.abc import Callable, Mapping

import keras

from convviz_tb.schema import Facts


class _Behind(keras.callbacks.Callback):
    """Last in a list of callbacks; does something once, when training ends."""

    def __init__(self, of: keras.callbacks.Callback) -> None:
        super().__init__()
        self.of = of
        self.action: Callable[[], object] | None = None

    def on_train_end(self, logs: object = None) -> None:
        action, self.action = self.action, None
        if action:
            action()


def behind_others(callback: keras.callbacks.Callback, action: Callable[[], object]) -> bool:
    """Has something done once the callbacks behind this one have ended, too.

    Keras tells no callback of the others. While it goes through its list, which is when this must
    be called, the list is in reach of those that it calls, and may be added to.

    Args:
        callback: the one whose `on_train_end` is running.
        action: what is done.

    Returns:
        Whether it will be done; not where nothing but the user's own code calls the callback.
    """
    several = _list_around(callback)
    if several is None:
        return False
    known = (each for each in several.callbacks if isinstance(each, _Behind))
    behind = next((each for each in known if each.of is callback), None)
    if behind is None:
        behind = _Behind(callback)
        several.callbacks.append(behind)
    behind.action = action
    return True


def _list_around(callback: keras.callbacks.Callback) -> keras.callbacks.CallbackList | None:
    """The list that is calling a callback."""
    frame = inspect.currentframe()
    while frame is not None:
        caller = frame.f_locals.get("self")
        if isinstance(caller, keras.callbacks.CallbackList):
            if any(each is callback for each in caller.callbacks):
                return caller
        frame = frame.f_back
    return None


def kept(now: str, weights: Mapping[int, str], last: int) -> Facts:
    """Which step's weights a training has left in the model; nothing where it is the last one's.

    Args:
        now: brief fingerprint of the model.
        weights: the same by step, see `runs.weights_of`.
        last: the last step.
    """
    if last not in weights or now == weights[last]:
        return {}
    return {"kept": max((step for step, own in weights.items() if own == now), default=None)}
