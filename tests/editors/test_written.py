"""What the page says of itself, and that the commands in recipes for editors that are not at hand start a server."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.editors.conftest import PAGE, Project, Recipe
from tests.editors.wire import Wire

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def sections() -> dict[str, str]:
    """The text under each heading, without the code."""
    text = re.sub(r"```.*?```", "", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    parts = re.split(r"^##+ (.*)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


TRIED = {
    "VS Code": "test_vscode.py",
    "Neovim": "test_neovim.py",
    "Emacs": "test_emacs.py",
    "JupyterLab": "test_jupyterlab.py",
    "python-lsp-server": "test_pylsp.py",
    "ALE": "test_flake8_recipes.py",
    "flycheck": "test_flake8_recipes.py",
}
"""The sections whose recipe a test runs."""
INTRODUCTION = "The flake8 way"
MEASURED_ELSEWHERE = "VS Code's flake8 extension"
"""tests/doctor has what was measured of it."""


def test_a_section_whose_recipe_is_not_run_says_so() -> None:
    silent = {name for name, text in sections().items() if "not tried" not in text}

    assert silent == {*TRIED, INTRODUCTION, MEASURED_ELSEWHERE}
    assert all((Path(__file__).parent / test).is_file() for test in TRIED.values())


def test_a_section_about_the_server_says_what_is_lost() -> None:
    found = sections()
    names = list(found)

    assert [name for name in names[: names.index(INTRODUCTION)] if "ost there" not in found[name]] == []


def helix(recipe: Recipe) -> list[str]:
    document = tomllib.loads(recipe("Helix", "toml"))
    (name,) = document["language-server"]
    assert name in document["language"][0]["language-servers"]
    server = document["language-server"][name]
    return [server["command"], *server["args"]]


def sublime(recipe: Recipe) -> list[str]:
    document: Any = json.loads(re.sub(r"^\s*//.*", "", recipe("Sublime Text", "jsonc"), flags=re.MULTILINE))
    (server,) = document["clients"].values()
    return [str(word) for word in server["command"]]


@pytest.mark.slow
@pytest.mark.parametrize("command", [helix, sublime])
def test_the_command_starts_a_server(command: Any, recipe: Recipe, project: Project) -> None:  # noqa: ANN401
    name, *arguments = command(recipe)
    program = shutil.which(name, path=project.environment["PATH"])
    assert program is not None

    with Wire([program, *arguments], project.folder, project.environment) as server:
        root = project.folder.as_uri()
        result: Any = server.ask("initialize", {"processId": None, "rootUri": root, "capabilities": {}})

    assert result["serverInfo"]["name"] == "ce-lint"
