"""Steps that are compiled as a whole, run eagerly while something looks."""

from __future__ import annotations

import logging
import sys
from typing import Any

import torch

_LOG = logging.getLogger("ce_lint")

_TOO_OLD = (
    "steps that torch.compile compiles as a whole: this torch has no torch.compiler.set_stance, "
    "which 2.6 and newer have"
)


class EagerStance:
    """`torch.compiler.set_stance("force_eager")`, set and taken back again.

    The loss of a step that is compiled as a whole is a few lines of a generated kernel: no Python function is called,
    so nothing can be seen. Under this stance the step runs as if it were not compiled, and code that was compiled
    before is used again afterwards. torch refuses the stance within a compiled region.
    """

    def __init__(self) -> None:
        # The class is private to torch; only what the documentation promises is used, but for `_is_still_ours`.
        self._stance: Any = None

    @property
    def is_forced(self) -> bool:
        """Whether the stance is set now."""
        return self._stance is not None

    def force(self) -> str | None:
        """Set the stance; return why that is not possible, in one line, else None."""
        if self._stance is not None:
            return None
        set_stance = getattr(torch.compiler, "set_stance", None)
        if set_stance is None:
            return _TOO_OLD
        try:
            self._stance = set_stance("force_eager")
        except RuntimeError as error:
            return f"steps that torch.compile compiles as a whole: {_first_line(error)}"
        return None

    def release(self) -> str | None:
        """Take the user's stance back, unless it was changed since; return why that is not possible, else None."""
        if self._stance is None:
            return None
        if self._is_still_ours():
            try:
                self._stance.__exit__(None, None, None)
            except RuntimeError as error:
                _LOG.warning("the stance of torch.compile could not be taken back: %s", _first_line(error))
                return f"nothing is compiled any more: {_first_line(error)}"
        self._stance = None
        return None

    def _is_still_ours(self) -> bool:
        """False where the user has set another stance since, which then stays. torch has no public way to ask."""
        frames = sys.modules.get("torch._dynamo.eval_frame")
        current = getattr(frames, "_stance", None)
        return current is None or current is self._stance.stance


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
