"""Python's garbage collector, told to wait."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

_Task = TypeVar("_Task")


@contextmanager
def collector_paused() -> Iterator[None]:
    """Work that allocates many objects and frees few: the collector would only walk them again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def collected_between(tasks: Iterable[_Task]) -> Iterator[_Task]:
    """The tasks of a process that does nothing else: what one has left is collected when the next one has come.

    What the last one has left goes with the process; what was there before the first is not looked through.
    """
    gc.disable()
    gc.freeze()
    is_first = True
    for task in tasks:
        if not is_first:
            gc.collect()
        is_first = False
        yield task
