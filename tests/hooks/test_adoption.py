"""Hooks in a project with old findings, and the configurations that docs/pre-commit.md shows."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.hooks.conftest import Repository

pytestmark = pytest.mark.slow

LOGITS, SOFTMAX = "return self.fc(x)", "return self.fc(x).softmax(dim=1)"
ANOTHER = "\n\ndef evaluate(x, y):\n    return F.cross_entropy(x.sigmoid(), y)\n"
BETWEEN = "def scores(net, x):\n    return net(x)\n"
PAGE = Path(__file__).parents[2] / "docs" / "pre-commit.md"
SHOWN = re.findall(r"^```yaml\n(.+?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
FLAKE8, NBQA = "https://github.com/PyCQA/flake8", "https://github.com/nbQA-dev/nbQA"


def write_baseline(repository: Repository) -> None:
    command = ("-m", "ce_lint", "check", "--write-baseline", "ce-lint-baseline.json")
    written = repository.run(sys.executable, *command)
    assert written.status == 0, written.output


def test_what_is_in_the_baseline_does_not_stop_a_commit(repository: Repository) -> None:
    write_baseline(repository)
    repository.configure({"id": "ce-lint", "args": ["--baseline", "ce-lint-baseline.json"]})
    repository.commit_unchecked()
    repository.edit("old.py", "def step", "# Moved, and otherwise as it was.\n\n\ndef step")
    moved = repository.commit("old.py")
    assert moved.status == 0, moved.output
    repository.write("old.py", (repository.path / "old.py").read_text() + ANOTHER)
    refused = repository.commit("old.py")
    assert refused.status == 1
    assert refused.output.count("CEL00") == 1
    assert "old.py:12:28: CEL003" in refused.output


def test_only_the_lines_of_a_commit(repository: Repository) -> None:
    repository.edit("model.py", LOGITS, f"{LOGITS}\n\n    def probabilities(self, x):\n        {SOFTMAX}")
    repository.write("between.py", BETWEEN)
    repository.edit("train.py", "from model import Net", "from between import scores\nfrom model import Net")
    repository.edit("train.py", "net(x)", "scores(net, x)")
    repository.configure({"id": "ce-lint-project", "args": ["--diff", "HEAD"], "stages": ["pre-commit"]})
    repository.commit_unchecked()
    unrelated = repository.edit_and_commit("old.py", "def step", "def first_step")
    assert unrelated.status == 0, unrelated.output
    refused = repository.edit_and_commit("between.py", "net(x)", "net.probabilities(x)")
    assert refused.status == 1
    assert refused.output.count("CEL001") == 1
    assert "between.py:2:12: CEL001 softmax output of Net" in refused.output
    # Neither end lies in that file: not for the hook that asks about ends in the changed files.
    repository.configure({"id": "ce-lint"})
    assert repository.commit("between.py", ".pre-commit-config.yaml").status == 0


@pytest.mark.parametrize("tool", ["pre-commit"], indirect=True)
@pytest.mark.parametrize("shown", [text for text in SHOWN if NBQA not in text])
def test_the_configurations_in_the_documentation(shown: str, repository: Repository, flake8_repository: Path) -> None:
    write_baseline(repository)
    local = shown.replace("https://github.com/OWNER/ce-lint", json.dumps(str(repository.hooks_from)))
    local = local.replace(f"{FLAKE8}\n    rev: 7.3.0", f"{json.dumps(str(flake8_repository))}\n    rev: v0.1.0")
    local = local.replace("ce-lint==0.1.0", json.dumps(str(repository.hooks_from)))
    assert "github.com" not in local
    repository.write(".pre-commit-config.yaml", local)
    repository.commit_unchecked()
    repository.edit("model.py", LOGITS, SOFTMAX)
    refused = repository.commit("model.py")
    assert refused.status == 1
    assert refused.output.count("CEL001 softmax output of Net") == 1
    assert "old.py" not in refused.output
