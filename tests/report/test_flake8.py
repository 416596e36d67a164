from __future__ import annotations

import msgspec

from ce_lint.findings import Finding, Place, Report
from ce_lint.report.ends import ReportAt
from ce_lint.report.flake8 import to_flake8


def in_model(place: Place) -> bool:
    return place.path == "model.py"


def test_columns_count_from_zero_and_notebooks_have_places_in_json(report: Report) -> None:
    assert list(to_flake8(report, lambda _: True, ReportAt.SINK)) == [
        (32, 12, "CEL002 cell 4, line 2: at the sink"),
        (58, 21, "CEL001 softmax output of Net (model.py:3) is the input of CrossEntropyLoss"),
    ]


def test_the_name_of_another_file_ends_no_line(across_files: Finding) -> None:
    finding = msgspec.structs.replace(across_files, message="softmax output (a\nb.py:3)")
    ((_, _, text),) = to_flake8(Report(findings=(finding,)), lambda _: True, ReportAt.SINK)
    assert text == "CEL001 softmax output (a␊b.py:3)"


def test_the_source_has_its_own_message(report: Report) -> None:
    assert list(to_flake8(report, in_model, ReportAt.AUTO)) == [
        (3, 15, "CEL001 this softmax output is the input of CrossEntropyLoss (train.py:58)")
    ]
