"""Ends all that a process has started when it ends, also what has left its group and its session. On Linux only.

Elsewhere the process group has to do, which `ce_lint.runtime.confirm.execute` ends in any case.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType

LOG = logging.getLogger(__name__)

_SET_CHILD_SUBREAPER = 36
_ROUNDS = 100
"""How often more processes may turn up while others are ended."""


def supervise() -> None:
    """Go on in a process of its own, and let this one wait for it, end what is left behind, and end as it did.

    Return in the new process. SIGTERM to the one that waits ends everything at once.
    """
    # What loses its parent gets this process for one (prctl(2)).
    if sys.platform != "linux" or ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        return
    worker = os.fork()
    if worker == 0:
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)

    signal.signal(signal.SIGTERM, end)
    _, status = os.waitpid(worker, 0)
    _end_children()
    if os.WIFSIGNALED(status):
        # SIGKILL has no handler that could be taken away.
        with contextlib.suppress(OSError):
            signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status))


def _end_children() -> None:
    """Kill the children, then those that they leave to this process, until there are none."""
    for _ in range(_ROUNDS):
        ended = [child for child in _children() if _is_killed(child)]
        if not ended:
            return
        for child in ended:
            os.waitpid(child, 0)
    LOG.warning("new processes turned up faster than they could be ended")


def _is_killed(process: int) -> bool:
    try:
        os.kill(process, signal.SIGKILL)
    except (ProcessLookupError, PermissionError) as error:
        LOG.info("process %d: %s", process, error)
        return False
    return True


def _children() -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        # It may have ended since.
        with contextlib.suppress(OSError):
            # The name, which may hold anything, stands in parentheses; the state and the parent follow (proc(5)).
            fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                found.append(int(folder.name))
    return found
