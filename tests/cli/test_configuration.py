from __future__ import annotations

import os
from pathlib import Path

import pytest

from ce_lint.engine.configuration import Configuration, UsageError, load_configuration, settings_for
from ce_lint.engine.settings import Settings

EVERYTHING = """
[tool.ce-lint]
select = ["CEL"]
extend-select = ["CEL002"]
ignore = ["CEL1"]
exclude = ["third_party", "a/b/"]

[[tool.ce-lint.knowledge]]
loss = [{ name = "mine.Loss" }]
"""


def write(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(text)


def test_every_key(tmp_path: Path) -> None:
    write(tmp_path, EVERYTHING)
    assert load_configuration(tmp_path) == Configuration(
        select=("CEL",),
        extend_select=("CEL002",),
        ignore=("CEL1",),
        exclude=("third_party", f"{tmp_path.as_posix()}/a/b"),
        knowledge=({"loss": [{"name": "mine.Loss"}]},),
    )


@pytest.mark.parametrize("text", ["", "[tool.ruff]\nselect = []\n", "[tool.ce-lint]\n", "tool = 3\n"])
def test_a_project_that_says_nothing(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    assert load_configuration(tmp_path) == Configuration()


def test_a_project_without_the_file(tmp_path: Path) -> None:
    assert load_configuration(tmp_path) == Configuration()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[tool.ce-lint]\nextend_select = []\n", 'has no key "extend_select": did you mean "extend-select"?'),
        ("[tool.ce-lint]\nexcludes = []\n", 'has no key "excludes": did you mean "exclude"?'),
        ("[tool.ce-lint]\nselect = 'CEL'\n", "select is not a list of strings"),
        ("[tool.ce-lint]\nignore = [1]\n", "ignore is not a list of strings"),
        ("[tool.ce-lint]\nignore = ['E501']\n", 'ignore: "E501" is no code: write CEL, CEL0 or CEL001'),
        ("[tool.ce-lint]\nknowledge = ['x']\n", "knowledge is not a list of tables: write [[tool.ce-lint.knowledge]]"),
        ("[tool]\nce-lint = 3\n", "[tool.ce-lint] is not a table"),
        ("[tool.ce-lint\n", "not valid TOML"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    write(tmp_path, text)
    with pytest.raises(UsageError) as refused:
        load_configuration(tmp_path)
    assert str(refused.value).startswith(str(tmp_path / "pyproject.toml"))
    assert reason in str(refused.value)


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"x = '\xff'\n")
    with pytest.raises(UsageError, match="not valid TOML"):
        load_configuration(tmp_path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").mkdir()
    with pytest.raises(UsageError, match="cannot be read: is a directory"):
        load_configuration(tmp_path)


def test_an_edited_file_is_read_again(tmp_path: Path) -> None:
    write(tmp_path, "[tool.ce-lint]\nignore = ['CEL1']\n")
    assert load_configuration(tmp_path).ignore == ("CEL1",)
    write(tmp_path, "[tool.ce-lint]\nignore = ['CEL2']\n")
    os.utime(tmp_path / "pyproject.toml", ns=(1, 1))
    assert load_configuration(tmp_path).ignore == ("CEL2",)


def test_this_run_adds_to_the_project() -> None:
    project = Configuration(extend_select=("CEL002",), ignore=("CEL1", "CEL901"), exclude=("a",))
    asked = Settings(extend_select=("CEL901",), ignore=("CEL2",), exclude=("b",), jobs=4)
    assert settings_for(project, asked) == Settings(
        extend_select=("CEL002", "CEL901"), ignore=("CEL1", "CEL2"), exclude=("a", "b"), jobs=4
    )


def test_this_run_replaces_the_project() -> None:
    project = Configuration(select=("CEL1",), extend_select=("CEL002",), ignore=("CEL0",), exclude=("a",))
    assert settings_for(project, Settings(select=("CEL0",))) == Settings(select=("CEL0",), exclude=("a",))
