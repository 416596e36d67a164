"""What a commit and a push are told, by pre-commit and by prek."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.hooks.conftest import Repository

pytestmark = pytest.mark.slow

LOGITS, SOFTMAX = "return self.fc(x)", "return self.fc(x).softmax(dim=1)"
AT_THE_LOSS = "train.py:10:22: CEL001 softmax output of Net (model.py:10) is the input of CrossEntropyLoss"
AT_THE_SOFTMAX = "model.py:10:16: CEL001 softmax output of Net is the input of CrossEntropyLoss (train.py:10)"
OLD = "old.py:5:28: CEL001 softmax output"


def test_the_commit_that_introduces_the_mistake_fails_and_the_corrected_one_passes(repository: Repository) -> None:
    before = repository.head()
    repository.edit("model.py", LOGITS, SOFTMAX)
    refused = repository.commit("model.py")
    assert refused.status == 1
    # train.py did not change.
    assert AT_THE_SOFTMAX in refused.output
    assert "old.py" not in refused.output
    assert repository.head() == before
    repository.edit("model.py", SOFTMAX, f"# Logits: the loss applies softmax.\n        {LOGITS}")
    corrected = repository.commit("model.py")
    assert corrected.status == 0, corrected.output
    assert "Passed" in corrected.output
    assert repository.head() != before


def test_the_commit_that_introduces_the_loss_fails(repository: Repository) -> None:
    training = (repository.path / "train.py").read_text()
    repository.edit("model.py", LOGITS, SOFTMAX)
    repository.git("rm", "--quiet", "train.py")
    repository.commit_unchecked()
    repository.write("train.py", training)
    refused = repository.commit("train.py")
    assert refused.status == 1
    assert AT_THE_LOSS in refused.output


def test_a_mistake_that_is_left_unstaged_does_not_count(repository: Repository) -> None:
    repository.edit("train.py", "net = Net()", "net = Net().eval()")
    repository.git("add", "train.py")
    repository.edit("model.py", LOGITS, SOFTMAX)
    assert repository.run("git", "commit", "--message=change").status == 0
    assert SOFTMAX in (repository.path / "model.py").read_text()


def test_a_correction_that_is_left_unstaged_does_not_count(repository: Repository) -> None:
    repository.edit("model.py", LOGITS, SOFTMAX)
    repository.git("add", "model.py")
    repository.edit("model.py", SOFTMAX, LOGITS)
    refused = repository.run("git", "commit", "--message=change")
    assert refused.status == 1
    assert AT_THE_SOFTMAX in refused.output


def test_a_notebook(repository: Repository) -> None:
    repository.edit("study.ipynb", "nn.Linear(4, 3)", "nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))")
    refused = repository.commit("study.ipynb")
    assert refused.status == 1
    assert "study.ipynb:cell 3:1:18: CEL001 softmax output" in refused.output
    repository.edit("study.ipynb", ", nn.Softmax(dim=1)", "")
    assert repository.commit("study.ipynb").status == 0


def test_a_notebook_that_trains_the_model_of_a_changed_module(repository: Repository) -> None:
    repository.edit("study.ipynb", "nn.Linear(4, 3)", "Net()")
    repository.edit("study.ipynb", "from torch import nn", "from torch import nn; from model import Net")
    repository.git("rm", "--quiet", "train.py")
    repository.commit_unchecked()
    repository.edit("model.py", LOGITS, SOFTMAX)
    refused = repository.commit("model.py")
    assert refused.status == 1
    assert "CrossEntropyLoss (study.ipynb:cell 3:1)" in refused.output


def test_the_hook_for_notebooks_leaves_other_files_to_others(repository: Repository) -> None:
    repository.configure({"id": "ce-lint-notebooks"})
    repository.git("add", ".")
    old = repository.hooks("run", "ce-lint-notebooks", "--all-files")
    assert old.status == 0
    repository.edit("study.ipynb", "nn.Linear(4, 3)", "nn.Softmax(dim=1)")
    repository.git("add", ".")
    wrong = repository.hooks("run", "ce-lint-notebooks", "--all-files")
    assert wrong.status == 1
    assert "study.ipynb:cell 3:1:18: CEL001" in wrong.output
    assert "old.py" not in wrong.output


@pytest.mark.parametrize("name", ["a folder/with spaces.py", "größe/модель 💥.py", "bin/train"])
def test_names(repository: Repository, name: str) -> None:
    # A script needs no suffix.
    mistake = (repository.path / "old.py").read_text()
    repository.write(name, f"#!/usr/bin/env python\n{mistake}")
    (repository.path / name).chmod(0o755)
    refused = repository.commit(name)
    assert refused.status == 1
    assert f"{name}:6:28: CEL001" in refused.output


def test_what_the_configuration_excludes_is_not_checked_although_it_is_named(repository: Repository) -> None:
    repository.write("pyproject.toml", '[tool.ce-lint]\nexclude = ["third_party"]\n')
    repository.write("third_party/copied.py", (repository.path / "old.py").read_text())
    taken = repository.commit("pyproject.toml", "third_party/copied.py")
    assert taken.status == 0, taken.output


def test_a_file_that_cannot_be_analysed_is_named(repository: Repository) -> None:
    repository.write("torn.py", "import torch.nn.functional as F\nF.cross_entropy(F.softmax(\n")
    refused = repository.commit("torn.py")
    assert refused.status == 1
    assert "exit code: 3" in refused.output
    assert "torn.py:2: cannot be parsed" in refused.output


def test_all_files_are_checked_in_one_call_and_in_order(repository: Repository) -> None:
    mistake = (repository.path / "old.py").read_text()
    names = [f"a{number:02}.py" for number in range(24)]
    for name in names:
        repository.write(name, mistake)
    repository.git("add", ".")
    checked = repository.hooks("run", "ce-lint", "--all-files")
    assert checked.status == 1
    assert re.findall(r"^ *(\S+\.py):\d+:\d+: CEL001", checked.output, re.MULTILINE) == [*names, "old.py"]
    assert len(re.findall("loss calls:", checked.output)) == 1


def test_the_whole_project_is_checked_by_hand(repository: Repository) -> None:
    repository.configure({"id": "ce-lint"}, {"id": "ce-lint-project"})
    repository.git("add", ".")
    # Nothing that Python reads has changed.
    assert repository.hooks("run").status == 0
    checked = repository.hooks("run", "ce-lint-project", "--hook-stage", "manual")
    assert checked.status == 1
    assert OLD in checked.output


def test_a_push_is_refused_until_the_whole_project_is_right(repository: Repository) -> None:
    remote = repository.path.with_name("remote.git")
    repository.git("init", "--bare", str(remote))
    repository.git("remote", "add", "origin", str(remote))
    repository.configure({"id": "ce-lint", "stages": ["pre-commit"]}, {"id": "ce-lint-project"})
    repository.git("add", ".")
    committed = repository.run("git", "commit", "--message=hooks")
    assert committed.status == 0, committed.output
    refused = repository.run("git", "push", "origin", "main")
    assert refused.status == 1
    assert refused.output.count(OLD) == 1
    assert repository.git("ls-remote", "origin") == ""
    repository.edit("old.py", "F.softmax(x, dim=1)", "x")
    assert repository.commit("old.py").status == 0
    pushed = repository.run("git", "push", "origin", "main")
    assert pushed.status == 0, pushed.output
    assert repository.head().strip() in repository.git("ls-remote", "origin")
