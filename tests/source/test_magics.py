"""Magics: what is taken out, what is kept at its columns, and what must not be touched."""

from __future__ import annotations

import argparse
import ast
import difflib
import doctest
import inspect
import pydoc
import string
import textwrap
import tokenize
from typing import TYPE_CHECKING

import pytest

from ce_lint.source.magics import parse_problem, python_of_cell, python_of_lines

if TYPE_CHECKING:
    from types import ModuleType


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%matplotlib inline\n", "pass\n"),
        ("% matplotlib inline\n", "pass\n"),
        ("!pip install torch\n", "pass\n"),
        ("!!ls -l\n", "pass\n"),
        ("pip install -q torch\n", "pass\n"),
        ("conda install torch\n", "pass\n"),
        ("?torch.softmax\n", "pass\n"),
        ("??torch.softmax\n", "pass\n"),
        ("torch.softmax?\n", "pass\n"),
        ("torch.softmax??\n", "pass\n"),
        ("torch.softmax? \t\n", "pass\n"),
        ("torch.*soft*?\n", "pass\n"),
        ("%time?\n", "pass\n"),
        ("torch.softmax?  # what was it?\n", "pass\n"),
        (",print a b\n", "pass\n"),
        (";print a b\n", "pass\n"),
        ("/print a\n", "pass\n"),
        ("%%time\n", "pass\n"),
        ("x = !ls *.py\n", "x = get_ipython()\n"),
        ("x =!ls\n", "x =get_ipython()\n"),
        ("a, b = !cat \"it's\n", "a, b = get_ipython()\n"),
        ("x = %env HOME\n", "x = get_ipython()\n"),
        ("x = y = %pwd\n", "x = y = get_ipython()\n"),
        ("x = %timeit -o f()\n", "x = get_ipython()\n"),
        ("!ls", "pass"),
        ("!ls\r\nx = 1\r\n", "pass\r\nx = 1\r\n"),
        ("!ls\rx = 1\r", "pass\rx = 1\r"),
    ],
)
def test_a_magic_is_taken_out(text: str, expected: str) -> None:
    assert python_of_lines(text) == expected
    assert parse_problem(expected) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%time loss = f(x)\n", "pass; loss = f(x)\n"),
        ("%time   loss = f(x)  # noqa\n", "pass;   loss = f(x)  # noqa\n"),
        ("%timeit f(x)\n", "pass;   f(x)\n"),
        ("%timeit -n 10 -r3 -q f(x)\n", "pass;                f(x)\n"),
        ("%timeit -r3 f(x)\n", "pass;       f(x)\n"),
        ("%timeit -q f(x)\n", "pass;      f(x)\n"),
        ("%time --no-raise-error f(x)\n", "pass;                  f(x)\n"),
        ("%prun -l 10 -s cumulative f(x)\n", "pass;                     f(x)\n"),
        ("%memit f(x)\n", "pass;  f(x)\n"),
        ("%lprun -f net.forward net(x)\n", "pass;                 net(x)\n"),
        ("for x in y:\n    %time loss = f(x)\n    g()\n", "for x in y:\n    pass; loss = f(x)\n    g()\n"),
        ("%time loss = f(x, \\\n   y)\n", "pass; loss = f(x, \\\n   y)\n"),
        ("x = %time f(y)\n", "x =       f(y)\n"),
        ("    x = %time f(y)\n", "    x =       f(y)\n"),
        ("%time f('😀', y)\n", "pass; f('😀', y)\n"),
    ],
)
def test_the_statement_that_a_magic_runs_stays_at_its_columns(text: str, expected: str) -> None:
    assert python_of_lines(text) == expected
    assert len(python_of_lines(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A compound statement cannot follow on a line, a call that goes on below is no statement, and so on.
        ("%time for x in y: f(x)\n", "pass\n"),
        ("%time\n", "pass\n"),
        ("%time \n", "pass\n"),
        ("%timeit -n 10\n", "pass\n"),
        ("%timeit f(\n", "pass\n"),
        ("%timer f(x)\n", "pass\n"),
        ("x = %time y = 1 +\n", "x = get_ipython()\n"),
    ],
)
def test_what_is_no_simple_statement_is_not_kept(text: str, expected: str) -> None:
    assert python_of_lines(text) == expected


