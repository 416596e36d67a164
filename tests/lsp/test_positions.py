"""Positions, and texts that are edited at positions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from ce_lint.lsp.documents import edited, opened
from ce_lint.lsp.positions import ENCODINGS, Encoding, Point, agreed, point_of, position_of

CLEF = "𝄞"
LINE = f"é{CLEF}x = 1\n"


@pytest.mark.parametrize(
    ("encoding", "units"), [(Encoding.Utf8, 2 + 4), (Encoding.Utf16, 1 + 2), (Encoding.Utf32, 1 + 1)]
)
def test_a_column_is_counted_in_the_units_that_were_agreed_on(encoding: Encoding, units: int) -> None:
    point = Point(1, LINE.index("x") + 1)

    assert position_of([LINE], point, encoding) == types.Position(0, units)
    assert point_of([LINE], types.Position(0, units), encoding) == point


@pytest.mark.parametrize(
    ("position", "point"),
    [
        ((0, 999), (1, 8)),  # the end of the line, before what ends it
        ((1, 0), (2, 1)),
        ((1, 9), (2, 2)),
        ((9, 9), (2, 2)),
        ((0, 2), (1, 2)),  # in the middle of the clef: before it
    ],
)
def test_a_position_that_is_nowhere_is_brought_into_the_text(position: tuple[int, int], point: Point) -> None:
    assert point_of([LINE, "y"], types.Position(0, 0), Encoding.Utf16) == (1, 1)
    assert point_of([LINE, "y"], types.Position(*position), Encoding.Utf16) == point


def test_below_the_last_line_end_there_is_one_more_line() -> None:
    assert point_of(["x\n"], types.Position(1, 0), Encoding.Utf16) == (2, 1)
    assert point_of([], types.Position(3, 3), Encoding.Utf16) == (1, 1)


@pytest.mark.parametrize(
    ("offered", "encoding"),
    [
        ((), Encoding.Utf16),
        (("utf-7",), Encoding.Utf16),
        (("utf-7", "utf-8", "utf-16"), Encoding.Utf8),
        ((Encoding.Utf32, Encoding.Utf8), Encoding.Utf32),
    ],
)
def test_the_first_encoding_that_we_know_is_agreed_on(offered: tuple[str, ...], encoding: Encoding) -> None:
    assert agreed(offered) is encoding


TEXTS = st.lists(st.sampled_from(["a", "é", CLEF, "\n", "\r", "\r\n", "\f", "\u2028"]), max_size=20).map("".join)


@given(TEXTS, st.integers(0, 40), st.integers(0, 40), TEXTS, st.sampled_from(ENCODINGS))
def test_an_edit_of_a_range_is_one_of_the_text(old: str, one: int, other: int, new: str, encoding: Encoding) -> None:
    start, end = sorted((min(one, len(old)), min(other, len(old))))
    # A position cannot lie within a line end.
    start, end = (place - 1 if old[place - 1 : place + 1] == "\r\n" else place for place in (start, end))
    text = opened(types.TextDocumentItem("file:///x.py", "python", 1, old))
    where = types.Range(*(position_of(text.lines, _point(old, place), encoding) for place in (start, end)))

    after = edited(text, [types.TextDocumentContentChangePartial(where, new)], 2, encoding)

    assert after.text == old[:start] + new + old[end:]
    assert after.lines == opened(types.TextDocumentItem("file:///x.py", "python", 2, after.text)).lines
    assert after.version == 2


def _point(text: str, offset: int) -> Point:
    lines = opened(types.TextDocumentItem("file:///x.py", "python", 1, text[:offset])).lines
    if not lines or lines[-1].endswith(("\n", "\r")):
        return Point(len(lines) + 1, 1)
    return Point(len(lines), len(lines[-1]) + 1)


def test_changes_count_in_the_text_that_the_one_before_them_leaves() -> None:
    text = opened(types.TextDocumentItem("file:///x.py", "python", 1, "old"))
    start = types.Position(0, 0)
    changes: list[types.TextDocumentContentChangeEvent] = [
        types.TextDocumentContentChangeWholeDocument("ab"),
        types.TextDocumentContentChangePartial(types.Range(start, types.Position(0, 1)), "xyz\n"),
        types.TextDocumentContentChangePartial(types.Range(types.Position(1, 0), types.Position(9, 9)), ""),
    ]

    assert edited(text, changes, 7, Encoding.Utf16).text == "xyz\n"
