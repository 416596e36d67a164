"""What a process does that lowers contents for another one."""

from __future__ import annotations

import gc
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from ce_lint.program.loading import Lowered, Problem, lower_content
from ce_lint.supply.crew import Task
from ce_lint.supply.limits import Limits
from ce_lint.supply.stored import encoded


def labour(connection: Connection, limits: Limits, nesting: int) -> None:
    """Answer with what each content comes to, in order, until nobody asks any more; `nesting` is Python's limit of it.

    Past the limit of time the process ends: nothing else stops a parser that is written in C.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked is interrupted, too, and ends this process
    if sys.platform != "win32":
        signal.signal(signal.SIGPROF, signal.SIG_DFL)  # a profiler may have had other plans
    sys.setrecursionlimit(nesting)
    gc.disable()
    _bound_memory(limits)
    while True:
        try:
            tasks: list[Task] = connection.recv()
        except (EOFError, OSError):
            return
        for task in tasks:
            path, data = task.question
            _set_timer(limits.seconds)
            try:
                found = encoded(lower_content(Path(path), data))
            except MemoryError:
                found = encoded(Lowered(None, (Problem(None, limits.too_large),), may_pass=True))
            _set_timer(0)
            try:
                connection.send_bytes(found)
            except OSError:
                return  # nobody listens any more


def _set_timer(seconds: float) -> None:
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _bound_memory(limits: Limits) -> None:
    if sys.platform != "linux":
        return  # elsewhere the limit is not kept, or not known
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    bound = pages * resource.getpagesize() + limits.memory
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY or bound < soft:
        resource.setrlimit(resource.RLIMIT_AS, (bound, hard))
