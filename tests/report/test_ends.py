from __future__ import annotations

import pytest

from ce_lint.findings import Finding, Report
from ce_lint.report.ends import ReportAt, by_main_end, ends, main_end


@pytest.mark.parametrize(
    ("linted", "report_at", "expected"),
    [
        (["train.py"], ReportAt.AUTO, ["train.py"]),
        (["model.py"], ReportAt.AUTO, ["model.py"]),
        (["model.py", "train.py"], ReportAt.AUTO, ["train.py"]),
        (["train.py"], ReportAt.SINK, ["train.py"]),
        (["model.py"], ReportAt.SINK, []),
        (["train.py"], ReportAt.SOURCE, []),
        (["model.py"], ReportAt.SOURCE, ["model.py"]),
        (["model.py", "train.py"], ReportAt.BOTH, ["train.py", "model.py"]),
        (["other.py"], ReportAt.BOTH, []),
    ],
)
def test_only_ends_in_linted_files_are_reported(
    across_files: Finding, linted: list[str], report_at: ReportAt, expected: list[str]
) -> None:
    assert [place.path for place, _ in ends(across_files, linted.__contains__, report_at)] == expected


def test_each_end_has_its_own_message(across_files: Finding) -> None:
    messages = [message for _, message in ends(across_files, lambda _: True, ReportAt.BOTH)]
    assert messages == [across_files.message, across_files.message_at_source]


def test_a_finding_is_never_lost(across_files: Finding) -> None:
    assert main_end(across_files, lambda _: False) == (across_files.argument, across_files.message)


def test_the_order_is_that_of_the_shown_places(report: Report) -> None:
    assert [place.path for place, _, _ in by_main_end(report, lambda _: True)] == ["nb.ipynb", "train.py"]
    assert [place.path for place, _, _ in by_main_end(report, "model.py".__eq__)] == ["model.py", "nb.ipynb"]
