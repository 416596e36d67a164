"""A sign of life for a person who waits."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

_PATIENCE_SECONDS = 1.0


@contextlib.contextmanager
def progress(message: str) -> Iterator[None]:
    """Show a spinner on standard error, if that is a terminal and the block takes longer than a second."""
    if not sys.stderr.isatty():
        yield
        return
    import threading

    with contextlib.ExitStack() as spinner:
        timer = threading.Timer(_PATIENCE_SECONDS, _spin, (spinner, message))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            # The timer may have fired just now: the spinner must not start after it was stopped.
            timer.join()


def _spin(spinner: contextlib.ExitStack, message: str) -> None:
    from rich.console import Console

    spinner.enter_context(Console(stderr=True).status(message))
