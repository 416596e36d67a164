from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from ce_lint import __version__
from ce_lint.findings import FileError, Finding, Place, Report, RuntimeCheck, TraceStep, Verdict
from ce_lint.report.sarif import to_sarif
from ce_lint.report.view import View
from ce_lint.rules.registry import RULES


def in_model(place: Place) -> bool:
    return place.path == "model.py"


Json = dict[str, Any]

TOP = {"$schema", "version", "runs"}
"""The properties that the specification gives to each object, as far as they are used (SARIF 2.1.0, section 3)."""
RUN = {"tool", "columnKind", "originalUriBaseIds", "invocations", "results"}
RULE = {"id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"}
RESULT = {
    "ruleId", "ruleIndex", "kind", "level", "rank", "message", "locations", "relatedLocations", "codeFlows",
    "partialFingerprints", "properties",
}  # fmt: skip
REGION = {"startLine", "startColumn", "endLine", "endColumn"}
LEVELS = {"none", "note", "warning", "error"}


def log(report: Report) -> Json:
    return json.loads(to_sarif(View(report)))


def run(report: Report) -> Json:
    (only,) = log(report)["runs"]
    return only


def check_location(location: Json) -> None:
    physical = location["physicalLocation"]
    assert set(physical) == {"artifactLocation", "region"}
    assert set(physical["artifactLocation"]) <= {"uri", "uriBaseId"}
    assert set(physical["region"]) <= REGION
    assert all(isinstance(number, int) and number >= 1 for number in physical["region"].values())


def test_the_structure_is_that_of_the_specification(report: Report) -> None:
    document = log(report)

    assert set(document) == TOP
    assert document["version"] == "2.1.0"
    (only,) = document["runs"]
    assert set(only) == RUN
    assert only["columnKind"] == "unicodeCodePoints"
    driver = only["tool"]["driver"]
    assert driver["name"] == "ce-lint"
    assert driver["semanticVersion"] == __version__
    assert [rule["id"] for rule in driver["rules"]] == [rule.code for rule in RULES]
    for rule in driver["rules"]:
        assert set(rule) == RULE
        assert rule["help"]["markdown"].startswith(f"# {rule['name']} ({rule['id']})")
        assert rule["defaultConfiguration"]["level"] in LEVELS
        # GitHub shows no more of either.
        assert 0 < len(rule["shortDescription"]["text"]) <= len(rule["fullDescription"]["text"]) <= 1024
        assert rule["fullDescription"]["text"].startswith(("Reports ", "Names "))
        assert rule["properties"]["precision"] in {"very-high", "high", "medium", "low"}
        assert rule["properties"]["problem.severity"] in {"error", "warning", "recommendation"}
    for result in only["results"]:
        assert set(result) == RESULT
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in LEVELS
        assert set(result["message"]) == {"text"}
        for location in [*result["locations"], *result["relatedLocations"]]:
            check_location(location)
        ((flow,),) = ([one["locations"] for one in flow["threadFlows"]] for flow in result["codeFlows"])
        for step in flow:
            assert set(step) == {"location"}
            assert step["location"]["message"]["text"]
            check_location(step["location"])


def test_a_result(across_files: Finding) -> None:
    (result,) = run(Report(findings=(across_files,)))["results"]

    assert (result["ruleId"], result["kind"], result["level"]) == ("CEL001", "fail", "error")
    assert result["message"]["text"] == ("softmax output of Net ([model.py:3](1)) is the input of CrossEntropyLoss")
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "train.py", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 58, "startColumn": 22, "endLine": 58, "endColumn": 28},
            }
        }
    ]
    (related,) = result["relatedLocations"]
    assert (related["id"], related["message"]) == (1, {"text": "made here"})
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "model.py"
    (flow,) = result["codeFlows"]
    notes = [step["location"]["message"]["text"] for step in flow["threadFlows"][0]["locations"]]
    assert notes == ["probabilities made here", "softmaxed again here"]
    assert result["partialFingerprints"] == {"ceLint/v1": "f00d"}
    assert result["properties"] == {"confidence": "definite", "classes": 10, "runtime": None}


def test_a_finding_at_its_source_names_the_sink(across_files: Finding) -> None:
    document = json.loads(to_sarif(View(Report(findings=(across_files,)), in_model)))

    (result,) = document["runs"][0]["results"]
    assert result["message"]["text"] == "this softmax output is the input of CrossEntropyLoss ([train.py:58](1))"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "model.py"
    assert result["relatedLocations"][0]["message"] == {"text": "given to the loss here"}


def test_a_finding_of_one_place_has_no_other_and_no_way(across_files: Finding) -> None:
    finding = msgspec.structs.replace(across_files, source=across_files.argument, trace=())

    (result,) = run(Report(findings=(finding,)))["results"]

    assert (result["relatedLocations"], result["codeFlows"]) == ([], [])


