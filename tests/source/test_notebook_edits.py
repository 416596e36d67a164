"""Edits of a notebook's cells, made in its JSON."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ce_lint.source.edits import EditError, TextEdit, apply_edits
from tests.source.literals import LETTERS, ways
from tests.source.test_edits import Replaced, edit_at, joins_line_ends, pieces_of, replacements

PATH = Path("nb.ipynb")
BLOB = "iVBORw0KGgo" * 50
MEMBERS = [
    '"execution_count": 7',
    '"id": "a-1"',
    '"metadata": {"source": ["x = 1\\n", "y"], "collapsed":false }',
    '"outputs": [{"data": {"image/png": "' + BLOB + '", "text/plain": ["\\u00e9\\u001b[0m"]}, "n": 1.50}]',
    '"unknown key": {"cells": [ {"cell_type": "code", "source": "x"} ], "😀": null}',
]


@dataclass(frozen=True)
class Cell:
    """The code of a cell: what stands for each character, and the JSON value that all of it makes."""

    text: str
    written: tuple[str, ...]
    value: str
    form: str


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    text = "".join(draw(st.lists(LETTERS, max_size=20)))
    written = tuple(draw(st.sampled_from(ways(character))) for character in text)
    form = draw(st.sampled_from(["string", "lines", "cut anywhere"]))
    if form == "string":
        return Cell(text, written, '"' + "".join(written) + '"', form)
    places = draw(st.sets(st.integers(1, max(len(text) - 1, 1)), max_size=4))
    ends = [len(text[:place]) for place in sorted(places) if place < len(text)]
    if form == "lines":
        lines = text.splitlines(keepends=True)
        ends = [sum(map(len, lines[:number])) for number in range(1, len(lines))]
    blank, before_comma = draw(st.sampled_from(["", " ", "\n    ", "\r\n\t", "\n\n"])), draw(st.sampled_from(["", " "]))
    strings = ['"' + "".join(written[start:end]) + '"' for start, end in pairwise([0, *ends, len(text)])]
    items = f"{before_comma},{blank}".join(strings) if text else ""
    return Cell(text, written, f"[{blank}{items}{blank}]", form)


@st.composite
def notebooks(draw: st.DrawFn) -> tuple[list[Cell], list[str]]:
    """Cells with code, and what stands in the file around their code: before the first, between two, after the last."""
    found = draw(st.lists(cells(), min_size=1, max_size=3))
    blank = draw(st.sampled_from(["", " ", "\n   ", "\r\n"]))
    around, before = [], f'{{"metadata": {{}},{blank}"cells": [{{"cell_type": "markdown",{blank}"source": "é"}},'
    for _ in found:
        members = draw(st.permutations(MEMBERS))
        count = draw(st.integers(0, len(members)))
        head = "".join(f"{member},{blank}" for member in members[:count])
        around.append(f'{before}{blank}{{{head}"cell_type": "code",{blank}"source":{blank}')
        before = f"{blank}{''.join(f',{blank}{member}' for member in members[count:])}}},"
    end = draw(st.sampled_from(["", "\n"]))
    return found, [*around, f'{before.removesuffix(",")}],{blank}"nbformat": 4}}{end}']


def values_between(text: str, around: list[str]) -> list[str]:
    """The JSON values in a text whose other parts are known, as they are written."""
    values, place = [], 0
    for part in around[:-1]:
        assert text.startswith(part, place)
        start = place + len(part)
        _, place = json.JSONDecoder().raw_decode(text, start)
        values.append(text[start:place])
    assert text[place:] == around[-1]
    return values


def strings_in(value: str) -> list[str]:
    """The strings in a JSON value, a string or a list of strings, without their quotes."""
    parts = value.replace("\\\\", "\\x").replace('\\"', "\\q").split('"')[1::2]
    return [part.replace("\\q", '\\"').replace("\\x", "\\\\") for part in parts]


@given(notebooks(), st.data())
def test_only_the_characters_that_are_edited_change(
    notebook: tuple[list[Cell], list[str]], data: st.DataObject
) -> None:
    found, around = notebook
    wanted = [data.draw(replacements(cell.text)) for cell in found]
    # The first cell is not code, and is counted.
    edits = [edit_at(cell.text, *one, number) for number, cell in enumerate(found, 2) for one in wanted[number - 2]]
    before = "".join(part for pair in zip(around, [*(cell.value for cell in found), ""], strict=True) for part in pair)
    mark = data.draw(st.sampled_from([b"", codecs.BOM_UTF8]))
    texts = [pieces_of(cell.text, some) for cell, some in zip(found, wanted, strict=True)]
    if any(map(joins_line_ends, texts)):
        with pytest.raises(EditError, match="one line end of two"):
            apply_edits(PATH, mark + before.encode(), edits)
        return
    result = apply_edits(PATH, mark + before.encode(), edits)
    assert result.startswith(mark)
    after = result.removeprefix(mark).decode()
    for cell, some, text, value in zip(found, wanted, texts, values_between(after, around), strict=True):
        source = json.loads(value)
        assert isinstance(source, str if cell.form == "string" else list)
        assert "".join(source) == "".join(text)
        if cell.form == "lines":
            assert source == "".join(text).splitlines(keepends=True)
        if not some:
            assert value == cell.value
        assert "".join(strings_in(value)) in {
            "".join(as_written(cell, some, is_ascii=is_ascii)) for is_ascii in (False, True)
        }


def as_written(cell: Cell, wanted: list[Replaced], *, is_ascii: bool) -> list[str]:
    """What stands for what is kept, and for what is new."""
    result, place = [], 0
    for start, end, new in wanted:
        result += [*cell.written[place:start], json.dumps(new, ensure_ascii=is_ascii)[1:-1]]
        place = end
    return [*result, *cell.written[place:]]


NATURAL = """\
{
 "cells": [
  {
   "cell_type": "markdown",
   "source": ["# \\u00e9"]
  },
  {
   "cell_type": "code",
   "execution_count": 3,
   "source": [
    "import torch\\n",
    "p = softmax(x)  # \\"\\u00e9\\"\\n",
    "loss(p, y)"
   ],
   "outputs": [{"text": ["p = softmax(x)\\n"]}]
  },
  {"cell_type": "code", "source": "a = 1\\nb = 2\\n"},
  {"cell_type": "code", "source": ["c = 3"]},
  {"cell_type": "code", "source": []},
  {"cell_type": "code", "source": ["d =", " 4\\n", "", "e = 5\\nf", " = 6"]},
  {"cell_type": "code", "source": {"a": "b"}},
  {"cell_type": "code"},
  7
 ],
 "nbformat": 4
}
"""


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        # Within a line; what is new is written as the file writes it.
        ((2, 2, 5, 2, 15, "é"), '"p = softmax(x)  #', '"p = \\u00e9  #'),
        # A line goes with its item and its comma: the first one, one in between, the last one.
        ((2, 1, 1, 2, 1, ""), '"import torch\\n",\n    ', ""),
        ((2, 2, 1, 3, 1, ""), '"p = softmax(x)  # \\"\\u00e9\\"\\n",\n    ', ""),
        (
            (2, 3, 1, 4, 1, ""),
            '"p = softmax(x)  # \\"\\u00e9\\"\\n",\n    "loss(p, y)"',
            '"p = softmax(x)  # \\"\\u00e9\\""',
        ),
        ((2, 2, 22, 3, 11, ""), '\\n",\n    "loss(p, y)"', '"'),
        # All that is left are the line ends that the edit left.
        ((2, 3, 1, 3, 11, ""), ',\n    "loss(p, y)"', ""),
        ((2, 1, 1, 4, 1, ""), NATURAL[NATURAL.index("[\n    ") + 1 : NATURAL.index('],\n   "outputs')], ""),
        # A new line is an item of its own, wherever it comes.
        ((2, 1, 1, 1, 1, "import os\n"), '"import torch', '"import os\\n",\n    "import torch'),
        ((2, 2, 1, 2, 1, "q = x\n"), '"p = softmax(x)  #', '"q = x\\n",\n    "p = softmax(x)  #'),
        ((2, 1, 13, 1, 13, "\nq = x"), 'torch\\n",', 'torch\\n",\n    "q = x\\n",'),
        ((2, 3, 11, 3, 11, "\nq"), '"loss(p, y)"', '"loss(p, y)\\n",\n    "q"'),
        ((2, 4, 1, 4, 1, "q\n"), '"loss(p, y)"', '"loss(p, y)\\n",\n    "q"'),
        ((2, 3, 1, 4, 1, "q\nr\n"), '"loss(p, y)"', '"q\\n",\n    "r"'),
        # Two lines become one.
        ((2, 1, 13, 2, 1, "; "), 'torch\\n",\n    "p', "torch; p"),
        ((3, 1, 1, 2, 1, "x\ny\n"), "a = 1\\n", "x\\ny\\n"),
        ((3, 3, 1, 3, 1, "c"), "b = 2\\n", "b = 2\\nc"),
        ((3, 1, 1, 3, 1, ""), '"a = 1\\nb = 2\\n"', '""'),
        ((4, 1, 6, 1, 6, "\nd = 4"), '"c = 3"', '"c = 3\\n", "d = 4"'),
        ((4, 1, 1, 1, 6, ""), '"c = 3"', ""),
        ((5, 1, 1, 1, 1, "x\ny\n"), '"source": []', '"source": ["x\\n", "y\\n"]'),
        # Items that are no lines stay, until they are edited.
        ((6, 1, 5, 1, 6, "7"), '" 4\\n"', '" 7\\n"'),
        ((6, 2, 5, 2, 6, "7"), '"e = 5\\nf"', '"e = 7\\n", "f"'),
        ((6, 2, 5, 3, 5, "7"), '"e = 5\\nf", " = 6"', '"e = 76"'),
        ((1, 1, 3, 1, 4, "ö"), "# \\u00e9", "# \\u00f6"),
    ],
)
def test_an_edit_in_the_file(edit: tuple[int, int, int, int, int, str], old: str, new: str) -> None:
    assert NATURAL.count(old) == 1
    after = apply_edits(PATH, NATURAL.encode(), [TextEdit(*edit)]).decode()
    assert after == NATURAL.replace(old, new)


def test_edits_of_several_cells_and_items_that_go_from_both_ends() -> None:
    edits = [
        TextEdit(4, 1, 1, 1, 2, "z"),
        TextEdit(2, 3, 1, 3, 11, ""),
        TextEdit(2, 1, 1, 2, 1, ""),
        TextEdit(3, 2, 1, 2, 2, "y"),
    ]
    source = [cell["source"] for cell in json.loads(apply_edits(PATH, NATURAL.encode(), edits))["cells"][1:4]]
    assert source == [['p = softmax(x)  # "é"\n'], "a = 1\ny = 2\n", ["z = 3"]]


def test_letters_are_written_plainly_unless_the_file_escapes_them() -> None:
    for other, expected in (("\\u001b", "é"), ("é\\u00e9", "é"), ("\\u00e9", "\\u00e9")):
        before = f'{{"cells": [{{"cell_type": "code", "source": ["a"], "outputs": "{other}"}}]}}'
        after = apply_edits(PATH, before.encode(), [TextEdit(1, 1, 1, 1, 2, "é")])
        assert after.decode() == before.replace('"a"', f'"{expected}"')


def test_version_3_has_sheets_and_calls_its_code_input() -> None:
    before = '{"worksheets": [{"cells": [{"input": "a"}]}, {"cells": [{"cell_type": "code", "input": ["b\\n", "c"]}]}]}'
    after = apply_edits(PATH, before.encode(), [TextEdit(2, 1, 1, 2, 1, ""), TextEdit(1, 1, 1, 1, 1, "x = ")])
    assert after.decode() == before.replace('"b\\n", ', "").replace('"a"', '"x = a"')


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ((None, 2, 1, 2, 1, "x"), "nb.ipynb:2: an edit names no cell of the notebook"),
        ((0, 1, 1, 1, 1, "x"), "nb.ipynb:cell 0: there is no such cell, or it has no text"),
        ((10, 1, 1, 1, 1, "x"), "nb.ipynb:cell 10: there is no such cell, or it has no text"),
        ((7, 1, 1, 1, 1, "x"), "nb.ipynb:cell 7: there is no such cell, or it has no text"),
        ((8, 1, 1, 1, 1, "x"), "nb.ipynb:cell 8: there is no such cell, or it has no text"),
        ((9, 1, 1, 1, 1, "x"), "nb.ipynb:cell 9: there is no such cell, or it has no text"),
        ((4, 1, 7, 1, 7, "x"), "nb.ipynb:cell 4:1: an edit is outside of the text"),
        ((4, 1, 1, 1, 2, "\ud83d"), r"nb.ipynb: '\ud83d' cannot be written in its encoding, utf-8"),
    ],
)
def test_an_edit_that_cannot_be_made(edit: tuple[int | None, int, int, int, int, str], message: str) -> None:
    # Without the escaped letter, what is new would be written plainly.
    plain = NATURAL.replace("\\u00e9", "é")
    with pytest.raises(EditError) as caught:
        apply_edits(PATH, plain.encode(), [TextEdit(*edit)])
    assert str(caught.value) == message


def test_two_halves_that_would_become_one_character() -> None:
    before = r'{"cells": [{"cell_type": "code", "source": "\ud83dx\ude00"}]}'
    with pytest.raises(EditError, match=r"^nb\.ipynb: cannot be edited in its JSON$"):
        apply_edits(PATH, before.encode(), [TextEdit(1, 1, 2, 1, 3, "")])
    after = apply_edits(PATH, before.encode(), [TextEdit(1, 1, 2, 1, 3, "y")])
    assert after.decode() == before.replace("x", "y")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "nb.ipynb:1: is not a notebook: Expecting value"),
        (b"a = 1\n", "nb.ipynb:1: is not a notebook: Expecting value"),
        (b'{"cells": 1}', "nb.ipynb: is not a notebook: no list of cells"),
        (b'{"cells": ["\xff"]}', "nb.ipynb:1: not UTF-8: byte 0xff at line 1"),
    ],
)
def test_what_is_no_notebook(data: bytes, message: str) -> None:
    with pytest.raises(EditError) as caught:
        apply_edits(PATH, data, [TextEdit(1, 1, 1, 1, 1, "x")])
    assert str(caught.value) == message
