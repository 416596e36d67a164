from __future__ import annotations

import io
import time

import pytest

from ce_lint.cli import progress as module
from ce_lint.cli.progress import progress


class Stream(io.StringIO):
    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def shown(monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool, patience: float, wait: float) -> str:
    """What appears on standard error during a wait."""
    stream = Stream(is_terminal)
    with monkeypatch.context() as patch:
        # Not in a fixture: pytest puts its own stream back between a fixture and the test.
        patch.setattr("sys.stderr", stream)
        patch.setenv("TERM", "xterm")
        patch.setattr(module, "_PATIENCE_SECONDS", patience)
        with progress("checking"):
            time.sleep(wait)
    return stream.getvalue()


def test_a_short_wait_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, is_terminal=True, patience=60, wait=0) == ""


def test_a_long_wait_shows_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "checking" in shown(monkeypatch, is_terminal=True, patience=0.01, wait=0.5)


def test_nothing_is_shown_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, is_terminal=False, patience=0, wait=0.1) == ""
