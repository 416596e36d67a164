"""Which line of the user's program a loss was called from."""

from __future__ import annotations

import os
from pathlib import Path
from types import CodeType, FrameType

import torch
from torch import nn
from torch.nn.modules import loss as loss_modules

from ce_lint.runtime.diagnosis.contracts import Contract
from ce_lint.runtime.sites.records import CallSite

_OWN = Path(__file__).parents[1]
_LIBRARY_FOLDERS = tuple(
    str(folder) + os.sep for folder in (Path(torch.__file__).parent, _OWN / "watch", _OWN / "diagnosis")
)
_GENERATED = ("<eval_with_key>", "<torch_package")
"""How the file names of code begin that torch generates: graphs of torch.fx, packages."""


DEPTH = 5
"""Where the frame that called a loss as a module is, seen from a hook, if nothing unusual is between: hook, exchanged
function, the module's `forward`, `_call_impl`, `_wrapped_call_impl`, caller. Going there directly makes two objects of
frames instead of four, which is what takes the time."""


class Callers:
    """Finds the innermost frame outside torch and ce-lint."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[int, CodeType] = {}
        """The user's code objects whose identities are used, so that no other object takes one."""

    def clear(self) -> None:
        """Forget every code object."""
        self._kept.clear()

    def user_frame(self, frame: FrameType) -> FrameType:
        """Return the innermost frame of the user from this one on, the outermost of all where none is the user's."""
        while is_library(frame.f_code.co_filename) and frame.f_back is not None:
            frame = frame.f_back
        self._kept[id(frame.f_code)] = frame.f_code
        return frame


def forward_code(contract: Contract) -> CodeType:
    """Return the code of the `forward` of the module that calls a functional: every functional has one."""
    (module,) = contract.modules
    code: CodeType = getattr(loss_modules, module).forward.__code__
    return code


def standard_caller(contract: Contract, frame: FrameType) -> FrameType | None:
    """Return who called the loss module whose `forward` this is, if nothing unusual is between, else None."""
    if frame.f_code is not forward_code(contract):
        return None
    for expected in ("_call_impl", "_wrapped_call_impl"):
        back = frame.f_back
        if back is None or back.f_code is not getattr(getattr(nn.Module, expected, None), "__code__", None):
            return None
        frame = back
    return frame.f_back


def is_library(file: str) -> bool:
    """Whether a code object's file belongs to torch or to what watches it."""
    return file.startswith(_LIBRARY_FOLDERS) or file.startswith(_GENERATED)


def call_site(functional: str, caller: FrameType, user: FrameType) -> CallSite:
    """Describe a call of a functional: `caller` is the frame that called it, `user` the user's frame."""
    loss = functional
    if caller.f_code.co_filename == loss_modules.__file__:
        module = caller.f_locals.get("self")
        loss = functional if module is None else type(module).__name__
    return CallSite(user.f_code.co_filename, user.f_lineno, user.f_code.co_name, loss)
