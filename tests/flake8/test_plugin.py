"""The plugin by itself, with a session that answers what a test tells it to."""

from __future__ import annotations

import argparse
import ast
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flake8.exceptions import ExecutionError

from ce_lint import flake8_plugin
from ce_lint.engine.configuration.settings import Settings
from ce_lint.findings import Confidence, FileError, Finding, Place, Report, Severity
from ce_lint.flake8_plugin import _REPORT_AT, Options, Plugin
from ce_lint.report.ends import ReportAt

SOURCE = Place("model.py", 3, 16, 3, 35)
ARGUMENT = Place("train.py", 58, 22, 58, 28)
REPORT = Report(
    findings=(
        Finding(
            code="CEL001",
            name="softmax-before-cross-entropy",
            severity=Severity.ERROR,
            confidence=Confidence.DEFINITE,
            message="at the sink",
            message_at_source="at the source",
            message_between="between both ends",
            argument=ARGUMENT,
            source=SOURCE,
            sink=ARGUMENT,
        ),
    )
)
MATTERS = "import torch\n"


class FakeSession:
    def __init__(self) -> None:
        self.answer: Callable[[], Report] = lambda: REPORT
        self.asked: list[tuple[Path, str, Settings]] = []

    def check_text(self, path: Path, text: str, settings: Settings) -> Report:
        self.asked.append((path, text, settings))
        return self.answer()


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeSession:
    monkeypatch.chdir(tmp_path)
    # A setter of the class attribute, so that pytest puts it back.
    monkeypatch.setattr(Plugin, "options", Options())
    fake = FakeSession()
    monkeypatch.setattr(flake8_plugin, "_session", lambda *_: fake)
    return fake


def results(filename: str, text: str = MATTERS) -> list[tuple[int, int, str]]:
    plugin = Plugin(ast.Module([], []), filename, text.splitlines(keepends=True))
    found = list(plugin.run())
    assert all(kind is Plugin for *_, kind in found)
    return [(line, column, message) for line, column, message, _ in found]


def test_each_end_is_reported_in_its_file(session: FakeSession) -> None:
    assert results("train.py") == [(58, 21, "CEL001 at the sink")]
    assert results("./model.py") == [(3, 15, "CEL001 at the source")]
    assert results("other.py") == []


def test_the_user_may_narrow_it(session: FakeSession) -> None:
    Plugin.options = Plugin.options._replace(report_at="sink")
    assert results("model.py") == []
    Plugin.options = Plugin.options._replace(report_at="source")
    assert results("train.py") == []
    assert results("model.py") == [(3, 15, "CEL001 at the source")]


def test_a_path_through_a_link_is_the_same_file(session: FakeSession, tmp_path: Path) -> None:
    (tmp_path / "train.py").touch()
    (tmp_path / "here").symlink_to(".")
    assert results("here/train.py") == [(58, 21, "CEL001 at the sink")]


def test_a_file_without_a_marker_is_not_analysed(session: FakeSession) -> None:
    assert results("train.py", "import os\n") == []
    assert session.asked == []


@pytest.mark.parametrize("filename", ["stdin", "-"])
def test_standard_input_is_analysed_here(session: FakeSession, filename: str) -> None:
    results(filename)
    assert session.asked == [(Path("stdin"), MATTERS, Settings())]


def test_a_crash_is_logged_and_costs_this_file_only(session: FakeSession, caplog: pytest.LogCaptureFixture) -> None:
    def crash() -> Report:
        raise RecursionError("too deep")

    session.answer = crash
    assert results("train.py") == []
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
        "train.py: ce-lint gave up: RecursionError: too deep"
    ]


def test_a_crash_is_raised_where_the_tests_ask_for_it(session: FakeSession) -> None:
    def crash() -> Report:
        raise RecursionError("too deep")

    session.answer = crash
    Plugin.options = Plugin.options._replace(strict=True)
    with pytest.raises(RecursionError):
        results("train.py")
    assert results("train.py", "import os\n") == []


