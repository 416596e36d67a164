"""Where the text of a notebook's cells stands in its JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ce_lint.source.file import SourceFile, source_from_bytes, source_from_text
from ce_lint.source.lines import line_starts, split_lines
from tests.source.literals import LETTERS, literals

PATH = Path("a.ipynb")


@st.composite
def notebooks(draw: st.DrawFn) -> str:
    """The JSON of a notebook: each cell one string or several, cut anywhere, on one line of the file or on many."""
    cells = []
    for letters in draw(st.lists(st.lists(LETTERS, max_size=20), min_size=1, max_size=3)):
        # Every line a comment, so that nothing is taken out of it.
        text = "".join(f"#{line}" for line in split_lines("".join(letters)))
        cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=4)))
        pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        written = [draw(literals(piece)) for piece in pieces]
        blanks = draw(st.sampled_from(["", " ", "\n", "\r\n  ", "\n\n\t"]))
        is_one = len(written) == 1 and draw(st.booleans())
        source = written[0] if is_one else f"[{blanks}" + f",{blanks}".join(written) + f"{blanks}]"
        cells.append(f'{{"cell_type": "code",{blanks}"source":{blanks}{source}}}')
    return '{"cells": [\n' + ",\n".join(cells) + "]}"


def offset(text: str, line: int, column: int) -> int:
    return line_starts(text)[line - 1] + column


def decoded(slice_of_json: str) -> str:
    """What a slice of a list of strings stands for: it starts and ends within strings."""
    inside = re.sub(r'"[ \t\r\n]*,[ \t\r\n]*"', "", slice_of_json)
    return json.loads(f'"{inside}"')


@given(notebooks(), st.data())
def test_a_range_of_the_text_is_that_of_the_file(notebook: str, data: st.DataObject) -> None:
    source = source_from_text(PATH, notebook)
    assert not source.problems
    cell = data.draw(st.sampled_from(source.cells))
    lines = split_lines(source.text)[cell.first_line - 1 : cell.first_line - 1 + cell.line_count]
    # A line end that the cell does not have itself stands nowhere in the file.
    length = len("".join(lines).rstrip("\r\n"))
    first, last = sorted((data.draw(st.integers(0, length)), data.draw(st.integers(0, length))))
    start = _line_and_column(lines, first)
    end = _line_and_column(lines, last)
    span = (cell.first_line + start[0], start[1], cell.first_line + end[0], end[1])
    found = source.raw_range(*span)
    assert found is not None
    begin, stop = offset(notebook, found[0], found[1]), offset(notebook, found[2], found[3])
    assert decoded(notebook[begin:stop]) == "".join(lines)[first:last]
    assert source.raw_line(span[0]) <= found[0]


def _line_and_column(lines: list[str], place: int) -> tuple[int, int]:
    for number, line in enumerate(lines):
        if place < len(line) or number == len(lines) - 1:
            return number, place
        place -= len(line)
    raise AssertionError


def text_at(notebook: str, *span: int) -> str:
    source = source_from_text(PATH, notebook)
    found = source.raw_range(*span)
    assert found is not None
    line, column, end_line, end_column = found
    assert line == end_line
    return notebook.split("\n")[line - 1][column:end_column]


ESCAPED = r"""
{"cells": [
 {"cell_type": "code", "source": ["a = '\ud83d\ude00\t\"'; p = q\n", "b =", " p"]},
 {"cell_type": "code", "source": "c = 1\nd = '😀', 2"},
 {"cell_type": "code", "source": []}
]}
"""


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ((1, 0, 1, 1), "a"),
        ((1, 5, 1, 8), r"\ud83d\ude00\t\""),
        ((1, 11, 1, 12), "p"),
        ((2, 0, 2, 1), "b"),
        ((2, 4, 2, 5), "p"),
        ((4, 5, 4, 6), "😀"),
        ((4, 9, 4, 10), "2"),
        # Beyond the end of a line that the cell does not end itself, and in a cell without text.
        ((2, 5, 2, 9), ""),
        ((5, 0, 5, 0), ""),
    ],
)
def test_escapes_are_wider_than_what_they_stand_for(span: tuple[int, int, int, int], expected: str) -> None:
    assert text_at(ESCAPED, *span) == expected


def test_a_byte_order_mark_is_no_column() -> None:
    source = source_from_bytes(PATH, b'\xef\xbb\xbf{"cells": [{"cell_type": "code", "source": "a = 1"}]}')
    assert source.raw_range(1, 4, 1, 5) == (1, 48, 1, 49)


def test_half_a_surrogate_pair_is_a_character() -> None:
    source = source_from_text(PATH, r'{"cells": [{"cell_type": "code", "source": "\ud83d\ud83d\ude00\ude00x"}]}')
    # Such a cell is no Python, but its lines are kept.
    assert source.raw_range(1, 0, 1, 0) == (1, 44, 1, 44)


def test_a_python_file_stands_as_it_is() -> None:
    assert SourceFile(Path("a.py"), "a = 1\n").raw_range(1, 4, 1, 5) == (1, 4, 1, 5)
