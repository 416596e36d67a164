"""In which ways a function is entered, as far as a question needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ce_lint.interpreter.contexts import MAX_OPENERS, Context, Contexts
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.values import Open

MAX_WAYS = 60
STEPS = 12_000


class Way(NamedTuple):
    """A context, and the frames that it leads to."""

    context: Context
    frames: tuple[int, ...]


class Ways(NamedTuple):
    """The ways in which nothing is open any more that can be known."""

    found: tuple[Way, ...]
    is_complete: bool


def ways(machine: Machine, contexts: Contexts, start: Iterable[Context], is_open: Callable[[int], Open | None]) -> Ways:
    """The contexts lengthened until what is asked in their frames is not open any more."""
    machine.begin(STEPS)
    pending = list(start)
    found: list[Way] = []
    seen = 0
    is_complete = True
    while pending:
        context = pending.pop(0)
        seen += 1
        if seen > MAX_WAYS:
            return Ways(tuple(found), is_complete=False)
        entered = contexts.enter(context)
        opened = entered.open
        for frame in entered.frames:
            opened = opened or is_open(frame)
        longer = contexts.lengthen(context, opened) if opened is not None else ()
        is_complete = is_complete and len(longer) < MAX_OPENERS
        if longer:
            pending += longer
        else:
            found.append(Way(context, entered.frames))
    return Ways(tuple(found), is_complete)
