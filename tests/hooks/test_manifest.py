"""What the manifest promises, and what is installed because of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.hooks.conftest import Repository

pytestmark = pytest.mark.slow


def test_the_manifest_and_a_configuration_are_valid(repository: Repository) -> None:
    manifest = repository.hooks("validate-manifest", str(repository.hooks_from / ".pre-commit-hooks.yaml"))
    assert manifest.status == 0, manifest.output
    configuration = repository.hooks("validate-config", ".pre-commit-config.yaml")
    assert configuration.status == 0, configuration.output
    assert "warning" not in (manifest.output + configuration.output).lower()


def test_an_update_finds_the_newer_tag(repository: Repository) -> None:
    updated = repository.hooks("autoupdate")
    assert updated.status == 0, updated.output
    assert "rev: v0.2.0\n" in (repository.path / ".pre-commit-config.yaml").read_text()


def test_neither_torch_nor_a_test_is_installed(repository: Repository, environment: dict[str, str]) -> None:
    repository.hooks("run", "--all-files")
    home = Path(environment["PRE_COMMIT_HOME" if repository.tool == "pre-commit" else "PREK_HOME"])
    installed = [folder.parent for folder in home.rglob("ce_lint") if folder.parent.name == "site-packages"]
    assert installed
    for packages in installed:
        names = {entry.name for entry in packages.iterdir()}
        assert "libcst" in names
        assert not names & {"torch", "numpy", "tests", "fixtures", "docs"}


def test_no_warning_is_printed(repository: Repository) -> None:
    repository.configure({"id": "ce-lint"}, {"id": "ce-lint-project"}, {"id": "ce-lint-notebooks"})
    repository.git("add", ".")
    assert "warning" not in repository.hooks("run", "--all-files").output.lower()
