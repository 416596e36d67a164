"""Ranges of the joined text of a notebook, as users see them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ce_lint.engine.places import place_of
from ce_lint.frontend.places import Range
from ce_lint.source.edits import TextEdit, apply_edits
from ce_lint.source.file import source_from_bytes

PATH = Path("nb.ipynb").absolute()
CODES = ["# text", "a = 1\nb = 2", "c = 3\nd = 4"]
KINDS = ["markdown", "code", "code"]
DATA = json.dumps({"cells": [{"cell_type": kind, "source": code} for kind, code in zip(KINDS, CODES, strict=True)]})


@pytest.mark.parametrize(("line", "cell", "left"), [(1, 2, "b = 2"), (2, 2, "a = 1"), (3, 3, "d = 4"), (4, 3, "c = 3")])
def test_a_whole_line_is_a_range_of_its_cell(line: int, cell: int, left: str) -> None:
    place = place_of(source_from_bytes(PATH, DATA.encode()), Range(line, 0, line + 1, 0, ""))
    assert (place.cell, place.end_line) == (cell, place.line + 1)
    edit = TextEdit(place.cell, place.line, place.column, place.end_line, place.end_column, "")
    after = json.loads(apply_edits(PATH, DATA.encode(), [edit]))
    assert [one["source"] for one in after["cells"]] == [left if n == cell else CODES[n - 1] for n in (1, 2, 3)]
