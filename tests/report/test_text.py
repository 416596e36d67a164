from __future__ import annotations

import msgspec
import pytest

from ce_lint.findings import FileError, Finding, LossCalls, Place, Report
from ce_lint.report.text import error_line, summary, to_statistics, to_text
from ce_lint.report.view import View


def in_model(place: Place) -> bool:
    return place.path == "model.py"


def test_one_line_a_finding_then_the_count(report: Report) -> None:
    assert to_text(View(report)) == (
        "nb.ipynb:cell 4:2:8: CEL002 at the sink\n"
        "train.py:58:22: CEL001 softmax output of Net (model.py:3) is the input of CrossEntropyLoss\n"
        "12 loss calls: 9 right, 2 reported, 1 unresolved\n"
    )


def test_the_source_is_shown_when_only_its_file_was_asked_for(report: Report) -> None:
    first = to_text(View(report, in_model)).splitlines()[0]
    assert first == "model.py:3:16: CEL001 this softmax output is the input of CrossEntropyLoss (train.py:58)"


def test_unresolved_calls_are_listed_on_request(report: Report) -> None:
    assert "other.py:7:9: F.nll_loss: the model is a parameter\n" in to_text(View(report, show_unresolved=True))


def test_the_name_of_a_file_ends_no_line_and_says_nothing_to_a_terminal(across_files: Finding) -> None:
    path = "a\n::stop-commands::x\x1b[2J\x9b\u2028 \t😀.py"
    argument = msgspec.structs.replace(across_files.argument, path=path)
    finding = msgspec.structs.replace(across_files, argument=argument, message=f"is at ({argument.label()})")
    shown = "a␊::stop-commands::x␛[2J\ufffd\ufffd \t😀.py"
    assert to_text(View(Report(findings=(finding,)))).split("\n")[0] == f"{shown}:58:22: CEL001 is at ({shown}:58)"
    assert error_line(FileError(path, 1, "is no text")) == f"{shown}:1: is no text"


def test_errors_have_their_line(report: Report) -> None:
    assert error_line(report.errors[0]) == "bad.py:3: cannot be parsed: unexpected indent"


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (LossCalls(), "no loss call in these files"),
        (LossCalls(right=1), "1 loss call: 1 right, 0 reported, 0 unresolved"),
        (LossCalls(reported=1, unresolved=1), "2 loss calls: 0 right, 1 reported, 1 unresolved"),
    ],
)
def test_silence_is_explained(calls: LossCalls, expected: str) -> None:
    assert summary(Report(loss_calls=calls)) == expected


def test_a_finding_read_at_its_source_does_not_say_that_there_is_no_loss(across_files: Finding) -> None:
    assert summary(Report(findings=(across_files,))) == "the loss calls are in other files"


def test_statistics(report: Report) -> None:
    twice = Report(findings=(*report.findings, report.findings[0]))
    assert to_statistics(twice) == (
        "2       CEL002 log-softmax-before-cross-entropy\n1       CEL001 softmax-before-cross-entropy\n"
    )


def test_what_is_said_of_a_comment_leads_to_no_loss(across_files: Finding) -> None:
    finding = msgspec.structs.replace(across_files, code="CEL902", trace=())
    assert summary(Report(findings=(finding,))) == "no loss call in these files"
