"""Runs a program as Python would, watched, and collects what was seen. No torch here."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from ce_lint.runtime.watch.report import WatchReport
from ce_lint.runtime.ways.merging import Recorded, collect
from ce_lint.runtime.ways.records import FOLDER_VARIABLE, PREFIX_VARIABLE, RunOptions, write_options

_STARTUP = Path(__file__).parent / "startup"
_FORWARDED = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
"""What a batch system sends to the process that it has started: the program is who it is meant for."""
_FROM_THE_KEYBOARD = ("SIGINT", "SIGQUIT")
"""What a terminal sends to every process in its foreground: the program gets it by itself."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A program that has ended, and what was seen of it."""

    status: int
    """As `subprocess` has it: negative for the signal that ended the program."""
    recorded: Recorded


def run_program(arguments: Sequence[str], options: RunOptions) -> Ended:
    """Run `python ARGUMENTS` watched, with this interpreter, its flags, this process's files and environment.

    The program's children are watched as well, unless they run in another Python environment or drop the environment
    variables.

    Errors: OSError where there is no folder for temporary files; nothing has been run then.
    """
    with _records_folder() as folder:
        write_options(folder, options)
        # Files that this process was given stay open in the program: `3< file` works as it does with python.
        with _signals_are_the_programs() as forward_to:
            process = subprocess.Popen(  # noqa: S603 - the program that the user asked to be run
                _command(arguments), env=_environment(folder), close_fds=False
            )
            forward_to.append(process)
            status = process.wait()
        try:
            recorded = collect(folder)
        except OSError as error:
            recorded = Recorded(WatchReport(), troubles=(f"its records cannot be read: {error}",))
        return Ended(status, recorded)


def end_like(status: int) -> int:
    """End this process by the signal that ended the program; return the exit status where that cannot be done."""
    if status >= 0:
        return status
    number = -status
    sys.stdout.flush()
    sys.stderr.flush()
    if hasattr(signal, "SIGKILL"):
        import resource

        # The program's memory has been dumped already, if at all; ours would take the place of that file.
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        if number not in {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return 128 + number


def _command(arguments: Sequence[str]) -> list[str]:
    # What `multiprocessing` starts its workers with.
    flags: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    return [sys.executable, *flags, *arguments]


def _environment(folder: Path) -> dict[str, str]:
    path = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "PYTHONPATH": f"{_STARTUP}{os.pathsep}{path}" if path else str(_STARTUP),
        FOLDER_VARIABLE: str(folder),
        PREFIX_VARIABLE: sys.prefix,
    }


@contextmanager
def _records_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ce-lint-"))
    try:
        yield folder
    finally:
        # A process that outlives the program may still be writing.
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _signals_are_the_programs() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Let the program alone decide on signals: what does not reach it by itself is passed on to what is yielded."""
    processes: list[subprocess.Popen[bytes]] = []
    seen: set[int] = set()

    def forward(number: int, _frame: FrameType | None) -> None:
        for process in processes:
            process.send_signal(number)

    def forward_unless_typed(number: int, frame: FrameType | None) -> None:
        # Without a terminal nothing tells whether the program was sent it too: one that saves its work must not be
        # interrupted by a second one. Whoever sends it again means it.
        if number in seen and not _is_in_the_foreground():
            forward(number, frame)
        seen.add(number)

    handlers = {
        getattr(signal, name): handler
        for names, handler in ((_FORWARDED, forward), (_FROM_THE_KEYBOARD, forward_unless_typed))
        for name in names
        if hasattr(signal, name)
    }
    # What is ignored (nohup) stays ignored, in the program too; a handler, unlike that, is not inherited.
    before = {number: signal.getsignal(number) for number in handlers}
    for number, handler in handlers.items():
        if before[number] is not signal.SIG_IGN:
            signal.signal(number, handler)
    try:
        yield processes
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def _is_in_the_foreground() -> bool:
    """Whether a terminal sends this process what is typed there to interrupt a program."""
    if not hasattr(os, "ctermid"):
        return True
    try:
        terminal = os.open(os.ctermid(), os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
