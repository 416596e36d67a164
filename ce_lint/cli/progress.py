"""A sign of life for a person who waits."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from collections.abc import Callable, Iterator

_PATIENCE_SECONDS = 1.0
_FRAME_SECONDS = 0.1
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_PLAIN_FRAMES = "|/-\\"


@contextlib.contextmanager
def progress(message: str) -> Iterator[None]:
    """Show a spinner on standard error, if that is a terminal and the block takes longer than a second."""
    # What calls itself dumb shows a carriage return, as a log does.
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    spinner = _Spinner(message, sys.stderr.fileno(), sys.stderr.encoding)
    try:
        with _by_alarm(spinner.draw) if _has_alarm() else _by_thread(spinner.draw):
            yield
    finally:
        spinner.clear()


class _Spinner:
    """A line that changes, written past Python's buffers: what is written there may be half written just then."""

    def __init__(self, message: str, terminal: int, encoding: str) -> None:
        is_plain = os.name == "nt" or encoding.lower() not in ("utf-8", "utf8")
        self._terminal = terminal
        self._lines = itertools.cycle(f"\r{frame} {message}" for frame in (_PLAIN_FRAMES if is_plain else _FRAMES))
        self._width = 0

    def draw(self) -> None:
        """Show the next frame."""
        line = next(self._lines)
        self._width = len(line) - 1
        self._write(line)

    def clear(self) -> None:
        """Remove what is shown."""
        if self._width:
            self._write(f"\r{' ' * self._width}\r")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be no more
            os.write(self._terminal, text.encode())


def _has_alarm() -> bool:
    """Is there an alarm, and may this thread set it without taking it from somebody else?"""
    if sys.platform == "win32":
        return False
    import signal

    try:
        before = signal.signal(signal.SIGALRM, signal.getsignal(signal.SIGALRM))
    except (ValueError, TypeError):
        return False  # another thread than the main one, or a handler that is not Python's
    return before is signal.SIG_DFL and signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@contextlib.contextmanager
def _by_alarm(draw: Callable[[], None]) -> Iterator[None]:
    """Draw from this thread, whatever it does: beside another one no worker could be forked."""
    if sys.platform == "win32":
        return
    import signal

    signal.signal(signal.SIGALRM, lambda *_: draw())
    signal.siginterrupt(signal.SIGALRM, False)
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE_SECONDS, _FRAME_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


@contextlib.contextmanager
def _by_thread(draw: Callable[[], None]) -> Iterator[None]:
    import threading

    done = threading.Event()

    def run() -> None:
        pause = _PATIENCE_SECONDS
        while not done.wait(pause):
            draw()
            pause = _FRAME_SECONDS

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
