from __future__ import annotations

import msgspec

from ce_lint.findings import Confidence, FileError, Finding, Place, Report, RuntimeCheck, Severity, Verdict
from ce_lint.report.github import to_github
from ce_lint.report.view import View


def commands(*findings: Finding, view: View | None = None) -> list[str]:
    text = to_github(view or View(Report(findings=findings)))
    return [line for line in text.splitlines() if line.startswith("::")]


def test_an_annotation(across_files: Finding) -> None:
    assert to_github(View(Report(findings=(across_files,)))) == (
        "::error title=CEL001 softmax-before-cross-entropy,file=train.py,line=58,endLine=58,col=22,endColumn=28::"
        "train.py:58:22: CEL001 softmax output of Net (model.py:3) is the input of CrossEntropyLoss"
        "%0A1. model.py:3:16: probabilities made here%0A2. train.py:58:22: softmaxed again here\n"
        "the loss calls are in other files\n"
    )


def test_what_would_end_a_property_or_the_line_is_escaped(across_files: Finding) -> None:
    argument = msgspec.structs.replace(across_files.argument, path="a:b,c%\r\n.py")
    finding = msgspec.structs.replace(across_files, argument=argument, message="100 %, a: b\nc")
    (command,) = commands(finding)
    assert ",file=a%3Ab%2Cc%25%0D%0A.py,line=58," in command
    assert "CEL001 100 %25, a: b%0Ac%0A1. model.py" in command


def test_a_notebook_is_annotated_in_its_file_and_named_by_its_cell(in_notebook: Finding) -> None:
    (command,) = commands(in_notebook)
    assert ",file=nb.ipynb,line=32,endLine=32,col=13,endColumn=14::nb.ipynb:cell 4:2:8: CEL002" in command


def test_columns_are_of_one_line(across_files: Finding) -> None:
    """The host refuses columns where the lines differ."""
    finding = msgspec.structs.replace(across_files, argument=Place("train.py", 58, 22, 60, 2))
    report = Report(findings=(finding,))
    (known,) = commands(view=View(report, disk_line=lambda *_: "x" * 30))
    (unknown,) = commands(view=View(report))
    assert ",line=58,endLine=58,col=22,endColumn=31::" in known
    assert ",line=58,endLine=58,col=22,endColumn=22::" in unknown


def test_the_worst_come_first(across_files: Finding) -> None:
    def finding(line: int, severity: Severity, confidence: Confidence, verdict: Verdict | None = None) -> Finding:
        return msgspec.structs.replace(
            across_files,
            argument=Place("train.py", line, 1, line, 2),
            severity=severity,
            confidence=confidence,
            runtime=verdict and RuntimeCheck(verdict, "replay"),
        )

    found = commands(
        finding(1, Severity.NOTE, Confidence.DEFINITE),
        finding(2, Severity.WARNING, Confidence.POSSIBLE),
        finding(3, Severity.ERROR, Confidence.POSSIBLE),
        finding(4, Severity.ERROR, Confidence.DEFINITE, Verdict.REFUTED),
        finding(5, Severity.WARNING, Confidence.DEFINITE),
        finding(6, Severity.ERROR, Confidence.DEFINITE),
        finding(7, Severity.ERROR, Confidence.DEFINITE, Verdict.CONFIRMED),
    )
    assert [(one.split()[0], int(one.split("line=")[1].split(",")[0])) for one in found] == [
        ("::error", 6),
        ("::error", 7),
        ("::error", 3),
        ("::warning", 5),
        ("::warning", 2),
        ("::notice", 1),
        ("::notice", 4),
    ]


def test_what_was_measured_is_said(across_files: Finding) -> None:
    check = RuntimeCheck(Verdict.CONFIRMED, "replay", loss=2.5, loss_on_logits=0.25)
    (command,) = commands(msgspec.structs.replace(across_files, runtime=check))
    assert "CrossEntropyLoss [confirmed by replay: 2.500 on this input, 0.250 on the logits]%0A" in command


def test_files_that_could_not_be_analysed_follow(across_files: Finding) -> None:
    errors = (FileError("bad.py", 0, "is no text"), FileError("nb.ipynb", 2, "cell 3: cannot be parsed", 40))
    found = commands(view=View(Report(findings=(across_files,), errors=errors)))
    assert found[1:] == [
        "::error title=not analysed,file=bad.py,line=1::bad.py:0: is no text",
        "::error title=not analysed,file=nb.ipynb,line=40::nb.ipynb:2: cell 3: cannot be parsed",
    ]


def test_unresolved_calls_are_listed_on_request(report: Report) -> None:
    assert "\nother.py:7:9: F.nll_loss: the model is a parameter\n" in to_github(View(report, show_unresolved=True))
    assert "other.py" not in to_github(View(report))
