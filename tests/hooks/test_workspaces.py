"""Several projects in one repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.hooks.conftest import Repository

pytestmark = pytest.mark.slow

LOGITS, SOFTMAX = "return self.fc(x)", "return self.fc(x).softmax(dim=1)"
AT_THE_SOFTMAX = "model.py:10:16: CEL001 softmax output of Net is the input of CrossEntropyLoss"
PROJECTS = ("apples", "pears")


@pytest.fixture
def monorepo(repository: Repository) -> Repository:
    """Two projects whose files have the same names."""
    for project in PROJECTS:
        for name in ("model.py", "train.py"):
            repository.write(f"{project}/{name}", (repository.path / name).read_text())
        repository.write(f"{project}/pyproject.toml", "")
    repository.git("rm", "--quiet", "model.py", "train.py", "old.py", "study.ipynb")
    repository.commit_unchecked()
    return repository


def test_each_file_is_followed_in_its_own_project(monorepo: Repository) -> None:
    for project in PROJECTS:
        monorepo.edit(f"{project}/train.py", "net = Net()", "net = Net().train()")
    monorepo.edit("pears/model.py", LOGITS, SOFTMAX)
    refused = monorepo.commit(*PROJECTS)
    assert refused.status == 1
    assert refused.output.count("CEL001") == 1
    assert "pears/train.py:10:22: CEL001 softmax output of Net (pears/model.py:10)" in refused.output


def test_each_project_has_its_own_settings(monorepo: Repository) -> None:
    monorepo.write("pears/pyproject.toml", '[tool.ce-lint]\nignore = ["CEL001"]\n')
    for project in PROJECTS:
        monorepo.edit(f"{project}/model.py", LOGITS, SOFTMAX)
    refused = monorepo.commit(*PROJECTS)
    assert refused.status == 1
    assert f"apples/{AT_THE_SOFTMAX}" in refused.output
    assert "pears/" not in refused.output


@pytest.mark.parametrize("folder", ["apples", "pears"])
def test_a_run_from_a_folder_below(monorepo: Repository, folder: str) -> None:
    monorepo.edit("pears/model.py", LOGITS, SOFTMAX)
    monorepo.git("add", ".")
    refused = monorepo.hooks("run", folder=monorepo.path / folder)
    assert refused.status == 1
    assert f"pears/{AT_THE_SOFTMAX} (pears/train.py:10)" in refused.output


@pytest.mark.parametrize("tool", ["prek"], indirect=True)
@pytest.mark.parametrize("with_marks", [True, False])
def test_the_projects_of_a_workspace(monorepo: Repository, *, with_marks: bool) -> None:
    monorepo.write(".pre-commit-config.yaml", "repos: []\n")
    for project in PROJECTS:
        monorepo.configure({"id": "ce-lint"}, {"id": "ce-lint-project"}, folder=project)
        if not with_marks:
            (monorepo.path / project / "pyproject.toml").unlink()
    monorepo.edit("apples/model.py", LOGITS, SOFTMAX)
    monorepo.commit_unchecked()
    monorepo.edit("pears/model.py", LOGITS, SOFTMAX)
    refused = monorepo.commit("pears/model.py")
    assert refused.status == 1
    # As a program in that folder would name it, where prek runs the hook.
    assert f" {AT_THE_SOFTMAX} (train.py:10)" in refused.output
    assert refused.output.count("CEL001") == 1
    pushed = monorepo.hooks("run", "--hook-stage", "manual", "pears/:ce-lint-project")
    assert pushed.status == 1
    assert "train.py:10:22: CEL001 softmax output of Net (model.py:10)" in pushed.output
    assert pushed.output.count("CEL001") == 1
