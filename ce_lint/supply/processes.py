"""Contents that are lowered by several processes, those beside this one within limits of time and memory."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from ce_lint.program.loading import LARGE, Here, Lowered, Problem, Wanted
from ce_lint.supply.crew import Crew, Ended, Task, context
from ce_lint.supply.labour import labour
from ce_lint.supply.limits import LIMITS, Limits
from ce_lint.supply.stored import decoded

WORTH_IT = 400_000
"""From so many bytes on, another process costs less than it saves; a single content of that size is watched."""
SHARE = 150_000
"""Bytes that a process is given at a time."""
PATIENCE = 6.0
"""How many times the limit an answer may take by the clock: other programs run, too."""


class Processes:
    """Lowers contents with up to so many processes; this one takes part, and does few and small ones alone."""

    def __init__(self, jobs: int, limits: Limits = LIMITS) -> None:
        self._jobs = jobs
        self._limits = limits

    def lowered(self, wanted: Iterable[Wanted]) -> Iterator[Lowered]:
        """What each of some contents comes to."""
        contents = list(wanted)
        sizes = [len(data) for _, data, _ in contents]
        is_worth_it = sum(sizes) >= WORTH_IT if self._jobs > 1 else max(sizes, default=0) >= WORTH_IT
        how = context() if is_worth_it else None
        if how is None:
            yield from Here().lowered(contents)
            return
        tasks = [Task(number, (str(path), data)) for number, (path, data, laid) in enumerate(contents) if laid is None]
        crew = Crew(how, labour, (self._limits, sys.getrecursionlimit()), PATIENCE * self._limits.seconds)
        own = _Own(contents)
        takes_part = self._jobs > 1
        answers = crew.answers(_shares(tasks, sizes), self._jobs - takes_part, own.work if takes_part else None)
        for number, one in enumerate(contents):
            if number in answers:
                yield self._result(answers[number])
            elif number in own.found:
                yield own.found[number]
            else:
                yield from Here().lowered((one,))

    def _result(self, answer: bytes | Ended) -> Lowered:
        if isinstance(answer, Ended):
            return _failure(self._limits.reason(answer.exit_code))
        return decoded(answer) or _failure("cannot be analysed: its result was lost")


class _Own:
    """What this process lowers while it would only wait for the others: of their shares, the smallest contents."""

    def __init__(self, contents: Sequence[Wanted]) -> None:
        self._contents = contents
        self._tasks: list[Task] = []
        self.found: dict[int, Lowered] = {}

    def work(self, waiting: deque[Sequence[Task]]) -> bool:
        """Lower one content; False where none is left that needs no watching."""
        if not self._tasks and waiting and all(self._is_small(task) for task in waiting[-1]):
            self._tasks += waiting.pop()
        if not self._tasks:
            return False
        number = self._tasks.pop().number
        (self.found[number],) = Here().lowered((self._contents[number],))
        return True

    def _is_small(self, task: Task) -> bool:
        return len(self._contents[task.number][1]) < LARGE


def _shares(tasks: Sequence[Task], sizes: Sequence[int]) -> list[list[Task]]:
    """The tasks in groups of about one size, large contents first: nobody waits for one at the end."""
    shares: list[list[Task]] = []
    size = SHARE
    for task in sorted(tasks, key=lambda one: -sizes[one.number]):
        if size >= SHARE:
            shares.append([])
            size = 0
        shares[-1].append(task)
        size += sizes[task.number]
    return shares


def _failure(reason: str) -> Lowered:
    return Lowered(None, (Problem(None, reason),), may_pass=True)
