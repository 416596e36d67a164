"""Steps that are compiled as a whole, run eagerly while something looks."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import torch
from torch.optim import optimizer as optimizers

_LOG = logging.getLogger("ce_lint")

_TOO_OLD = (
    "steps that torch.compile compiles as a whole: this torch has no torch.compiler.set_stance, "
    "which 2.6 and newer have"
)
_WITHIN = "the losses of the compiled function in which the watch was entered"


class EagerStance:
    """`torch.compiler.set_stance("force_eager")`, set and taken back again.

    The loss of a step that is compiled as a whole is a few lines of a generated kernel: no Python function is called,
    so nothing can be seen. Under this stance the step runs as if it were not compiled, and code that was compiled
    before is used again afterwards. torch refuses the stance within a compiled region. A call of what was compiled with
    `fullgraph=True` must end in the stance in which it began, or torch takes it for one that failed to compile: the
    stance is then taken back after the next step of an optimizer.
    """

    def __init__(self) -> None:
        # The class is private to torch; only what the documentation promises is used, but for `_is_still_ours`.
        self._stance: Any = None
        self._after_step: Any = None

    def force(self) -> str | None:
        """Set the stance; return why that is not possible, in one line, else None."""
        self._forget_step()
        if self._stance is not None:
            return None
        set_stance = getattr(torch.compiler, "set_stance", None)
        if set_stance is None:
            return _TOO_OLD
        try:
            self._stance = set_stance("force_eager")
        except RuntimeError as error:
            return f"steps that torch.compile compiles as a whole: {_first_line(error)}"
        return _WITHIN if any(_compiled_calls()) else None

    def release(self, *, at_once: bool = False) -> str | None:
        """Take the user's stance back, unless it was changed since; return why that is not possible, else None.

        Not before the next step of an optimizer, where a call of a whole graph is under way and that can wait.
        """
        if self._stance is None:
            return None
        if not at_once and _is_in_whole_graph():
            self._wait_for_step()
            return None
        self._forget_step()
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

    def _wait_for_step(self) -> None:
        register = getattr(optimizers, "register_optimizer_step_post_hook", None)
        if self._after_step is None and register is not None:
            self._after_step = register(self._stepped)

    def _stepped(self, *_: object) -> None:
        self.release()

    def _forget_step(self) -> None:
        if self._after_step is not None:
            self._after_step.remove()
            self._after_step = None


def _is_in_whole_graph() -> bool:
    """Whether a call of something compiled with `fullgraph=True` is under way; so is one of which that is not known."""
    return any(frame.f_locals.get("fullgraph_count_enabled", True) for frame in _compiled_calls())


def _compiled_calls() -> Iterator[FrameType]:
    """The frames in which torch calls something compiled; torch has no public way to ask."""
    dynamo = getattr(sys.modules.get("torch._dynamo.eval_frame"), "__file__", None)
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "compile_wrapper" and frame.f_code.co_filename == dynamo:
            yield frame
        frame = frame.f_back


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
