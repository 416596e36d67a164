"""Processes that answer tasks, whatever becomes of them."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections import deque
from collections.abc import Sequence
from multiprocessing.connection import Connection

import pytest

from ce_lint.supply.crew import Crew, Ended, Task

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a function of a test can only be forked")


def square(connection: Connection, gone: int) -> None:
    """Answer with squares; the process ends at one number, and sleeps at its negative."""
    while True:
        try:
            tasks: list[Task] = connection.recv()
        except EOFError:
            return
        for task in tasks:
            if task.question == gone:
                os._exit(7)
            time.sleep(60 if task.question == -gone else 0)
            connection.send_bytes(b"%d" % task.question**2)


@pytest.mark.parametrize("jobs", [1, 2, 9])
@pytest.mark.parametrize("size", [1, 3, 20])
def test_every_task_has_an_answer(jobs: int, size: int) -> None:
    tasks = [Task(number, number) for number in range(20)]
    shares = [tasks[at : at + size] for at in range(0, 20, size)]
    answers = Crew(multiprocessing.get_context("fork"), square, (7,), None).answers(shares, jobs)
    expected: dict[int, bytes | Ended] = {number: b"%d" % number**2 for number in range(20)}
    assert answers == expected | {7: Ended(7)}
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_nobody_waits_for_one_that_is_late() -> None:
    shares = [[Task(number, -number) for number in range(10)]]
    answers = Crew(multiprocessing.get_context("fork"), square, (7,), 0.2).answers(shares, 2)
    assert [number for number, answer in answers.items() if answer == Ended(None)] == [7]
    assert sorted(answers) == list(range(10))


def test_without_tasks_there_are_no_processes() -> None:
    assert Crew(multiprocessing.get_context("fork"), square, (7,), None).answers([], 4) == {}


def test_whoever_waits_may_take_some_of_the_work() -> None:
    taken: list[int] = []

    def meanwhile(waiting: deque[Sequence[Task]]) -> bool:
        if len(waiting) < 10:
            return False
        taken.extend(task.number for task in waiting.pop())
        return True

    shares = [[Task(number, number)] for number in range(20)]
    answers = Crew(multiprocessing.get_context("fork"), square, (99,), None).answers(shares, 2, meanwhile)
    assert taken
    assert sorted([*taken, *answers]) == list(range(20))
