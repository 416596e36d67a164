"""Edits of text, in a string and in the bytes of a Python file."""

from __future__ import annotations

import codecs
import pickle
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ce_lint.source.edits import EditError, TextEdit, apply_edits, edited_text

if TYPE_CHECKING:
    from typing_extensions import Buffer

PATH = Path("a.py")
NEW = st.text(st.sampled_from(["a", "b", " ", "\n", "\t"]), max_size=8)

LETTERS_OF = [("utf-8", "ö\u2028😀\x0c"), ("latin-1", "öÿ\x0c\x85"), ("shift_jis", "表ｱ")]


class Replaced(NamedTuple):
    """What an edit is expected to do, in offsets."""

    start: int
    end: int
    new: str


def line_end_at(text: str, place: int) -> str:
    """The line end of the line that holds an offset, of the one above where it has none, LF where none has one."""
    below = re.search(r"\r\n|\r|\n", text[place:])
    above = re.findall(r"\r\n|\r|\n", text[:place])
    return below[0] if below else above[-1] if above else "\n"


def edit_at(text: str, start: int, end: int, new: str, cell: int | None = None) -> TextEdit:
    """An edit of a slice, by lines and columns."""

    def position(place: int) -> tuple[int, int]:
        above = re.split(r"\r\n|\r|\n", text[:place])
        return len(above), len(above[-1]) + 1

    return TextEdit(cell, *position(start), *position(end), new)


@st.composite
def replacements(draw: st.DrawFn, text: str, first: int = 0) -> list[Replaced]:
    """Slices that do not overlap and split no CR LF, in order, each with what takes its place."""
    places = [place for place in range(first, len(text) + 1) if text[place - 1 : place + 1] != "\r\n"]
    chosen = sorted(draw(st.lists(st.sampled_from(places), max_size=8)))
    pairs = zip(chosen[::2], chosen[1::2], strict=False)
    return [Replaced(start, end, draw(NEW).replace("\n", line_end_at(text, start))) for start, end in pairs]


def pieces_of(text: str, wanted: list[Replaced]) -> list[str]:
    """What is kept and what is new by turns."""
    starts = [0, *(one.end for one in wanted)]
    ends = [*(one.start for one in wanted), len(text)]
    kept = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    return [piece for pair in zip(kept, [*(one.new for one in wanted), ""], strict=True) for piece in pair]


def joins_line_ends(pieces: list[str]) -> bool:
    """Whether CR and LF meet that have nothing to do with each other."""
    filled = [piece for piece in pieces if piece]
    return any(left[-1] + right[0] == "\r\n" for left, right in pairwise(filled))


class Written(NamedTuple):
    """A text, the bytes that stand for it, and where in both it may be edited."""

    text: str
    codec: str
    mark: bytes
    first: int


@st.composite
def files(draw: st.DrawFn) -> Written:
    codec, letters = draw(
        st.sampled_from([("utf-8", "ö\u2028😀\x0c"), ("latin-1", "öÿ\x0c\x85"), ("shift_jis", "表ｱ")])
    )
    body = draw(st.lists(st.sampled_from([*"ab ", "\t", "\n", "\r\n", "\r", *letters]), max_size=30).map("".join))
    is_declared = codec != "utf-8" or draw(st.booleans())
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    head = f"# -*- coding: {codec} -*-{end}#{end}" if is_declared else ""
    mark = codecs.BOM_UTF8 if codec == "utf-8" and draw(st.booleans()) else b""
    return Written(head + body, codec, mark, len(head))


@given(files(), st.data())
def test_bytes_outside_of_the_edits_stay(file: Written, data: st.DataObject) -> None:
    text, codec, mark, first = file
    wanted = data.draw(replacements(text, first))
    edits = [edit_at(text, *one) for one in wanted]
    if len({one.start for one in wanted}) == len(wanted):
        # Only at one place does their order matter.
        edits = data.draw(st.permutations(edits))
    before = mark + text.encode(codec)
    pieces = pieces_of(text, wanted)
    if joins_line_ends(pieces):
        with pytest.raises(EditError, match="one line end of two"):
            apply_edits(PATH, before, edits)
        return
    starts = [0, *(len(mark) + len(text[: one.end].encode(codec)) for one in wanted)]
    ends = [*(len(mark) + len(text[: one.start].encode(codec)) for one in wanted), len(before)]
    kept = [before[start:end] for start, end in zip(starts, ends, strict=True)]
    new = [*(one.new.encode(codec) for one in wanted), b""]
    assert apply_edits(PATH, before, edits) == b"".join(part for pair in zip(kept, new, strict=True) for part in pair)
    assert edited_text(text, edits) == "".join(pieces)


