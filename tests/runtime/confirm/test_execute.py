"""The subprocess in which a project's model is run: what it may not do, and how it may end."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from ce_lint.findings import Finding, RuntimeCheck, Verdict
from ce_lint.ir.recipe import Act, Given, Missing, Operation, Recipe
from ce_lint.runtime.confirm.execute import DEFAULT_TIMEOUT, ExecuteOptions, execute

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.torch

Run = Callable[..., RuntimeCheck]
FindingIn = Callable[..., Finding]
WriteNet = Callable[..., Path]

ENOUGH_TO_START = 20
"""Seconds in which a process that will not end has imported torch and come to its loop, on a busy machine too."""


@pytest.fixture
def run(write_net: WriteNet, finding_in: FindingIn) -> Run:
    """Run a network of two files, one part of which is replaced."""

    def execute_net(timeout: float = DEFAULT_TIMEOUT, **parts: str) -> RuntimeCheck:
        project = write_net(**parts)
        return execute(finding_in(project), ExecuteOptions(project, timeout))

    return execute_net


@pytest.mark.slow
def test_a_model_that_ends_in_softmax_is_confirmed(run: Run) -> None:
    check = run()

    assert check.verdict is Verdict.CONFIRMED, check.reason
    assert check.method == "execution"
    assert check.classes == 3
    assert check.loss is not None
    assert check.loss_on_logits is not None
    assert check.window is not None
    assert check.window[0] <= check.loss <= check.window[1]
    assert check.gradient_ratio is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"head": "input('continue?')"}, "building Net: EOFError: EOF when reading a line"),
        (
            {"head": "exec('import os; os._exit(3)')"},
            "the process ended with exit status 3 before the loss was computed",
        ),
        (
            {"head": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"},
            "the process was ended by signal 11 before the loss was computed",
        ),
        (
            {"head": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"},
            "the process was ended by signal 9 before the loss was computed",
        ),
        (
            {"head": "import a_library_that_is_missing"},
            "building Net: ModuleNotFoundError: No module named 'a_library_",
        ),
    ],
)
def test_what_ends_a_process_is_told_in_one_line(run: Run, parts: dict[str, str], reason: str) -> None:
    check = run(**parts)

    assert (check.verdict, check.method) == (Verdict.INCONCLUSIVE, "execution")
    assert check.reason.startswith(reason), check.reason
    assert "\n" not in check.reason


@pytest.mark.slow
def test_a_loop_without_end_is_ended_with_all_that_it_has_started(run: Run, tmp_path: Path) -> None:
    sign = tmp_path / "child.pid"
    head = (
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(sign)!r}).write_text(str(child.pid))\n"
        "while True: time.sleep(1)\n"
    )
    started = time.monotonic()

    check = run(timeout=ENOUGH_TO_START, head=head)

    assert check.reason == f"no answer within {ENOUGH_TO_START} s"
    assert time.monotonic() - started < ENOUGH_TO_START + 30
    assert is_gone(int(sign.read_text()))


@pytest.mark.slow
def test_an_answer_does_not_wait_for_threads_and_children(run: Run, tmp_path: Path) -> None:
    sign = tmp_path / "child.pid"
    head = (
        "import atexit, pathlib, subprocess, sys, threading, time\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "atexit.register(time.sleep, 600)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(sign)!r}).write_text(str(child.pid))\n"
    )

    assert run(head=head).verdict is Verdict.CONFIRMED
    assert is_gone(int(sign.read_text()))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="a process adopts what has lost its parent on Linux only")
@pytest.mark.parametrize(
    ("then", "timeout", "reason"),
    [
        ("pass", DEFAULT_TIMEOUT, ""),
        ("while True: time.sleep(1)", ENOUGH_TO_START, f"no answer within {ENOUGH_TO_START} s"),
        (
            "if time: os.kill(os.getpid(), signal.SIGSEGV)",
            DEFAULT_TIMEOUT,
            "the process was ended by signal 11 before the loss was computed",
        ),
    ],
)
def test_what_has_left_the_session_is_ended_too(
    run: Run, tmp_path: Path, then: str, timeout: float, reason: str
) -> None:
    """A daemon: its parent has ended, and it leads a session of its own."""
    sign = tmp_path / "daemon.pid"
    head = (
        "import os, pathlib, signal, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        f"        pathlib.Path({str(sign)!r}).write_text(str(os.getpid()))\n"
        "        time.sleep(600)\n"
        "    os._exit(0)\n"
        f"while not pathlib.Path({str(sign)!r}).exists(): time.sleep(0.01)\n"
        f"{then}\n"
    )

    check = run(timeout=timeout, head=head)

    assert check.reason == reason
    assert is_gone(int(sign.read_text()))


def is_gone(process: int) -> bool:
    for _ in range(50):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        if sys.platform == "linux" and "Z" in Path(f"/proc/{process}/stat").read_text().split():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
def test_what_is_written_into_the_current_folder_is_gone_afterwards(run: Run, tmp_path: Path) -> None:
    sign = tmp_path / "where"
    head = (
        "import os, pathlib\n"
        "pathlib.Path('checkpoint.pt').write_text('weights')\n"
        f"pathlib.Path({str(sign)!r}).write_text(os.getcwd())\n"
    )

    assert run(head=head).verdict is Verdict.CONFIRMED
    scratch = Path(sign.read_text())
    assert scratch != Path.cwd()
    assert not scratch.exists()
    assert {path.name for path in (tmp_path / "project").iterdir()} == {"net.py", "train.py"}
    assert not Path("checkpoint.pt").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('127.0.0.1', 80))",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))",
        "import urllib.request; urllib.request.urlopen('http://example.org')",
        "torch.hub.load_state_dict_from_url('http://example.org/weights.pt')",
    ],
)
def test_the_network_is_refused(run: Run, attempt: str) -> None:
    check = run(head=attempt)

    assert check.verdict is Verdict.INCONCLUSIVE
    assert "no network while a finding is confirmed" in check.reason


@pytest.mark.slow
def test_sockets_within_the_machine_stay(run: Run) -> None:
    head = "import socket\nleft, right = socket.socketpair()\nleft.send(b'x')\nassert right.recv(1) == b'x'"

    assert run(head=head).verdict is Verdict.CONFIRMED


@pytest.mark.parametrize(
    ("recipe", "reason"),
    [
        (None, "the way to the loss is not known"),
        (Recipe(loss="torch.nn.CrossEntropyLoss"), "no model is on the way"),
        (
            Recipe(operations=(Operation(Act.MODEL, "", (Given(Missing("a parameter")),)),)),
            "what builds the model is not known: a parameter",
        ),
    ],
)
def test_no_process_is_started_for_nothing(
    write_net: WriteNet, finding_in: FindingIn, recipe: Recipe | None, reason: str
) -> None:
    project = write_net()
    finding = msgspec.structs.replace(finding_in(project), recipe=recipe)
    started = time.monotonic()

    check = execute(finding, ExecuteOptions(project))

    assert (check.verdict, check.reason) == (Verdict.INCONCLUSIVE, reason)
    assert time.monotonic() - started < 0.5
