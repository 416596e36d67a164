from __future__ import annotations

import json
from pathlib import Path

import pytest

from ce_lint.findings import RuntimeCheck, Verdict
from ce_lint.ir.recipe import (
    Act,
    Batch,
    Bounds,
    Built,
    Calculation,
    Given,
    Known,
    Missing,
    Name,
    Operation,
    Recipe,
    Size,
)
from ce_lint.runtime.confirm.wire import Request, read_answer, read_request, write_answer, write_request

VALUES: list[Known] = [
    None,
    True,
    0,
    1.5,
    "text",
    (),
    (1, (2, "three"), None),
    Missing("it comes from a file"),
    Batch(),
    Size(2, -1),
    Calculation("Multiply", Batch(), Calculation("Add", 1, Size(1, 1))),
    Name("torch.float32"),
    Bounds(1, None, Batch()),
    Built("Net", "/project/net.py", None, is_complete=False),
    Built("torch.nn.Sequential", "", (Given(Built("torch.nn.Linear", "", (Given(8), Given(3, "out_features")))),)),
]


@pytest.mark.parametrize("known", VALUES, ids=repr)
def test_a_request_arrives_as_it_was_sent(tmp_path: Path, known: Known) -> None:
    operation = Operation(Act.METHOD, "view", (Given(known), Given(known, "shape")), 1, "input")
    recipe = Recipe("torch.nn.Linear", 3, (operation,), (operation, operation), "torch.nn.NLLLoss", (Given(known),))
    request = Request("CEL001", recipe, "/project", (3, 32), "app.data:batch")

    write_request(request, tmp_path / "request.json")

    assert read_request(tmp_path / "request.json") == request


def test_what_is_no_value_is_refused(tmp_path: Path) -> None:
    recipe = Recipe(loss_arguments=(Given(Name("a")),))
    write_request(Request("CEL001", recipe, "/"), tmp_path / "request.json")
    document = json.loads((tmp_path / "request.json").read_text())
    document["recipe"]["loss_arguments"][0]["value"] = {"Pickle": "gASV"}
    (tmp_path / "request.json").write_text(json.dumps(document))

    with pytest.raises(ValueError, match="no value of a recipe"):
        read_request(tmp_path / "request.json")


def test_an_answer_arrives_as_it_was_sent(tmp_path: Path) -> None:
    check = RuntimeCheck(Verdict.CONFIRMED, "execution", "", 1.5, 0.1, (1.4, 2.4), 0.1, 0.2, 0.5, 10)

    assert read_answer(tmp_path / "answer.json") is None
    write_answer(check, tmp_path / "answer.json")

    assert read_answer(tmp_path / "answer.json") == check
