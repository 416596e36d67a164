from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from ce_lint.rules.registry import RULES

Run = Callable[..., Result]


def test_every_rule_is_listed_on_its_line(run: Run) -> None:
    lines = run("rules").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [rule.code for rule in RULES]
    assert all(rule.summary in line for rule, line in zip(RULES, lines, strict=True))


def test_the_list_for_programs(run: Run) -> None:
    listed = json.loads(run("rules", "--format", "json").stdout)
    assert listed[1] == {
        "code": "CEL002",
        "name": "log-softmax-before-cross-entropy",
        "severity": "note",
        "default": "off",
        "summary": RULES[1].summary,
    }


@pytest.mark.parametrize("word", ["CEL001", "cel001", "softmax-before-cross-entropy"])
def test_explain_prints_the_page(run: Run, word: str) -> None:
    assert run("explain", word).stdout == RULES[0].page.strip() + "\n"


def test_explain_names_the_nearest_rule(run: Run) -> None:
    result = run("explain", "CEL02")
    assert result.exit_code == 2
    assert "no rule 'CEL02': did you mean CEL" in result.stderr
