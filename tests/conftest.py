"""Options and fixtures of more than one part's tests."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew; read what changed")


@pytest.fixture(autouse=True, scope="module")
def no_thread_is_left() -> Iterator[None]:
    """Beside a thread nothing is forked: one that a module's tests leave would fail those of another, now and then."""
    before = set(threading.enumerate())
    yield
    left = set(threading.enumerate()) - before
    for thread in left:
        thread.join(10)  # it may be about to end
    assert not [thread for thread in left if thread.is_alive()]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Programs that a test starts end from the keyboard: those that run in the background inherit that they do not."""
    keys = {signal.SIGINT: signal.default_int_handler}
    if os.name != "nt":
        keys[signal.SIGQUIT] = signal.SIG_DFL
    before = {number: signal.signal(number, handler) for number, handler in keys.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
