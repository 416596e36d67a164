"""What ce-lint makes of a project's folder, settings, baseline and files."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from pathlib import Path

import pytest

from ce_lint.doctor.project import check_project
from ce_lint.doctor.records import Surroundings, Verdict
from tests.doctor.conftest import the


def test_a_small_project(surroundings: Surroundings) -> None:
    (surroundings.root / "train.py").touch()

    checks = list(check_project(surroundings))

    assert {check.verdict for check in checks} == {Verdict.OK}
    assert the("folder", checks).what == f"{surroundings.root}, because it holds pyproject.toml"
    assert the("settings", checks).what == "no [tool.ce-lint]: the defaults hold"
    assert the("files", checks).what == "1 Python file or notebook looked at, 0 left out by `exclude` or .gitignore"
    assert str(surroundings.interpreter) in the("version", checks).what


def test_files_that_are_left_out_are_counted(surroundings: Surroundings) -> None:
    subprocess.run(["git", "init", "--quiet", surroundings.root], check=True)
    for name in ("a.py", "b.ipynb", "made.py", "third/c.py", "third/d.py", ".venv/lib/e.py", "f.txt"):
        path = surroundings.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (surroundings.root / ".gitignore").write_text("made.py\n")
    (surroundings.root / "pyproject.toml").write_text('[tool.ce-lint]\nexclude = ["third"]\n')

    found = the("files", check_project(surroundings))

    assert found.verdict is Verdict.OK
    assert found.what == "2 Python files and notebooks looked at, 3 left out by `exclude` or .gitignore"


def test_a_project_without_files_is_a_warning(surroundings: Surroundings) -> None:
    assert the("files", check_project(surroundings)).verdict is Verdict.WARNING


def test_a_folder_that_nothing_marks(surroundings: Surroundings) -> None:
    bare = dataclasses.replace(surroundings, root=surroundings.root / "bare")
    bare.root.mkdir()

    assert the("folder", check_project(bare)).verdict is Verdict.WARNING


@pytest.mark.parametrize(
    "text", ["[tool.ce-lint]\nselct = []\n", "[tool.ce-lint\n", '[tool.ce-lint]\nsrc = ["gone"]\n']
)
def test_settings_that_cannot_be_meant_are_one_line(surroundings: Surroundings, text: str) -> None:
    (surroundings.root / "pyproject.toml").write_text(text)

    found = the("settings", check_project(surroundings))

    assert found.verdict is Verdict.PROBLEM
    assert found.what.startswith(str(surroundings.root / "pyproject.toml"))
    assert "\n" not in found.what


def test_a_baseline(surroundings: Surroundings) -> None:
    (surroundings.root / "pyproject.toml").write_text('[tool.ce-lint]\nbaseline = "known.json"\n')
    file = surroundings.root / "known.json"
    found = the("baseline", check_project(surroundings))
    assert (found.verdict, str(file) in found.what) == (Verdict.PROBLEM, True)

    file.write_text("{")
    assert the("baseline", check_project(surroundings)).verdict is Verdict.PROBLEM

    entry = {"path": "a.py", "code": "CEL001", "fingerprint": "0" * 16, "count": 2}
    file.write_text(json.dumps({"version": 1, "tool": "ce-lint", "findings": [entry]}))
    found = the("baseline", check_project(surroundings))
    assert (found.verdict, found.what) == (Verdict.OK, "known.json holds 2 findings")


def test_the_settings_are_named(surroundings: Surroundings) -> None:
    (surroundings.root / "pyproject.toml").write_text("[tool.ce-lint]\n")

    assert the("settings", check_project(surroundings)).what == "[tool.ce-lint] in pyproject.toml"
    assert Path.cwd() == surroundings.root
