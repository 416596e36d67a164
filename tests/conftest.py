"""Options and fixtures of more than one part's tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew; read what changed")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Programs that a test starts can be interrupted: those that run in the background inherit that they cannot."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
