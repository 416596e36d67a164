"""The callback in real trainings with Lightning, by both of its names, each in a process of its own."""

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
import json, pickle, sys
import torch
from torch.nn import functional as F
import {framework} as L
from ce_lint.runtime.ways.callback import WrongLossError
from ce_lint.runtime.ways.lightning import CELintCallback

CODE = F.cross_entropy.__code__


class Net(L.LightningModule):
    def __init__(self, is_wrong, fails):
        super().__init__()
        self.layer, self.is_wrong, self.fails, self.steps = torch.nn.Linear(4, 5), is_wrong, fails, 0

    def loss(self, batch):
        scores = self.layer(batch[0])
        return F.cross_entropy(scores.softmax(1) if self.is_wrong else scores, batch[1])

    def training_step(self, batch, number):
        self.steps += 1
        loss = self.loss(batch)
        if self.fails:
            raise ZeroDivisionError("of the user's own")
        return loss

    def validation_step(self, batch, number):
        self.loss(batch)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


def batches():
    data = torch.utils.data.TensorDataset(torch.randn(16, 4), torch.arange(16) % 5)
    return torch.utils.data.DataLoader(data, batch_size=4)


def train(run="fit", is_wrong=True, fails=False, **options):
    callback, model = CELintCallback(**options), Net(is_wrong, fails)
    trainer = L.Trainer(
        max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, callbacks=[callback],
    )
    error = ""
    try:
        getattr(trainer, run)(model, batches())
    except (ZeroDivisionError, WrongLossError) as caught:
        error = f"{{type(caught).__name__}}: {{caught}}"
    codes = [finding.code for finding in callback.report.findings()]
    return [codes, callback.report.calls, model.steps, error, F.cross_entropy.__code__ is CODE]


results = {{
    "base": [base.__module__.partition(".callbacks")[0] for base in CELintCallback.__mro__],
    "copied": type(pickle.loads(pickle.dumps(CELintCallback()))) is CELintCallback,
    "wrong": train(),
    "right": train(is_wrong=False),
    "failing": train(fails=True),
    "raising": train(raise_on_finding=True),
    "validating": train("validate"),
}}
json.dump(results, open("results.json", "w"))
"""
WRONG = "CEL001 softmax output is the input of cross_entropy"


@pytest.fixture(scope="module", params=["lightning.pytorch", "pytorch_lightning"])
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    framework: str = request.param
    pytest.importorskip(framework.partition(".")[0], exc_type=ImportError)
    folder = tmp_path_factory.mktemp("lightning")
    (folder / "train.py").write_text(TRAININGS.format(framework=framework))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "train.py"],
        cwd=folder, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return {**found, "framework": framework, "err": done.stderr}


def test_the_callback_is_one_of_the_lightning_that_is_used(results: dict[str, Any]) -> None:
    assert results["framework"] in results["base"]
    assert not {"lightning.pytorch", "pytorch_lightning"} - {results["framework"]} & set(results["base"])
    assert results["copied"]


def test_a_training_is_watched_and_left_as_it_was(results: dict[str, Any]) -> None:
    assert results["wrong"] == [["CEL001"], 4, 4, "", True]
    assert results["right"] == [[], 4, 4, "", True]
    told = [line for line in results["err"].splitlines() if line.startswith("ce-lint: ")]
    assert told[0].startswith(f"ce-lint: train.py:19: {WRONG}")
    assert told[1] == "ce-lint: 4 loss calls at 1 call site: 1 confirmed, 0 right, 0 inconclusive"
    assert told[3] == "ce-lint: 4 loss calls at 1 call site: 0 confirmed, 1 right, 0 inconclusive"


def test_a_training_that_fails_keeps_its_own_error_and_has_a_report(results: dict[str, Any]) -> None:
    assert results["failing"] == [["CEL001"], 1, 1, "ZeroDivisionError: of the user's own", True]


def test_a_finding_ends_the_training_where_that_is_asked_for(results: dict[str, Any]) -> None:
    codes, calls, steps, error, is_undone = results["raising"]
    assert (codes, calls, steps, is_undone) == (["CEL001"], 1, 1, True)
    assert error.startswith(f"WrongLossError: train.py:19: {WRONG}")


def test_a_validation_is_watched_too(results: dict[str, Any]) -> None:
    assert results["validating"][:3] == [["CEL001"], 4, 0]
