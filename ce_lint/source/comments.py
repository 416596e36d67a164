"""Suppression comments, looked for in a text that may hold some."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

from ce_lint.source.lines import split_lines
from ce_lint.source.suppressions import Lines, Suppression

# As in flake8, what does not start with a whole code (`: CEL`) is no list, and the comment without one means all codes.
_LIST = r"(?::\s?(?P<codes>(?:[A-Z]+[0-9]+(?:[,\s]+)?)+))?"
_NOQA = re.compile(r"# noqa" + _LIST, re.IGNORECASE)
_NOQA_FILE = re.compile(r"\s*# flake8[:=]\s*noqa" + _LIST, re.IGNORECASE)
_IGNORE = re.compile(r"#\s*ce-lint:\s*(?P<file>file-)?ignore(?:\s*\[(?P<codes>[^\[\]]*)\]|(?=\s|$)(?!\s*\[))")
_SEPARATOR = re.compile(r"[,\s]+")
_NO_PLACE = frozenset({tokenize.ENDMARKER, tokenize.DEDENT})
_NO_CODE = frozenset({*_NO_PLACE, tokenize.COMMENT, tokenize.INDENT, tokenize.NEWLINE, tokenize.NL})
_NOWHERE = Lines(0, -1)


def comments_in(text: str) -> tuple[Suppression, ...]:
    """Return what `suppressions` does."""
    lines = split_lines(text)
    tokens, is_whole = _tokens(lines)
    comments = [token for token in tokens if token.type == tokenize.COMMENT]
    # Nothing is joined in a text with an error, wherever the error is: flake8 does so.
    noqa = {(one.line, one.column): one for one in _noqa(lines, _joined(lines, tokens if is_whole else []))}
    for comment in comments:
        for match in _NOQA.finditer(comment.string):
            line, column = comment.start[0], comment.start[1] + match.start()
            # flake8 takes the first one of a line: the others cover nothing.
            known = noqa.get((line, column), _suppression(match, line, column, _NOWHERE))
            noqa[line, column] = known._replace(is_comment=True)
    return tuple(sorted([*noqa.values(), *_ignores(lines, tokens, comments)]))


def may_be_in(text: str) -> bool:
    """Tell whether there are any; what stands in a string, and would be our own as a comment, counts."""
    # What stands on the next line is none of a comment's own.
    return any(_NOQA.search(line) or _IGNORE.search(line) for line in split_lines(text))


def is_for_whole_file(text: str) -> bool:
    """Return what `file_is_suppressed` does."""
    return any(_NOQA_FILE.match(line) for line in split_lines(text))


def _tokens(lines: list[str]) -> tuple[list[tokenize.TokenInfo], bool]:
    """The tokens up to the first error, and whether there was none."""
    plain = "".join(line.rstrip("\r\n") + "\n" for line in lines)
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(plain).readline):
            found.append(token)  # noqa: PERF402 - kept when the next one is an error
    except (tokenize.TokenError, SyntaxError):
        return found, False
    return found, True


def _joined(lines: list[str], tokens: list[tokenize.TokenInfo]) -> list[Lines]:
    """For each line those that flake8 searches for a `# noqa`: it alone, or all that a string or backslashes join."""
    result = [Lines(number, number) for number in range(1, len(lines) + 1)]
    first, last = len(lines) + 1, 0
    for token in tokens:
        if token.type in _NO_PLACE:
            continue
        first, last = min(first, token.start[0]), max(last, token.end[0])
        if token.type in (tokenize.NL, tokenize.NEWLINE):
            last = min(last, len(lines))
            result[first - 1 : last] = [Lines(first, last)] * (last - first + 1)
            first, last = len(lines) + 1, 0
    return result


def _noqa(lines: list[str], joined: list[Lines]) -> Iterator[Suppression]:
    """What flake8 finds, in comments and in strings."""
    for searched in dict.fromkeys(joined):
        text = "".join(lines[searched.first - 1 : searched.last])
        match = _NOQA.search(text)
        if match is None:
            continue
        above = split_lines(text[: match.start()] + "#")
        line, column = searched.first + len(above) - 1, len(above[-1]) - 1
        yield _suppression(match, line, column, searched)._replace(is_comment=False)


def _ignores(
    lines: list[str], tokens: list[tokenize.TokenInfo], comments: list[tokenize.TokenInfo]
) -> Iterator[Suppression]:
    for comment in comments:
        for match in _IGNORE.finditer(comment.string):
            line, column = comment.start
            covers = Lines(line, line)
            if match["file"]:
                covers = Lines(1, len(lines))
            elif not lines[line - 1][:column].strip():
                covers = _below(line, tokens) or covers
            yield _suppression(match, line, column + match.start(), covers)


def _below(line: int, tokens: list[tokenize.TokenInfo]) -> Lines | None:
    """The statement below a line, or inside of a statement the next line with code."""
    first = 0
    for token in tokens:
        if token.type == tokenize.NEWLINE:
            if first > line:
                return Lines(first, token.start[0])
            first = 0
        elif token.type not in _NO_CODE:
            first = first or token.start[0]
            if first <= line < token.start[0]:
                return Lines(token.start[0], token.start[0])
    return None


def _suppression(match: re.Match[str], line: int, column: int, covers: Lines) -> Suppression:
    listed = match["codes"]
    codes = None if listed is None else tuple(code for code in _SEPARATOR.split(listed) if code)
    is_noqa = match.re is _NOQA
    is_for_file = not is_noqa and match["file"] is not None
    return Suppression(line, column, match[0].rstrip(), codes, covers, is_noqa, is_for_file)
