"""Programs that do not answer, or not what was asked."""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from pathlib import Path

import pytest

from ce_lint.doctor.programs import NotAskedError, ask, beside, code, install_with, module, on_path
from ce_lint.doctor.records import Surroundings
from tests.doctor.conftest import BIN

SLEEP = "import time; time.sleep(60)"
SLEEPS = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); {SLEEP}"


def test_an_answer(surroundings: Surroundings) -> None:
    text = "import sys, os; print(sys.stdin.read(), os.getcwd()); print('é', file=sys.stderr); sys.exit(3)"

    said = ask(code(surroundings.interpreter, text), surroundings, stdin="ü")

    assert said == (3, f"ü {surroundings.root.resolve()}{os.linesep}", f"é{os.linesep}")


def test_a_program_that_takes_too_long_is_ended_with_what_it_started(surroundings: Surroundings) -> None:
    started = time.monotonic()

    with pytest.raises(NotAskedError, match=r"did not answer within 0\.5 seconds"):
        ask(code(surroundings.interpreter, SLEEPS), surroundings, timeout=0.5)

    # What it started holds its output open, and is not waited for.
    assert time.monotonic() - started < 10


def test_a_program_that_prints_without_end_is_cut_off(surroundings: Surroundings) -> None:
    said = ask(code(surroundings.interpreter, "print('x' * 3_000_000)"), surroundings)

    assert said.out == "x" * 1_000_000


@pytest.mark.parametrize("command", ["no-such-program", "", "\0", "."])
def test_what_cannot_be_run_is_one_line(surroundings: Surroundings, command: str) -> None:
    with pytest.raises(NotAskedError, match="cannot be run: ") as refused:
        ask([command], surroundings)
    assert "\n" not in str(refused.value)


def test_a_module_is_run_without_the_project(surroundings: Surroundings) -> None:
    for name in ("this.py", "runpy.py", "os.py"):
        (surroundings.root / name).write_text("raise SystemExit('this is the project')")

    assert "Beautiful is better" in ask(module(surroundings.interpreter, "this"), surroundings).out


def test_programs_are_found_as_a_shell_finds_them(surroundings: Surroundings, tmp_path: Path) -> None:
    name = "tool.exe" if sys.platform == "win32" else "tool"
    program = tmp_path / BIN / name
    program.parent.mkdir()
    program.touch(mode=0o755)
    there = dataclasses.replace(surroundings, environment={"PATH": str(program.parent)})

    assert on_path(name, there) == program
    assert on_path(name, dataclasses.replace(surroundings, environment={})) is None
    assert beside(program.parent / "python", name) == program
    assert beside(Path("python"), name) is None


def test_the_reason_is_what_is_said_last(surroundings: Surroundings) -> None:
    def last(text: str) -> str:
        return ask(code(surroundings.interpreter, text), surroundings).last_line

    assert last("raise ValueError('why')") == "ValueError: why"
    assert last("import sys; print('why'); print('a warning', file=sys.stderr)") == "why"
    assert last("raise SystemExit(4)") == "status 4"
    assert len(last("raise ValueError('why ' * 1000)")) <= 200


def test_an_environment_of_uv_has_no_pip(tmp_path: Path) -> None:
    python = tmp_path / BIN / "python"
    assert install_with(str(python)).text.endswith("-m pip install ce-lint")

    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\nuv = 0.5.1\n")
    assert install_with(str(python)).text == f"uv pip install --python {python} ce-lint"
