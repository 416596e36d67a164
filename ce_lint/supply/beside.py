"""Answers that other processes find while this one goes on: it, and all that it forks later, can wait for each."""

from __future__ import annotations

import logging
import os
import select
import signal
import struct
import tempfile
import warnings
from collections.abc import Callable, Sequence
from multiprocessing import util
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ce_lint.program.collector import collected_between

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext, ForkProcess

LOG = logging.getLogger(__name__)

MAX_TASKS = 32
"""Each takes two of the files that a process may have open."""
_LENGTH = struct.Struct("<Q")


class _Task(NamedTuple):
    """Where the answer to a task will be."""

    answer: int
    """A file without a name."""
    gate: int
    """A pipe that nobody reads from: it can be read as soon as the answer is there, or nobody is left to give it."""


class Beside:
    """Some tasks, done by processes that are forked at once.

    A process that ends before its time leaves its task without an answer, and the others go on.
    """

    def __init__(self, how: ForkContext, labour: Callable[[int], bytes], tasks: int, jobs: int) -> None:
        """Begin: `labour` answers each number below `tasks`, the smaller ones first, in up to so many processes."""
        assert tasks <= MAX_TASKS
        pipes = [os.pipe() for _ in range(tasks)]
        self._tasks = tuple([_Task(_nameless(), gate) for gate, _ in pipes])
        waiting, given = os.pipe()
        os.write(given, bytes(range(tasks)))
        os.close(given)
        processes: list[ForkProcess] = []
        bells = [bell for _, bell in pipes]
        for _ in range(min(jobs, tasks)):
            process = how.Process(target=_work, args=(labour, waiting, self._tasks, bells))
            with warnings.catch_warnings():
                # Python warns of a fork beside any thread, one that only waits, too.
                warnings.simplefilter("ignore", DeprecationWarning)
                process.start()
            processes.append(process)
        for one in (waiting, *bells):
            os.close(one)
        # Whoever ends waits for nobody; what is forked of it has nothing of this.
        util.Finalize(self, _end, args=(processes, self._tasks), exitpriority=10)

    def answer(self, task: int) -> bytes | None:
        """Wait for the answer to a task; None where nobody has it, nor will have."""
        waiting = select.poll()
        waiting.register(self._tasks[task].gate, select.POLLIN)
        waiting.poll()
        file = self._tasks[task].answer
        size = os.fstat(file).st_size
        head = os.pread(file, _LENGTH.size, 0)
        if len(head) < _LENGTH.size or _LENGTH.unpack(head)[0] != size - _LENGTH.size:
            return None
        return os.pread(file, size - _LENGTH.size, _LENGTH.size)


def _nameless() -> int:
    file, name = tempfile.mkstemp()
    Path(name).unlink()
    return file


def _work(labour: Callable[[int], bytes], waiting: int, tasks: Sequence[_Task], bells: Sequence[int]) -> None:
    """What runs in a process: task after task, as long as one is left that nobody has begun."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever waits is interrupted, too, and ends this process
    for number in collected_between(iter(lambda: os.read(waiting, 1), b"")):
        try:
            answer = labour(number[0])
        except Exception as error:
            # Whoever waits finds it by itself, and meets the same where it can be said of which file it is.
            LOG.debug("task %d has no answer: %s: %s", number[0], type(error).__name__, error, exc_info=error)
            continue
        try:
            _write(tasks[number[0]].answer, answer)
        except OSError as error:
            LOG.debug("the answer to task %d cannot be written: %s", number[0], error)
            continue
        os.write(bells[number[0]], b".")


def _write(file: int, answer: bytes) -> None:
    """Write an answer; its length comes last: what is not whole has none."""
    written = 0
    while written < len(answer):
        written += os.pwrite(file, answer[written:], _LENGTH.size + written)
    os.pwrite(file, _LENGTH.pack(len(answer)), 0)


def _end(processes: Sequence[ForkProcess], tasks: Sequence[_Task]) -> None:
    for process in processes:
        process.kill()
    for process in processes:
        process.join()
    for task in tasks:
        os.close(task.gate)
        os.close(task.answer)
