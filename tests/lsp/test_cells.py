"""The cells of an open notebook make the source that its file would."""

from __future__ import annotations

import json
from pathlib import Path

from ce_lint.source.notebook import notebook_source, source_of_cells

CELLS = ["%matplotlib inline\nimport os", "", "x = !ls\ny = 1\n", "def (:", "%%bash\nls", "s = '\u2028'\r\nz = 2\r"]
PATH = Path("nb.ipynb")


def test_they_are_read_as_the_file_is() -> None:
    cells: list[dict[str, object]] = [{"cell_type": "markdown", "source": "# Title"}]
    cells += [{"cell_type": "code", "source": text} for text in CELLS]
    on_disk = notebook_source(PATH, json.dumps({"cells": cells}))

    opened = source_of_cells(PATH, enumerate(CELLS, start=2))

    assert opened.text == on_disk.text
    assert opened.problems == on_disk.problems
    places = [[(cell.number, cell.first_line, cell.line_count) for cell in one.cells] for one in (opened, on_disk)]
    assert places[0] == places[1]


def test_a_notebook_without_cells_has_no_text() -> None:
    assert source_of_cells(PATH, []).text == ""
