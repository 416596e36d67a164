"""What the settings of VS Code say, and whether the Python and the flake8 that they name know ce-lint."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ce_lint.doctor.editor import check_editor
from ce_lint.doctor.records import Surroundings, Verdict
from tests.doctor.conftest import FLAKE8, Environment, on_path, the, verdicts

PYTHON = sys.executable


def write_settings(surroundings: Surroundings, text: str, file: str = "settings.json") -> Path:
    path = surroundings.root / ".vscode" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def link_environment(surroundings: Surroundings, interpreter: Path, name: str = ".venv") -> None:
    (surroundings.root / name).symlink_to(interpreter.parents[1], target_is_directory=True)


def test_a_project_without_an_editor(surroundings: Surroundings) -> None:
    assert verdicts(check_editor(surroundings)) == {
        "interpreter": Verdict.NOT_APPLICABLE,
        "extension": Verdict.NOT_APPLICABLE,
    }


@pytest.mark.parametrize("name", [".venv", "venv"])
def test_an_environment_in_the_project_without_ce_lint(
    surroundings: Surroundings, environment: Environment, name: str
) -> None:
    link_environment(surroundings, environment(), name)

    found = the("interpreter", check_editor(surroundings))
    assert found.verdict is Verdict.WARNING
    assert found.what.endswith(f"(the project's {name}) has no ce-lint")
    assert found.remedies[0].text.endswith("-m pip install ce-lint")

    write_settings(surroundings, "{}")
    write_settings(surroundings, '{"recommendations": ["ms-python.flake8"]}', "extensions.json")
    assert the("interpreter", check_editor(surroundings)).verdict is Verdict.PROBLEM


@pytest.mark.parametrize(
    "setting",
    [
        {"python.defaultInterpreterPath": PYTHON},
        {"python.defaultInterpreterPath": str(Path(PYTHON).parents[1])},
        {"python.defaultInterpreterPath": "${env:PYTHON_OF_TEST}"},
        {"flake8.interpreter": [PYTHON], "python.defaultInterpreterPath": "/no/python"},
    ],
)
def test_an_interpreter_with_ce_lint(
    surroundings: Surroundings, environment: Environment, setting: dict[str, object]
) -> None:
    dict.__setitem__(surroundings.environment, "PYTHON_OF_TEST", PYTHON)  # type: ignore[arg-type]
    link_environment(surroundings, environment())
    write_settings(surroundings, json.dumps({**setting, "flake8.args": []}))

    checks = list(check_editor(surroundings))

    assert verdicts(checks) == {"interpreter": Verdict.OK, "extension": Verdict.OK}
    assert "${" not in the("interpreter", checks).what


@pytest.mark.parametrize("path", ["${workspaceFolder}/gone", "gone", "~/gone", "\0"])
def test_an_interpreter_that_is_not_there(surroundings: Surroundings, path: str) -> None:
    write_settings(surroundings, json.dumps({"python.defaultInterpreterPath": path, "flake8.severity": {}}))

    found = the("interpreter", check_editor(surroundings))

    assert found.verdict is Verdict.PROBLEM
    assert found.what.startswith("could not be asked: ")
    assert "`python.defaultInterpreterPath`" in found.what


@pytest.mark.parametrize("strategy", ["useBundled", "fromEnvironment"])
def test_both_ways_to_import_flake8_see_the_plugins_of_the_interpreter(
    surroundings: Surroundings, strategy: str
) -> None:
    write_settings(surroundings, json.dumps({"flake8.interpreter": [PYTHON], "flake8.importStrategy": strategy}))

    assert the("extension", check_editor(surroundings)).verdict is Verdict.OK


def test_an_extension_that_is_turned_off(surroundings: Surroundings) -> None:
    write_settings(surroundings, '{\n    // "flake8.enabled": true\n    "flake8.enabled": false, // for now\n}\n')

    found = the("extension", check_editor(surroundings))
    assert found.verdict is Verdict.WARNING
    assert [(remedy.line, remedy.text) for remedy in found.remedies] == [(3, '"flake8.enabled": true')]


@pytest.mark.slow
@pytest.mark.parametrize("path", [[PYTHON, "-m", "flake8"], ["flake8"]])
def test_a_path_to_a_flake8_that_sees_ce_lint(
    surroundings: Surroundings, environment: Environment, path: list[str]
) -> None:
    link_environment(surroundings, environment())
    write_settings(surroundings, json.dumps({"flake8.path": path}))

    checks = verdicts(check_editor(surroundings))

    # That flake8 is asked, whatever the interpreter is.
    assert checks == {"interpreter": Verdict.WARNING, "extension": Verdict.OK}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pip writes other scripts there")
@pytest.mark.parametrize("path", [["flake8"], ["${interpreter}", "-m", "flake8"]])
def test_a_path_to_a_flake8_without_ce_lint(
    surroundings: Surroundings, environment: Environment, path: list[str]
) -> None:
    other = environment(*FLAKE8)
    write_settings(surroundings, json.dumps({"flake8.path": path, "flake8.interpreter": [str(other)]}))

    found = the("extension", check_editor(on_path(surroundings, other.parent)))

    assert found.verdict is Verdict.PROBLEM
    assert found.remedies[0].text.startswith(str(other.parent))


@pytest.mark.slow
def test_arguments_that_keep_our_codes_back(surroundings: Surroundings) -> None:
    write_settings(surroundings, '{\n  "flake8.args": ["--select=E,F"]\n}\n')

    found = the("arguments", check_editor(surroundings))
    assert found.verdict is Verdict.PROBLEM
    assert "CEL001" in found.what
    (remedy,) = found.remedies
    assert (remedy.line, remedy.text.startswith("in `flake8.args`, name CEL in --extend-select")) == (2, True)

    write_settings(surroundings, '{"flake8.args": ["--select=E,F", "--extend-select=CEL"]}')
    assert "arguments" not in verdicts(check_editor(surroundings))


@pytest.mark.parametrize("file", ["settings.json", "extensions.json"])
def test_settings_that_cannot_be_read_are_one_line(surroundings: Surroundings, file: str) -> None:
    write_settings(surroundings, "{", file)

    (found,) = check_editor(surroundings)

    assert found.verdict is Verdict.WARNING
    assert found.what.startswith(f".vscode/{file} cannot be read: ")


def test_modules_of_the_project_are_not_run(surroundings: Surroundings) -> None:
    (surroundings.root / "csv.py").write_text("raise SystemExit('this is the project')")
    write_settings(surroundings, json.dumps({"flake8.interpreter": [PYTHON]}))

    assert the("interpreter", check_editor(surroundings)).verdict is Verdict.OK
