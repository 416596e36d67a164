from __future__ import annotations

import re
from xml.etree import ElementTree

import msgspec
import pytest

from ce_lint.findings import FileError, Finding, Place, Report, RuntimeCheck, Verdict
from ce_lint.report.junit import to_junit
from ce_lint.report.view import View


def suite(report: Report) -> ElementTree.Element:
    document = to_junit(View(report))
    assert document.startswith('<?xml version="1.0" encoding="utf-8"?>\n')
    root = ElementTree.fromstring(document.encode())  # noqa: S314
    (only,) = root
    assert root.attrib.items() <= only.attrib.items()
    assert int(only.attrib["tests"]) == len(only)
    return only


def test_a_finding_is_a_test_that_failed(across_files: Finding) -> None:
    found = suite(Report(findings=(across_files,)))
    assert (found.attrib["failures"], found.attrib["errors"]) == ("1", "0")
    (case,) = found
    assert case.attrib == {"classname": "train", "name": "CEL001 criterion(output, y)", "time": "0"}
    (failure,) = case
    message = "train.py:58:22: CEL001 softmax output of Net (model.py:3) is the input of CrossEntropyLoss"
    assert failure.attrib == {"type": "CEL001", "message": message}
    assert failure.text == (
        f"{message}\n1. model.py:3:16: probabilities made here\n2. train.py:58:22: softmaxed again here"
    )


def test_nothing_found_is_a_test_that_passed() -> None:
    found = suite(Report())
    assert [(len(case), case.attrib["name"]) for case in found] == [(0, "no findings")]
    assert (found.attrib["failures"], found.attrib["errors"]) == ("0", "0")


def test_what_was_refuted_passed(across_files: Finding) -> None:
    check = RuntimeCheck(Verdict.REFUTED, "replay", reason="the losses agree")
    found = suite(Report(findings=(msgspec.structs.replace(across_files, runtime=check),)))
    assert found.attrib["failures"] == "0"
    text = found.findtext("testcase/system-out")
    assert text is not None
    assert text.endswith("CrossEntropyLoss [refuted by replay: the losses agree]")


def test_what_could_not_be_analysed_is_an_error() -> None:
    found = suite(Report(errors=(FileError("a/bad.py", 3, "is no text"),)))
    assert found.attrib["errors"] == "1"
    (case,) = found
    assert case.attrib["classname"] == "a.bad"
    assert case.findtext("error") == "a/bad.py:3: is no text"


def test_names_hold_no_line_and_are_there_once(across_files: Finding) -> None:
    def names(*lines: int) -> list[str]:
        places = [Place("train.py", line, 1, line, 9) for line in lines]
        findings = tuple(msgspec.structs.replace(across_files, argument=place) for place in places)
        return [case.attrib["name"] for case in suite(Report(findings=findings))]

    assert names(1, 5) == ["CEL001 criterion(output, y)", "CEL001 criterion(output, y) (2)"]
    assert names(1, 5) == names(11, 55)


def test_a_long_text_is_cut(across_files: Finding) -> None:
    sink = msgspec.structs.replace(across_files.sink, text="criterion(" + "output, " * 50 + "y)")
    (case,) = suite(Report(findings=(msgspec.structs.replace(across_files, sink=sink),)))
    assert case.attrib["name"].endswith("…")
    assert len(case.attrib["name"]) <= 100


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x08", "\ud800", "\udcff", "\ufffe", "\uffff"])
def test_characters_that_xml_forbids_are_replaced(across_files: Finding, character: str) -> None:
    sink = msgspec.structs.replace(across_files.sink, text=f"a{character}b")
    argument = msgspec.structs.replace(across_files.argument, path=f"a{character}b.py")
    finding = msgspec.structs.replace(across_files, sink=sink, argument=argument, message=f"<&\"'{character}>")
    (case,) = suite(Report(findings=(finding,)))
    assert (case.attrib["classname"], case.attrib["name"]) == ("a�b", "CEL001 a�b")
    # Where people read it, the name of a file can have pictures of such characters.
    assert re.fullmatch("a[�␀␛␈]b.py:58:22: CEL001 <&\"'�>", case[0].attrib["message"])
    assert re.match("a[�␀␛␈]b.py:58:22: ", case.findtext("failure") or "")


@pytest.mark.parametrize("character", ["\t", " ", "ö", "\ue000", "\ufffd", "😀", "\U0010ffff"])
def test_all_others_stay(across_files: Finding, character: str) -> None:
    finding = msgspec.structs.replace(across_files, message=f"a{character}b")
    assert suite(Report(findings=(finding,)))[0][0].attrib["message"].endswith(f"a{character}b")
