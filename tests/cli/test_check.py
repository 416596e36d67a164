from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from click.testing import CliRunner, Result

from ce_lint.cli.main import main
from ce_lint.engine.configuration.settings import Settings
from ce_lint.findings import Report

if TYPE_CHECKING:
    from tests.cli.conftest import FakeSession

Run = Callable[..., Result]


def test_nothing_found(run: Run, session: FakeSession) -> None:
    result = run("check")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "no loss call in these files\n", "")
    assert session.paths == (Path(),)


def test_findings(run: Run, session: FakeSession, found: Report) -> None:
    session.report = found
    result = run("check", "model.py", "train.py")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == ("train.py:1:18: CEL001 softmax output is the input of CrossEntropyLoss")
    assert run("check", "--exit-zero").exit_code == 0


def test_a_finding_is_shown_in_the_file_that_was_asked_for(run: Run, session: FakeSession, found: Report) -> None:
    session.report = found
    assert run("check", "model.py").stdout.startswith("model.py:3:11: CEL001 this is the input")


def test_errors_are_listed_and_win_over_findings(run: Run, session: FakeSession, found: Report, failed: Report) -> None:
    session.report = msgspec.structs.replace(found, errors=failed.errors)
    for flags in ((), ("--exit-zero",)):
        result = run("check", *flags)
        assert result.exit_code == 3
        assert result.stderr == "bad.py:3: cannot be parsed: unexpected indent\n"
        assert "CEL001" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.py"], "nowhere.py: no such file or folder"),
        (["--select", "F401"], "no rule's code starts with 'F401'"),
        (["--select", "CEL999"], "no rule's code starts with 'CEL999'"),
        (["--format", "xml"], "'xml' is not one of"),
        (["--jobs", "0"], "0 is not in the range"),
        (["--root", "nowhere"], "'nowhere' does not exist"),
        (["-", "train.py"], "standard input (-) cannot be checked together with other paths"),
        (["--statistics", "--format", "json"], "--statistics goes with the text formats"),
        (["--nonsense"], "No such option"),
    ],
)
def test_wrong_usage(run: Run, arguments: list[str], message: str) -> None:
    result = run("check", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_codes_are_comma_separated_and_repeatable(run: Run, session: FakeSession) -> None:
    assert run("check", "--select", "CEL0, CEL1", "--select=CEL9", "--ignore", "CEL001,").exit_code == 0
    assert session.settings.select == ("CEL0", "CEL1", "CEL9")
    assert session.settings.ignore == ("CEL001",)
    assert session.settings.extend_select == ()


def test_without_select_the_defaults_hold(run: Run, session: FakeSession) -> None:
    run("check", "--extend-select", "CEL002")
    assert session.settings.select is None
    assert session.settings.extend_select == ("CEL002",)


def test_every_option_reaches_the_session(run: Run, session: FakeSession, project: Path) -> None:
    run("check", "--jobs", "3", "--root", str(project), "--show-unresolved")
    assert session.settings.jobs == 3
    assert session.settings.root == project
    assert session.settings.show_unresolved


def run_for_real(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, prog_name="ce-lint")


def test_the_project_has_its_say_and_the_command_line_the_last_word(project: Path) -> None:
    (project / "train.py").write_text(
        "import torch.nn.functional as F\nF.cross_entropy(F.log_softmax(x), y)\nF.cross_entropy(F.softmax(x), y)\n"
    )
    (project / "pyproject.toml").write_text('[tool.ce-lint]\nextend-select = ["CEL002"]\nignore = ["CEL001"]\n')

    def codes(*arguments: str) -> list[str]:
        findings = json.loads(run_for_real("check", "--format", "json", *arguments, "train.py").stdout)["findings"]
        return [finding["code"] for finding in findings]

    assert codes() == ["CEL002"]
    assert codes("--extend-select", "CEL001") == ["CEL002", "CEL001"]
    assert codes("--select", "CEL001") == ["CEL001"]
    assert codes("--ignore", "CEL0") == []
    assert codes("--select", "CEL", "--ignore", "CEL002") == ["CEL001"]


def test_what_is_left_out(run: Run, session: FakeSession) -> None:
    run("check", ".")
    assert session.settings == Settings(jobs=session.settings.jobs)
    run("check", "--exclude", "a", "--exclude", "b/*.py", "--force-exclude", "--no-respect-gitignore")
    assert session.settings.exclude == ("a", "b/*.py")
    assert (session.settings.force_exclude, session.settings.respect_gitignore) == (True, False)


def test_a_pattern_that_names_nothing_is_wrong_usage(run: Run) -> None:
    result = run("check", "--exclude", "[z-a]")
    assert result.exit_code == 2
    assert "'[z-a]' is no pattern: bad character range z-a" in result.stderr


def test_a_wrong_configuration_is_wrong_usage(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.ce-lint]\nselct = []\n")
    result = run_for_real("check")
    assert result.exit_code == 2
    assert 'pyproject.toml: [tool.ce-lint] has no key "selct": did you mean "select"?' in result.stderr


def test_json(run: Run, session: FakeSession, found: Report, failed: Report) -> None:
    session.report = msgspec.structs.replace(found, errors=failed.errors)
    result = run("check", "--format", "json", "--select", "CEL", "--exit-zero", ".")
    document = json.loads(result.stdout)
    assert document["findings"][0]["path"] == "train.py"
    assert document["errors"][0]["path"] == "bad.py"


def test_full_shows_the_code(run: Run, session: FakeSession, found: Report) -> None:
    session.report = found
    output = run("check", "--format", "full").stdout
    assert "  3 | return_ = F.softmax(x)\n" in output
    assert "  1 | loss = criterion(output, y)\n" in output
    assert "\x1b" not in output


def test_statistics_follow_the_findings(run: Run, session: FakeSession, found: Report) -> None:
    session.report = found
    assert run("check", "--statistics").stdout.endswith("\n1       CEL001 softmax-before-cross-entropy\n")


def test_standard_input(run: Run, session: FakeSession, found: Report) -> None:
    session.report = found
    result = run("check", "-", "--stdin-filename", "train.py", "--format", "full", stdin=b"loss = new(output)\r\n")
    assert session.text == "loss = new(output)\r\n"
    assert session.paths == (Path("train.py"),)
    assert "  1 | loss = new(output)\n" in result.stdout


def test_standard_input_without_a_name(run: Run, session: FakeSession) -> None:
    assert run("check", "-", stdin=b"x = 1\n").exit_code == 0
    assert session.paths == (Path("stdin"),)


def test_standard_input_in_its_own_encoding(run: Run, session: FakeSession) -> None:
    run("check", "-", stdin="# coding: latin-1\nx = 'é'\n".encode("latin-1"))
    assert session.text == "# coding: latin-1\nx = 'é'\n"


def test_standard_input_that_is_no_text(run: Run) -> None:
    result = run("check", "-", "--stdin-filename", "a.py", stdin=b"x = '\xff'\n")
    assert result.exit_code == 3
    assert result.stderr.startswith("a.py:1: not UTF-8")


def test_standard_input_that_is_no_notebook(project: Path) -> None:
    result = CliRunner().invoke(main, ["check", "-", "--stdin-filename", "c.ipynb"], input=b"{", prog_name="ce-lint")
    assert result.exit_code == 3
    assert result.stderr.startswith("c.ipynb:1: is not a notebook")


def test_a_notebook_frame_shows_the_cell(run: Run, session: FakeSession, project: Path, found: Report) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title"]},
        {"cell_type": "code", "source": ["import torch\n", "p = F.softmax(x)"]},
    ]
    (project / "nb.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}, indent=1))
    source = msgspec.structs.replace(found.findings[0].source, path="nb.ipynb", cell=2, line=2, column=5)
    session.report = Report(findings=(msgspec.structs.replace(found.findings[0], source=source),))
    assert "  --> nb.ipynb:cell 2:2:5\n  2 | p = F.softmax(x)\n" in run("check", "--format", "full").stdout


def test_the_module_can_be_run() -> None:
    result = subprocess.run([sys.executable, "-m", "ce_lint", "--version"], capture_output=True, text=True, check=True)
    assert result.stdout == "ce-lint 0.1.0\n"
