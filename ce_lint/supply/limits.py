"""What one file may cost, and what is said where it costs more."""

from __future__ import annotations

import sys

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """The limits of one file's analysis."""

    seconds: float = 10.0
    """Of processor time."""
    memory: int = 1_000_000_000
    """Bytes, beside those that the process has already."""

    @property
    def too_slow(self) -> str:
        """Say that a file took too long."""
        return f"cannot be analysed: takes longer than {self.seconds:g} s"

    @property
    def unfollowed(self) -> str:
        """Say that it took too long to follow the values of a file."""
        return f"not all of its loss calls are followed: that takes longer than {self.seconds:g} s"

    @property
    def too_large(self) -> str:
        """Say that a file took too much memory."""
        return f"cannot be analysed: takes more than {self.memory / 1e9:g} GB of memory"

    @property
    def killed(self) -> str:
        """Say that somebody ended the process that had a file; most often it is the system, for want of memory."""
        return "cannot be analysed: the process that read it was killed, perhaps because no memory was left"

    def reason(self, exit_code: int | None) -> str:
        """Say why a process ended; None for one that was ended because it took too long."""
        if exit_code is None:
            return self.too_slow
        if sys.platform != "win32":
            import signal

            if exit_code in (-signal.SIGPROF, -signal.SIGXCPU):
                return self.too_slow
            if exit_code == -signal.SIGKILL:
                return self.killed
        return "cannot be analysed: ends the process that reads it"


LIMITS = Limits()
