"""The VS Code extension: its own tests against this ce-lint, and what its package holds."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ce_lint.lsp.settings import KEYS, read_settings
from tests.editors.conftest import ROOT, Program, Project

EXTENSION = ROOT / "editors" / "vscode"
MADE = ("node_modules", "dist", "out", "*.vsix")
FOR_THE_EDITOR = {"enable", "interpreter", "path", "trace.server"}
"""Settings that say which server is started, and what is written down of it."""


def manifest() -> Any:  # noqa: ANN401 - a JSON document
    return json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))


def properties() -> dict[str, Any]:
    found = manifest()["contributes"]["configuration"]["properties"]
    return {name.removeprefix("ce-lint."): value for name, value in found.items()}


def test_the_settings_are_those_that_the_server_reads() -> None:
    assert set(properties()) == {*KEYS, *FOR_THE_EDITOR}
    assert all(value.get("description") or value.get("markdownDescription") for value in properties().values())


def test_the_defaults_of_the_settings_are_those_of_the_server() -> None:
    defaults = {name: value["default"] for name, value in properties().items() if name in KEYS}

    assert read_settings(defaults) == read_settings({})


def test_the_lock_file_names_no_registry() -> None:
    text = (EXTENSION / "package-lock.json").read_text(encoding="utf-8")

    assert re.findall(r'"resolved"', text) == []
    assert '"integrity"' in text


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, program: Program) -> Path:
    """Copy the extension to where it can be built; its packages are installed as they are locked."""
    program("node", "nodejs.org, or Debian: nodejs", (20,))
    npm = program("npm", "it comes with Node")
    folder = tmp_path_factory.mktemp("extension") / "vscode"
    shutil.copytree(EXTENSION, folder, ignore=shutil.ignore_patterns(*MADE))
    command = [npm, "ci", "--prefer-offline", "--no-audit", "--no-fund"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return folder


@pytest.mark.slow
def test_the_extension_is_well_typed_and_laid_out(built: Path, project: Project, program: Program) -> None:
    project.run(program("npm", "it comes with Node"), "run", "check", folder=built)


@pytest.mark.slow
def test_the_extension_works_with_this_server(built: Path, project: Project, program: Program) -> None:
    printed = project.run(
        program("npm", "it comes with Node"), "test", folder=built, seconds=900, CE_LINT_PYTHON=sys.executable
    )

    assert re.search(r"^# fail 0$", printed, re.MULTILINE)
    passed = re.search(r"^# pass (\d+)$", printed, re.MULTILINE)
    assert passed is not None
    assert int(passed[1]) > 25


@pytest.mark.slow
def test_the_package_holds_what_runs_and_nothing_else(built: Path, project: Project, program: Program) -> None:
    project.run(program("npm", "it comes with Node"), "run", "package", folder=built)

    (vsix,) = built.glob("*.vsix")
    with zipfile.ZipFile(vsix) as archive:
        names = {name.removeprefix("extension/") for name in archive.namelist() if name.startswith("extension/")}
        packed = json.loads(archive.read("extension/package.json"))
        main = archive.read("extension/" + packed["main"].removeprefix("./")).decode()
    assert names == {
        "LICENSE.txt", "changelog.md", "dist/extension.js", "dist/licenses.txt", "package.json", "readme.md",
    }  # fmt: skip
    assert packed["activationEvents"] == ["onLanguage:python", "onNotebook:jupyter-notebook"]
    # All that it imports is in the one file, or part of Node.
    required = set(re.findall(r'\brequire\("([^"]+)"\)', main))
    assert "vscode" in required
    assert {name for name in required if not name.startswith("node:")} <= {"vscode", *node_modules(built)}


def node_modules(folder: Path) -> set[str]:
    """The modules that are part of Node."""
    code = "console.log(require('module').builtinModules.join(' '))"
    result = subprocess.run(["node", "-e", code], cwd=folder, capture_output=True, text=True, check=True)
    return set(result.stdout.split())
