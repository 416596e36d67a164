"""`ce-lint config`: what holds for a file, and why."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ce_lint.cli.main import main
from ce_lint.engine.configuration.pyproject import load_configuration
from ce_lint.engine.configuration.table import configuration_schema
from ce_lint.rules.registry import RULES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TABLE = """\
[tool.ce-lint]
select = ["CEL0", "CEL9"]
extend-select = ["CEL101"]
ignore = ["CEL003"]
exclude = ["a \\"b\\"", "gen/"]
src = ["lib"]
baseline = "known.json"

[tool.ce-lint.per-file-ignores]
"tests" = ["CEL001"]

[[tool.ce-lint.knowledge]]
library = "mine"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lib").mkdir()
    (tmp_path / "tests" / "deep").mkdir(parents=True)
    (tmp_path / "tests" / "a.py").touch()
    (tmp_path / "pyproject.toml").write_text(TABLE)
    return tmp_path


def config(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["config", *arguments], prog_name="ce-lint")


def test_what_is_printed_means_what_holds(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    printed = config("tests/deep").stdout
    (elsewhere / "pyproject.toml").write_text(printed)
    expected, got = load_configuration(project), load_configuration(elsewhere)
    assert [getattr(got, field) for field in got.__struct_fields__[1:-1]] == [
        getattr(expected, field) for field in expected.__struct_fields__[1:-1]
    ]
    assert printed.splitlines()[0] == f"# tests/deep: governed by {project / 'pyproject.toml'}"
    assert "respect-gitignore = true  # default\n" in printed
    assert "# knowledge: mine\n" in printed


def reasons(*arguments: str) -> dict[str, str]:
    lines = config(*arguments).stdout.splitlines()
    return {line.split()[1]: line.split(" is ", 1)[1] for line in lines if line.startswith("# CEL")}


def test_why_a_rule_is_on(project: Path) -> None:
    found = reasons()
    assert list(found) == [rule.code for rule in RULES]
    assert found["CEL001"] == 'reported: select has "CEL0"'
    assert found["CEL003"] == 'not reported: ignore has "CEL003"'
    assert found["CEL101"] == 'reported: extend-select has "CEL101"'
    assert found["CEL201"] == "not reported: select leaves it out"
    pattern = f"{project.as_posix()}/**/tests"
    for path in ("tests", "tests/a.py", "tests/deep"):
        assert reasons(path)["CEL001"] == f'not reported: per-file-ignores has "{pattern}"'
        assert reasons(path)["CEL002"] == 'reported: select has "CEL0"'


def test_without_a_table_the_defaults_hold(project: Path) -> None:
    (project / "pyproject.toml").write_text("")
    printed = config().stdout
    assert printed.startswith("# .: no pyproject.toml at or above it has a table [tool.ce-lint]\n")
    assert tomllib.loads(printed)["tool"]["ce-lint"]["exclude"] == []
    assert (reasons()["CEL001"], reasons()["CEL002"]) == ("reported: on by default", "not reported: off by default")


def test_a_table_that_cannot_be_meant(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.ce-lint]\nselct = []\n")
    result = config("tests/a.py")
    assert (result.exit_code, result.stdout) == (2, "")
    reason = '[tool.ce-lint] has no key "selct": did you mean "select"?'
    assert result.stderr == f"Error: {project / 'pyproject.toml'}: {reason}\n"
    assert config("gone.py").exit_code == 2


def test_the_schema() -> None:
    assert json.loads(config("--schema").stdout) == configuration_schema()
