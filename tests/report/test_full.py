from __future__ import annotations

import re

import msgspec
import pytest

from ce_lint.findings import Finding, Place, Report, TraceStep
from ce_lint.report.full import to_full
from ce_lint.report.view import View

LINES = {
    ("model.py", 3): "        return F.softmax(x, dim=1)",
    ("train.py", 58): "    loss = criterion(output, y)",
}


def line_of(place: Place) -> str | None:
    return LINES.get((place.path, place.line))


def test_every_step_has_its_frame(across_files: Finding) -> None:
    assert to_full(View(Report(findings=(across_files,)), line_of=line_of)) == (
        "train.py:58:22: CEL001 softmax output of Net (model.py:3) is the input of CrossEntropyLoss\n"
        "  1. probabilities made here\n"
        "    --> model.py:3:16\n"
        "   3 |         return F.softmax(x, dim=1)\n"
        "     |                ^^^^^^^^^^^^^^^^^^^\n"
        "  2. softmaxed again here\n"
        "    --> train.py:58:22\n"
        "  58 |     loss = criterion(output, y)\n"
        "     |                      ^^^^^^\n"
        "\n"
        "the loss calls are in other files\n"
    )


def test_both_ends_are_shown_even_without_a_trace(in_notebook: Finding) -> None:
    text = to_full(View(Report(findings=(in_notebook,)), line_of=lambda _: None))
    assert "1. made here\n   --> nb.ipynb:cell 4:1:5\n" in text
    assert "2. given to the loss here\n   --> nb.ipynb:cell 4:2:8\n" in text


def test_colours_change_nothing_but_the_colour(report: Report) -> None:
    plain = to_full(View(report, line_of=line_of))
    coloured = to_full(View(report, line_of=line_of, in_colour=True))
    assert plain != coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


@pytest.mark.parametrize(
    ("line", "column", "end", "below"),
    [
        ("\tcrit(x)", 7, 8, "\t     ^"),
        ("损失(x)", 4, 5, "     ^"),
        ("e\u0301(x)", 4, 5, "  ^"),
        ("crit(损失)", 6, 8, "     ^^^^"),
        ("crit(", 6, 6, "     ^"),
    ],
)
def test_carets_stand_under_what_they_mean(across_files: Finding, line: str, column: int, end: int, below: str) -> None:
    place = Place("a.py", 1, column, 1, end)
    finding = msgspec.structs.replace(
        across_files, source=place, argument=place, sink=place, trace=(TraceStep(place, "here"),)
    )
    assert f"  1 | {line}\n    | {below}\n" in to_full(View(Report(findings=(finding,)), line_of=lambda _: line))


def test_a_line_says_nothing_to_a_terminal(across_files: Finding) -> None:
    finding = msgspec.structs.replace(across_files, message="is at (a\nb.py:1)")
    text = to_full(View(Report(findings=(finding,)), line_of=lambda _: "\f\tf('\x1b[31m', x)"))
    assert text.startswith("train.py:58:22: CEL001 is at (a␊b.py:1)\n")
    assert "\n   3 | ␌\tf('␛[31m', x)\n" in text


def test_a_place_of_several_lines_is_marked_to_the_end_of_its_first(across_files: Finding) -> None:
    place = Place("a.py", 1, 6, 3, 2)
    finding = msgspec.structs.replace(across_files, source=place, argument=place, sink=place, trace=())
    assert "    |      ^^\n" in to_full(View(Report(findings=(finding,)), line_of=lambda _: "crit(ab"))


def test_unresolved_calls_are_listed_on_request(report: Report) -> None:
    text = to_full(View(report, line_of=line_of, show_unresolved=True))
    assert text.endswith(
        "\n\nother.py:7:9: F.nll_loss: the model is a parameter\n\n12 loss calls: 9 right, 2 reported, 1 unresolved\n"
    )
