"""Programs are run: their time, their memory, their output."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.records import MeasurementError, Run

PATIENCE = 3_600.0
"""Seconds after which a program is ended."""
BETWEEN_SAMPLES = 0.01
MEGABYTE = 1_000_000
FOUND = (0, 1)
"""Statuses of a linter that ended as it should, without findings and with some."""
Command = Sequence[str | Path]
ANALYSED = (0, 1, 3)
"""The same of ce-lint: a file that cannot be parsed is named, and the others are reported."""
_TRACEBACK = "Traceback (most recent call last)"


def run(
    command: Command,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    statuses: Sequence[int] = FOUND,
    samples_memory: bool = False,
    patience: float = PATIENCE,
) -> Run:
    """Run a program; raise MeasurementError where it does not end as it should."""
    words = [str(word) for word in command]
    variables = {**os.environ, **(environment or {})}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - what is measured is a program
            words, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
            start_new_session=True,
        )  # fmt: skip
        with _ended_with_all_it_started(process, patience):
            largest, together = _sampled(process.pid) if samples_memory else (0, 0)
            _, code, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - began
            # Waited for already: `subprocess` would look for it again.
            process.returncode = os.waitstatus_to_exitcode(code)
        output.seek(0)
        errors.seek(0)
        text, said = (file.read().decode("utf-8", "replace") for file in (output, errors))
    if process.returncode not in statuses or _TRACEBACK in said:
        last = said.strip().splitlines()[-1:] or ["it said nothing"]
        why = f"ended after {wall:.0f} s" if wall >= patience else f"status {process.returncode}"
        raise MeasurementError(f"{shlex.join(words[:4])} …: {why}: {last[0]}")
    cpu = usage.ru_utime + usage.ru_stime
    return Run(wall, cpu, largest / MEGABYTE, together / MEGABYTE, text, process.returncode)


@contextmanager
def _ended_with_all_it_started(process: subprocess.Popen[bytes], patience: float) -> Iterator[None]:
    """End a program when its time is up, or when nobody waits for it any more, and what it has started with it."""

    def end() -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(patience, end)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        end()


def _sampled(pid: int) -> tuple[int, int]:
    """Wait until a process has ended; return the most bytes of one of its tree, and of all of them at one moment.

    What `wait4` says of memory is of no use: it begins with what the process held that started the program.
    """
    largest = together = 0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        held = [_held(one) for one in _tree(pid)]
        largest = max([largest, *(most for most, _ in held)])
        together = max(together, sum(at_the_moment for _, at_the_moment in held))
        time.sleep(BETWEEN_SAMPLES)
    return largest, together


def can_sample_memory() -> bool:
    """Tell whether the system shows what other processes hold."""
    return Path(f"/proc/{os.getpid()}/status").exists()


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = [(task / "children").read_text(encoding="ascii") for task in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:  # it has ended
        return
    for child in " ".join(children).split():
        yield from _tree(int(child))


def _held(pid: int) -> tuple[int, int]:
    """Return the most bytes that a process has held, and what it holds."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has ended
        return 0, 0
    found = dict(re.findall(r"^(VmHWM|VmRSS):\s*(\d+) kB$", status, re.MULTILINE))
    return int(found.get("VmHWM", 0)) * 1024, int(found.get("VmRSS", 0)) * 1024


def interleaved(name: str, sides: Sequence[Callable[[int], Run]], rounds: int) -> list[list[Run]]:
    """Run each side once a round, A B A B, with the round's number; return the runs of each side."""
    runs: list[list[Run]] = [[] for _ in sides]
    for number in range(rounds):
        for side, done in zip(sides, runs, strict=True):
            done.append(side(number))
        times = " ".join(f"{done[-1].wall:.2f}" for done in runs)
        say(f"{name}: round {number + 1} of {rounds}: {times} s")
    return runs


def options_of(ce_lint: Path) -> frozenset[str]:
    """Return the options that `ce-lint check` has."""
    shown = run([ce_lint, "check", "--help"], Path.cwd(), statuses=(0,)).output
    return frozenset(re.findall(r"--[a-z][a-z-]*", shown))


def cold_check(ce_lint: Path) -> tuple[str | Path, ...]:
    """Return the command that keeps nothing from run to run."""
    return (ce_lint, "check", *(["--no-cache"] if "--no-cache" in options_of(ce_lint) else []))


def warm_check(ce_lint: Path, cache: Path) -> tuple[str | Path, ...]:
    """Return the command that keeps what it found in a folder; raise MeasurementError where it has no cache."""
    if "--cache-dir" not in options_of(ce_lint):
        raise MeasurementError("ce-lint check has no --cache-dir")
    return (ce_lint, "check", "--cache-dir", cache)


def say(line: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
