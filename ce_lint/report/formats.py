"""Every format by its name; what renders one is imported when it is first used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
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


def _text(view: View) -> str:
    from ce_lint.report.text import to_text

    return to_text(view)


def _full(view: View) -> str:
    from ce_lint.report.full import to_full

    return to_full(view)


def _json(view: View) -> str:
    from ce_lint.report.json import to_json

    return to_json(view)


def _json_lines(view: View) -> str:
    from ce_lint.report.json_lines import to_json_lines

    return to_json_lines(view)


def _sarif(view: View) -> str:
    from ce_lint.report.sarif import to_sarif

    return to_sarif(view)


def _github(view: View) -> str:
    from ce_lint.report.github import to_github

    return to_github(view)


def _gitlab(view: View) -> str:
    from ce_lint.report.gitlab import to_gitlab

    return to_gitlab(view)


def _rdjson(view: View) -> str:
    from ce_lint.report.rdjson import to_rdjson

    return to_rdjson(view)


def _junit(view: View) -> str:
    from ce_lint.report.junit import to_junit

    return to_junit(view)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "text": Format(_text, is_for_a_program=False),
        "full": Format(_full, is_for_a_program=False, shows_fixes=True),
        "json": Format(_json, is_document=True, shows_fixes=True),
        "json-lines": Format(_json_lines, is_document=True, shows_fixes=True),
        "sarif": Format(_sarif, is_document=True, shows_fixes=True),
        "github": Format(_github),
        "gitlab": Format(_gitlab, is_document=True),
        "rdjson": Format(_rdjson, is_document=True, shows_fixes=True),
        "junit": Format(_junit, is_document=True),
    }
)
