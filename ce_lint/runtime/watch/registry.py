"""The watches that are on, and what is exchanged in torch while there is one.

The one place of `ce_lint.runtime` with state of its own, since what it changes is itself the process's: the code of
torch's functions and the stance of its compiler. Watches come and go in any order and any thread; the first brings the
change, the last undoes it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Protocol, TypeAlias

import torch
from torch.overrides import has_torch_function_unary

from ce_lint.runtime.watch.frames import DEPTH, Callers, forward_code, standard_caller
from ce_lint.runtime.watch.looking import Call
from ce_lint.runtime.watch.patch import Functional, Hook, Patch, functionals
from ce_lint.runtime.watch.series import LIMIT
from ce_lint.runtime.watch.stance import EagerStance

_MOST_KEYS = 4096
"""How many keys a table of shortcuts holds at most: a program that makes classes as it goes makes keys as it goes."""

Key: TypeAlias = "tuple[int, int, type]"
"""The code object and the instruction that call a loss, and the last node of the autograd graph of its scores."""


Shortcuts: TypeAlias = "dict[Key, Callable[[], None] | list[float]]"
"""What is done with a call that is not looked at closely: past its looks it is counted; where it is looked at again and
again and the key alone proves it right, its loss is kept, which counts it, too.

This is where the cost of a watch is decided. Between two calls lies a whole training step, after which none of this is
in the processor's caches any more: what counts is how little memory is touched.
"""


class Watcher(Protocol):
    """What a watch answers to the registry."""

    @property
    def is_looking(self) -> bool:
        """Whether a call may still be looked at that is not the first of a new call site."""

    def saw(self, call: Call) -> Callable[[], None] | None:
        """Count a call, look at it if it is due, and return what is to be told to the user, if anything."""

    def count_of(self, call: Call) -> Callable[[], None] | None:
        """Return what is left to do for the next calls like this one where that is to count them, else None."""

    def losses_of(self, call: Call) -> list[float] | None:
        """Return where to put the losses of the next calls like this one, where all of them are right, else None."""

    def after_fork(self) -> None:
        """Make the locks anew in a child process."""


class Registry:
    """Which watches are on."""

    def __init__(self) -> None:
        # Reentrant: a signal's handler may leave a watch while another is being entered.
        self._lock = threading.RLock()
        self._watches: tuple[Watcher, ...] = ()
        self._patches: tuple[Patch, ...] = ()
        self._shortcuts: tuple[Shortcuts, ...] = ()
        self._unpatched: tuple[str, ...] = ()
        self._stance = EagerStance()
        self._callers = Callers()
        self._inside: set[int] = set()
        """The threads that are inside a watched call already."""

    def enter(self, watch: Watcher) -> tuple[str, ...]:
        """Turn a watch on; return what it will not see, one line each."""
        with self._lock:
            if not self._watches:
                self._exchange()
            self._set((*self._watches, watch))
            refused = self.update_stance()
            return self._unpatched if refused is None else (*self._unpatched, refused)

    def leave(self, watch: Watcher) -> str | None:
        """Turn a watch off; return what could not be undone, in one line, else None."""
        with self._lock:
            self._set(tuple(other for other in self._watches if other is not watch))
            try:
                return self.update_stance()
            finally:
                if not self._watches:
                    for patch in self._patches:
                        patch.remove()
                    self._callers.clear()

    def _exchange(self) -> None:
        """Exchange the code of every loss.

        For the same code each time, since torch.compile makes what it has compiled depend on the code object: steps
        that run compiled while something watches are compiled once more, and not once more for every watch.
        """
        found, self._unpatched = functionals(tuple(patch.functional for patch in self._patches))
        made = {patch.functional: patch for patch in self._patches}
        for functional in found:
            if functional not in made:
                shortcuts: Shortcuts = {}
                self._shortcuts = (*self._shortcuts, shortcuts)
                made[functional] = Patch.make(functional, self._hook(functional, shortcuts))
        self._patches = tuple(made[functional] for functional in found)
        for patch in self._patches:
            patch.install()

    def update_stance(self) -> str | None:
        """Run compiled steps eagerly while a watch still looks; return what could not be done, else None."""
        with self._lock:
            if any(watch.is_looking for watch in self._watches):
                return self._stance.force()
            return self._stance.release(at_once=not self._watches)

    def after_fork(self) -> None:
        """Make locks anew in a child process: another thread, which is gone, may have held them."""
        self._lock = threading.RLock()
        self._inside.intersection_update({threading.get_ident()})
        for watch in self._watches:
            watch.after_fork()

    def _set(self, watches: tuple[Watcher, ...]) -> None:
        self._watches = watches
        for shortcuts in self._shortcuts:
            shortcuts.clear()

    def _hook(self, functional: Functional, shortcuts: Shortcuts) -> Hook:
        """What the exchanged code of a functional calls."""
        original: Callable[..., Any] = functional.original
        # Local names, each of which is one step away, where a global one is two tables away.
        tensor_type, has_function, inside = torch.Tensor, has_torch_function_unary, self._inside
        forward, depth, limit, frame_at = forward_code(functional.contract), DEPTH, LIMIT, sys._getframe

        def hook(*arguments: object) -> object:
            scores = arguments[0]
            if inside or type(scores) is not tensor_type or has_function(scores):
                # Frame 1 is the exchanged function itself.
                return self._guarded(functional, shortcuts, arguments, frame_at(2))
            result = original(*arguments)
            frame = frame_at(2)
            code = frame.f_code
            try:
                if code is forward:
                    frame = frame_at(depth)
                    code = frame.f_code
                shortcut: Any = shortcuts.get((id(code), frame.f_lasti, type(scores.grad_fn)))
                if type(shortcut) is list:
                    if len(shortcut) < limit:
                        shortcut.append(result.item())
                        return result
                elif shortcut is not None:
                    shortcut()
                    return result
            except (ValueError, RuntimeError):
                # No frame at this depth; a loss of several numbers, where before it was one.
                pass
            self._closely(functional, shortcuts, arguments, result, frame_at(2))
            return result

        return hook

    def _guarded(
        self, functional: Functional, shortcuts: Shortcuts, arguments: tuple[object, ...], caller: FrameType
    ) -> object:
        """Call a functional that may come back to itself, through a mode or a subclass of tensors: counted once."""
        thread = threading.get_ident()
        if thread in self._inside:
            return functional.original(*arguments)
        self._inside.add(thread)
        try:
            result = functional.original(*arguments)
        finally:
            self._inside.discard(thread)
        self._closely(functional, shortcuts, arguments, result, caller)
        return result

    def _closely(
        self,
        functional: Functional,
        shortcuts: Shortcuts,
        arguments: tuple[object, ...],
        result: object,
        caller: FrameType,
    ) -> None:
        """Let every watch see a call, and find out whether the next ones of its kind can be dealt with more shortly."""
        watches, scores = self._watches, arguments[0]
        # A proxy of torch.fx is no tensor, and what torch.compile passes while it traces stands for none.
        if not watches or not isinstance(scores, torch.Tensor) or _is_compiling():
            return
        thread = threading.get_ident()
        self._inside.add(thread)
        try:
            user = self._callers.user_frame(caller)
            # No mode and no subclass of the user sees what is asked of the tensors.
            with torch._C.DisableTorchFunction():
                node = type(scores.grad_fn)
                call = Call(functional, arguments, result, caller, user, node.__name__)
                events = [watch.saw(call) for watch in watches]
            if user is caller or user is standard_caller(functional.contract, caller):
                self._shorten(shortcuts, (id(user.f_code), user.f_lasti, node), watches, call)
            # Only now, since a warning can be an error and a callback can raise: every watch has counted the call.
            for event in events:
                if event is not None:
                    event()
        finally:
            self._inside.discard(thread)

    def _shorten(self, shortcuts: Shortcuts, key: Key, watches: tuple[Watcher, ...], call: Call) -> None:
        counts = [count for watch in watches if (count := watch.count_of(call)) is not None]
        losses = watches[0].losses_of(call) if len(watches) == 1 else None
        # Under the lock, lest a watch that is entered meanwhile is passed over by a shortcut of before.
        with self._lock:
            if self._watches is not watches:
                return
            if len(shortcuts) >= _MOST_KEYS:
                shortcuts.clear()
            if len(counts) == len(watches):
                shortcuts[key] = counts[0] if len(counts) == 1 else _each(counts)
            elif losses is not None:
                shortcuts[key] = losses


def _each(counts: list[Callable[[], None]]) -> Callable[[], None]:
    def count() -> None:
        for add in counts:
            add()

    return count


def _never() -> bool:
    return False


_is_compiling: Callable[[], bool] = getattr(torch.compiler, "is_compiling", _never)

REGISTRY = Registry()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=REGISTRY.after_fork)
