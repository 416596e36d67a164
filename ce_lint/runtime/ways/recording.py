"""The watched side of `ce-lint run`: a watch for the life of the process, and what it saw in files.

Imported by the start-up file once torch has been imported.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from ce_lint.runtime.sites.records import SiteReport
from ce_lint.runtime.watch.watching import Watch, watch
from ce_lint.runtime.ways.records import LINES_SUFFIX, EndLine, Line, LookLine, encode, read_options


def begin(folder: str) -> None:
    """Watch this process, and every process that it forks, until it ends. Errors: OSError, msgspec.DecodeError."""
    recorder = _Recorder(Path(folder))
    recorder.enter()
    atexit.register(recorder.finish)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=recorder.restart)


class _Recorder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._options = read_options(folder)
        self._file: int | None = None
        """Made when there is something to write."""
        self._failed = False
        self._live: Watch

    def enter(self) -> None:
        # To be called at each call costs more than to count it: only where calls are to be ended by.
        on_call = None if self._options.steps is None else self._on_call
        self._live = watch(looks=self._options.looks, warn=False, on_look=self._on_look, on_call=on_call)
        self._live.__enter__()

    def restart(self) -> None:
        """Begin anew in a forked child: what its parent saw, its parent tells."""
        self._file, self._failed = None, False
        self._live.__exit__(None, None, None)
        self.enter()

    def finish(self) -> None:
        """Write how often each site was called in the end, and leave."""
        self._live.__exit__(None, None, None)
        try:
            report = self._live.report()
        except RuntimeError:
            # A device that has failed gives no number any more; what was read from it before has been written.
            return
        if report.sites or report.unseen:
            self._write(EndLine(report.sites, report.unseen))

    def _on_look(self, report: SiteReport) -> None:
        self._write(LookLine(replace(report, observations=report.observations[-1:])))

    def _on_call(self, calls: int) -> None:
        if self._options.steps is not None and calls >= self._options.steps:
            _end_program()

    def _write(self, line: Line) -> None:
        """Write a line at once, so that nothing is lost however the process ends."""
        if self._failed:
            return
        try:
            if self._file is None:
                # A process that is long gone may have had the same number.
                name = self._folder / f"{os.getpid()}-{time.time_ns()}{LINES_SUFFIX}"
                self._file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
            # One system call a line, at the end of the file: lines of several threads do not mix.
            os.write(self._file, encode(line))
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        """The program goes on unrecorded; that is said, once, unless nobody waits for the records any more."""
        self._failed = True
        if self._folder.is_dir():
            sys.stderr.write(f"ce-lint: process {os.getpid()} is not recorded any more: {error}\n")


def _end_program() -> None:
    """End the program as `sys.exit(0)` in its main thread would. Errors: SystemExit, always.

    In another thread SystemExit ends that thread alone, so that the main one gets one as well; where that waits for
    the thread, it is raised as soon as the thread has ended.
    """
    if threading.current_thread() is not threading.main_thread():
        main = threading.main_thread().ident
        assert main is not None, "the main thread has been started"
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(main), ctypes.py_object(SystemExit))
    raise SystemExit(0)
