"""Fixes in every format that has a place for them."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from ce_lint.findings import Applicability, Edit, Finding, Fix, Place, Region, Report
from ce_lint.report.formats import FORMATS
from ce_lint.report.view import View
from ce_lint.source.edits import TextEdit, edited_text

Json = dict[str, Any]

RETURN_LOGITS = Fix(
    "return-logits",
    "return {logits} from Net.forward\nand add softmax to 1 caller",
    Applicability.UNSAFE,
    (
        Edit(Place("model.py", 3, 16, 3, 35), "x"),
        Edit(Place("größe.py", 7, 1, 7, 1), "import torch\n"),
        Edit(Place("größe.py", 9, 9, 9, 15), "net(x).softmax(1)"),
    ),
)
PASS_LOGITS = Fix(
    "pass-logits",
    "pass logits, which are already there",
    Applicability.SAFE,
    (Edit(Place("train.py", 58, 27, 58, 33), "logits"),),
)
IN_CELL = Fix(
    "drop-log-softmax",
    "leave the log-softmax out",
    Applicability.SAFE,
    (Edit(Place("nb.ipynb", 2, 8, 2, 9, cell=4, raw=Region(32, 13, 32, 14)), "z"),),
)


def with_fixes(finding: Finding, *fixes: Fix) -> Finding:
    return msgspec.structs.replace(finding, fixes=fixes)


def rendered(name: str, *findings: Finding) -> str:
    return FORMATS[name].render(View(Report(findings=findings)))


def result(finding: Finding) -> Json:
    return json.loads(rendered("sarif", finding))["runs"][0]["results"][0]


def test_json_has_the_best_fix(across_files: Finding) -> None:
    finding = with_fixes(across_files, PASS_LOGITS, RETURN_LOGITS)
    expected = {
        "name": "pass-logits",
        "title": "pass logits, which are already there",
        "applicability": "safe",
        "edits": [
            {
                "path": "train.py",
                "cell": None,
                "line": 58,
                "column": 27,
                "end_line": 58,
                "end_column": 33,
                "new_text": "logits",
            }
        ],
        "to_check": [],
    }
    assert json.loads(rendered("json", finding))["findings"][0]["fix"] == expected
    assert json.loads(rendered("json-lines", finding))["fix"] == expected


def test_an_edit_in_json_makes_the_edit(in_notebook: Finding) -> None:
    (edit,) = json.loads(rendered("json", with_fixes(in_notebook, IN_CELL)))["findings"][0]["fix"]["edits"]
    assert (edit.pop("path"), edit["cell"]) == ("nb.ipynb", 4)
    assert edited_text("x = y\nloss = p\n", [TextEdit(**edit)]) == "x = y\nloss = z\n"


def test_sarif_has_all_fixes_with_the_files_that_they_change(across_files: Finding) -> None:
    assert result(with_fixes(across_files, RETURN_LOGITS, PASS_LOGITS))["fixes"] == [
        {
            "description": {"text": "return {{logits}} from Net.forward\nand add softmax to 1 caller"},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": "model.py", "uriBaseId": "%SRCROOT%"},
                    "replacements": [replacement(3, 16, 3, 35, "x")],
                },
                {
                    "artifactLocation": {"uri": "gr%C3%B6%C3%9Fe.py", "uriBaseId": "%SRCROOT%"},
                    "replacements": [
                        replacement(7, 1, 7, 1, "import torch\n"),
                        replacement(9, 9, 9, 15, "net(x).softmax(1)"),
                    ],
                },
            ],
            "properties": {"name": "return-logits", "applicability": "unsafe"},
        },
        {
            "description": {"text": "pass logits, which are already there"},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": "train.py", "uriBaseId": "%SRCROOT%"},
                    "replacements": [replacement(58, 27, 58, 33, "logits")],
                }
            ],
            "properties": {"name": "pass-logits", "applicability": "safe"},
        },
    ]


def replacement(line: int, column: int, end_line: int, end_column: int, text: str) -> Json:
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    return {"deletedRegion": region, "insertedContent": {"text": text}}


def test_sarif_has_no_fix_in_a_notebook_and_no_empty_list(across_files: Finding, in_notebook: Finding) -> None:
    assert "fixes" not in result(across_files)
    assert "fixes" not in result(with_fixes(in_notebook, IN_CELL))
    half = msgspec.structs.replace(RETURN_LOGITS, edits=(*PASS_LOGITS.edits, *IN_CELL.edits))
    assert "fixes" not in result(with_fixes(across_files, half))


TRAIN = ["import torch", "", "for x, y in data:", "    é = 😀  # a", "    loss = criterion(é, y)", "    é"]


def suggestions(finding: Finding, *edits: Edit, lines: list[str] | None = None) -> list[Json] | None:
    """What rdjson offers for a fix, the text of all files but model.py being TRAIN."""
    read = TRAIN if lines is None else lines

    def disk_line(path: str, line: int) -> str | None:
        return read[line - 1] if path != "model.py" and 1 <= line <= len(read) else None

    fix = msgspec.structs.replace(PASS_LOGITS, edits=edits)
    view = View(Report(findings=(with_fixes(finding, fix),)), disk_line=disk_line)
    (diagnostic,) = json.loads(FORMATS["rdjson"].render(view))["diagnostics"]
    return diagnostic.get("suggestions")


def in_train(line: int, column: int, end_line: int, end_column: int, new_text: str) -> Edit:
    return Edit(Place("train.py", line, column, end_line, end_column), new_text)


@pytest.mark.parametrize(
    ("edits", "start", "end", "text"),
    [
        ([(5, 22, 5, 23, "z")], (5, 22), (5, 24), "z"),
        ([(4, 11, 4, 13, "!")], (4, 15), (4, 17), "!"),
        # One text for all edits: what stands between them is in it.
        ([(4, 5, 4, 6, "z"), (4, 9, 4, 10, "w")], (4, 5), (4, 14), "z = w"),
        ([(4, 5, 4, 6, "z"), (5, 22, 5, 23, "z")], (4, 5), (5, 24), "z = 😀  # a\n    loss = criterion(z"),
        ([(2, 1, 3, 1, "")], (2, 1), (3, 1), ""),
        # Below the last line is nothing to read.
        ([(6, 1, 7, 1, "")], (6, 1), (7, 1), ""),
        ([(5, 5, 5, 9, "a"), (7, 1, 7, 1, "b\n")], (5, 5), (7, 1), "a = criterion(é, y)\n    é\nb\n"),
    ],
)
def test_rdjson_suggests_one_text_in_bytes(
    across_files: Finding,
    edits: list[tuple[int, int, int, int, str]],
    start: tuple[int, int],
    end: tuple[int, int],
    text: str,
) -> None:
    whole = {
        "range": {"start": {"line": start[0], "column": start[1]}, "end": {"line": end[0], "column": end[1]}},
        "text": text,
    }
    assert suggestions(across_files, *(in_train(*edit) for edit in edits)) == [whole]
    # It does what the edits do.
    after = edited_text("\n".join(TRAIN), [TextEdit(None, *edit) for edit in edits])
    offsets = [_offset_in_characters(line, column) for line, column in (start, end)]
    assert edited_text("\n".join(TRAIN), [TextEdit(None, *offsets[0], *offsets[1], text)]) == after


def _offset_in_characters(line: int, column: int) -> tuple[int, int]:
    text = TRAIN[line - 1] if line <= len(TRAIN) else ""
    return line, len(text.encode()[: column - 1].decode()) + 1


def test_rdjson_suggests_no_half_of_a_fix(across_files: Finding, in_notebook: Finding) -> None:
    inside = in_train(5, 22, 5, 23, "z")
    assert suggestions(across_files, inside, Edit(Place("model.py", 3, 16, 3, 35), "x")) is None
    assert suggestions(across_files, Edit(Place("model.py", 3, 16, 3, 35), "x")) is None
    assert suggestions(in_notebook, Edit(Place("nb.ipynb", 4, 5, 4, 6, cell=4), "z")) is None
    assert suggestions(across_files, inside, lines=[]) is None
    assert suggestions(across_files, in_train(4, 5, 7, 5, "z")) is None


def test_full_says_what_can_be_done_and_how(across_files: Finding, in_notebook: Finding) -> None:
    text = rendered("full", with_fixes(across_files, RETURN_LOGITS, PASS_LOGITS), with_fixes(in_notebook, IN_CELL))
    assert [line for line in text.splitlines() if "fix" in line] == [
        "  fix: leave the log-softmax out (safe: ce-lint check --fix)",
        "  fix: return {logits} from Net.forward␊and add softmax to 1 caller"
        " (unsafe: ce-lint check --fix --unsafe-fixes)",
        "2 of 2 findings can be fixed: 1 with --fix, 1 more with --fix --unsafe-fixes",
    ]
    assert text.split("\n\n")[-1].startswith("the loss calls are in other files\n2 of 2")


@pytest.mark.parametrize(
    ("fixes", "expected"),
    [
        ([], []),
        ([None], []),
        ([PASS_LOGITS], ["the finding can be fixed with --fix"]),
        ([RETURN_LOGITS], ["the finding can be fixed with --fix --unsafe-fixes"]),
        ([PASS_LOGITS, None], ["1 of 2 findings can be fixed with --fix"]),
        ([None, RETURN_LOGITS, RETURN_LOGITS], ["2 of 3 findings can be fixed with --fix --unsafe-fixes"]),
        (
            [PASS_LOGITS, RETURN_LOGITS, PASS_LOGITS, None],
            ["3 of 4 findings can be fixed: 2 with --fix, 1 more with --fix --unsafe-fixes"],
        ),
    ],
)
def test_full_counts_what_can_be_fixed(across_files: Finding, fixes: list[Fix | None], expected: list[str]) -> None:
    findings = [across_files if fix is None else with_fixes(across_files, fix) for fix in fixes]
    lines = rendered("full", *findings).split("\n\n")[-1].splitlines()
    assert lines[1:] == expected


@pytest.mark.parametrize("name", ["text", "github", "gitlab", "junit"])
def test_the_other_formats_have_no_place_for_a_fix(name: str, across_files: Finding) -> None:
    assert rendered(name, with_fixes(across_files, RETURN_LOGITS)) == rendered(name, across_files)
