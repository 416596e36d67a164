"""IPython's additions to Python, taken out of the text of a cell without moving what remains.

The result has the same number of lines. A statement that survives keeps its columns.
"""

from __future__ import annotations

import ast
import re
import warnings

from ce_lint.source.lines import blank_lines, join_lines, line_end, split_lines
from ce_lint.source.scanner import State, scan_line

# Cell magics whose body is Python; the body of any other one is another language, or a file, or unknown.
_PYTHON_CELL_MAGICS = frozenset(
    {"capture", "ipytest", "lprun", "memit", "mprun", "prun", "python", "python3", "time", "timeit"},
)
# Line magics that run the statement after them, and the letters of their options that take a value.
_STATEMENT_MAGICS = {"lprun": "fmsTDu", "memit": "rt", "mprun": "fT", "prun": "lsTD", "time": "", "timeit": "nrp"}

_CELL_MAGIC = re.compile(r"%%(\S+)")
_LINE_MAGIC = re.compile(r"%%?(\w+)")
_OPTION = re.compile(r"-([A-Za-z])(\S*)[ \t]*|--[\w-]+(?:=\S+)?[ \t]*")
# No statement of Python starts like this: escapes, and the shell commands that notebooks use without one.
_ESCAPED_LINE = re.compile(r"[%!?,;/]|(?:pip3?|conda|mamba|uv)[ \t]+(?:install|uninstall|pip|add)\b")
# What an assigned command is worth: not a constant, because a constant would decide branches.
_UNKNOWN = "get_ipython()"
_PARSE_FLAGS = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def parse_problem(text: str) -> tuple[int | None, str] | None:
    """Return the line and the reason if `text` cannot be parsed as the Python of a cell, else None."""
    try:
        with warnings.catch_warnings():
            # An invalid escape in a user's string is nothing to tell here.
            warnings.simplefilter("ignore")
            compile(text, "<cell>", "exec", flags=_PARSE_FLAGS, dont_inherit=True)
    except SyntaxError as error:
        return error.lineno or None, error.msg
    except (RecursionError, MemoryError, OverflowError):
        return None, "too deeply nested"
    except UnicodeError:
        return None, "half of a surrogate pair"
    except ValueError as error:
        return None, str(error)
    return None


def python_of_cell(text: str) -> str:
    """Return the Python of a cell: no magics, and nothing at all if the cell is in another language."""
    lines = split_lines(text)
    for index, line in enumerate(lines):
        code = line.strip()
        if not code or code.startswith("#"):
            continue
        magic = _CELL_MAGIC.match(code)
        if magic is None:
            break
        if magic[1] not in _PYTHON_CELL_MAGICS:
            return blank_lines(text)
        lines[index] = line_end(line)
    return python_of_lines(join_lines(lines))


def python_of_lines(text: str) -> str:
    """Take line magics, shell commands and help requests out of `text`, wherever a statement can start."""
    lines = split_lines(text)
    result: list[str] = []
    state = State()
    while len(result) < len(lines):
        index = len(result)
        bare = lines[index].rstrip("\r\n")
        if state.starts_statement and _ESCAPED_LINE.match(bare.lstrip()):
            result += _line_magic(_continued(lines, index))
            continue
        scan = scan_line(bare, state)
        if scan.escape is not None:
            # The command ends with the line, so nothing in it reaches the lines below.
            result += _assigned(_continued(lines, index), scan.escape, statement=state.starts_statement)
            state = State()
            continue
        result.append(_pass(lines[index]) if scan.asks and state.starts_statement else lines[index])
        state = scan.after
    return join_lines(result)


def _continued(lines: list[str], index: int) -> list[str]:
    end = index + 1
    while end < len(lines) and lines[end - 1].rstrip("\r\n").endswith("\\"):
        end += 1
    return lines[index:end]


def _line_magic(lines: list[str]) -> list[str]:
    """Replace a statement that is a magic: by the statement it runs, if it runs one, else by `pass`."""
    line = lines[0]
    indent = len(line) - len(line.lstrip())
    start = _statement_start(line, indent)
    if start is not None:
        # `pass;` is as long as the shortest magic, `%time`, and a simple statement may follow it at any column.
        kept = ["pass;".ljust(start - indent) + line[start:], *lines[1:]]
        if parse_problem("".join(kept)) is None:
            return [line[:indent] + kept[0], *kept[1:]]
    return [_pass(line), *map(line_end, lines[1:])]


def _assigned(lines: list[str], escape: int, *, statement: bool) -> list[str]:
    """Replace a command or magic that is assigned: by the expression it evaluates, if any, else by an unknown."""
    line = lines[0]
    start = _statement_start(line, escape)
    # Only %time hands on the value of its statement; the others return a measurement.
    if start is not None and statement and line.startswith("%time ", escape):
        kept = [line[:escape] + " " * (start - escape) + line[start:], *lines[1:]]
        if parse_problem("".join(kept).lstrip()) is None:
            return kept
    return [line[:escape] + _UNKNOWN + line_end(line), *map(line_end, lines[1:])]


def _statement_start(line: str, column: int) -> int | None:
    """Return the column of the statement that the magic at `column` runs."""
    magic = _LINE_MAGIC.match(line, column)
    if magic is None or magic[1] not in _STATEMENT_MAGICS:
        return None
    takes_value = _STATEMENT_MAGICS[magic[1]]
    start = _past_blanks(line, magic.end())
    while option := _OPTION.match(line, start):
        start = option.end()
        if option[1] and option[1] in takes_value and not option[2]:
            value = re.compile(r"\S+").match(line, start)
            start = _past_blanks(line, value.end() if value else start)
    return start if line[start:].strip() and start > magic.end() else None


def _past_blanks(line: str, column: int) -> int:
    while line[column : column + 1] in (" ", "\t"):
        column += 1
    return column


def _pass(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}pass{line_end(line)}"
