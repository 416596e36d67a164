"""The callback of transformers: `Trainer(callbacks=[CELintCallback()])`.

    from ce_lint.runtime.ways.transformers import CELintCallback

transformers is imported when the class is first asked for.
"""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from typing import TYPE_CHECKING, Any

from ce_lint.runtime.ways.callback import Training, WrongLossError

_CLASS = "CELintCallback"


class _Events(Training):
    """Watches a training, and prints what it saw on the process of rank zero.

    `report` holds what was seen in this process. The Trainer does not tell its callbacks that a training has failed:
    unless it was this one that ended it, the watch then stays on until the next training begins, `end()` is called or
    the program ends, and says then what it saw.
    """

    def on_train_begin(self, args: object, state: object, control: object, **_keywords: object) -> None:
        """Begin; a training that failed before ends now."""
        self.end()
        self.begin()

    def on_step_end(self, args: object, state: Any, control: object, **_keywords: object) -> None:  # noqa: ANN401
        """Raise, if that is asked for; the Trainer then tells nobody that the training has ended."""
        try:
            self.check()
        except WrongLossError:
            self.end(tells=state.is_world_process_zero)
            raise

    def on_train_end(self, args: object, state: Any, control: object, **_keywords: object) -> None:  # noqa: ANN401
        """End."""
        self.end(tells=state.is_world_process_zero)


if TYPE_CHECKING:

    class CELintCallback(_Events):
        """A callback of transformers."""


def __getattr__(name: str) -> object:
    if name != _CLASS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _callback_class()


@cache
def _callback_class() -> type:
    if importlib.util.find_spec("transformers") is None:
        raise ImportError(f"{__name__} needs transformers: python -m pip install transformers", name="transformers")
    base = importlib.import_module("transformers").TrainerCallback
    return type(_CLASS, (_Events, base), {"__module__": __name__, "__doc__": _Events.__doc__})
