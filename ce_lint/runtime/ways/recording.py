"""The watched side of `ce-lint run`: a watch for the life of the process, and what it saw in files.

Imported by the start-up file once torch has been imported.
"""

from __future__ import annotations

import atexit
import ctypes
import multiprocessing.util
import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from ce_lint.runtime.sites.records import SiteReport
from ce_lint.runtime.watch.watching import Watch, watch
from ce_lint.runtime.ways.records import LINES_SUFFIX, EndLine, Line, LookLine, encode, read_options

_LAST = -1000
"""A priority at exit below every other: what is finalised before may call a loss."""


def begin(folder: str) -> None:
    """Watch this process, and every process that it forks, until it ends. Errors: OSError, msgspec.DecodeError."""
    recorder = _Recorder(Path(folder))
    recorder.enter()
    atexit.register(recorder.finish)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=recorder.restart)
    # A worker of multiprocessing that was forked ends by `os._exit`, after what is to be finalised there.
    multiprocessing.util.register_after_fork(recorder, _Recorder.finish_as_worker)


class _Recorder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._options = read_options(folder)
        self._file: int | None = None
        """Opened when there is something to write."""
        self._failed = False
        self._is_finished = False
        self._path: Path
        self._live: Watch

    def enter(self) -> None:
        # A process that is long gone may have had the same number.
        self._path = self._folder / f"{os.getpid()}-{time.time_ns()}{LINES_SUFFIX}"
        # To be called at each call costs more than to count it: only where calls are to be ended by.
        on_call = None if self._options.steps is None else self._on_call
        self._live = watch(looks=self._options.looks, warn=False, on_look=self._on_look, on_call=on_call)
        self._live.__enter__()

    def restart(self) -> None:
        """Begin anew in a forked child: what its parent saw, its parent tells."""
        self._file, self._failed, self._is_finished = None, False, False
        self._live.__exit__(None, None, None)
        self.enter()

    def finish_as_worker(self) -> None:
        """Finish when multiprocessing says that its worker ends, after all else that it finalises."""
        multiprocessing.util.Finalize(None, self.finish, exitpriority=_LAST)

    def finish(self) -> None:
        """Write how often each site was called in the end, and leave; once."""
        if self._is_finished:
            return
        self._is_finished = True
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
        """End the program, as `sys.exit(0)` in its main thread would, where it has done its steps.

        In another thread SystemExit ends that thread alone, so that the main one gets one as well, if it runs; where
        that waits for the thread, it is raised as soon as the thread has ended. Once: what the main thread does on its
        way out, such as saving a model, is not interrupted by the next thread that calls a loss.
        """
        if self._options.steps is None or calls < self._options.steps:
            return
        main = threading.main_thread()
        if calls == self._options.steps and threading.current_thread() is not main and main.is_alive():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(main.ident or 0), ctypes.py_object(SystemExit))
        raise SystemExit(0)

    def _write(self, line: Line) -> None:
        """Write a line at once, so that nothing is lost however the process ends."""
        if self._failed:
            return
        try:
            if self._file is None:
                # Two threads may both come here: it is one file all the same.
                self._file = os.open(
                    self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600
                )
            # One system call a line, at the end of the file: lines of several threads do not mix.
            os.write(self._file, encode(line))
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        """The program goes on unrecorded; that is said, once, unless nobody waits for the records any more."""
        self._failed = True
        if self._folder.is_dir():
            sys.stderr.write(f"ce-lint: process {os.getpid()} is not recorded any more: {error}\n")
