"""Suppression comments, with exactly the grammar of flake8 (6.0 to 7.5)."""

from __future__ import annotations

import io
import re
import tokenize

from ce_lint.source.lines import split_lines

# As in flake8, what does not start with a whole code (`: CEL`) is no list, and the comment without one means all codes.
_LIST = r"(?::\s?(?P<codes>(?:[A-Z]+[0-9]+(?:[,\s]+)?)+))?"
_LINE_COMMENT = re.compile(r"# noqa" + _LIST, re.IGNORECASE)
_FILE_COMMENT = re.compile(r"\s*# flake8[:=]\s*noqa" + _LIST, re.IGNORECASE)
_SEPARATOR = re.compile(r"[,\s]+")
_NO_PLACE = (tokenize.ENDMARKER, tokenize.DEDENT)


def suppresses(line_text: str, code: str) -> bool:
    """Tell whether a comment in `line_text` suppresses `code` there.

    The word is matched in any case, the codes are not; a listed code also stands for every code it is a prefix of.
    """
    comment = _LINE_COMMENT.search(line_text)
    if comment is None:
        return False
    listed = comment["codes"]
    return listed is None or code.startswith(_codes(listed))


def file_is_suppressed(text: str) -> bool:
    """Tell whether flake8 would skip the whole file.

    It does so for any line that starts with the comment, even for one that lists codes.
    """
    return any(_FILE_COMMENT.match(line) for line in split_lines(text))


def suppression_lines(text: str) -> list[str]:
    """Return, for each line of `text`, what is searched for a comment that suppresses something on it.

    That is the line itself, or all lines of a string or of a statement that backslashes join.
    """
    lines = split_lines(text)
    result = list(lines)
    plain = "".join(line.rstrip("\r\n") + "\n" for line in lines)
    first, last = len(lines) + 1, 0
    try:
        # Nothing is joined in a text with an error, wherever the error is: flake8 does so.
        tokens = list(tokenize.generate_tokens(io.StringIO(plain).readline))
    except (tokenize.TokenError, SyntaxError):
        return result
    for token in tokens:
        if token.type in _NO_PLACE:
            continue
        first, last = min(first, token.start[0]), max(last, token.end[0])
        if token.type in (tokenize.NL, tokenize.NEWLINE):
            last = min(last, len(lines))
            joined = "".join(lines[first - 1 : last])
            result[first - 1 : last] = [joined] * (last - first + 1)
            first, last = len(lines) + 1, 0
    return result


def _codes(listed: str) -> tuple[str, ...]:
    return tuple(code for code in _SEPARATOR.split(listed) if code)