def test_a_magic_in_a_block_leaves_a_block() -> None:
    text = "if x:\n    !ls\nelse:\n\t%cd ..\nfor a in b:\n  a?\n"
    assert python_of_lines(text) == "if x:\n    pass\nelse:\n\tpass\nfor a in b:\n  pass\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!pip install \\\n  a \\\n  b\nx = 1\n", "pass\n\n\nx = 1\n"),
        ("if x:\n    %run \\\n a\n    y = 1\n", "if x:\n    pass\n\n    y = 1\n"),
        ("x = !ls \\\n  -l\ny = 1\n", "x = get_ipython()\n\ny = 1\n"),
        ("!ls \\", "pass"),
    ],
)
def test_a_continued_magic_takes_its_lines_with_it(text: str, expected: str) -> None:
    assert python_of_lines(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        's = """\n% done\n!ls\nwhat?\n"""\n',
        "s = r'''\n\\\\\n% done\n'''\n",
        's = """a \\"""\n% b\n"""\n',
        "s = f'''\n{x}\n%time\n'''\n",
        "print(fmt\n % x)\n",
        "x = [\n  a\n  % b,\n  # what?\n]\n",
        "x = {\n 'a(': 1\n  % b}\n",
        "x = a \\\n  % b\n",
        "x = 'a \\\n% b'\n",
        "x = a % b  # why?\n",
        "x = 'why?'\n",
        "x = a != b\n",
        "f(x=a % b, y='= !ls')\n",
        "x = ';'; y = 2;\n",
        "# pip install torch\n",
        "# (\nx = 1\n",
        "pip = install\n",
    ],
)
def test_python_is_not_touched(text: str) -> None:
    assert parse_problem(text) is None
    # The magic below proves that the scanner knows where the statement above it ends.
    assert python_of_lines(text + "!ls\n") == text + "pass\n"


def test_broken_python_does_not_hide_the_magics_below_it() -> None:
    assert python_of_lines("x = 1)\n!ls\n") == "x = 1)\npass\n"
    assert python_of_lines("x = 'a\n!ls\n") == "x = 'a\npass\n"


@pytest.mark.parametrize("module", [argparse, ast, difflib, doctest, inspect, pydoc, string, textwrap, tokenize])
def test_the_standard_library_is_not_touched(module: ModuleType) -> None:
    text = inspect.getsource(module)
    assert python_of_lines(text + "!ls\n") == text + "pass\n"


@pytest.mark.parametrize("name", ["time", "timeit -n 3", "capture out", "prun", "memit", "mprun", "python", "python3"])
def test_a_python_cell_magic_gives_its_line_and_keeps_its_body(name: str) -> None:
    assert python_of_cell(f"%%{name}\nx = 1\n!ls\n") == "\nx = 1\npass\n"


@pytest.mark.parametrize(
    "name",
    ["bash", "sh", "html", "javascript", "latex", "sql", "R", "writefile model.py", "script python", "!", "unknown"],
)
def test_any_other_cell_magic_blanks_the_cell(name: str) -> None:
    assert python_of_cell(f"%%{name}\nx = 1\r\n\ny") == "\n\r\n\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n  \n%%bash\nls\n", "\n\n\n\n"),
        ("# title\n%%bash\nls\n", "\n\n\n"),
        ("%%time\n%%capture\nx = 1\n", "\n\nx = 1\n"),
        ("%%time\n\n%%bash\nls\n", "\n\n\n\n"),
        ("x = 1\n%%bash\n", "x = 1\npass\n"),
        ("", ""),
        ("%%time", ""),
        ("%%\nx = 1\n", "pass\nx = 1\n"),
    ],
)
def test_only_the_first_code_of_a_cell_is_a_cell_magic(text: str, expected: str) -> None:
    assert python_of_cell(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = await f()\n", None),
        ("async with a: pass\n", None),
        ("x = '\\d'\n", None),
        ("x = (\n", (1, "'(' was never closed")),
        ("x = 1\nx = = 2\n", (2, "invalid syntax")),
        ("x = '\ud800'\n", (None, "half of a surrogate pair")),
    ],
)
def test_what_can_be_parsed(text: str, expected: tuple[int | None, str] | None) -> None:
    assert parse_problem(text) == expected


def test_code_that_is_too_deep_is_a_problem_and_no_crash() -> None:
    problem = parse_problem("x = " + "-" * 200_000 + "1\n")
    assert problem is not None
