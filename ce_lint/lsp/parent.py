"""Whether the process of the client still runs: an editor that was killed says no goodbye."""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    import ctypes

    _SYNCHRONIZE = 0x00100000
    _TIMED_OUT = 0x00000102

    def _runs(process: int) -> bool:
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(_SYNCHRONIZE, False, process)
        if not handle:
            return False
        try:
            return bool(kernel.WaitForSingleObject(handle, 0) == _TIMED_OUT)
        finally:
            kernel.CloseHandle(handle)

else:

    def _runs(process: int) -> bool:
        try:
            os.kill(process, 0)
        except PermissionError:
            return True
        except (ProcessLookupError, OverflowError):
            return False
        return True


class Parent:
    """A process that is there when it is first looked at."""

    def __init__(self, process: int | None) -> None:
        """Look at it; one that is not there, as for a server in a container, is taken to run for ever."""
        self._process = process if process is not None and process > 0 and _runs(process) else None
        self._is_real_parent = process == os.getppid()

    @property
    def is_gone(self) -> bool:
        """Whether it has ended."""
        if self._process is None:
            return False
        # One that nobody has waited for yet counts as running; but its children are somebody else's by then.
        return not _runs(self._process) or (self._is_real_parent and os.getppid() != self._process)
