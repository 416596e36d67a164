from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from ce_lint.engine.configuration.pyproject import Configuration, load_configuration, settings_for
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.errors import UsageError

EVERYTHING = """
[tool.ce-lint]
select = ["CEL"]
extend-select = ["CEL002"]
ignore = ["CEL1"]
exclude = ["third_party", "a/b/"]
src = ["lib", "."]
baseline = "ci/known.json"
respect-gitignore = false

[tool.ce-lint.per-file-ignores]
"tests/*" = ["CEL001", "CEL9"]
"!**/*.ipynb" = ["CEL2"]

[[tool.ce-lint.knowledge]]
loss = [{ name = "mine.Loss" }]
"""


def write(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(text)


def test_every_key(tmp_path: Path) -> None:
    write(tmp_path, EVERYTHING)
    (tmp_path / "lib").mkdir()
    root = tmp_path.as_posix()
    assert load_configuration(tmp_path) == Configuration(
        folder=tmp_path,
        select=("CEL",),
        extend_select=("CEL002",),
        ignore=("CEL1",),
        exclude=(f"{root}/**/third_party", f"{root}/a/b"),
        src=(tmp_path / "lib", tmp_path),
        baseline=tmp_path / "ci" / "known.json",
        respect_gitignore=False,
        per_file_ignores=((f"{root}/tests/*", ("CEL001", "CEL9")), (f"!{root}/**/*.ipynb", ("CEL2",))),
        knowledge=({"loss": [{"name": "mine.Loss"}]},),
    )


@pytest.mark.parametrize(
    "text", ["", "[tool.ruff]\nselect = []\n", "tool = 3  # ce-lint\n", "[project]\nname = 'ce-lint'\n"]
)
def test_a_project_that_says_nothing(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    assert load_configuration(tmp_path) == Configuration()


def test_an_empty_table_governs(tmp_path: Path) -> None:
    write(tmp_path, "[tool.ce-lint]\n")
    assert load_configuration(tmp_path) == Configuration(folder=tmp_path)


def test_the_nearest_table_governs_and_files_without_one_are_passed_over(tmp_path: Path) -> None:
    inner, plain, deep = tmp_path / "inner", tmp_path / "plain", tmp_path / "plain" / "deep"
    for folder, text in [
        (tmp_path, "[tool.ce-lint]\nignore = ['CEL1']\n"),
        (inner, "[tool.ce-lint]\nselect = ['CEL2']\n"),
        (plain, "[project]\nname = 'plain'\n"),
    ]:
        folder.mkdir(exist_ok=True)
        write(folder, text)
    assert load_configuration(inner / "not" / "there") == Configuration(folder=inner, select=("CEL2",))
    assert load_configuration(deep) == load_configuration(plain) == Configuration(folder=tmp_path, ignore=("CEL1",))


def test_a_file_that_is_not_ours_may_be_broken(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"x = '\xff'\n[[[\n")
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
        ("[tool.ce-lint]\nignore = ['E501']\n", 'ignore: no rule\'s code starts with "E501" (`ce-lint rules` lists'),
        ("[tool.ce-lint]\nselect = ['CEL777']\n", 'select: no rule\'s code starts with "CEL777"'),
        ("[tool.ce-lint]\nextend-select = ['']\n", 'extend-select: no rule\'s code starts with ""'),
        ("[tool.ce-lint]\nper-file-ignores = ['CEL']\n", "per-file-ignores is not a table of lists of strings: write"),
        ("[tool.ce-lint]\nper-file-ignores.a = 'CEL'\n", "per-file-ignores is not a table of lists of strings: write"),
        ("[tool.ce-lint]\nper-file-ignores.a = ['CLE1']\n", 'per-file-ignores "a": no rule\'s code starts with "CLE1"'),
        (
            "[tool.ce-lint]\nper-file-ignores.'[z-a]' = []\n",
            'per-file-ignores: "[z-a]" is no pattern: bad character range',
        ),
        ("[tool.ce-lint]\nexclude = ['./']\n", 'exclude: "./" is no pattern: it names no file or folder'),
        ("[tool.ce-lint]\nexclude = ['!tests']\n", 'exclude: "!tests" is no pattern: ! is understood at the start'),
        ("[tool.ce-lint]\nsrc = 'lib'\n", "src is not a list of strings"),
        ("[tool.ce-lint]\nsrc = ['libb']\n", 'src: there is no folder "libb"'),
        ('[tool.ce-lint]\nsrc = ["a\\u0000"]\n', "'a\\x00' is no name of a file or folder"),
        ("[tool.ce-lint]\nbaseline = true\n", "baseline is not the name of a file"),
        ("[tool.ce-lint]\nbaseline = ''\n", 'baseline: "" is a folder'),
        ('[tool.ce-lint]\nbaseline = "a\\u0000"\n', "'a\\x00' is no name of a file or folder"),
        ("[tool.ce-lint]\nrespect-gitignore = 'no'\n", "respect-gitignore is not true or false"),
        ("[tool.ce_lint]\nselect = []\n", "[tool.ce_lint] is no table of ours: did you mean [tool.ce-lint]?"),
        ("[tool.CELint]\nselect = []\n", "[tool.CELint] is no table of ours: did you mean [tool.ce-lint]?"),
        pytest.param(f"[tool.ce-lint]\nx = {'[' * 100_000}\n", "not valid TOML", id="deep"),
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
    assert len(str(refused.value).splitlines()) == 1


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.ce-lint]\nx = '\xff'\n")
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
    project = Configuration(
        extend_select=("CEL002",),
        ignore=("CEL1", "CEL901"),
        exclude=("a",),
        per_file_ignores=(("x", ("CEL",)),),
        src=(Path("lib"),),
        baseline=Path("known.json"),
    )
    asked = Settings(extend_select=("CEL901",), ignore=("CEL2",), exclude=("b",), jobs=4)
    assert settings_for(project, asked) == Settings(
        extend_select=("CEL002", "CEL901"),
        ignore=("CEL1", "CEL2"),
        exclude=("a", "b"),
        per_file_ignores=(("x", ("CEL",)),),
        src=(Path("lib"),),
        baseline=Path("known.json"),
        jobs=4,
    )


@pytest.mark.parametrize(
    ("ignore", "select", "extend_select"),
    [
        ((), ("CEL001", "CEL1"), ("CEL002",)),
        (("CEL",), (), ()),
        (("CEL0",), ("CEL1",), ()),
        (("CEL001",), ("CEL1",), ("CEL002",)),
        (("CEL101",), ("CEL001", "CEL1"), ("CEL002",)),
    ],
)
def test_what_this_run_ignores_the_project_does_not_select(
    ignore: tuple[str, ...], select: tuple[str, ...], extend_select: tuple[str, ...]
) -> None:
    project = Configuration(select=("CEL001", "CEL1"), extend_select=("CEL002",))
    assert settings_for(project, Settings(ignore=ignore)) == Settings(
        select=select, extend_select=extend_select, ignore=ignore
    )


def test_this_run_replaces_the_project() -> None:
    project = Configuration(
        select=("CEL1",),
        extend_select=("CEL002",),
        ignore=("CEL0",),
        exclude=("a",),
        src=(Path("lib"),),
        baseline=Path("known.json"),
    )
    asked = Settings(select=("CEL0",), src=(Path("x"),), baseline=Path("y"), respect_gitignore=False)
    assert settings_for(project, asked) == msgspec.structs.replace(asked, exclude=("a",))


def test_git_is_not_asked_where_project_or_run_say_so() -> None:
    for project in (True, False):
        for run in (True, False):
            settings = settings_for(Configuration(respect_gitignore=project), Settings(respect_gitignore=run))
            assert settings.respect_gitignore is (project and run)
