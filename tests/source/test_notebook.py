"""Notebooks: which cells are Python, where their lines are, and what a bad cell costs."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from ce_lint.source.file import Cell, SourceError, SourceFile, SourceProblem, source_from_bytes, source_from_text

PATH = Path("a.ipynb")


def code(source: object, **members: object) -> dict[str, object]:
    return {"cell_type": "code", "metadata": {}, "outputs": [], **members, "source": source}


def markdown(source: object) -> dict[str, object]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def read(*cells: object, indent: int | None = 1, **members: object) -> SourceFile:
    return source_from_text(PATH, json.dumps({"cells": list(cells), **members}, indent=indent))


def test_code_cells_are_joined_and_all_cells_counted() -> None:
    source = read(
        markdown("# x"),
        code(["import torch\n", "x = 1"]),
        {"cell_type": "raw", "source": "no"},
        code("y = 2\n"),
        code([]),
        code("z = 3\n\n"),
    )
    assert source.text == "import torch\nx = 1\ny = 2\n\nz = 3\n\n"
    assert [(cell.number, cell.first_line, cell.line_count) for cell in source.cells] == [
        (2, 1, 2),
        (4, 3, 1),
        (5, 4, 1),
        (6, 5, 2),
    ]
    assert source.problems == ()
    assert [source.user_line(line) for line in (1, 2, 3, 4, 6)] == [(2, 1), (2, 2), (4, 1), (5, 1), (6, 2)]


NATURAL = """\
{
 "cells": [
  {
   "cell_type": "code",
   "outputs": [
    {
     "text": [
      "x = 1\\n",
      "y = 2"
     ],
     "cells": [{"cell_type": "code", "source": ["x = 1\\n"]}]
    }
   ],
   "metadata": {"source": ["x = 1\\n", "y = 2"]},
   "source": [
    "x = 1\\n",
    "y = \\"\\u00e9\\ud83d\\ude00 \\\\n \\""
   ]
  },
  {"cell_type": "code", "source": "a = 1\\nb = 2\\n"},
  {
   "source":
    [
"x =", " 1\\n", "", "x = 1\\ny",
    " = 2"
    ],
   "cell_type": "code"
  },
  {"cell_type": "code", "source": [

   ]}
 ],
 "metadata": {"language_info": {"name": "python"}}
}
"""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_raw_lines_are_those_of_the_source_and_not_of_its_copies(end: str) -> None:
    source = source_from_bytes(PATH, NATURAL.replace("\n", end).encode())
    assert source.text == 'x = 1\ny = "é😀 \\n "\na = 1\nb = 2\nx = 1\nx = 1\ny = 2\n\n'
    assert source.cells == (
        Cell(1, 1, 2, (16, 17)),
        Cell(2, 3, 2, (20, 20)),
        Cell(3, 5, 3, (24, 24, 24)),
        Cell(4, 8, 1, (29,)),
    )
    assert [source.raw_line(line) for line in range(1, 9)] == [16, 17, 20, 20, 24, 24, 24, 29]


def test_a_minified_notebook_is_on_one_line() -> None:
    source = read(markdown("a"), code(["x = 1\n", "y = 2"]), indent=None)
    assert source.cells == (Cell(2, 1, 2, (1, 1)),)


def test_line_ends_within_cells() -> None:
    source = read(code("a = 1\r\nb = 2\r\n"), code("c = 1\rd = 2\r"), code("\ne = 1"))
    assert source.text == "a = 1\r\nb = 2\r\nc = 1\rd = 2\r\n\ne = 1\n"
    assert [(cell.first_line, cell.line_count) for cell in source.cells] == [(1, 2), (3, 2), (5, 2)]


def test_magics_are_taken_out_and_the_lines_stay() -> None:
    source = read(code("%%time\nx = 1"), code("%%bash\nls -l | x"), code("!ls\ny = 2"), code("await f()"))
    assert source.text == "\nx = 1\n\n\npass\ny = 2\nawait f()\n"
    assert [cell.number for cell in source.cells] == [1, 2, 3, 4]
    assert source.problems == ()


def test_a_broken_cell_does_not_lose_the_others() -> None:
    source = read(code("x = 1"), markdown(""), code("!ls\ny = = 2\nz = 3"), code("while True\n"), code("w = 4"))
    assert source.text == "x = 1\n\n\n\n\nw = 4\n"
    assert source.cells[1] == Cell(3, 2, 3, source.cells[1].raw_lines)
    assert source.problems == (
        SourceProblem(2, "cannot be parsed: invalid syntax", 3),
        SourceProblem(1, "cannot be parsed: expected ':'", 4),
    )


def test_the_line_of_a_problem_is_in_the_cell() -> None:
    source = read(code("def f():"))
    problem = source.problems[0]
    assert (problem.line, problem.cell, source.text) == (1, 1, "\n")


def test_half_a_surrogate_pair_blanks_the_cell() -> None:
    source = read(code("x = '\ud800'"), code("y = 1"))
    assert source.text == "\ny = 1\n"
    assert source.problems == (SourceProblem(None, "cannot be parsed: half of a surrogate pair", 1),)


@pytest.mark.parametrize(
    "metadata",
    [
        {"language_info": {"name": "R"}, "kernelspec": {"language": "R"}},
        {"kernelspec": {"language": "R", "name": "ir"}},
        {"language": "R"},
    ],
)
def test_a_notebook_of_another_kernel_has_no_cells(metadata: object) -> None:
    source = read(code("x <- 1"), metadata=metadata)
    assert source == SourceFile(PATH, "")


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        None,
        [],
        {"language_info": 1, "kernelspec": []},
        {"language_info": {"name": "Python"}},
        {"language_info": {"name": "ipython"}},
        {"language_info": {"name": "sage"}, "kernelspec": {"language": "python"}},
        {"kernelspec": {"language": "", "name": "python3"}},
    ],
)
def test_a_python_notebook(metadata: object) -> None:
    assert read(code("x = 1"), metadata=metadata).text == "x = 1\n"


@pytest.mark.parametrize(
    "metadata",
    [
        {"vscode": {"languageId": "javascript"}},
        {"languageId": "sql"},
        {"dotnet_interactive": {"language": "csharp"}},
        {"polyglot_notebook": {"kernelName": "fsharp"}},
    ],
)
def test_a_cell_of_another_language_is_skipped(metadata: object) -> None:
    source = read(code("let x", metadata=metadata), code("x = 1", metadata={"vscode": {"languageId": "python"}}))
    assert source.text == "x = 1\n"
    assert [cell.number for cell in source.cells] == [2]
    assert source.problems == ()


def test_format_3_has_worksheets_and_input() -> None:
    sheets = [
        {
            "cells": [
                {"cell_type": "heading", "source": "x", "level": 1},
                {"cell_type": "code", "input": ["x = 1\n", "y = 2"], "language": "python", "outputs": []},
            ],
            "metadata": {},
        },
        {
            "tags": ["a"],
            "cells": [
                {"cell_type": "code", "input": "let x", "language": "julia"},
                {"cell_type": "code", "input": "z = 3", "language": "python"},
            ],
        },
        "no sheet",
    ]
    text = json.dumps({"metadata": {"name": ""}, "nbformat": 3, "worksheets": sheets}, indent=1)
    source = source_from_text(PATH, text)
    assert source.text == "x = 1\ny = 2\nz = 3\n"
    places = {line.strip().rstrip(","): number for number, line in enumerate(text.split("\n"), start=1)}
    assert source.cells == (
        Cell(2, 1, 2, (places['"x = 1\\n"'], places['"y = 2"'])),
        Cell(4, 3, 1, (places['"input": "z = 3"'],)),
    )


def test_cells_that_are_no_cells_are_counted() -> None:
    source = read(1, [], {}, code(None), code(["x", 1]), {"cell_type": "code"}, code("x = 1"))
    assert source.text == "x = 1\n"
    assert [cell.number for cell in source.cells] == [7]
    assert source.problems == tuple(
        SourceProblem(None, "cannot be read: its source is not text", number) for number in (4, 5, 6)
    )


@pytest.mark.parametrize("text", ["", " \n", '{"cells": []}', '{"worksheets": []}', '{"cells": [], "metadata": {}}'])
def test_an_empty_notebook(text: str) -> None:
    assert source_from_bytes(PATH, text.encode()) == SourceFile(PATH, "")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("x = 1\n", 1, "is not a notebook: Expecting value"),
        ("[]", None, "is not a notebook: not a JSON object"),
        ("{}", None, "is not a notebook: no list of cells"),
        ('{"cells": {}}', None, "is not a notebook: no list of cells"),
        ('{\n"cells": [],\n}', 3, "is not a notebook: Expecting property name enclosed in double quotes"),
        ('{"cells": [\n{"cell_type" 1}]}', 2, "is not a notebook: Expecting ':' delimiter"),
        ('{"cells": [\r\n\r\n1 2]}', 3, "is not a notebook: Expecting ']' delimiter"),
        ('{"cells": []', 1, "is not a notebook: Expecting '}' delimiter"),
        ('{"cells": []}\n}', 2, "is not a notebook: Extra data"),
        ('{"cells": [{"source": ["a\n"]}]}', 1, "is not a notebook: Invalid control character at"),
    ],
)
def test_a_file_that_is_not_a_notebook(text: str, line: int | None, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        source_from_bytes(PATH, text.encode())
    assert (caught.value.line, caught.value.reason) == (line, reason)


def test_json_that_is_too_deep_is_an_error_and_no_crash() -> None:
    text = '{"cells": ' + "[" * 200_000
    with pytest.raises(SourceError):
        source_from_bytes(PATH, text.encode())


@pytest.mark.parametrize("indent", [1, None])
def test_a_notebook_of_5_mb_takes_less_than_a_second(indent: int | None) -> None:
    image = {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo" * 9_000}}
    log = {"output_type": "stream", "text": [f"loss = criterion(out, y)  # {line}\n" for line in range(200)]}
    body = ["%time loss = criterion(out, y)\n", "!ls\n", *[f"x = '''{line}'''\n" for line in range(50)]]
    text = json.dumps({"cells": [code(body, outputs=[image, log])] * 48}, indent=indent)
    assert len(text) > 5_000_000
    start = time.process_time()
    source = source_from_bytes(PATH, text.encode())
    assert time.process_time() - start < 1
    assert len(source.cells) == 48
    assert source.problems == ()


def test_a_notebook_of_1_kb_takes_no_time() -> None:
    text = json.dumps({"cells": [code("%time loss = criterion(out, y)\n!ls\n")] * 8})
    assert 1_000 > len(text) > 800
    start = time.process_time()
    assert source_from_text(PATH, text).text == "pass; loss = criterion(out, y)\npass\n" * 8
    assert time.process_time() - start < 0.1
