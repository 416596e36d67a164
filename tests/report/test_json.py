from __future__ import annotations

import json

from ce_lint import __version__
from ce_lint.findings import Report
from ce_lint.report.json import to_json
from ce_lint.report.view import View


def test_notes_are_there_where_there_are_any() -> None:
    assert json.loads(to_json(View(Report(notes=("one",)))))["notes"] == ["one"]


def test_the_document(report: Report) -> None:
    document = json.loads(to_json(View(report)))
    assert list(document) == ["version", "findings", "loss_calls", "errors"]
    assert document["version"] == __version__
    assert document["loss_calls"] == {"right": 9, "reported": 2, "unresolved": 1, "set_aside": 0}
    assert document["errors"] == [{"path": "bad.py", "line": 3, "message": "cannot be parsed: unexpected indent"}]
    assert document["findings"][1] == {
        "code": "CEL001",
        "name": "softmax-before-cross-entropy",
        "severity": "error",
        "confidence": "definite",
        "path": "train.py",
        "line": 58,
        "column": 22,
        "end_line": 58,
        "end_column": 28,
        "cell": None,
        "message": "softmax output of Net (model.py:3) is the input of CrossEntropyLoss",
        "source": {"path": "model.py", "line": 3, "column": 16, "cell": None, "text": "F.softmax(x, dim=1)"},
        "sink": {"path": "train.py", "line": 58, "column": 12, "cell": None, "text": "criterion(output, y)"},
        "trace": [
            {"path": "model.py", "line": 3, "column": 16, "cell": None, "note": "probabilities made here"},
            {"path": "train.py", "line": 58, "column": 22, "cell": None, "note": "softmaxed again here"},
        ],
        "classes": 10,
        "fingerprint": "f00d",
        "fix": None,
        "runtime": None,
    }


def test_a_notebook_has_cells(report: Report) -> None:
    notebook = json.loads(to_json(View(report)))["findings"][0]
    assert (notebook["path"], notebook["cell"], notebook["line"]) == ("nb.ipynb", 4, 2)
    assert notebook["trace"] == []
    assert notebook["classes"] is None


def test_unresolved_calls_are_listed_on_request(report: Report) -> None:
    document = json.loads(to_json(View(report, show_unresolved=True)))
    assert document["unresolved"] == [
        {
            "path": "other.py",
            "line": 7,
            "column": 9,
            "cell": None,
            "loss": "F.nll_loss",
            "reason": "the model is a parameter",
        }
    ]


def test_an_empty_report_is_a_document_too() -> None:
    document = json.loads(to_json(View(Report())))
    assert document["findings"] == document["errors"] == []


def test_any_path_can_be_printed_in_any_locale(report: Report) -> None:
    assert to_json(View(report)).isascii()
