"""JUnit's XML, as Jenkins and GitLab read it: a finding is a test that failed.

The elements and attributes are those of Jenkins' schema (junit-10.xsd of its xUnit plugin), which refuses any others.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from pathlib import PurePosixPath
from xml.etree import ElementTree

from ce_lint.findings import FileError
from ce_lint.report.ends import way_lines
from ce_lint.report.text import error_line, position
from ce_lint.report.verdict import is_refuted, with_verdict
from ce_lint.report.view import Shown, View

_SUITE = "ce-lint"
_NAME_WIDTH = 100
# All that XML 1.0 has no way to write, not even as a reference.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(view: View) -> str:
    """Render one suite; where nothing was found, it holds a test that passed, because hosts take none for a mistake."""
    suite = ElementTree.Element("testsuite")
    names: Counter[tuple[str, str]] = Counter()
    for shown in view.shown():
        _add_finding(suite, shown, names)
    for error in view.report.errors:
        _add_error(suite, error)
    if not len(suite):
        _case(suite, _SUITE, "no findings")
    counts = {
        "tests": str(len(suite)),
        "failures": str(len(suite.findall("testcase/failure"))),
        "errors": str(len(suite.findall("testcase/error"))),
    }
    suite.attrib.update({"name": _SUITE, **counts, "skipped": "0", "time": "0"})
    root = ElementTree.Element("testsuites", {"name": _SUITE, **counts, "time": "0"})
    root.append(suite)
    ElementTree.indent(root)
    document = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{document}\n'


def _add_finding(suite: ElementTree.Element, shown: Shown, names: Counter[tuple[str, str]]) -> None:
    place, message, finding = shown
    # Hosts compare two runs by class and name: no line number is in them, and each is there once.
    about = finding.sink.text if place == finding.argument else place.text
    name = textwrap.shorten(f"{finding.code} {about or finding.name}", _NAME_WIDTH, placeholder="…")
    names[place.path, name] += 1
    count = names[place.path, name]
    case = _case(suite, place.path, name if count == 1 else f"{name} ({count})")
    text = f"{position(place)}: {finding.code} {with_verdict(message, finding)}"
    if is_refuted(finding):
        ElementTree.SubElement(case, "system-out").text = _allowed(text)
        return
    failure = ElementTree.SubElement(case, "failure", {"type": finding.code, "message": _allowed(text)})
    failure.text = _allowed("\n".join([text, *way_lines(finding, position)]))


def _add_error(suite: ElementTree.Element, error: FileError) -> None:
    case = _case(suite, error.path, f"analysis: {error.message}")
    text = _allowed(error_line(error))
    ElementTree.SubElement(case, "error", {"type": "not analysed", "message": text}).text = text


def _case(suite: ElementTree.Element, path: str, name: str) -> ElementTree.Element:
    # Hosts read a class of Java, and show what stands before its last point as the package.
    classname = ".".join(PurePosixPath(path.removesuffix(".py")).parts)
    return ElementTree.SubElement(
        suite, "testcase", {"classname": _allowed(classname), "name": _allowed(name), "time": "0"}
    )


def _allowed(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
