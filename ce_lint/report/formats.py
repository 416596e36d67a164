"""Every format by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from ce_lint.report.full import to_full
from ce_lint.report.github import to_github
from ce_lint.report.gitlab import to_gitlab
from ce_lint.report.json import to_json
from ce_lint.report.json_lines import to_json_lines
from ce_lint.report.junit import to_junit
from ce_lint.report.rdjson import to_rdjson
from ce_lint.report.sarif import to_sarif
from ce_lint.report.text import to_text
from ce_lint.report.view import View


class Format(NamedTuple):
    """How a report becomes text."""

    render: Callable[[View], str]
    is_document: bool = False
    """Whether a line more would break it."""
    is_for_a_program: bool = True
    """Whether it is in UTF-8 wherever it goes."""
    shows_fixes: bool = False
    """Whether it says what can be done about a finding: finding that out can take longer than the check."""


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "text": Format(to_text, is_for_a_program=False),
        "full": Format(to_full, is_for_a_program=False, shows_fixes=True),
        "json": Format(to_json, is_document=True, shows_fixes=True),
        "json-lines": Format(to_json_lines, is_document=True, shows_fixes=True),
        "sarif": Format(to_sarif, is_document=True, shows_fixes=True),
        "github": Format(to_github),
        "gitlab": Format(to_gitlab, is_document=True),
        "rdjson": Format(to_rdjson, is_document=True, shows_fixes=True),
        "junit": Format(to_junit, is_document=True),
    }
)
