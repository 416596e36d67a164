"""The rules' pages: their form, and their examples, which the analyser must find and not find."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.findings import Verdict
from ce_lint.rules import registry
from ce_lint.rules.base import Rule
from ce_lint.rules.registry import RULES

HEADINGS = [
    "## What it does",
    "## Why is this bad?",
    "## Example",
    "## Use instead",
    "## When it is right",
    "## References",
]
ONLY_AT_RUN_TIME = tuple(rule.code for rule in RULES if rule.is_found_at_run_time_only)
each_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])


def section(page: str, heading: str) -> str:
    """What stands under a heading."""
    return page.split(f"{heading}\n", 1)[1].split("\n## ", 1)[0]


def python_blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def codes_found(code: str, folder: Path) -> list[str]:
    file = folder / "page.py"
    file.write_text(code, encoding="utf-8")
    report = Session().check([file], Settings(select=("CEL",), root=folder, strict=True))
    assert report.errors == ()
    return [finding.code for finding in report.findings]


@each_rule
def test_a_page_has_its_title_and_headings_in_order(rule: Rule) -> None:
    lines = rule.page.splitlines()

    assert lines[0] == f"# {rule.name} ({rule.code})"
    assert [line for line in lines if line.startswith("## ")] == HEADINGS


@each_rule
def test_a_page_has_two_programs_each_under_its_heading(rule: Rule) -> None:
    found = [len(python_blocks(text)) for text in (rule.page, *(section(rule.page, h) for h in HEADINGS))]

    assert found == [2, 0, 0, 1, 1, 0, 0]


@each_rule
def test_every_line_of_a_page_fits(rule: Rule) -> None:
    assert [line for line in rule.page.splitlines() if len(line) > 120] == []


@each_rule
def test_references_are_addresses(rule: Rule) -> None:
    lines = section(rule.page, "## References").split("\n")

    assert [line for line in lines if line and not re.fullmatch(r"- https://\S+", line)] == []


@each_rule
def test_the_example_is_found_and_nothing_else(rule: Rule, tmp_path: Path) -> None:
    (code,) = python_blocks(section(rule.page, "## Example"))

    expected = [] if rule.code in ONLY_AT_RUN_TIME else [rule.code]
    assert codes_found(code, tmp_path) == expected


@pytest.mark.torch
@pytest.mark.parametrize("code", ONLY_AT_RUN_TIME)
def test_the_example_is_found_at_run_time_and_what_to_use_instead_is_not(code: str) -> None:
    torch = pytest.importorskip("torch")
    kernel = pytest.importorskip("ce_lint.runtime.diagnosis.kernel")
    rule = registry.rule(code)
    assert rule is not None
    found = []
    for heading in ("## Example", "## Use instead"):
        (program,) = python_blocks(section(rule.page, heading))
        names: dict[str, Any] = {}
        exec(compile(program, heading, "exec"), names)  # noqa: S102 - our own page
        criterion = torch.nn.NLLLoss() if "NLLLoss" in program else torch.nn.CrossEntropyLoss()
        scores = names["Net"]()(torch.randn(16, 784))
        diagnosis = kernel.diagnose(scores, torch.arange(16) % 10, criterion)
        found.append((diagnosis.code, diagnosis.verdict))

    assert found == [(code, Verdict.CONFIRMED), (None, Verdict.REFUTED)]


@each_rule
def test_what_to_use_instead_is_silent(rule: Rule, tmp_path: Path) -> None:
    (code,) = python_blocks(section(rule.page, "## Use instead"))

    assert codes_found(code, tmp_path) == []
