"""A first look that takes a while is shown as one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types

from ce_lint.engine.configuration.settings import Settings
from ce_lint.fixes.plan import Planner
from ce_lint.lsp import window
from ce_lint.lsp.analyst import Analyst, Telling, Touched
from ce_lint.lsp.client import Client
from ce_lint.lsp.diagnostics import Answer, Showing
from ce_lint.lsp.projects import Project
from ce_lint.lsp.scheduler import Worker
from ce_lint.lsp.window import show_first_look
from ce_lint.report.ends import ReportAt


class Bar:
    """A progress bar that keeps what happens to it."""

    def __init__(self) -> None:
        self.happened: list[str] = []

    async def create_async(self, token: str) -> None:
        self.happened.append("create")

    def begin(self, token: str, value: types.WorkDoneProgressBegin) -> None:
        self.happened.append(value.title)

    def end(self, token: str, value: types.WorkDoneProgressEnd) -> None:
        self.happened.append("end")


class Nobody:
    """A task that has nothing to do: the test gives the answer."""

    def take(self, changes: object) -> None:
        """Pass over."""

    def run(self, generation: int, cancelled: object) -> None:
        """Pass over."""

    rest = run

    def fail(self, generation: int, error: Exception) -> None:
        raise error


@pytest.mark.asyncio
@pytest.mark.parametrize(("answered_after", "happened"), [(0.0, []), (0.2, ["create", "ce-lint: project", "end"])])
async def test_it_is_shown_until_there_is_an_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answered_after: float, happened: list[str]
) -> None:
    monkeypatch.setattr(window, "_SHORT", 0.05)
    showing = Showing(Client(), ReportAt.BOTH, lambda _: None)
    told = Telling(lambda _: None, lambda _generation, _reason: None)
    analyst = Analyst(tmp_path, Settings(), showing, Planner, told)
    project = Project(tmp_path / "project", Worker(Nobody(), "test"), analyst)
    project.worker.change("first", Touched(()))
    bar = Bar()
    shown = asyncio.ensure_future(show_first_look(bar, project))
    await asyncio.sleep(answered_after)
    project.accept(1, Answer())
    await shown
    project.worker.stop()

    assert bar.happened == happened
