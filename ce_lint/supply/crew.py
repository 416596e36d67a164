"""Processes that answer tasks one after the other, and what is known when one of them ends."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext, SpawnContext
    from multiprocessing.process import BaseProcess

    Context: TypeAlias = ForkContext | SpawnContext


class Task(NamedTuple):
    """Something to be answered, by a number that the answer is known by."""

    number: int
    question: Any


class Ended(NamedTuple):
    """How a process ended that was to answer a task; None where it was ended, because it took too long."""

    exit_code: int | None


class Crew:
    """Some workers, and what they have found.

    A worker runs `labour(connection, *arguments)`: it receives lists of tasks, and sends the bytes of one answer for
    each, in their order.
    """

    def __init__(
        self, context: Context, labour: Callable[..., None], arguments: tuple[object, ...], patience: float | None
    ) -> None:
        """Take the seconds by the clock for which an answer is waited for; None for as long as it takes."""
        self._context = context
        self._labour = labour
        self._arguments = arguments
        self._patience = patience
        self._found: dict[int, bytes | Ended] = {}
        self._workers: dict[Connection, _Worker] = {}

    def answers(
        self,
        shares: Sequence[Sequence[Task]],
        jobs: int,
        meanwhile: Callable[[deque[Sequence[Task]]], bool] | None = None,
    ) -> dict[int, bytes | Ended]:
        """The answer to each task, or how the process ended that had it, by the task's number.

        `meanwhile` may take some of the shares that wait, and do a little of that work here; False when it has none.
        """
        waiting = deque(shares)
        try:
            for _ in range(min(jobs, len(waiting))):
                self._employ(waiting.popleft())
            while True:
                works = meanwhile is not None and meanwhile(waiting)
                if not works and not any(worker.pending for worker in self._workers.values()):
                    break
                self._listen(waiting, 0.0 if works else 1.0)
        finally:
            for worker in self._workers.values():
                worker.end()
        return self._found

    def _employ(self, tasks: Sequence[Task]) -> None:
        with _uninterrupted():
            worker = _Worker(self._context, self._labour, self._arguments, tuple(self._workers))
            self._workers[worker.connection] = worker
        worker.give(tasks)

    def _listen(self, waiting: deque[Sequence[Task]], seconds: float) -> None:
        busy = [connection for connection, worker in self._workers.items() if worker.pending]
        for connection in wait(busy, timeout=seconds):
            assert isinstance(connection, Connection)
            worker = self._workers[connection]
            try:
                answer = connection.recv_bytes()
            except (EOFError, OSError):
                self._go_on_without(worker, worker.ended(), waiting)
                continue
            worker.since = time.monotonic()
            self._found[worker.pending.popleft().number] = answer
            if not worker.pending and waiting:
                worker.give(waiting.popleft())
        for worker in list(self._workers.values()):
            late = self._patience is not None and time.monotonic() - worker.since > self._patience
            if worker.pending and late:
                self._go_on_without(worker, Ended(None), waiting)

    def _go_on_without(self, worker: _Worker, ended: Ended, waiting: deque[Sequence[Task]]) -> None:
        worker.end()
        del self._workers[worker.connection]
        culprit, *rest = worker.pending
        self._found[culprit.number] = ended
        if rest or waiting:
            self._employ(rest or waiting.popleft())


class _Worker:
    """A process, and what it was given and has not answered yet."""

    def __init__(
        self,
        context: Context,
        labour: Callable[..., None],
        arguments: tuple[object, ...],
        others: tuple[Connection, ...],
    ) -> None:
        """Start it, given this process' ends of the pipes to the others."""
        self.connection, inner = context.Pipe()
        inherited = (*others, self.connection) if context.get_start_method() == "fork" else ()
        # A daemon could have no workers of its own.
        self._process: BaseProcess = context.Process(
            target=_begin, args=(labour, inner, inherited, arguments), daemon=False
        )
        with warnings.catch_warnings():
            # Python warns of a fork beside any thread of the system, one that knows nothing of Python, too.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        inner.close()
        self.pending: deque[Task] = deque()
        self.since = time.monotonic()

    def give(self, tasks: Sequence[Task]) -> None:
        """Hand over more work."""
        self.pending.extend(tasks)
        self.since = time.monotonic()
        try:
            self.connection.send(tasks)
        except OSError:
            return  # it has ended: whoever listens hears of it

    def ended(self) -> Ended:
        """How it ended by itself."""
        self._process.join(1.0)
        return Ended(self._process.exitcode)

    def end(self) -> None:
        """Stop it."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def _begin(
    labour: Callable[..., None], connection: Connection, inherited: Iterable[Connection], arguments: tuple[object, ...]
) -> None:
    """What runs in a worker's process: its labour, without what it inherited.

    As long as the other end of its pipe is open anywhere, it does not learn that whoever asked it is no more.
    """
    for one in inherited:
        one.close()
    labour(connection, *arguments)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach: whoever started them is interrupted, too, and ends them."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def context() -> Context | None:
    """How processes are started; None where they cannot be, or should not."""
    if multiprocessing.current_process().daemon:
        return None  # a worker of somebody else's may have no children
    if "fork" in multiprocessing.get_all_start_methods():
        # With threads around, a child could wait for ever for a lock that one of them holds.
        return multiprocessing.get_context("fork") if threading.active_count() == 1 else None
    return multiprocessing.get_context("spawn")


def forking() -> ForkContext | None:
    """The same where processes inherit the memory of this one."""
    how = context()
    return how if how is not None and how.get_start_method() == "fork" else None  # type: ignore[return-value]
