"""Suppression comments of ours that take nothing back."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from ce_lint.engine.configuration.selection import UNUSED
from ce_lint.engine.discovery import project_root
from ce_lint.engine.fingerprint import fingerprint
from ce_lint.engine.markers import can_suppress
from ce_lint.engine.places import place_of
from ce_lint.findings import Confidence, Finding
from ce_lint.frontend.guard import refusal, syntax_error
from ce_lint.frontend.places import Range
from ce_lint.rules.registry import RULES, rule
from ce_lint.source.file import SourceFile
from ce_lint.source.lines import split_lines
from ce_lint.source.suppressions import Lines, Suppression, file_is_suppressed, suppressions

_OUR_CODE = re.compile(r"CEL[0-9]+", re.IGNORECASE)
"""A code that only we can be meant by, as `# noqa` lists it."""


class Use(NamedTuple):
    """That a comment took a code back."""

    comment: Suppression
    code: str


def unused_suppressions(source: SourceFile, uses: Collection[Use]) -> list[tuple[Finding, bool]]:
    """Return a finding for each comment that lists a code in vain, each with whether a comment takes that back."""
    if not can_suppress(source.text) or file_is_suppressed(source.text):
        return []
    comments = suppressions(source.text)
    lines = split_lines(source.text)
    found = []
    for comment in comments:
        text = _complaint(comment, {use.code for use in uses if use.comment == comment})
        if text:
            taken_back = any(_silences(one, comment.line) for one in comments)
            found.append((_finding(source, comment, lines[comment.line - 1], text), taken_back))
    return found


def unused_in(source: SourceFile) -> list[tuple[Finding, bool]]:
    """Return the same of a text in which nothing had to be followed; nothing of one that is no Python."""
    if not can_suppress(source.text) or refusal(source.text) or syntax_error(source.text):
        return []
    return unused_suppressions(source, ())


def _complaint(comment: Suppression, used: Collection[str]) -> str:
    """What is wrong with a comment; "" where nothing is."""
    if not comment.is_comment:
        return ""
    where = "in this file" if comment.is_for_file else "here"
    if comment.codes is None:
        # `noqa` without a code may be meant for any tool.
        return "" if comment.is_noqa or used else f"`{comment.text}` suppresses nothing {where}"
    if not comment.codes:
        return f"`{comment.text}` lists no code, and suppresses nothing {where}"
    listed = [code for code in dict.fromkeys(comment.codes) if not comment.is_noqa or _OUR_CODE.fullmatch(code)]
    unknown = [code for code in listed if not any(one.code.startswith(code) for one in RULES)]
    idle = [code for code in listed if code not in unknown and not _is_used(code, used)]
    said = []
    if idle:
        said.append(f"{_quoted(idle)} suppress{'es' if len(idle) == 1 else ''} nothing {where}")
    if unknown:
        said.append(f"there is no rule {_quoted(unknown)}")
    return "; ".join(said)


def _is_used(listed: str, used: Collection[str]) -> bool:
    """Did a listed code take one back, or may it yet: what only the runtime checker finds, or this rule reports?"""
    meant = [one for one in RULES if one.code.startswith(listed)]
    return any(one.code in used or one.is_found_at_run_time_only for one in meant) or listed == UNUSED


def _quoted(codes: list[str]) -> str:
    return ", ".join(f"`{code}`" for code in codes)


def _silences(comment: Suppression, line: int) -> bool:
    """Does a comment take back what is said of one on this line?"""
    if not (comment.is_at(Lines(line, line)) and comment.takes_back(UNUSED)):
        return False
    # Unless it says so, a comment of ours does not hide that it is good for nothing itself.
    return comment.is_noqa or UNUSED in (comment.codes or ())


def _finding(source: SourceFile, comment: Suppression, line: str, text: str) -> Finding:
    metadata = rule(UNUSED)
    assert metadata is not None
    end = comment.column + len(comment.text)
    place = place_of(source, Range(comment.line, comment.column, comment.line, end, comment.text))
    path = source.path.absolute()
    return Finding(
        code=metadata.code,
        name=metadata.name,
        severity=metadata.severity,
        confidence=Confidence.DEFINITE,
        message=text,
        message_at_source=text,
        message_between=text,
        argument=place,
        source=place,
        sink=place,
        fingerprint=fingerprint(
            (UNUSED, path.relative_to(project_root(path)).as_posix(), comment.text, " ".join(line.split()))
        ),
    )
