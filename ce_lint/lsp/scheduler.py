"""One thread of work: the newest state wins and cancels older runs, which never starves the answer."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from typing import Generic, NamedTuple, Protocol, TypeVar

from ce_lint.engine.errors import UsageError
from ce_lint.engine.workspace import Cancelled

LOG = logging.getLogger(__name__)

PATIENCE = 0.3
"""How many seconds a change waits for an answer before the next change no longer cancels the run that gives it."""
_QUIET = 0.02
"""How many seconds without a change a run that was cancelled waits for."""
_REST = 30.0
"""How many seconds without a change are a longer time."""
_STACK = 64 * 1024 * 1024
"""Bytes; evaluation nests deeply, and a thread gets less of a stack than the main one on some systems."""

Change = TypeVar("Change")
Taken_contra = TypeVar("Taken_contra", contravariant=True)
Found = TypeVar("Found")


class Task(Protocol[Taken_contra]):
    """What a worker does with changes; all of it is called in the worker's thread."""

    def take(self, changes: Mapping[Hashable, Taken_contra]) -> None:
        """Take note of changes, the newest one of each key."""

    def run(self, generation: int, cancelled: Callable[[], bool]) -> None:
        """Give the answer to all that was changed; raise Cancelled soon after `cancelled` says so."""

    def rest(self, generation: int, cancelled: Callable[[], bool]) -> None:
        """Use a longer time without changes; raise Cancelled as `run` does."""

    def fail(self, generation: int, error: Exception) -> None:
        """Tell that there is no answer."""


class _Question(NamedTuple):
    answer: Callable[[], None]
    cancel: Callable[[], object]


class Worker(Generic[Change]):
    """A thread that works on one task."""

    def __init__(self, task: Task[Change], name: str) -> None:
        """Start the thread."""
        self._task = task
        self._condition = threading.Condition()
        self._changes: dict[Hashable, Change] = {}
        self._questions: list[_Question] = []
        self._generation = 0
        """The number of changes so far."""
        self._answered = 0
        self._waiting_since = 0.0
        self._rested = 0
        self._is_stopped = False
        size = threading.stack_size(_STACK)
        # The process may end while it works: nothing is lost then.
        threading.Thread(target=self._work, name=name, daemon=True).start()
        threading.stack_size(size)

    @property
    def generation(self) -> int:
        """The number of changes so far."""
        return self._generation

    def change(self, key: Hashable, change: Change) -> None:
        """Tell of a change; an older one of the same key that is not yet taken is forgotten."""
        with self._condition:
            # Last of all: a key that is changed again comes after what was changed in between.
            self._changes.pop(key, None)
            self._changes[key] = change
            if self._generation == self._answered:
                self._waiting_since = time.monotonic()
            self._generation += 1
            self._condition.notify()

    def ask(self, question: Callable[[], Found]) -> Future[Found]:
        """Let the thread answer a question when no change waits for its answer."""
        future: Future[Found] = Future()

        def answer() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(question())
            except Exception as error:  # noqa: BLE001 - whoever asked is told, and Cancelled is one, too
                future.set_exception(error)

        with self._condition:
            if self._is_stopped:
                future.cancel()
            else:
                self._questions.append(_Question(answer, future.cancel))
                self._condition.notify()
        return future

    def stop(self) -> None:
        """Let the thread end as soon as it can."""
        with self._condition:
            self._is_stopped = True
            for question in self._questions:
                question.cancel()
            self._questions = []
            self._condition.notify()

    def _work(self) -> None:
        while True:
            with self._condition:
                while not (self._is_stopped or self._questions or self._generation != self._answered):
                    if not self._condition.wait(None if self._rested == self._generation else _REST):
                        break
                if self._is_stopped:
                    return
                generation, changes = self._generation, self._changes
                is_new = generation != self._answered
                # One at a time: a change that comes meanwhile does not wait for all of them.
                question = self._questions.pop(0) if self._questions and not is_new else None
                self._changes = {}
            if is_new:
                self._run(generation, changes, self._task.run)
            elif question is not None:
                question.answer()
            else:
                self._rested = generation
                self._run(generation, {}, self._task.rest)

    def _run(
        self,
        generation: int,
        changes: Mapping[Hashable, Change],
        run: Callable[[int, Callable[[], bool]], None],
    ) -> None:
        started = time.monotonic()

        def cancelled() -> bool:
            if self._is_stopped:
                return True
            is_old = self._generation != generation
            return is_old and time.monotonic() - self._waiting_since < PATIENCE

        try:
            self._task.take(changes)
            run(generation, cancelled)
        except Cancelled:
            self._wait_for_quiet()
            return
        except UsageError as error:
            self._task.fail(generation, error)
        except Exception as error:
            LOG.warning("no answer: %s: %s", type(error).__name__, error, exc_info=True)
            self._task.fail(generation, error)
        with self._condition:
            self._answered = generation
            self._waiting_since = started

    def _wait_for_quiet(self) -> None:
        with self._condition:
            seen = -1
            while seen != self._generation and not self._is_stopped and not self._questions:
                seen = self._generation
                if time.monotonic() - self._waiting_since >= PATIENCE:
                    return
                self._condition.wait(_QUIET)
