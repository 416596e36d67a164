"""The plugin as a dependency of flake8's own hook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.hooks.conftest import Repository

pytestmark = pytest.mark.slow

LOGITS, SOFTMAX = "return self.fc(x)", "return self.fc(x).softmax(dim=1)"
AT_THE_SOFTMAX = "model.py:10:16: CEL001 softmax output of Net is the input of CrossEntropyLoss (train.py:10)"


def test_it_reports_in_the_changed_file(repository: Repository, flake8_repository: Path) -> None:
    dependencies = [str(repository.hooks_from)]
    repository.configure({"id": "flake8", "additional_dependencies": dependencies}, hooks_from=flake8_repository)
    repository.commit_unchecked()
    repository.edit("model.py", LOGITS, SOFTMAX)
    refused = repository.commit("model.py")
    assert refused.status == 1
    assert AT_THE_SOFTMAX in refused.output
    repository.edit("model.py", SOFTMAX, LOGITS)
    repository.edit("model.py", "20, 10", "20, 12")
    corrected = repository.commit("model.py")
    assert corrected.status == 0, corrected.output
