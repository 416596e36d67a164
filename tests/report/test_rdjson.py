from __future__ import annotations

import json
from typing import Any

from ce_lint.findings import FileError, Finding, Report
from ce_lint.report.rdjson import to_rdjson
from ce_lint.report.view import View

Json = dict[str, Any]
LINES = {("train.py", 58): "😀  loss = criterion(output, y)", ("model.py", 3): "ö" * 40}


def diagnostics(view: View) -> list[Json]:
    document = json.loads(to_rdjson(view))
    assert document["source"] == {"name": "ce-lint"}
    return document["diagnostics"]


def test_a_diagnostic_counts_bytes(across_files: Finding) -> None:
    view = View(Report(findings=(across_files,)), disk_line=lambda path, line: LINES.get((path, line)))
    assert diagnostics(view) == [
        {
            "message": "softmax output of Net (model.py:3) is the input of CrossEntropyLoss",
            "location": {
                "path": "train.py",
                "range": {"start": {"line": 58, "column": 25}, "end": {"line": 58, "column": 31}},
            },
            "severity": "ERROR",
            "code": {"value": "CEL001"},
            "related_locations": [
                {
                    "message": "probabilities made here",
                    "location": {
                        "path": "model.py",
                        "range": {"start": {"line": 3, "column": 31}, "end": {"line": 3, "column": 69}},
                    },
                }
            ],
        }
    ]


def test_a_file_that_cannot_be_read_any_more_has_lines_only(across_files: Finding) -> None:
    (diagnostic,) = diagnostics(View(Report(findings=(across_files,))))
    assert diagnostic["location"]["range"] == {"start": {"line": 58}, "end": {"line": 58}}


def test_a_notebook_is_shown_in_its_file_and_named_by_its_cell(in_notebook: Finding) -> None:
    (diagnostic,) = diagnostics(View(Report(findings=(in_notebook,)), disk_line=lambda *_: " " * 40))
    assert diagnostic["message"] == "cell 4, line 2: at the sink"
    assert diagnostic["severity"] == "INFO"
    assert diagnostic["location"]["range"]["start"] == {"line": 32, "column": 13}


def test_what_could_not_be_analysed_has_no_code() -> None:
    assert diagnostics(View(Report(errors=(FileError("bad.py", 0, "is no text"),)))) == [
        {
            "message": "is no text",
            "location": {"path": "bad.py", "range": {"start": {"line": 1}}},
            "severity": "ERROR",
        }
    ]
