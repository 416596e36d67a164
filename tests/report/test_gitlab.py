from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.findings import FileError, Finding, Place, Report, RuntimeCheck, Severity, Verdict
from ce_lint.report.ends import ReportAt
from ce_lint.report.gitlab import to_gitlab
from ce_lint.report.view import View

Json = dict[str, Any]


def issues(view: View) -> list[Json]:
    return json.loads(to_gitlab(view))


def fingerprints(view: View) -> list[str]:
    return [issue["fingerprint"] for issue in issues(view)]


def test_an_issue(across_files: Finding) -> None:
    assert issues(View(Report(findings=(across_files,)))) == [
        {
            "description": "CEL001 softmax output of Net (model.py:3) is the input of CrossEntropyLoss",
            "check_name": "CEL001",
            "severity": "major",
            "location": {
                "path": "train.py",
                "lines": {"begin": 58, "end": 58},
                "positions": {"begin": {"line": 58, "column": 22}, "end": {"line": 58, "column": 28}},
            },
            "fingerprint": "f00d",
        }
    ]


def test_a_notebook_is_shown_in_its_file_and_named_by_its_cell(in_notebook: Finding) -> None:
    (issue,) = issues(View(Report(findings=(in_notebook,))))
    assert issue["description"] == "CEL002 cell 4, line 2: at the sink"
    assert issue["location"]["lines"] == {"begin": 32, "end": 32}


@pytest.mark.parametrize(
    ("severity", "verdict", "expected"),
    [
        (Severity.ERROR, None, "major"),
        (Severity.WARNING, None, "minor"),
        (Severity.NOTE, None, "info"),
        (Severity.ERROR, Verdict.CONFIRMED, "major"),
        (Severity.ERROR, Verdict.REFUTED, "info"),
    ],
)
def test_severities(across_files: Finding, severity: Severity, verdict: Verdict | None, expected: str) -> None:
    check = verdict and RuntimeCheck(verdict, "replay")
    finding = msgspec.structs.replace(across_files, severity=severity, runtime=check)
    assert issues(View(Report(findings=(finding,))))[0]["severity"] == expected


def test_a_finding_at_both_ends_is_two_issues(across_files: Finding) -> None:
    found = fingerprints(View(Report(findings=(across_files,)), report_at=ReportAt.BOTH))
    assert len(set(found)) == 2
    assert "f00d" in found


def test_without_a_fingerprint_the_text_tells_issues_apart(across_files: Finding) -> None:
    def finding(line: int, text: str) -> Finding:
        place = Place("train.py", line, 1, line, 9, text=text)
        return msgspec.structs.replace(across_files, fingerprint="", argument=place)

    def all_of(*lines: int) -> list[str]:
        texts = ("output", "scores", "output")
        return fingerprints(View(Report(findings=tuple(map(finding, lines, texts)))))

    assert len(set(all_of(1, 2, 3))) == 3
    assert all_of(1, 2, 3) == all_of(11, 22, 33)


def test_a_file_that_could_not_be_analysed_is_an_issue_of_its_own() -> None:
    errors = (FileError("bad.py", 3, "is no text"), FileError("bad.py", 7, "cell 2: no", 40))
    first, second = issues(View(Report(errors=errors)))
    assert (first["check_name"], first["description"]) == ("not-analysed", "is no text")
    assert [first["location"]["lines"]["begin"], second["location"]["lines"]["begin"]] == [3, 40]
    assert first["fingerprint"] != second["fingerprint"]


def test_nothing_is_an_empty_list() -> None:
    assert to_gitlab(View(Report())) == "[]\n"


TWICE = """\
import torch.nn.functional as F


def one(scores, labels):
    return F.cross_entropy(scores.softmax(1), labels)


def two(scores, labels):
    return F.cross_entropy(scores.softmax(1), labels)
"""


def test_lines_that_move_change_no_fingerprint_of_a_real_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "train.py"
    found = []
    for text in (TWICE, "# moved\n\n" + TWICE.replace("\ndef two", "\n# further\ndef two")):
        file.write_text(text)
        found.append(fingerprints(View(Session().check([file], Settings(root=tmp_path)))))
    assert found[0] == found[1]
    assert len(set(found[0])) == 2
