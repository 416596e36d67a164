"""`%%ce_lint` in a real IPython shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("IPython")

pytestmark = [pytest.mark.torch, pytest.mark.slow]

CELLS = """
%load_ext ce_lint.runtime.ways.magic
---
import torch
import torch.nn.functional as F
X, Y = torch.randn(8, 5, requires_grad=True), torch.arange(8) % 5
def wrong():
    return F.cross_entropy(X.softmax(1), Y)
---
%%ce_lint
wrong()
answer = 42
F.cross_entropy(X, Y)
---
answer
---
%%ce_lint
1 / 0
---
%%ce_lint --looks none
answer = 0
---
%%ce_lint --plot
wrong();
---
answer
---
%%ce_lint
%%time
wrong();
---
%%ce_lint
no python(
"""

SHELL = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance(colors="nocolor")
cells = []
for text in json.load(sys.stdin):
    with capture_output() as seen:
        result = shell.run_cell(text, store_history=True)
    cells.append({
        "success": result.success, "out": seen.stdout, "err": seen.stderr,
        "data": [list(output.data) for output in seen.outputs],
        "html": "".join(output.data.get("text/html", "") for output in seen.outputs),
        "text": [output.data.get("text/plain", "") for output in seen.outputs],
    })
json.dump(cells, sys.stdout)
"""

LINE = "In [2], line 5: CEL001 softmax output is the input of cross_entropy"


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What a notebook of these cells shows, a cell each."""
    folder = tmp_path_factory.mktemp("notebook")
    done = subprocess.run(
        [sys.executable, "-c", SHELL],
        input=json.dumps([cell.strip("\n") for cell in CELLS.split("---\n")]),
        env={**os.environ, "OMP_NUM_THREADS": "1", "IPYTHONDIR": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    shown: list[dict[str, Any]] = json.loads(done.stdout)
    return shown


def test_a_cell_runs_as_ever_and_its_report_stands_below(cells: list[dict[str, Any]]) -> None:
    cell = cells[2]
    assert cell["success"]
    assert cell["out"].startswith("Out[3]: tensor(")
    (report,) = cell["text"]
    wrong, right, count = report.splitlines()
    assert wrong.startswith(LINE)
    # Line 4 of the cell as the user sees it, the magic's own line being the first.
    assert right == "In [3], line 4: cross_entropy: right, the input is logits (looked at 1 of 1 call)"
    assert count == "2 loss calls at 2 call sites: 1 confirmed, 1 right, 0 inconclusive"
    assert cells[3]["out"] == "Out[4]: 42\n", "the cell's names are the notebook's"


def test_a_notebook_shows_html(cells: list[dict[str, Any]]) -> None:
    assert f'<li style="font-weight: bold">{LINE}' in cells[2]["html"]
    assert '<li style="font-weight: normal">In [3], line 4' in cells[2]["html"]


def test_a_cell_that_fails_shows_its_traceback_and_fails(cells: list[dict[str, Any]]) -> None:
    cell = cells[4]
    assert not cell["success"]
    assert cell["out"].count("ZeroDivisionError: division by zero") == 1
    assert "----> 2 1 / 0" in cell["out"]
    assert cell["text"] == ["no loss call was seen: nothing can be said"]
    assert cell["err"] == "UsageError: %%ce_lint: the cell has failed\n"


def test_a_cell_that_is_no_python_fails_as_ever(cells: list[dict[str, Any]]) -> None:
    assert not cells[-1]["success"]
    assert "SyntaxError" in cells[-1]["out"]


def test_wrong_options_are_said_in_a_line_and_nothing_is_run(cells: list[dict[str, Any]]) -> None:
    assert not cells[5]["success"]
    line = "UsageError: argument --looks: how many calls of each place are looked at, one or more, not 'none'\n"
    assert cells[5]["err"] == line
    assert cells[7]["out"] == "Out[8]: 42\n"


def test_a_picture_stands_below_the_report(cells: list[dict[str, Any]]) -> None:
    pytest.importorskip("matplotlib")
    assert "image/png" in cells[6]["data"][-1]


def test_another_cell_magic_may_follow(cells: list[dict[str, Any]]) -> None:
    assert "Wall time" in cells[8]["out"]
    assert cells[8]["text"][-1].startswith(LINE)