@pytest.mark.parametrize(
    ("text", "edit", "expected"),
    [
        ("a\r\nb\nc\rd", (1, 2, 1, 2, "\nx"), "a\r\nx\r\nb\nc\rd"),
        ("a\r\nb\nc\rd", (2, 1, 2, 1, "x\n"), "a\r\nx\nb\nc\rd"),
        ("a\r\nb\nc\rd", (3, 1, 3, 2, "x\ny"), "a\r\nb\nx\ry\rd"),
        # The last line has no end: that of the line above goes for it.
        ("a\r\nb\nc\rd", (4, 2, 4, 2, "\nx"), "a\r\nb\nc\rd\rx"),
        ("a", (1, 2, 1, 2, "\nx"), "a\nx"),
        ("", (1, 1, 1, 1, "x\n"), "x\n"),
        ("a\r\n", (2, 1, 2, 1, "x\n"), "a\r\nx\r\n"),
        # Text that was copied out of the file brings its line ends.
        ("a\nb\n", (1, 1, 1, 2, "x\r\ny\rz"), "x\ny\nz\nb\n"),
        # A form feed, a vertical tab and Unicode's separators end no line.
        ("\x0ca\u2028\x0bb\n", (1, 5, 1, 6, "x"), "\x0ca\u2028\x0bx\n"),
        ("😀 = a\n", (1, 5, 1, 6, "x"), "😀 = x\n"),
    ],
)
def test_lines_end_as_the_edited_line_does(text: str, edit: tuple[int, int, int, int, str], expected: str) -> None:
    assert edited_text(text, [TextEdit(None, *edit)]) == expected


@pytest.mark.parametrize(
    ("text", "edit", "expected"),
    [
        ("a\r\nb", (3, 1, 3, 1, "x\n"), "a\r\nb\r\nx"),
        ("a\nb", (3, 1, 3, 1, "x"), "a\nb\nx"),
        ("a\nb", (3, 1, 3, 1, ""), "a\nb"),
        ("a\nb", (2, 1, 3, 1, "x\n"), "a\nx"),
        ("a\nb", (2, 1, 3, 1, "x"), "a\nx"),
        ("a\r\nb", (2, 1, 3, 1, ""), "a"),
        ("a\nb", (1, 1, 3, 1, ""), ""),
        ("a\nbc", (2, 2, 3, 1, ""), "a\nb"),
        ("a\nb\n", (2, 1, 3, 1, ""), "a\n"),
        ("a\nb\n", (3, 1, 3, 1, "x"), "a\nb\nx"),
    ],
)
def test_a_last_line_without_end_is_a_line_like_the_others(
    text: str, edit: tuple[int, int, int, int, str], expected: str
) -> None:
    assert edited_text(text, [TextEdit(None, *edit)]) == expected


def test_the_last_line_goes_with_the_one_above_it() -> None:
    edits = [TextEdit(None, 3, 1, 4, 1, ""), TextEdit(None, 2, 1, 3, 1, ""), TextEdit(None, 4, 1, 4, 1, "y\n")]
    assert edited_text("a\nb\nc", edits[:2]) == "a"
    assert edited_text("a\nb\nc", edits) == "a\ny"


def test_insertions_at_one_place_keep_their_order_and_come_before_what_is_replaced_there() -> None:
    inserted = [TextEdit(None, 1, 2, 1, 2, new) for new in "xyz"]
    assert edited_text("abc", [TextEdit(None, 1, 2, 1, 3, "B"), *inserted]) == "axyzBc"
    assert edited_text("abc", [TextEdit(None, 1, 1, 1, 2, "A"), *inserted]) == "Axyzbc"


def test_cells_are_not_looked_at_in_one_text() -> None:
    assert edited_text("abc", [TextEdit(7, 1, 1, 1, 2, "x")]) == "xbc"


@pytest.mark.parametrize(
    "edit",
    [(0, 1, 1, 1), (1, 0, 1, 1), (1, 3, 1, 3), (1, 1, 1, 3), (4, 1, 4, 1), (3, 2, 3, 2), (2, 1, 1, 1), (1, 2, 1, 1)],
)
def test_an_edit_outside_of_the_text(edit: tuple[int, int, int, int]) -> None:
    with pytest.raises(EditError) as caught:
        apply_edits(PATH, b"a\r\nb\r\n", [TextEdit(None, *edit, "x")])
    assert str(caught.value) == f"a.py:{edit[0]}: an edit is outside of the text"


@pytest.mark.parametrize(
    ("one", "other"),
    [((1, 1, 1, 3), (1, 2, 1, 4)), ((1, 1, 1, 3), (1, 2, 1, 2)), ((1, 1, 1, 3), (1, 1, 1, 3))],
)
def test_edits_that_overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> None:
    edits = [TextEdit(None, *one, "x"), TextEdit(None, *other, "y")]
    for some in (edits, edits[::-1]):
        with pytest.raises(EditError, match=r"^two edits overlap$|^1: two edits overlap$"):
            edited_text("abcdef", some)


