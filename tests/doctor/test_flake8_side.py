"""What a real flake8 in a project says of the plugin; each remedy is applied, and puts it right."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from ce_lint import __version__
from ce_lint.doctor.flake8_programs import codes_reported
from ce_lint.doctor.flake8_side import ON_BY_DEFAULT, check_flake8
from ce_lint.doctor.programs import module
from ce_lint.doctor.records import Act, Remedy, Surroundings, Verdict
from ce_lint.doctor.sample import NAME, PROGRAM
from ce_lint.rules.registry import RULES
from tests.doctor.conftest import FLAKE8, Environment, on_path, the, verdicts

ONLY_AT_RUN_TIME = {"CEL102", "CEL401"}
FINE = {"plugin": Verdict.OK, "codes": Verdict.OK, "on PATH": Verdict.OK}


@pytest.mark.slow
def test_the_sample_breaks_every_rule(surroundings: Surroundings) -> None:
    command = module(surroundings.interpreter, "flake8")
    assert codes_reported(command, surroundings) == set(ON_BY_DEFAULT)

    (surroundings.root / "pyproject.toml").write_text("[tool.ce-lint]\nselect = ['CEL']\n")
    assert codes_reported(command, surroundings) == {rule.code for rule in RULES} - ONLY_AT_RUN_TIME


@pytest.mark.slow
def test_a_project_without_settings_is_fine(surroundings: Surroundings) -> None:
    checks = list(check_flake8(surroundings))

    assert verdicts(checks) == FINE
    assert f"lists ce-lint {__version__}" in the("plugin", checks).what
    assert all(code in the("codes", checks).what for code in ON_BY_DEFAULT)


@pytest.mark.slow
def test_what_keeps_our_codes_back_is_named_and_cured(surroundings: Surroundings) -> None:
    file = surroundings.root / ".flake8"
    file.write_text("[flake8]\nmax-line-length = 100\nselect = E\n")

    found = the("codes", check_flake8(surroundings))
    assert found.verdict is Verdict.PROBLEM
    assert found.what == "flake8 does not report any code of ours: `select` in .flake8:3 does not name CEL"
    assert found.remedies == (Remedy(Act.WRITE, "extend-select = CEL", file, 3),)

    file.write_text(file.read_text() + found.remedies[0].text)
    assert verdicts(check_flake8(surroundings)) == FINE


@pytest.mark.slow
def test_one_code_that_is_ignored_is_a_warning(surroundings: Surroundings) -> None:
    (surroundings.root / ".flake8").write_text("[flake8]\nextend-ignore = CEL003\n")

    found = the("codes", check_flake8(surroundings))

    assert found.verdict is Verdict.WARNING
    assert found.what == "flake8 does not report CEL003: `extend-ignore` in .flake8:2 names CEL003"


@pytest.mark.slow
def test_how_flake8_prints_is_nothing_that_matters(surroundings: Surroundings) -> None:
    (surroundings.root / ".flake8").write_text(
        "[flake8]\nquiet = 2\noutput-file = found.txt\nformat = %(path)s\nshow-source = true\ntee = true\ncount = 1\n"
    )

    assert the("codes", check_flake8(surroundings)).verdict is Verdict.OK
    assert sorted(path.name for path in surroundings.root.iterdir()) == [".flake8", "pyproject.toml"]


@pytest.mark.slow
def test_what_the_project_asks_of_ce_lint_counts(surroundings: Surroundings) -> None:
    file = surroundings.root / "pyproject.toml"
    file.write_text('[tool.ce-lint]\nextend-select = ["CEL002"]\nignore = ["CEL003"]\n')
    found = the("codes", check_flake8(surroundings))
    assert found.verdict is Verdict.OK
    assert found.what.endswith("; asked for: CEL002; left out by name: CEL003")

    file.write_text('[tool.ce-lint]\nselect = ["CEL002"]\n')
    found = the("codes", check_flake8(surroundings))
    assert found.verdict is Verdict.WARNING
    assert "ask for a rule that is on by default" in found.what

    file.write_text('[tool.ce-lint]\nselct = ["CEL002"]\n')
    found = the("codes", check_flake8(surroundings))
    assert found.verdict is Verdict.PROBLEM
    assert '[tool.ce-lint] has no key "selct": did you mean "select"?' in found.what


@pytest.mark.slow
def test_a_large_project_costs_the_sample_nothing(surroundings: Surroundings) -> None:
    # Read in, this would be found: the sample must not wait for it.
    (surroundings.root / "model.py").write_text(PROGRAM.replace("CEL999", "CEL998"))
    (surroundings.root / NAME).write_text("this is not Python")

    assert verdicts(check_flake8(surroundings)) == FINE


@pytest.mark.slow
def test_a_project_that_flake8_refuses_is_told_in_its_words(surroundings: Surroundings) -> None:
    (surroundings.root / ".flake8").write_text("[flake8]\nextend-ignore = E203 # why\n")

    found = the("plugin", check_flake8(surroundings))

    assert found.verdict is Verdict.PROBLEM
    assert found.what.startswith("python -m flake8: it fails in this project: ValueError: Error code '#'")


@pytest.mark.slow
def test_modules_of_the_project_are_not_run(surroundings: Surroundings) -> None:
    for name in ("types.py", "runpy.py", "flake8.py", "json.py", "libcst.py", "ce_lint.py"):
        (surroundings.root / name).write_text("raise SystemExit('this is the project')")

    assert verdicts(check_flake8(surroundings)) == FINE


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pip writes other scripts there")
def test_a_flake8_on_path_without_ce_lint_is_a_problem(surroundings: Surroundings, environment: Environment) -> None:
    other = environment(*FLAKE8)

    found = the("on PATH", check_flake8(on_path(surroundings, other.parent)))

    assert found.verdict is Verdict.PROBLEM
    assert f"{other.parent / 'flake8'} is flake8 " in found.what
    (remedy,) = found.remedies
    assert (remedy.act, remedy.text) == (Act.RUN, f"{other.parent / 'python'} -m pip install ce-lint")


@pytest.mark.slow
def test_an_interpreter_whose_flake8_is_without_ce_lint(surroundings: Surroundings, environment: Environment) -> None:
    interpreter = environment(*FLAKE8)

    found = the("plugin", check_flake8(dataclasses.replace(surroundings, interpreter=interpreter)))

    assert found.verdict is Verdict.PROBLEM
    assert found.what.endswith("does not list ce-lint")
    assert found.remedies[0].text == f"{interpreter} -m pip install ce-lint"


def test_an_interpreter_without_flake8(surroundings: Surroundings, environment: Environment) -> None:
    interpreter = environment()

    found = the("plugin", check_flake8(dataclasses.replace(surroundings, interpreter=interpreter)))

    assert found.verdict is Verdict.PROBLEM
    assert "No module named" in found.what
    assert found.remedies[0].text == f"{interpreter} -m pip install ce-lint"


@pytest.mark.skipif(sys.platform == "win32", reason="scripts have another form there")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("#!/bin/sh\necho 'pyenv: flake8: command not found' >&2\nexit 127\n", "pyenv: flake8: command not found"),
        ("#!/bin/sh\nprintf '\\377\\n'\n", "it fails in this project: \N{REPLACEMENT CHARACTER}"),
        ("#!/bin/sh\necho '[1]'\n", "it fails in this project: [1]"),
        ("#!/no/such/interpreter\n", "cannot be run: no such file or directory"),
    ],
)
def test_a_flake8_on_path_that_fails_is_one_line(
    surroundings: Surroundings, tmp_path: Path, text: str, reason: str
) -> None:
    script = tmp_path / "bin" / "flake8"
    script.parent.mkdir()
    script.write_text(text)
    script.chmod(0o755)
    there = dataclasses.replace(on_path(surroundings, script.parent), interpreter=Path("no-python"))

    found = the("on PATH", check_flake8(there))

    assert found.verdict is Verdict.WARNING
    assert reason in found.what


def test_no_flake8_on_path(surroundings: Surroundings) -> None:
    nowhere = dataclasses.replace(surroundings, environment={"PATH": ""}, interpreter=Path("no-python"))

    assert the("on PATH", check_flake8(nowhere)).verdict is Verdict.NOT_APPLICABLE
