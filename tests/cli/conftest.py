"""The command line with a session that answers what a test tells it to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ce_lint.cli.main import main
from ce_lint.engine.configuration.settings import Settings
from ce_lint.findings import Confidence, FileError, Finding, LossCalls, Place, Report, Severity

Run = Callable[..., Result]


class FakeSession:
    """Keeps what it was asked, and gives the report it was made with."""

    def __init__(self) -> None:
        self.report = Report()
        self.paths: tuple[Path, ...] = ()
        self.text: str | None = None
        self.settings = Settings()

    def check(self, paths: Sequence[Path], settings: Settings) -> Report:
        self.paths, self.settings = tuple(paths), settings
        return self.report

    def close(self) -> None:
        """Nothing is kept."""

    def check_text(self, path: Path, text: str, settings: Settings) -> Report:
        self.paths, self.text, self.settings = (path,), text, settings
        return self.report

    def evidence(self, finding: Finding) -> None:
        return None


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a project with a model and a script."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "model.py").write_text("import torch\n\nreturn_ = F.softmax(x)\n")
    (tmp_path / "train.py").write_text("loss = criterion(output, y)\n")
    return tmp_path


@pytest.fixture
def run(session: FakeSession, project: Path) -> Run:
    """Run `ce-lint` with these arguments in the project."""

    def invoke(*arguments: str, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin, obj=session, prog_name="ce-lint")

    return invoke


@pytest.fixture
def found() -> Report:
    source = Place("model.py", 3, 11, 3, 23, text="F.softmax(x)")
    argument = Place("train.py", 1, 18, 1, 24, text="output")
    finding = Finding(
        code="CEL001",
        name="softmax-before-cross-entropy",
        severity=Severity.ERROR,
        confidence=Confidence.DEFINITE,
        message="softmax output is the input of CrossEntropyLoss",
        message_at_source="this is the input of CrossEntropyLoss (train.py:1)",
        message_between="between both ends",
        argument=argument,
        source=source,
        sink=argument,
    )
    return Report(findings=(finding,), loss_calls=LossCalls(reported=1))


@pytest.fixture
def failed() -> Report:
    return Report(errors=(FileError("bad.py", 3, "cannot be parsed: unexpected indent"),))
