"""One thread of work, driven by hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import CancelledError

import pytest

from ce_lint.engine.workspace import Cancelled
from ce_lint.lsp.scheduler import PATIENCE, Worker

SOON = 10.0


class Slow:
    """A task whose runs take a while, and keep what they were given."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.state: dict[Hashable, int] = {}
        self.answers: list[tuple[int, dict[Hashable, int]]] = []
        self.runs = 0
        self.cancelled = 0
        self.failure: Exception | None = None
        self.failed: list[int] = []
        self.answered = threading.Event()

    def take(self, changes: Mapping[Hashable, int]) -> None:
        self.state.update(changes)

    def run(self, generation: int, cancelled: Callable[[], bool]) -> None:
        self.runs += 1
        if self.failure is not None:
            raise self.failure
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            if cancelled():
                self.cancelled += 1
                raise Cancelled
            time.sleep(0.001)
        self.answers.append((generation, dict(self.state)))
        self.answered.set()

    def rest(self, generation: int, cancelled: Callable[[], bool]) -> None:
        """Nobody waits so long here."""

    def fail(self, generation: int, error: Exception) -> None:
        self.failed.append(generation)
        self.answered.set()


@pytest.fixture
def slow() -> Slow:
    return Slow(PATIENCE / 10)


@pytest.fixture
def worker(slow: Slow) -> Iterator[Worker[int]]:
    worker: Worker[int] = Worker(slow, "test")
    yield worker
    worker.stop()


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_the_newest_state_is_answered(slow: Slow, worker: Worker[int]) -> None:
    for number in range(100):
        worker.change("a", number)
        worker.change("b", -number)

    wait_for(lambda: bool(slow.answers) and slow.answers[-1][0] == 200)
    assert slow.answers[-1] == (200, {"a": 99, "b": -99})
    assert slow.runs < 10, "old states are forgotten, not worked off"


def test_a_newer_change_cancels_the_run(slow: Slow, worker: Worker[int]) -> None:
    slow.seconds = PATIENCE / 2
    worker.change("a", 1)
    wait_for(lambda: slow.runs == 1)
    worker.change("a", 2)

    wait_for(lambda: bool(slow.answers))
    assert (slow.cancelled, slow.answers) == (1, [(2, {"a": 2})])


@pytest.mark.slow
def test_changes_without_end_do_not_starve_the_answer(slow: Slow, worker: Worker[int]) -> None:
    slow.seconds = PATIENCE / 3
    end = time.monotonic() + 3 * PATIENCE
    while time.monotonic() < end:
        worker.change("a", 1)
        time.sleep(0.002)

    assert 2 <= len(slow.answers) <= 20


def test_a_question_is_answered_between_two_runs(slow: Slow, worker: Worker[int]) -> None:
    worker.change("a", 1)

    assert worker.ask(lambda: len(slow.answers)).result(SOON) == 1
    name = worker.ask(lambda: threading.current_thread().name).result(SOON)
    assert name == "test"


def test_a_change_does_not_wait_for_all_questions(slow: Slow, worker: Worker[int]) -> None:
    def count() -> int:
        time.sleep(0.05)
        return len(slow.answers)

    questions = [worker.ask(count) for _ in range(20)]
    assert questions[0].result(SOON) == 0
    worker.change("a", 1)

    assert questions[-1].result(SOON) == 1
    assert [one.result(SOON) for one in questions].count(0) < 5


def test_a_question_that_fails_fails_alone(worker: Worker[int]) -> None:
    with pytest.raises(ZeroDivisionError):
        worker.ask(lambda: 1 // 0).result(SOON)
    assert worker.ask(lambda: 1).result(SOON) == 1


def test_a_run_that_fails_is_told_and_the_next_one_runs(
    slow: Slow, worker: Worker[int], caplog: pytest.LogCaptureFixture
) -> None:
    slow.failure = KeyError("of the test")
    worker.change("a", 1)
    wait_for(lambda: slow.failed == [1])
    slow.failure = None
    worker.change("a", 2)

    wait_for(lambda: bool(slow.answers))
    assert "KeyError: 'of the test'" in caplog.text


def test_a_worker_that_is_stopped_leaves_nobody_waiting(slow: Slow, worker: Worker[int]) -> None:
    slow.seconds = SOON
    worker.change("a", 1)
    wait_for(lambda: slow.runs == 1)
    question = worker.ask(lambda: 1)
    worker.stop()

    with pytest.raises(CancelledError):
        question.result(SOON)
    with pytest.raises(CancelledError):
        worker.ask(lambda: 1).result(SOON)
    wait_for(lambda: slow.cancelled == 1)
