"""The spinner, on real terminals."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="there are no such terminals")

WAITS = """
import sys, time
from ce_lint.cli import progress
progress._PATIENCE_SECONDS, wait = map(float, sys.argv[1:])
before = time.monotonic()
with progress.progress("checking"):
    {body}
"""


def on_terminal(folder: Path, code: str, *arguments: str, **environment: str) -> str:
    """What a program writes to standard error, which is a terminal."""
    script = folder / "script.py"
    script.write_text(code)
    ours, theirs = pty.openpty()
    shown = b""
    with subprocess.Popen(
        [sys.executable, str(script), *arguments], stderr=theirs, stdout=subprocess.DEVNULL, cwd=folder,
        env={**os.environ, "TERM": "xterm", "PYTHONIOENCODING": "utf-8", **environment},
    ) as process:  # fmt: skip
        os.close(theirs)
        try:
            while data := os.read(ours, 4096):
                shown += data
        except OSError:
            pass  # how Linux says that nobody writes there any more
    os.close(ours)
    assert process.returncode == 0, shown
    return shown.decode()


def waited(folder: Path, patience: float, wait: float, body: str = "time.sleep(wait)", **environment: str) -> str:
    return on_terminal(folder, WAITS.format(body=body), str(patience), str(wait), **environment)


def test_a_short_wait_shows_nothing(tmp_path: Path) -> None:
    assert waited(tmp_path, 60, 0) == ""


def test_a_long_wait_shows_a_sign_of_life_and_leaves_nothing(tmp_path: Path) -> None:
    shown = waited(tmp_path, 0.01, 0.35)
    assert shown.startswith("\r⠋ checking\r⠙ checking\r⠹ checking")
    assert shown.endswith(f" checking\r{' ' * 10}\r")


def test_letters_that_the_encoding_has_not(tmp_path: Path) -> None:
    assert waited(tmp_path, 0.01, 0.1, PYTHONIOENCODING="latin-1").startswith("\r| checking")


def test_nothing_is_shown_where_a_line_cannot_be_drawn_again(tmp_path: Path) -> None:
    assert waited(tmp_path, 0.01, 0.1, TERM="dumb") == ""


def test_nothing_is_shown_in_a_pipe(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(WAITS.format(body="time.sleep(wait)"))
    done = subprocess.run([sys.executable, script, "0.01", "0.1"], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_a_wait_is_not_cut_short(tmp_path: Path) -> None:
    body = "time.sleep(wait); assert time.monotonic() - before >= wait"
    assert "checking" in waited(tmp_path, 0.01, 0.3, body)


def test_an_error_leaves_nothing_either(tmp_path: Path) -> None:
    code = WAITS.format(body="time.sleep(wait); raise ValueError")
    shown = on_terminal(
        tmp_path, f"try:\n{code.replace(chr(10), chr(10) + ' ')}\nexcept ValueError: pass", "0.01", "0.1"
    )
    assert shown.endswith(f" checking\r{' ' * 10}\r")


OTHER_ALARM = """
import signal
rang = []
signal.signal(signal.SIGALRM, lambda *_: rang.append(1))
signal.setitimer(signal.ITIMER_REAL, 0.2)
"""


def test_an_alarm_that_somebody_else_has_set_rings(tmp_path: Path) -> None:
    code = OTHER_ALARM + WAITS.format(body="time.sleep(wait)") + "assert rang == [1]\n"
    assert "checking" in on_terminal(tmp_path, code, "0.01", "0.4")


def test_in_another_thread(tmp_path: Path) -> None:
    code = WAITS.format(body="time.sleep(wait)").replace("\n", "\n    ")
    start = "import threading\nthread = threading.Thread(target=run)\nthread.start()\nthread.join()\n"
    shown = on_terminal(tmp_path, f"def run():\n    {code}\n{start}", "0.01", "0.3")
    assert shown.startswith("\r⠋ checking\r⠙ checking")
    assert shown.endswith(f" checking\r{' ' * 10}\r")


CHECK = """
import os, time
from ce_lint.cli import progress
from ce_lint.cli.main import main
from ce_lint.supply.processes import Processes

progress._PATIENCE_SECONDS = 0.01
forks = []
os.register_at_fork(before=lambda: forks.append(1))
real = Processes.lowered

def lowered(self, wanted):
    wanted = list(wanted)
    if wanted and not forks:
        time.sleep(0.3)
    return real(self, wanted)

Processes.lowered = lowered
main(["check", "--no-cache", "--jobs", "2", "--exit-zero", "."], standalone_mode=False)
assert forks
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
def test_workers_are_forked_beside_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    for number in range(4):
        text = f"import torch.nn as nn\nloss_{number} = nn.CrossEntropyLoss()(nn.Softmax(1)(x), y)\n"
        (tmp_path / f"train_{number}.py").write_text(text + f"# {'=' * 100}\n" * 4_000)
    shown = on_terminal(tmp_path, CHECK)
    assert shown.startswith("\r⠋ checking\r⠙ checking")
    assert shown.endswith(f" checking\r{' ' * 10}\r")
