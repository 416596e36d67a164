"""python-lsp-server shows what flake8 finds, with the settings of the page."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.editors.conftest import Project, Recipe
from tests.editors.wire import Wire

pytestmark = pytest.mark.slow


def findings_in(project: Project, settings: object, text: str) -> list[Any]:
    """Open train.py with a text that is not on the disk; return what pylsp first publishes for it."""
    with Wire([sys.executable, "-m", "pylsp"], project.folder, project.environment) as pylsp:
        pylsp.ask("initialize", {"processId": None, "rootUri": project.folder.as_uri(), "capabilities": {}})
        pylsp.tell("initialized", {})
        pylsp.tell("workspace/didChangeConfiguration", {"settings": settings})
        document = {"uri": project.train.as_uri(), "languageId": "python", "version": 1, "text": text}
        pylsp.tell("textDocument/didOpen", {"textDocument": document})
        published: Any = pylsp.heard("textDocument/publishDiagnostics")
        return [one for one in published["diagnostics"] if one["source"] == "flake8"]


def test_pylsp_shows_the_text_that_is_not_saved(project: Project, recipe: Recipe) -> None:
    settings = json.loads(recipe("python-lsp-server", "json"))
    text = "# typed, and not saved\n" + project.train.read_text(encoding="utf-8")

    (finding,) = findings_in(project, settings, text)

    assert finding["code"] == "CEL001"
    assert finding["range"]["start"] == {"line": 9, "character": 21}
    assert "softmax output of Net (model.py:11) is the input of CrossEntropyLoss" in finding["message"]


def test_without_the_settings_pylsp_runs_no_flake8(project: Project) -> None:
    assert findings_in(project, {}, project.train.read_text(encoding="utf-8")) == []
