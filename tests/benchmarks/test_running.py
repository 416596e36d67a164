"""What is read off a program that runs."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from benchmarks.records import MeasurementError, Run
from benchmarks.running import can_sample_memory, cold_check, interleaved, run, warm_check

HOLD_MEMORY = "held = bytearray({megabytes} * 1_000_000); import time; time.sleep(0.3)"
BUSY = "import time\nwhile time.process_time() < 0.3: pass"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def command_with(options: str, folder: Path) -> Path:
    """A program that says that it has these options."""
    path = folder / "ce-lint"
    path.write_text(f"#!{sys.executable}\nprint('Options: --format {options}')\n")
    path.chmod(0o755)
    return path


def test_time_of_the_clock_and_of_the_processor(tmp_path: Path) -> None:
    sleeping = run(python("import time; time.sleep(0.3); print('slept')"), tmp_path)

    assert sleeping.wall >= 0.3
    assert sleeping.cpu < sleeping.wall
    assert (sleeping.output, sleeping.status) == ("slept\n", 0)


def test_the_processor_time_of_children_counts(tmp_path: Path) -> None:
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"

    assert run(python(parent), tmp_path).cpu >= 0.3


@pytest.mark.skipif(not can_sample_memory(), reason="needs /proc")
def test_memory_is_that_of_all_processes_together(tmp_path: Path) -> None:
    code = HOLD_MEMORY.format(megabytes=60)
    parent = f"import subprocess, sys; c = subprocess.Popen([sys.executable, '-c', {code!r}]); {code}; c.wait()"

    both = run(python(parent), tmp_path, samples_memory=True)

    # What this process holds, which is more, is not theirs.
    assert 60 < both.largest < 110
    assert 120 < both.together < 220


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit('no such option')", "no such option"),
        ("raise ValueError('broken')", "broken"),
        ("import sys; sys.exit(2)", "status 2"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "status -15"),
    ],
)
def test_a_program_that_fails_has_no_time(code: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(MeasurementError, match=said):
        run(python(code), tmp_path, statuses=(0,))


def test_a_traceback_is_no_finding(tmp_path: Path) -> None:
    # Python ends with 1 then, as a linter does that has found something.
    with pytest.raises(MeasurementError, match="broken"):
        run(python("raise ValueError('broken')"), tmp_path, statuses=(0, 1))


def test_a_program_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited_for: list[int] = []
    wait4 = os.wait4

    def remembered(pid: int, options: int) -> tuple[int, int, object]:
        waited_for.append(pid)
        return wait4(pid, options)

    monkeypatch.setattr(os, "wait4", remembered)

    with pytest.raises(MeasurementError, match="ended after"):
        run(python("import time; time.sleep(60)"), tmp_path, patience=0.2)

    assert not [one for one in threading.enumerate() if isinstance(one, threading.Timer)]
    (pid,) = waited_for
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_sides_take_turns() -> None:
    order: list[str] = []

    def side(name: str) -> Run:
        order.append(name)
        return Run(len(order), 0, 0, 0, "", 0)

    runs = interleaved("test", [lambda number: side(f"A{number}"), lambda number: side(f"B{number}")], 3)

    assert order == ["A0", "B0", "A1", "B1", "A2", "B2"]
    assert [[one.wall for one in done] for done in runs] == [[1, 3, 5], [2, 4, 6]]


def test_the_options_of_the_command_decide_what_is_measured(tmp_path: Path) -> None:
    plain = command_with("", tmp_path)
    assert cold_check(plain) == (plain, "check")
    with pytest.raises(MeasurementError, match="no --cache-dir"):
        warm_check(plain, tmp_path)

    cached = command_with("--no-cache --cache-dir", tmp_path)
    assert cold_check(cached) == (cached, "check", "--no-cache")
    assert warm_check(cached, tmp_path) == (cached, "check", "--cache-dir", tmp_path)
