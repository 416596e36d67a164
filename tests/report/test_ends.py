from __future__ import annotations

import msgspec
import pytest

from ce_lint.findings import Finding, Place, Report, TraceStep
from ce_lint.report.ends import ReportAt, ends, places
from ce_lint.report.view import View


def in_model(place: Place) -> bool:
    return place.path == "model.py"


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
    assert [place.path for place, _ in ends(across_files, lambda place: place.path in linted, report_at)] == expected


def test_each_end_has_its_own_message(across_files: Finding) -> None:
    messages = [message for _, message in ends(across_files, lambda _: True, ReportAt.BOTH)]
    assert messages == [across_files.message, across_files.message_at_source]


def test_both_ends_at_one_place_are_one(in_notebook: Finding) -> None:
    finding = msgspec.structs.replace(in_notebook, source=in_notebook.argument)
    assert [list(ends(finding, lambda _: True, end)) for end in (ReportAt.BOTH, ReportAt.SOURCE)] == [
        [(finding.argument, finding.message)],
        [(finding.argument, finding.message_at_source)],
    ]


def test_a_finding_is_never_lost(across_files: Finding) -> None:
    assert places(across_files, lambda _: False, ReportAt.SOURCE) == [(across_files.argument, across_files.message)]


def test_a_run_shows_the_other_end_of_a_flow_whose_wanted_end_is_not_shown(across_files: Finding) -> None:
    assert places(across_files, in_model, ReportAt.SINK) == [(across_files.source, across_files.message_at_source)]


def test_a_step_between_the_ends_is_shown_where_no_end_is(across_files: Finding) -> None:
    between = Place("build.py", 5, 12, 5, 20)
    finding = msgspec.structs.replace(
        across_files, trace=(across_files.trace[0], TraceStep(between, "returned here"), across_files.trace[1])
    )
    assert places(finding, between.__eq__, ReportAt.AUTO) == [(between, finding.message_between)]


def test_the_order_is_that_of_the_shown_places(report: Report) -> None:
    assert [place.path for place, _, _ in View(report).shown()] == ["nb.ipynb", "train.py"]
    assert [place.path for place, _, _ in View(report, in_model).shown()] == ["model.py", "nb.ipynb"]
