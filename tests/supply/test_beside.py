"""Answers that other processes find: whoever waits gets them, or learns that nobody has them."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ce_lint.supply.beside import MAX_TASKS, Beside
from ce_lint.supply.crew import forking

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no process is forked there")


def begun(labour: Callable[[int], bytes], tasks: int, jobs: int = 2) -> Beside:
    how = forking()
    assert how is not None
    return Beside(how, labour, tasks, jobs)


def squared(number: int) -> bytes:
    return str(number * number).encode()


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_every_task_is_answered_and_may_be_asked_for_again(jobs: int) -> None:
    beside = begun(squared, MAX_TASKS, jobs)
    expected = [squared(number) for number in range(MAX_TASKS)]
    for _ in range(2):
        assert [beside.answer(number) for number in range(MAX_TASKS)] == expected


def test_a_large_answer_arrives_whole() -> None:
    assert begun(lambda _: b"x" * 5_000_000, 1).answer(0) == b"x" * 5_000_000


def test_whoever_is_forked_later_waits_for_the_same(tmp_path: Path) -> None:
    def slow(_: int) -> bytes:
        time.sleep(0.3)
        return b"known"

    beside = begun(slow, 1)
    later = []
    for number in range(2):
        later.append(os.fork())
        if later[-1] == 0:
            (tmp_path / str(number)).write_bytes(beside.answer(0) or b"unknown")
            os._exit(0)
    for process in later:
        os.waitpid(process, 0)
    assert [(tmp_path / str(number)).read_bytes() for number in range(2)] == [b"known", b"known"]
    assert beside.answer(0) == b"known"


def test_a_process_that_dies_loses_one_answer_and_keeps_nobody_waiting() -> None:
    def deadly(number: int) -> bytes:
        if number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return squared(number)

    beside = begun(deadly, 5)
    assert [beside.answer(number) for number in range(5)] == [b"0", None, b"4", b"9", b"16"]
    alone = begun(deadly, 3, jobs=1)
    assert [alone.answer(number) for number in range(3)] == [b"0", None, None]


def test_a_task_that_fails_has_no_answer(capfd: pytest.CaptureFixture[str]) -> None:
    def failing(number: int) -> bytes:
        if number == 0:
            raise RecursionError("too deep")
        return squared(number)

    beside = begun(failing, 3, jobs=1)
    assert [beside.answer(number) for number in range(3)] == [None, b"1", b"4"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_nothing_is_left_when_nobody_holds_it() -> None:
    def endless(_: int) -> bytes:
        time.sleep(600)
        return b""

    gc.collect()
    before, others = len(list(Path("/dev/fd").iterdir())), len(multiprocessing.active_children())
    beside = begun(endless, 3)
    assert len(multiprocessing.active_children()) == others + 2
    del beside
    gc.collect()
    assert len(multiprocessing.active_children()) == others
    assert len(list(Path("/dev/fd").iterdir())) == before