@pytest.mark.parametrize(
    "edits", [[(2, 1, 2, 2, "")], [(1, 1, 2, 1, "\n"), (2, 1, 2, 1, "\n")], [(1, 1, 1, 1, "\n"), (1, 1, 2, 2, "")]]
)
def test_line_ends_that_would_become_one(edits: list[tuple[int, int, int, int, str]]) -> None:
    with pytest.raises(EditError, match=r"^a\.py: an edit would make one line end of two$"):
        apply_edits(PATH, b"a\rb\nc", [TextEdit(None, *edit) for edit in edits])


@pytest.mark.parametrize(
    ("data", "new", "reason"),
    [
        (b"# coding: latin-1\na = '\xe9'\n", "😀", r"'\U0001f600' cannot be written in its encoding, iso8859-1"),
        (b"# coding: ascii\na = ''\n", "é", r"'\xe9' cannot be written in its encoding, ascii"),
        (b"#\na = ''\n", "\ud83d", r"'\ud83d' cannot be written in its encoding, utf-8"),
        # The edit takes the line away that says how the file is read.
        (b"# coding: latin-1\na = '\xe9'\n", None, "cannot be edited in its encoding, iso8859-1"),
        (b"a = '\xe9'\n", "x", "not UTF-8: byte 0xe9 at line 1"),
        (b"# coding: nothing\n\n", "x", "unknown encoding: nothing"),
    ],
)
def test_what_an_encoding_cannot_hold(data: bytes, new: str | None, reason: str) -> None:
    edit = TextEdit(None, 1, 1, 2, 1, "") if new is None else TextEdit(None, 2, 1, 2, 1, new)
    with pytest.raises(EditError) as caught:
        apply_edits(PATH, data, [edit])
    assert re.sub(r"^a\.py(:1)?: ", "", str(caught.value)) == reason


def test_a_character_that_its_encoding_writes_in_two_ways_stays_as_it_is() -> None:
    before = b"# coding: cp932\na = '\x87\x90\x81\xe0', b\n"
    assert b"\x87\x90".decode("cp932") == b"\x81\xe0".decode("cp932")
    after = apply_edits(PATH, before, [TextEdit(None, 2, 11, 2, 12, "表\n"), TextEdit(None, 2, 1, 2, 2, "x")])
    assert after == b"# coding: cp932\nx = '\x87\x90\x81\xe0', \x95\x5c\n\n"


@pytest.mark.parametrize("codec", ["iso2022_jp", "utf_7", "utf-8-sig"])
def test_encodings_in_which_a_byte_means_nothing_alone(codec: str) -> None:
    text = f"# coding: {codec}\na = '日本'; b = c  # 日本\n"
    before = text.encode(codec)
    place = text.index(" = c") + 3
    after = apply_edits(PATH, before, [edit_at(text, place, place + 1, "softmax(c)\n")])
    assert after == before.replace(b"; b = c", b"; b = softmax(c)\n")
    assert after.decode(codec) == text[:place] + "softmax(c)\n" + text[place + 1 :]


class Late(codecs.BufferedIncrementalDecoder):
    """Decodes nothing before the end."""

    def _buffer_decode(self, data: Buffer, errors: str, final: bool) -> tuple[str, int]:
        return codecs.latin_1_decode(data, errors) if final else ("", 0)


@pytest.mark.parametrize("decoder", [None, Late])
def test_an_encoding_that_cannot_be_followed(decoder: type[codecs.IncrementalDecoder] | None) -> None:
    def find(name: str) -> codecs.CodecInfo | None:
        if name != "shouting":
            return None
        return codecs.CodecInfo(
            lambda text, errors="strict": codecs.latin_1_encode(text.upper(), errors),
            codecs.latin_1_decode,
            incrementaldecoder=decoder,
            name=name,
        )

    codecs.register(find)
    try:
        with pytest.raises(EditError, match=r"^a\.py: cannot be edited in its encoding, shouting$"):
            apply_edits(PATH, b"# coding: shouting\na\n", [TextEdit(None, 2, 1, 2, 1, "x")])
    finally:
        codecs.unregister(find)


def test_no_edits_need_no_reading() -> None:
    assert apply_edits(PATH, b"\xff", []) == b"\xff"


def test_a_python_file_has_no_cells() -> None:
    with pytest.raises(EditError, match=r"^a\.py: has no cells$"):
        apply_edits(PATH, b"a\n", [TextEdit(1, 1, 1, 1, 1, "x")])


def test_an_error_travels_between_processes() -> None:
    error = EditError(PATH, "two\nedits  overlap", 4, 2)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert str(again) == str(error) == "a.py:cell 4:2: two edits overlap"
    assert str(EditError(None, "no file")) == "no file"
