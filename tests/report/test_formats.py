"""Every format of one real report: as it was last agreed on, and pointing to the right text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from ce_lint import __version__
from ce_lint.report.formats import FORMATS

if TYPE_CHECKING:
    from tests.report.conftest import Rendered

GOLDEN = Path(__file__).parent / "golden"
VERSION = re.compile(rf'("(?:version|semanticVersion)": )"{re.escape(__version__)}"')

TEXTS = {
    # where a finding is reported, as a user sees it: the first line of the text that it is about
    ("ein ordner/größe, 1.py", None, 6, 40): "torch.softmax(",
    ("ein ordner/größe, 1.py", None, 13, 47): "torch.sigmoid(scores)",
    ("ein ordner/größe, 1.py", None, 17, 47): "torch.sigmoid(scores)",
    ("ein ordner/größe, 1.py", None, 21, 28): "scores.log_softmax(1)",
    ("ein ordner/größe, 1.py", None, 25, 12): "F.cross_entropy(scores, labels)",
    ("nb.ipynb", 4, 2, 45): "head(logits)",
    ("train.py", None, 10, 38): "net(images)",
}


def lasting(name: str, document: str) -> str:
    """The document without what changes with a release or with the text of a rule's page."""
    if name != "sarif":
        return VERSION.sub(r'\1"VERSION"', document)
    log = json.loads(VERSION.sub(r'\1"VERSION"', document))
    driver = log["runs"][0]["tool"]["driver"]
    driver["rules"] = [rule["id"] for rule in driver["rules"]]
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_what_it_was(rendered: Rendered, name: str, request: pytest.FixtureRequest) -> None:
    """Where it is to change: `pytest tests/report --update-golden`, and look at the difference."""
    golden = GOLDEN / f"report.{name}"
    found = lasting(name, rendered.documents[name])
    if request.config.getoption("--update-golden"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_bytes(found.encode())
    assert found == golden.read_bytes().decode().replace("\r\n", "\n")


def test_nothing_else_is_golden() -> None:
    assert {file.name for file in GOLDEN.iterdir()} == {f"report.{name}" for name in FORMATS}


def lines_of(rendered: Rendered, path: str) -> list[str]:
    return re.split(r"\r\n|\n", (rendered.project / path).read_bytes().decode("utf-8-sig"))


def text_between(line: str, start: int, end: int, path: str) -> str:
    """What stands between two columns, the first being 1; in a notebook, what it stands for there."""
    text = line[start - 1 : end - 1]
    return json.loads(f'"{text}"') if path.endswith(".ipynb") else text


def findings(rendered: Rendered) -> Iterator[tuple[dict[str, Any], str]]:
    """Each finding as JSON has it, with the text that it is about."""
    for finding in json.loads(rendered.documents["json"])["findings"]:
        yield finding, TEXTS[finding["path"], finding["cell"], finding["line"], finding["column"]]


def test_every_finding_is_there(rendered: Rendered) -> None:
    found = [text for _, text in findings(rendered)]
    assert found == list(TEXTS.values())
    for name in ("json-lines", "github"):
        lines = [line for line in rendered.documents[name].splitlines() if "CEL" in line]
        assert len(lines) == len(found)
    assert len(json.loads(rendered.documents["sarif"])["runs"][0]["results"]) == len(found)
    assert len(ElementTree.fromstring(rendered.documents["junit"]).findall(".//failure")) == len(found)  # noqa: S314
    # These two also have a place for the two files that could not be analysed.
    assert len(json.loads(rendered.documents["gitlab"])) == len(found) + 2
    assert len(json.loads(rendered.documents["rdjson"])["diagnostics"]) == len(found) + 2


def test_json_lines_are_the_findings_of_json(rendered: Rendered) -> None:
    lines = [json.loads(line) for line in rendered.documents["json-lines"].splitlines()]
    assert lines == json.loads(rendered.documents["json"])["findings"]


def test_sarif_points_to_the_text_in_one_line(rendered: Rendered) -> None:
    results = json.loads(rendered.documents["sarif"])["runs"][0]["results"]
    for (_, expected), result in zip(findings(rendered), results, strict=True):
        (location,) = result["locations"]
        path = unquote(location["physicalLocation"]["artifactLocation"]["uri"])
        region = location["physicalLocation"]["region"]
        assert region["startLine"] == region["endLine"]
        line = lines_of(rendered, path)[region["startLine"] - 1]
        assert text_between(line, region["startColumn"], region["endColumn"], path) == expected


def test_github_points_to_the_text_in_one_line(rendered: Rendered) -> None:
    commands = re.findall(r"^::\w+ (title=CEL.*?)::", rendered.documents["github"], re.MULTILINE)
    found = set()
    for command in commands:
        properties = dict(one.split("=", 1) for one in command.split(","))
        path = unquote(properties["file"])
        assert properties["line"] == properties["endLine"]
        line = lines_of(rendered, path)[int(properties["line"]) - 1]
        found.add((path, text_between(line, int(properties["col"]), int(properties["endColumn"]), path)))
    assert found == {(finding["path"], text) for finding, text in findings(rendered)}


def test_gitlab_points_to_the_start_of_the_text(rendered: Rendered) -> None:
    for (finding, expected), issue in zip(findings(rendered), json.loads(rendered.documents["gitlab"]), strict=False):
        path, begin = issue["location"]["path"], issue["location"]["positions"]["begin"]
        assert path == finding["path"]
        assert lines_of(rendered, path)[begin["line"] - 1][begin["column"] - 1 :].startswith(expected)


def test_rdjson_points_to_the_text_in_bytes(rendered: Rendered) -> None:
    diagnostics = json.loads(rendered.documents["rdjson"])["diagnostics"]
    for (_, expected), diagnostic in zip(findings(rendered), diagnostics, strict=False):
        path, span = diagnostic["location"]["path"], diagnostic["location"]["range"]
        lines = [line.encode() for line in lines_of(rendered, path)]
        start, end = span["start"], span["end"]
        assert lines[start["line"] - 1][start["column"] - 1 :].startswith(expected.encode())
        if start["line"] == end["line"]:
            assert lines[start["line"] - 1][start["column"] - 1 : end["column"] - 1] == expected.encode()
        else:
            assert lines[end["line"] - 1][: end["column"] - 1].decode().strip() == ")"


def test_what_could_not_be_analysed_is_on_its_line_of_the_file(rendered: Rendered) -> None:
    def line_in_notebook(text: str) -> int:
        return next(number for number, line in enumerate(lines_of(rendered, "nb.ipynb"), 1) if text in line)

    expected = {"broken.py": 3, "nb.ipynb": line_in_notebook("def (")}
    run = json.loads(rendered.documents["sarif"])["runs"][0]
    places = [one["locations"][0]["physicalLocation"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    assert {one["artifactLocation"]["uri"]: one["region"]["startLine"] for one in places} == expected
    issues = json.loads(rendered.documents["gitlab"])[-2:]
    assert {one["location"]["path"]: one["location"]["lines"]["begin"] for one in issues} == expected
    diagnostics = json.loads(rendered.documents["rdjson"])["diagnostics"][-2:]
    assert {one["location"]["path"]: one["location"]["range"]["start"]["line"] for one in diagnostics} == expected
    commands = re.findall(r"::error title=not analysed,file=(.*?),line=(\d+)::", rendered.documents["github"])
    assert {path: int(line) for path, line in commands} == expected
    errors = ElementTree.fromstring(rendered.documents["junit"]).findall(".//error")  # noqa: S314
    assert {error.attrib["message"].partition(":")[0] for error in errors} == set(expected)
