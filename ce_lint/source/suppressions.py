"""Suppression comments: `# noqa`, with exactly the grammar of flake8 (6.0 to 7.5), and our own.

`# ce-lint: ignore[CEL001] reason` is as strict as the comments of mypy, pyright, ty and ruff: lower case, a comment or
the rest of one, and codes in upper case. Like ruff's, it covers its line or, on a line of its own, the statement below;
`# ce-lint: file-ignore[CEL001]` covers the file. Without brackets it means all codes.
"""

from __future__ import annotations

from typing import NamedTuple


class Lines(NamedTuple):
    """Some lines of a text, counted from 1, the last one included."""

    first: int
    last: int


class Suppression(NamedTuple):
    """A comment that takes findings back: where it stands, and what it takes back where."""

    line: int
    column: int
    """From 0, in code points."""
    text: str
    codes: tuple[str, ...] | None
    """The codes that it lists, and the prefixes of codes; None: it takes everything back."""
    covers: Lines
    is_noqa: bool
    is_for_file: bool
    is_comment: bool = True
    """flake8 takes a `# noqa` inside of a string, too."""

    def takes_back(self, code: str) -> bool:
        """Is this one of the codes that are meant?"""
        return self.codes is None or code.startswith(self.codes)

    def is_at(self, lines: Lines) -> bool:
        """Is one of these lines covered, or for `# noqa`, which flake8 looks for where a finding starts, the first?"""
        last = lines.first if self.is_noqa else lines.last
        return lines.first <= self.covers.last and self.covers.first <= last


def suppressions(text: str) -> tuple[Suppression, ...]:
    """Return the comments of a text that take something back, and those that are meant to; `# flake8: noqa` apart."""
    if not _may_hold_some(text):
        return ()
    # Imported here, as below: hardly any file has such a comment.
    from ce_lint.source.comments import comments_in

    return comments_in(text)


def takes_back(text: str) -> bool:
    """Tell whether any comment of a text may take a finding back, of whatever code; when in doubt it may."""
    if not _may_hold_some(text):
        return False
    from ce_lint.source.comments import may_be_in

    return may_be_in(text) or file_is_suppressed(text)


def _may_hold_some(text: str) -> bool:
    return "noqa" in text.lower() or "ce-lint:" in text


def file_is_suppressed(text: str) -> bool:
    """Tell whether flake8 would skip the whole file.

    It does so for any line that starts with the comment, even for one that lists codes.
    """
    if "flake8" not in text.lower():
        return False
    from ce_lint.source.comments import is_for_whole_file

    return is_for_whole_file(text)