def test_the_steps_between_the_ends_are_related(across_files: Finding) -> None:
    between = Place("build.py", 5, 12, 5, 20)
    trace = (across_files.trace[0], TraceStep(between, "returned here"), across_files.trace[1])
    finding = msgspec.structs.replace(
        across_files, trace=trace, message_between="softmax output (model.py:3) is the input of a loss (train.py:58)"
    )

    at_sink, in_between = (
        json.loads(to_sarif(View(Report(findings=(finding,)), is_shown)))["runs"][0]["results"][0]
        for is_shown in (lambda _: True, between.__eq__)
    )

    assert [(one["id"], one["message"]["text"]) for one in at_sink["relatedLocations"]] == [
        (1, "made here"),
        (2, "returned here"),
    ]
    assert in_between["message"]["text"] == (
        "softmax output ([model.py:3](1)) is the input of a loss ([train.py:58](2))"
    )
    assert [one["id"] for one in in_between["relatedLocations"]] == [1, 2]


def test_brackets_and_braces_keep_their_meaning(across_files: Finding) -> None:
    source = msgspec.structs.replace(across_files.source, path="a[1]{0}.py")
    finding = msgspec.structs.replace(across_files, source=source, message="made (a[1]{0}.py:3), lost")

    (result,) = run(Report(findings=(finding,)))["results"]

    assert result["message"]["text"] == r"made ([a\[1\]{{0}}.py:3](1)), lost"


def test_a_range_of_several_lines_ends_with_the_first(across_files: Finding) -> None:
    argument = Place("train.py", 58, 22, 60, 2)
    report = Report(findings=(msgspec.structs.replace(across_files, argument=argument),))

    def region(line: str | None) -> Json:
        document = json.loads(to_sarif(View(report, disk_line=lambda *_: line)))
        return document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]

    start = {"startLine": 58, "startColumn": 22}
    assert region("    loss = criterion(output(") == {**start, "endLine": 58, "endColumn": 29}
    assert region(None) == {**start, "endLine": 58, "endColumn": 22}


def test_in_a_notebook_the_region_is_that_of_the_file(in_notebook: Finding) -> None:
    (result,) = run(Report(findings=(in_notebook,)))["results"]

    (location,) = result["locations"]
    assert location["physicalLocation"]["region"] == {
        "startLine": 32, "startColumn": 13, "endLine": 32, "endColumn": 14,
    }  # fmt: skip
    assert location["properties"] == {"cell": 4, "line": 2, "column": 8}
    assert result["partialFingerprints"] == {}


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("a b/ö#1.py", {"uri": "a%20b/%C3%B6%231.py", "uriBaseId": "%SRCROOT%"}),
        ("/srv/a b.py", {"uri": "file:///srv/a%20b.py"}),
        ("C:/project/a.py", {"uri": "file:///C:/project/a.py"}),
    ],
)
def test_paths_are_uris(across_files: Finding, path: str, location: Json) -> None:
    place = Place(path, 1, 1, 1, 2)
    finding = msgspec.structs.replace(across_files, argument=place)

    (result,) = run(Report(findings=(finding,)))["results"]

    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == location


def test_what_was_not_analysed_is_told(report: Report) -> None:
    (invocation,) = run(report)["invocations"]

    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == "cannot be parsed: unexpected indent"
    check_location(notification["locations"][0])
    assert run(Report())["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_notes_are_told_and_are_no_failure() -> None:
    assert run(Report(notes=("one",)))["invocations"] == [
        {"executionSuccessful": True, "toolExecutionNotifications": [{"level": "note", "message": {"text": "one"}}]}
    ]


def test_an_error_without_a_line_is_shown_at_the_first(across_files: Finding) -> None:
    (invocation,) = run(Report(errors=(FileError("bad.py", 0, "is no text"),)))["invocations"]

    check_location(invocation["toolExecutionNotifications"][0]["locations"][0])


@pytest.mark.parametrize(
    ("verdict", "kind", "level"),
    [
        (Verdict.CONFIRMED, "fail", "error"),
        (Verdict.INCONCLUSIVE, "fail", "error"),
        (Verdict.REFUTED, "pass", "none"),
    ],
)
def test_the_verdict(across_files: Finding, verdict: Verdict, kind: str, level: str) -> None:
    check = RuntimeCheck(verdict, "replay", loss=2.5, loss_on_logits=float("inf"))
    finding = msgspec.structs.replace(across_files, runtime=check)

    (result,) = run(Report(findings=(finding,)))["results"]

    assert (result["kind"], result["level"]) == (kind, level)
    assert ("rank" in result) == (kind == "fail")
    assert result["properties"]["runtime"]["verdict"] == verdict.value
    assert result["properties"]["runtime"]["loss"] == 2.5
    assert result["properties"]["runtime"]["loss_on_logits"] is None
