"""Calls that nest deeply: Python's limit of them, and the memory of their frames."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FunctionType
from typing import TypeVar

RECURSION_LIMIT = 6_000
"""Frames of Python; MAX_NESTING evaluations need fewer than 20 each."""
_LARGE_FRAME = 2**17
"""Words that one frame wants, which is half of the piece of memory that it gets."""

_Answer = TypeVar("_Answer")


def deeply(work: Callable[[], _Answer]) -> _Answer:
    """Do work that nests as deeply as the evaluator does; the host program gets its own limit back.

    The frames of its calls lie in one piece of memory, up to 1 MB. From 3.11 on, Python asks the system for a piece of
    16 KB when frames fill the one before, and gives it back as soon as the first of these frames ends: whoever goes up
    and down across that border does so at each step. A frame that is larger than half a piece of 2 MB gets that one,
    and what it calls gets the rest (CPython's Python/pystate.c, `push_chunk`). No page is touched that is not used.
    """
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION_LIMIT))
    try:
        answer: _Answer = _called_in_large_frame(work)
    finally:
        sys.setrecursionlimit(before)
    return answer


def _called(work: Callable[[], _Answer]) -> _Answer:
    return work()


_called_in_large_frame = (
    FunctionType(_called.__code__.replace(co_stacksize=_LARGE_FRAME), globals())
    if sys.version_info >= (3, 11)
    else _called  # the frames of 3.10 are objects, each by itself
)