def test_what_could_not_be_analysed_is_logged_once(session: FakeSession, caplog: pytest.LogCaptureFixture) -> None:
    session.answer = lambda: Report(errors=(FileError("train.py", 3, "cannot be parsed"), FileError("b.py", 1, "no")))
    assert results("train.py") == []
    assert [record.getMessage() for record in caplog.records] == ["train.py:3: cannot be parsed"]


def test_what_cannot_be_meant_is_said_in_each_file(session: FakeSession, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ce-lint]\nselct = []\n")
    reason = f'{tmp_path / "pyproject.toml"}: [tool.ce-lint] has no key "selct": did you mean "select"?'
    assert results("train.py") == results("model.py") == [(1, 0, f"CEL000 not checked: {reason}")]
    assert results("other.py", "import os\n") == []
    Plugin.options = Plugin.options._replace(shows_refusals=False)
    with pytest.raises(ExecutionError, match="selct"):
        results("train.py")
    Plugin.options = Plugin.options._replace(is_on=False)
    assert results("train.py") == []


def test_a_file_that_the_project_excludes_is_not_looked_at(session: FakeSession, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ce-lint]\nexclude = ['train.py']\n")
    assert results("train.py") == []
    assert results("model.py") == [(3, 15, "CEL001 at the source")]
    assert [path for path, *_ in session.asked] == [Path("model.py")]


def options_of(**given: object) -> Options:
    """Our options, from those of flake8, which are its defaults unless a test says otherwise."""
    defaults = {
        "select": None,
        "extend_select": None,
        "cel_root": None,
        "cel_src": None,
        "cel_baseline": None,
        "cel_report_at": "auto",
        "cel_strict": False,
        "cel_no_cache": False,
        "cel_cache_dir": None,
        "disable_noqa": False,
    }
    return Options.of(argparse.Namespace(**{**defaults, **given}))


@pytest.mark.parametrize(
    ("select", "extend_select", "expected"),
    [
        (None, None, Options()),
        (["CEL"], None, Options()),
        (["B", "C", "E"], [], Options()),
        (["E"], ["CEL"], Options()),
        (["CEL002"], None, Options(select=("CEL002",), shows_refusals=False)),
        (["CEL002"], ["CEL"], Options(select=("CEL002",))),
        (["E", "CEL0"], ["CEL9"], Options(select=("CEL0",), extend_select=("CEL9",))),
        (["CEL", "CEL002"], ["CEL9"], Options(extend_select=("CEL002", "CEL9"))),
        (["C", "CEL002"], None, Options(extend_select=("CEL002",))),
        (None, ["CEL002", "E501"], Options(extend_select=("CEL002",))),
        (["E"], ["CEL002"], Options(extend_select=("CEL002",), shows_refusals=False)),
        (["E", "F"], ["B9"], Options(is_on=False, shows_refusals=False)),
        ([], None, Options(is_on=False, shows_refusals=False)),
    ],
)
def test_which_codes_were_asked_for(
    select: list[str] | None, extend_select: list[str] | None, expected: Options
) -> None:
    assert options_of(select=select, extend_select=extend_select) == expected


def test_the_ends_to_choose_from() -> None:
    assert tuple(one.value for one in ReportAt) == _REPORT_AT


def test_options_reach_the_session(session: FakeSession, tmp_path: Path) -> None:
    root, lib, known = tmp_path / "project", tmp_path / "lib", tmp_path / "known.json"
    lib.mkdir()
    Plugin.options = options_of(
        cel_root=str(root), cel_src=[str(lib)], cel_baseline=str(known), cel_report_at="both", cel_strict=True
    )
    results("model.py")
    assert session.asked[0][2] == Settings(root=root, src=(lib,), baseline=known, strict=True)


def test_one_session_serves_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    class Module:
        Session = staticmethod(lambda *_, **__: made.append(1) or object())

    monkeypatch.setitem(__import__("sys").modules, "ce_lint.engine.session", Module)
    flake8_plugin._session.cache_clear()
    try:
        assert flake8_plugin._session(False, None) is flake8_plugin._session(False, None)
        assert len(made) == 1
    finally:
        flake8_plugin._session.cache_clear()


@pytest.fixture(autouse=True)
def _no_leftovers() -> Iterator[None]:
    before = Plugin.options
    yield
    Plugin.options = before
