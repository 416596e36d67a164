"""Answers that are found once, and cut where they need themselves.

An answer that needs one that is still under way is provisional: it is good for whoever asks while that is under way,
and found anew afterwards. So what is kept is made of no answer that was cut, whichever of several that need each other
was asked for first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Answer = TypeVar("_Answer")


class Table(Generic[_Key, _Answer]):
    """The answers to one kind of question."""

    __slots__ = ("active", "answers", "made_of", "provisional")

    def __init__(self) -> None:
        self.answers: dict[_Key, _Answer] = {}
        self.made_of: dict[_Key, int] = {}
        """The marks of what each answer was made of, where there are any."""
        self.active: dict[_Key, int] = {}
        """The questions under way, each with its depth: how many of any kind were when it was asked."""
        self.provisional: dict[_Key, tuple[_Answer, int, int]] = {}
        """Those that need one under way: each with the depth of that, and its marks."""


class Memory:
    """What is under way, of all kinds of questions, and what hangs on it."""

    def __init__(self) -> None:
        self.seen = 0
        """The marks of what was looked at for the answer under way."""
        self._depth = 0
        self._lowest = math.inf
        """The outermost question under way of which the one asked last made use; -1 where it was given up."""
        self._pending: dict[int, list[tuple[Table[Any, Any], Hashable]]] = {}
        """The provisional answers, by the depth of the question that they wait for."""

    def start(self) -> None:
        """Begin with nothing under way, whatever became of what was before."""
        self.seen = 0
        self._depth, self._lowest = 0, math.inf
        self._forget(0)

    def answer(self, table: Table[_Key, _Answer], key: _Key, cut: _Answer, compute: Callable[[], _Answer]) -> _Answer:
        """An answer, found once; `cut` is what it counts as while it is under way."""
        known = table.answers.get(key)
        if known is not None:
            self.seen |= table.made_of.get(key, 0)
            return known
        under_way = self.under_way(table, key, cut)
        return self.find(table, key, compute) if under_way is None else under_way

    def under_way(self, table: Table[_Key, _Answer], key: _Key, cut: _Answer) -> _Answer | None:
        """What an answer counts as while it, or one that it needs, is under way; None where neither is."""
        active = table.active.get(key)
        if active is not None:
            self._lowest = min(self._lowest, active)
            return cut
        provisional = table.provisional.get(key)
        if provisional is not None:
            answer, head, made_of = provisional
            self._lowest = min(self._lowest, head)
            self.seen |= made_of
            return answer
        return None

    def find(self, table: Table[_Key, _Answer], key: _Key, compute: Callable[[], _Answer]) -> _Answer:
        """An answer that is neither known nor under way."""
        depth = table.active[key] = self._depth
        self._depth += 1
        outer, self._lowest = self._lowest, math.inf
        seen, self.seen = self.seen, 0
        try:
            answer = compute()
        finally:
            self._depth = depth
            del table.active[key]
            made_of, self.seen = self.seen, self.seen | seen
        if self._lowest >= depth:
            table.answers[key] = answer
            if made_of:
                table.made_of[key] = made_of
            self._lowest = outer
            # What was found on the way under the assumption that this answer is not there is found anew.
            self._forget(depth)
            return answer
        if self._lowest < 0:
            self._forget(depth)
        else:
            self._wait(table, key, (answer, int(self._lowest), made_of), depth)
        self._lowest = min(outer, self._lowest)
        return answer

    def recall(self, table: dict[_Key, tuple[_Answer, int]], key: _Key, compute: Callable[[], _Answer]) -> _Answer:
        """An answer out of a table, found once, with the marks of what it was made of."""
        known = table.get(key)
        if known is None:
            outer, self.seen = self.seen, 0
            try:
                answer = compute()
            finally:
                made_of, self.seen = self.seen, self.seen | outer
            table[key] = answer, made_of
            return answer
        self.seen |= known[1]
        return known[0]

    def stop_here(self) -> None:
        """Take note that what is made of the answer under way is good only for whoever asked first."""
        self._lowest = min(self._lowest, 0)

    def give_up(self) -> None:
        """Take note that the answer under way is none, and nothing that is made of it."""
        self._lowest = -1

    def _wait(self, table: Table[_Key, _Answer], key: _Key, found: tuple[_Answer, int, int], depth: int) -> None:
        """Keep an answer, and those that wait for it, for as long as what it waits for is under way."""
        head = found[1]
        table.provisional[key] = found
        waiting = self._pending.setdefault(head, [])
        waiting.append((table, key))
        for deeper in [one for one in self._pending if one >= depth]:
            for inner, its_key in self._pending.pop(deeper):
                answer, _, made_of = inner.provisional[its_key]
                inner.provisional[its_key] = answer, head, made_of
                waiting.append((inner, its_key))

    def _forget(self, depth: int) -> None:
        """Forget the provisional answers that wait for a question that deep, or deeper."""
        for head in [one for one in self._pending if one >= depth]:
            for table, key in self._pending.pop(head):
                del table.provisional[key]
