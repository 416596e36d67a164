"""`ce-lint doctor`: what is printed, and the exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ce_lint.cli import doctor as command
from ce_lint.cli.main import main
from ce_lint.doctor.records import Act, Check, Remedy, Surroundings, Verdict

OK = Check("flake8", "codes", Verdict.OK, "finds CEL001")
WARNING = Check("ruff", "noqa", Verdict.WARNING, "would delete \x1b[31m", (Remedy(Act.RUN, "pip install ce-lint"),))


def problem(folder: Path) -> Check:
    remedies = (
        Remedy(Act.WRITE, "extend-select = CEL", folder / ".flake8", 3),
        Remedy(Act.WRITE, "[lint]\nexternal = []", folder / "ruff.toml"),
        Remedy(Act.SEE, "take it out", folder / "a b.json", 1),
    )
    return Check("hooks", "file", Verdict.PROBLEM, "wrong", remedies)


def printed(monkeypatch: pytest.MonkeyPatch, checks: tuple[Check, ...], *arguments: str) -> Result:
    monkeypatch.setattr("ce_lint.doctor.examination.examine", lambda _: checks)
    return CliRunner().invoke(main, ["doctor", *arguments], prog_name="ce-lint")


def test_the_text(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = printed(monkeypatch, (OK, WARNING, problem(project)))

    assert result.output == (
        "ok       flake8: codes  finds CEL001\n"
        "warning  ruff: noqa     would delete \N{REPLACEMENT CHARACTER}[31m\n"
        "         -> run: pip install ce-lint\n"
        "problem  hooks: file    wrong\n"
        "         -> .flake8:3: write: extend-select = CEL\n"
        "         -> ruff.toml: write:\n"
        "            | [lint]\n"
        "            | external = []\n"
        "         -> a b.json:1: see: take it out\n"
        "1 problem, 1 warning\n"
    )
    assert result.exit_code == 1


def test_warnings_are_allowed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = printed(monkeypatch, (OK, WARNING))

    assert result.exit_code == 0
    assert result.output.endswith("0 problems, 1 warning\n")


def test_a_long_line_stays_one(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    what = "it is long [/bold] :smile: " * 20

    result = printed(monkeypatch, (Check("a", "b", Verdict.OK, what.strip()),))

    assert result.output.splitlines()[0] == f"ok  a: b  {what.strip()}"


def test_the_document(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = printed(monkeypatch, (OK, problem(project)), "--format", "json")

    document = json.loads(result.output)
    assert document["project"] == "."
    assert document["checks"][0] == {
        "area": "flake8", "name": "codes", "verdict": "ok", "what": "finds CEL001", "remedies": [],
    }  # fmt: skip
    assert document["checks"][1]["remedies"][1] == {
        "act": "write", "path": "ruff.toml", "line": None, "text": "[lint]\nexternal = []",
    }  # fmt: skip
    assert result.exit_code == 1


@pytest.mark.parametrize("arguments", [["gone"], ["train.py"], ["--format", "yaml"], [".", "."]])
def test_wrong_usage(project: Path, arguments: list[str]) -> None:
    result = CliRunner().invoke(main, ["doctor", *arguments], prog_name="ce-lint")

    assert result.exit_code == 2


def test_a_folder_belongs_to_its_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Surroundings] = []

    def examine(surroundings: Surroundings) -> tuple[Check, ...]:
        seen.append(surroundings)
        return (OK,)

    (project / "src").mkdir()
    monkeypatch.setattr("ce_lint.doctor.examination.examine", examine)
    CliRunner().invoke(main, ["doctor", "src"], prog_name="ce-lint")

    assert [one.root for one in seen] == [project]
    assert seen[0].interpreter == Path(sys.executable)


def test_only_the_doctor_loads_the_doctor() -> None:
    code = (
        "import sys, ce_lint.cli.main; print([m for m in sys.modules if m.startswith('ce_lint.doctor') or m == 'yaml'])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
    assert command.doctor.name == "doctor"


@pytest.mark.slow
def test_the_whole_of_it_in_a_real_process(project: Path) -> None:
    (project / ".flake8").write_text("[flake8]\nselect = E\n")
    before = sorted(project.rglob("*"))
    run = [sys.executable, "-m", "ce_lint", "doctor", "--format", "json"]

    wrong = subprocess.run(run, cwd=project, capture_output=True, check=False)
    with_remedy = json.loads(wrong.stdout)
    (codes,) = [check for check in with_remedy["checks"] if check["name"] == "codes"]
    assert (wrong.returncode, codes["verdict"]) == (1, "problem")
    (remedy,) = codes["remedies"]
    assert (remedy["act"], remedy["path"], remedy["line"]) == ("write", ".flake8", 2)

    with (project / ".flake8").open("a") as file:
        file.write(remedy["text"] + "\n")
    right = subprocess.run(run, cwd=project, capture_output=True, check=False)
    assert (right.returncode, right.stderr) == (0, b"")
    assert sorted(project.rglob("*")) == before
