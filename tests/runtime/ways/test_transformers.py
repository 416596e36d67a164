"""The callback in real trainings with the Trainer of transformers, in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

torch = pytest.importorskip("torch")

pytestmark = [pytest.mark.torch, pytest.mark.slow]

TRAININGS = """
import json, sys
import torch
from torch.nn import functional as F
from ce_lint.runtime.ways import transformers as ways
assert "transformers" not in sys.modules
from transformers import Trainer, TrainerCallback, TrainingArguments
from ce_lint.runtime.ways.callback import WrongLossError

CODE = F.cross_entropy.__code__
assert issubclass(ways.CELintCallback, TrainerCallback)


class Net(torch.nn.Module):
    def __init__(self, is_wrong, fails):
        super().__init__()
        self.layer, self.is_wrong, self.fails, self.steps = torch.nn.Linear(4, 5), is_wrong, fails, 0

    def forward(self, x, labels):
        self.steps += 1
        scores = self.layer(x)
        loss = F.cross_entropy(scores.softmax(1) if self.is_wrong else scores, labels)
        if self.fails:
            raise ZeroDivisionError("of the user's own")
        return {"loss": loss, "logits": scores}


ROWS = [{"x": torch.randn(4), "labels": number % 5} for number in range(16)]


def train(callback=None, is_wrong=True, fails=False, **options):
    callback, model = callback or ways.CELintCallback(**options), Net(is_wrong, fails)
    arguments = TrainingArguments(
        output_dir="out", max_steps=3, per_device_train_batch_size=4, report_to=[], use_cpu=True, save_strategy="no",
        disable_tqdm=True, logging_strategy="no",
    )
    error = ""
    try:
        Trainer(model=model, args=arguments, train_dataset=ROWS, callbacks=[callback]).train()
    except (ZeroDivisionError, WrongLossError) as caught:
        error = f"{type(caught).__name__}: {caught}"
    if error:
        return [error, model.steps, callback]
    codes = [finding.code for finding in callback.report.findings()]
    return [codes, callback.report.calls, error, F.cross_entropy.__code__ is CODE]


results = {"wrong": train(), "right": train(is_wrong=False)}
error, steps, callback = train(fails=True)
results["failing"] = [error, steps, callback.report is None]
results["after failing"] = train(callback, is_wrong=False)
error, steps, callback = train(raise_on_finding=True)
results["raising"] = [error, steps, callback.report.calls, F.cross_entropy.__code__ is CODE]
json.dump(results, open("results.json", "w"))
train(fails=True)
"""
WRONG = "CEL001 softmax output is the input of cross_entropy"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    pytest.importorskip("transformers", exc_type=ImportError)
    pytest.importorskip("accelerate", exc_type=ImportError)
    folder = tmp_path_factory.mktemp("transformers")
    (folder / "train.py").write_text(TRAININGS)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "train.py"],
        cwd=folder, env={**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads((folder / "results.json").read_text())
    told = [line.removeprefix("ce-lint: ") for line in done.stderr.splitlines() if line.startswith("ce-lint: ")]
    return {**found, "told": told}


def test_a_training_is_watched_and_left_as_it_was(results: dict[str, Any]) -> None:
    assert results["wrong"] == [["CEL001"], 3, "", True]
    assert results["right"] == [[], 3, "", True]
    assert results["told"][0].startswith(f"train.py:22: {WRONG}")
    assert results["told"][1] == "3 loss calls at 1 call site: 1 confirmed, 0 right, 0 inconclusive"
    assert results["told"][3] == "3 loss calls at 1 call site: 0 confirmed, 1 right, 0 inconclusive"


def test_a_training_that_fails_keeps_its_own_error_and_is_left_when_the_next_begins(results: dict[str, Any]) -> None:
    assert results["failing"] == ["ZeroDivisionError: of the user's own", 1, True]
    assert results["after failing"] == [[], 3, "", True]


def test_a_training_that_fails_is_told_of_when_the_program_ends(results: dict[str, Any]) -> None:
    assert results["told"][-1] == "1 loss call at 1 call site: 1 confirmed, 0 right, 0 inconclusive"


def test_a_finding_ends_the_training_where_that_is_asked_for(results: dict[str, Any]) -> None:
    error, steps, calls, is_undone = results["raising"]
    assert error.startswith(f"WrongLossError: train.py:22: {WRONG}")
    assert (steps, calls, is_undone) == (1, 1, True)
