"""The Lightning callback: `Trainer(callbacks=[CELintCallback()])`.

    from ce_lint.runtime.ways.lightning import CELintCallback

works with `lightning` and with `pytorch_lightning`: the class is made when it is first asked for, from the one that the
program has imported by then, else from the one that is installed. (Where both are, either takes the other's callbacks.)
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from ce_lint.runtime.ways.callback import Training

_FRAMEWORKS = ("lightning.pytorch", "pytorch_lightning")
_CLASS = "CELintCallback"


class _Hooks(Training):
    """Watches fit, validate, test and predict, and prints what it saw on the process of rank zero.

    `report` holds what was seen in this process. Strategies that spawn processes leave it empty in the process that
    spawned them: what those saw they print.
    """

    def setup(self, trainer: Any, pl_module: object, stage: str) -> None:  # noqa: ANN401 - of either framework
        """Begin."""
        self.begin()

    def on_train_batch_end(self, *_arguments: object, **_keywords: object) -> None:
        """Raise, if that is asked for."""
        self.check()

    def on_validation_batch_end(self, *_arguments: object, **_keywords: object) -> None:
        """Raise, if that is asked for."""
        self.check()

    def on_exception(self, trainer: Any, pl_module: object, exception: BaseException) -> None:  # noqa: ANN401
        """End; the exception goes on."""
        self.end(tells=trainer.is_global_zero)

    def teardown(self, trainer: Any, pl_module: object, stage: str) -> None:  # noqa: ANN401
        """End."""
        self.end(tells=trainer.is_global_zero)


if TYPE_CHECKING:

    class CELintCallback(_Hooks):
        """A callback of Lightning."""


def __getattr__(name: str) -> object:
    if name != _CLASS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _callback_class()


@cache
def _callback_class() -> type:
    base = importlib.import_module(_framework()).Callback
    return type(_CLASS, (_Hooks, base), {"__module__": __name__, "__doc__": _Hooks.__doc__})


def _framework() -> str:
    """The name of the Lightning that the program uses, else of one that it can. Raise ImportError without any."""
    for name in _FRAMEWORKS:
        if name in sys.modules:
            return name
    for name in _FRAMEWORKS:
        if importlib.util.find_spec(name.partition(".")[0]) is not None:
            return name
    raise ImportError(f"{__name__} needs Lightning: python -m pip install lightning", name=_FRAMEWORKS[0])
