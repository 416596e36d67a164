"""Contents that other processes lower come to what they come to here, and a bad one costs the others nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ce_lint.program.loading import Here, Lowered, Wanted
from ce_lint.supply import labour, processes
from ce_lint.supply.limits import Limits
from ce_lint.supply.processes import Processes

ROOT = Path(__file__).parents[2]
SMALL = b"import torch\nx = torch.softmax(y, 1)\n"
LARGE = b"x = [" + b"f(1), " * 100_000 + b"]\n"
"""A second's work, and more than a hundred million bytes."""

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no such limit")
not_on_windows = pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")


def real_contents(count: int) -> list[Wanted]:
    paths = sorted([*ROOT.glob("ce_lint/**/*.py"), *ROOT.glob("tests/**/*.py"), *ROOT.glob("fixtures/**/*.ipynb")])
    step = max(1, len(paths) // count)
    return [(path, path.read_bytes(), None) for path in paths[::step]]


def small_ones(count: int) -> list[Wanted]:
    return [(Path(f"f{number}.py"), SMALL + b"# %d\n" % number, None) for number in range(count)]


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever there is is worth processes, in shares of several contents; and none of them is left over."""
    monkeypatch.setattr(processes, "WORTH_IT", 0)
    monkeypatch.setattr(processes, "SHARE", 500)
    before = children()
    yield
    assert children() == before


def children() -> set[int]:
    """The processes that this one started and that are there still, dead or alive."""
    if sys.platform != "linux":
        return set()
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that ended meanwhile
            found.update(map(int, (task / "children").read_text(encoding="ascii").split()))
    return found


def reasons(lowered: list[Lowered]) -> list[str]:
    return ["" if one.ir is not None else one.problems[0].reason for one in lowered]


def assert_only_one_fails(supply: Processes, wanted: list[Wanted], bad: int, reason: str) -> None:
    found = list(supply.lowered(wanted))
    expected = [""] * len(wanted)
    expected[bad] = reason
    assert reasons(found) == expected
    assert [one.may_pass for one in found] == [bool(one) for one in expected]
    good = [one for number, one in enumerate(wanted) if number != bad]
    assert [one for number, one in enumerate(found) if number != bad] == list(Here().lowered(good))


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_they_find_what_is_found_here(jobs: int) -> None:
    wanted = real_contents(20)
    assert list(Processes(jobs).lowered(wanted)) == list(Here().lowered(wanted))


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [2, 5])
def test_they_find_what_is_found_here_in_hundreds_of_files(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "SHARE", 50_000)
    wanted = real_contents(400)
    assert len(wanted) > 300
    assert list(Processes(jobs).lowered(wanted)) == list(Here().lowered(wanted))


def test_what_is_wrong_with_a_content_is_told_by_whoever_reads_it() -> None:
    contents = [b"x = (\n", b"\xff\xfe", b"", b"x = 1\n"]
    wanted: list[Wanted] = [(Path(f"{number}.py"), data, None) for number, data in enumerate(contents)]
    wanted.append((Path("a.ipynb"), b"{}", None))
    found = list(Processes(2).lowered(wanted))
    assert found == list(Here().lowered(wanted))
    assert not any(one.may_pass for one in found)


def test_nothing_is_asked_of_nobody() -> None:
    assert list(Processes(4).lowered([])) == []


@not_on_windows
@pytest.mark.parametrize("jobs", [1, 3])
def test_a_content_that_takes_too_long(jobs: int) -> None:
    wanted = [*small_ones(5), (Path("slow.py"), LARGE, None), *small_ones(40)]
    reason = "cannot be analysed: takes longer than 0.2 s"
    assert_only_one_fails(Processes(jobs, Limits(seconds=0.2)), wanted, 5, reason)


@linux_only
def test_a_content_that_takes_too_much_memory() -> None:
    # In a process of its own: what others have used and freed before, the workers of this one could use again.
    program = f"""\
from pathlib import Path
from ce_lint.supply import processes
from ce_lint.supply.limits import Limits
processes.WORTH_IT = 1
small = [(Path(f"f{{n}}.py"), {SMALL!r} + b"# %d" % n, None) for n in range(45)]
wanted = [*small[:5], (Path("large.py"), b"x = [" + b"f(1), " * 100_000 + b"]", None), *small[5:]]
found = list(processes.Processes(2, Limits(memory=40_000_000)).lowered(wanted))
print([(n, one.may_pass, one.problems[0].reason) for n, one in enumerate(found) if one.ir is None])
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said == "[(5, True, 'cannot be parsed: an expression is nested too deeply, or takes too much memory')]\n"


Bad = Callable[[], object]


@pytest.mark.slow
@not_on_windows
@pytest.mark.parametrize(
    ("ends", "reason"),
    [
        (lambda: os._exit(3), "cannot be analysed: ends the process that reads it"),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), "cannot be analysed: ends the process that reads it"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), Limits().killed),
        (signal.pause, "cannot be analysed: takes longer than 0.1 s"),
    ],
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_content_that_ends_its_process(monkeypatch: pytest.MonkeyPatch, ends: Bad, reason: str, jobs: int) -> None:
    real = labour.lower_content

    def lower_content(path: Path, data: bytes) -> Lowered:
        if path.name == "bad.py":
            ends()
        return real(path, data)

    monkeypatch.setattr(labour, "lower_content", lower_content)
    # The largest, so that none of them is left to this process.
    wanted = [*small_ones(30), (Path("bad.py"), SMALL + 500 * b"#", None), *small_ones(3)]
    assert_only_one_fails(Processes(jobs, Limits(seconds=0.1)), wanted, 30, reason)


