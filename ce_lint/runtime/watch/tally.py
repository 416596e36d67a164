"""A counter that several threads may advance, at the price of one call of a C function."""

from __future__ import annotations

import itertools
import operator
import sys
from collections.abc import Callable


class Tally:
    """A number that only grows.

    An iterator that repeats nothing a known number of times: to take the next one is a single step of the interpreter,
    so that no count is lost between two threads, and how many are left can be asked without taking any.
    """

    __slots__ = ("_left", "add")

    def __init__(self) -> None:
        self._left = itertools.repeat(None, sys.maxsize)
        self.add: Callable[[], None] = self._left.__next__

    @property
    def value(self) -> int:
        """How often one was added."""
        return sys.maxsize - operator.length_hint(self._left)
