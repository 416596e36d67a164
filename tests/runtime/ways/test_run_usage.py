"""What `ce-lint run` refuses before anything is run."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ce_lint.cli import run as cli
from ce_lint.cli.main import main
from ce_lint.runtime.watch.report import WatchReport
from ce_lint.runtime.ways.merging import Recorded
from ce_lint.runtime.ways.program import Ended

BLOCKED = "import sys; sys.modules[{0!r}] = None; from ce_lint.cli.main import main; main(prog_name='ce-lint')"
"""A name that stands for None in `sys.modules` is a library that is not installed."""

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["run", *arguments], prog_name="ce-lint")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "Missing argument 'PROGRAM'."),
        (["--stpes", "3", "train.py"], "No such option '--stpes'. Did you mean '--steps'?"),
        (["--steps", "0", "train.py"], "Invalid value for '--steps': 0 is not in the range x>=1."),
        (["--plot", "found.gif", "train.py"], "Invalid value for '--plot': found.gif: a picture is saved as"),
        (
            ["--plot", "no/such/found.png", "train.py"],
            "Invalid value for '--plot': no/such/found.png: cannot be written: there is no folder no/such",
        ),
        (
            ["--output-file", "no/f.json", "train.py"],
            "Invalid value for '--output-file': no/f.json: cannot be written: there is no folder no",
        ),
        (["--output-file", "", "train.py"], "Invalid value for '--output-file': a file has a name"),
    ],
)
def test_wrong_usage_is_said_in_a_line(arguments: list[str], line: str) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    # Versions of click differ in the quotes.
    assert line.replace("'", "") in result.stderr.replace("'", "")


@pytest.mark.parametrize(
    ("library", "arguments", "line"),
    [
        ("torch", ["train.py"], 'ce-lint run needs torch: python -m pip install "ce-lint[runtime]"\n'),
        ("matplotlib", ["--plot", "found.png", "train.py"],
         'ce-lint run --plot needs matplotlib: python -m pip install "ce-lint[runtime]"\n'),
    ],
)  # fmt: skip
def test_what_is_not_installed_is_said_in_a_line(tmp_path: Path, library: str, arguments: list[str], line: str) -> None:
    # Both are asked for; the one that is not there is said, and here only one is taken away.
    if any(importlib.util.find_spec(other) is None for other in {"torch", "matplotlib"} - {library}):
        pytest.skip("the other library is not installed either")
    (tmp_path / "train.py").write_text("print('was run')\n")
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED.format(library), "run", *arguments],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


@needs_torch
@pytest.mark.parametrize("flag", ["-I", "-E"])
def test_a_python_that_cannot_be_watched_is_said_in_a_line(tmp_path: Path, flag: str) -> None:
    (tmp_path / "train.py").write_text("print('was run')\n")
    done = subprocess.run(
        [sys.executable, flag, "-m", "ce_lint", "run", "train.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    line = "ce-lint run cannot watch what is run by a Python with -I, -E or -S: without these it can\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


@needs_torch
def test_no_folder_for_temporary_files_is_said_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    result = invoke("train.py")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("ce-lint run: the program was not started: [Errno 2] No such file or directory")
    assert result.stderr.count("\n") == 1


@needs_torch
def test_the_parent_imports_no_torch(tmp_path: Path) -> None:
    (tmp_path / "quiet.py").touch()
    code = (
        "import sys\nfrom ce_lint.cli.main import main\n"
        "main(['run', 'quiet.py'], standalone_mode=False)\nprint(*sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )  # fmt: skip
    assert "no loss call was seen" in done.stderr
    assert "torch" not in done.stdout.split()
    assert "ce_lint.runtime.ways.program" in done.stdout.split()


@needs_torch
def test_a_fault_in_telling_is_logged_and_keeps_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(cli, "run_program", lambda *_: Ended(7, Recorded(WatchReport())))
    monkeypatch.setattr(cli, "_document", lambda *_: 1 / 0)
    result = invoke("--format", "json", "train.py")
    assert (result.exit_code, result.stderr) == (7, "")
    assert "what was seen is lost: ZeroDivisionError" in caplog.text