@pytest.mark.slow
@not_on_windows
def test_every_content_may_end_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labour, "lower_content", lambda *_: os._exit(1))
    found = list(Processes(1).lowered(small_ones(30)))
    assert reasons(found) == ["cannot be analysed: ends the process that reads it"] * 30


@linux_only
def test_a_process_that_is_killed_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    real = labour.lower_content

    def lower_content(path: Path, data: bytes) -> Lowered:
        if path.name == "slow.py":
            time.sleep(60)
        return real(path, data)

    monkeypatch.setattr(labour, "lower_content", lower_content)
    before = children()

    def kill() -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end and not (new := children() - before):
            time.sleep(0.01)
        for process in new:
            # Those that still work have nothing to fear: another one takes over.
            if b"S" in Path(f"/proc/{process}/stat").read_bytes().split(b") ")[1][:1]:
                os.kill(process, signal.SIGKILL)

    # Not by a thread: beside one nothing is forked.
    before_it = signal.signal(signal.SIGALRM, lambda *_: kill())
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    wanted = [(Path("slow.py"), SMALL, None), *small_ones(20)]
    try:
        found = list(Processes(1).lowered(wanted))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before_it)
    assert reasons(found) == [Limits().killed] + [""] * 20


def test_beside_a_thread_nothing_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labour, "lower_content", lambda *_: os._exit(1))
    wanted, found = small_ones(5), list[Lowered]()
    thread = threading.Thread(target=lambda: found.extend(Processes(4).lowered(wanted)))
    thread.start()
    thread.join()
    assert found == list(Here().lowered(wanted))


IN_A_DAEMON = """
import multiprocessing
from pathlib import Path
from ce_lint.supply import processes

def work(queue):
    processes.WORTH_IT = 0
    found = processes.Processes(4).lowered([(Path("a.py"), b"x = 1\\n", None)] * 3)
    queue.put([one.ir is not None for one in found])

if __name__ == "__main__":
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=work, args=(queue,), daemon=True)
    process.start()
    print(queue.get(timeout=60))
    process.join()
"""


@pytest.mark.slow
def test_a_daemon_has_no_children(tmp_path: Path) -> None:
    script = tmp_path / "daemon.py"
    script.write_text(IN_A_DAEMON)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("[True, True, True]\n", "", 0)


LONG = """
import os, sys, time
from pathlib import Path
from ce_lint.supply import labour, processes

def lower_content(path, data):
    os.write(1, b"working\\n")  # as one: three of them write
    sum(iter(int, 1)) if sys.argv[1] == "work" else time.sleep(60 if sys.argv[1] == "sleep" else 1.5)
    return real(path, data)

real = labour.lower_content
labour.lower_content = lower_content
processes.WORTH_IT, processes.SHARE = 0, 1
list(processes.Processes(4).lowered([(Path(f"{number}.py"), b"x = 1\\n", None) for number in range(6)]))
"""


@linux_only
@pytest.mark.slow
@pytest.mark.parametrize("way", ["sleep", "work"])
@pytest.mark.parametrize("is_group", [True, False])
@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_ends_all_of_them(tmp_path: Path, way: str, is_group: bool) -> None:
    process = started(tmp_path, way)
    begin = time.monotonic()
    if is_group:
        os.killpg(process.pid, signal.SIGINT)
    else:
        os.kill(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert time.monotonic() - begin < 2
    assert error.count("Traceback") == 1
    assert error.rstrip().endswith("KeyboardInterrupt")
    assert alive(process.pid) == []


@linux_only
@pytest.mark.slow
@pytest.mark.parametrize("way", ["nap", "work"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nobody_works_for_a_process_that_is_no_more(tmp_path: Path, number: signal.Signals, way: str) -> None:
    process = started(tmp_path, way, seconds=1.0)
    os.kill(process.pid, number)
    assert process.wait(timeout=20) == -number
    end = time.monotonic() + 20
    while alive(process.pid) and time.monotonic() < end:
        time.sleep(0.05)
    left = alive(process.pid)
    for one in left:
        os.kill(one, signal.SIGKILL)
    assert (left, process.communicate()[1]) == ([], "")


def started(folder: Path, way: str, seconds: float = 30.0) -> subprocess.Popen[str]:
    """A process, the first of its own session, of which three others have begun to work."""
    script = folder / "long.py"
    script.write_text(LONG.replace("Processes(4)", f"Processes(4, processes.Limits(seconds={seconds}))"))
    process = subprocess.Popen(
        [sys.executable, script, way],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(3)] == ["working\n"] * 3
    return process


def alive(session: int) -> list[int]:
    """The processes of a session that are not dead."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text(errors="replace")
        except OSError:
            continue
        state, _, _, its_session, *_ = text.rpartition(")")[2].split()
        if int(its_session) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found
