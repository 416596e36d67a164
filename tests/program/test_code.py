"""A place counts as a comment or a string only where that is certain."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.session import Session
from ce_lint.program.code import Said, may_be_said

FIXTURES = Path(__file__).parents[1] / "fixtures"


def said(text: str) -> bool:
    """Is the place of the last `it` of a text in a comment or a string?"""
    data = text.encode()
    return data.rfind(b"it") in Said(data)


@pytest.mark.parametrize(
    "text",
    [
        "# it", "x = 1  # it", "'it'", '"it"', "r'\\' it'", "b'it'", "u'it'", "'''\nit\n'''", 'x = """ " it """',
        "'\\\nit'", "x = 'a' 'it'", "'# ' 'it'", '"" "it"', 'def f():\n    """Doc.\n\n    it\n    """',
        "f'{x}' 'it'", "f'{x:{w}}' 'it'", "f\"{x['a']}\" 'it'", "f'{{' 'it'", "# it's\n'it'", "'''a''' 'it'",
    ],
)  # fmt: skip
def test_said(text: str) -> None:
    assert said(text)


@pytest.mark.parametrize(
    "text",
    [
        "it", "'a' + it", "# a\nit", "# a\rit", "x = 1  # it's\r\nit", "f'{it}'", "F'''{\nit}'''", "rf'{it}'",
        "'''a'''\nit", '"""a\'""" + it', "f\"{s.strip('}')} {d[\"a\"](it)}\"", "f'}}{ {'a': it}['a'] }'",
        "f'{d['a'](it)}'", "t'{it}'", "'a\n' + it + 'b'", "'\\\r\na' + it + ''", "\"\"\"a' + it + 'b", "''''a''' + it",
        "if line.startswith('\"\"\"'): it", "f\"{'\\'}' + d[\"k\"] + '\"'}\"; it  # '",
        "A = f'''{\n  1  # }'''\n}'''\nit\nB = 1  # '''",
    ],
)  # fmt: skip
def test_not_certainly_said(text: str) -> None:
    assert not said(text)


@pytest.mark.parametrize("path", sorted(FIXTURES.rglob("*.py")) + sorted(Path(__file__).parents[1].rglob("test_*.py")))
def test_no_name_of_real_code_is_said(path: Path) -> None:
    data = path.read_bytes()
    lines = data.splitlines(keepends=True)
    try:
        tree = ast.parse(data)
    except SyntaxError:
        pytest.skip("no Python")
    inside = Said(data)
    strings = {id(value) for one in ast.walk(tree) if isinstance(one, ast.JoinedStr) for value in ast.walk(one)}
    for node in ast.walk(tree):
        # Before Python 3.12 nobody knows where in a string the names stand that are put into it.
        if isinstance(node, ast.Name) and (id(node) not in strings or sys.version_info >= (3, 12)):
            place = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
            assert place not in inside


def test_what_is_put_into_a_string_is_looked_at_once() -> None:
    style = "a {{ color: red; }}\n" * 20_000
    text = (f'f"""{style}' + '{names["it\'s"]}"""').encode()
    assert text.find(b"it") not in Said(text)


def test_what_breaks_off_is_given_up_at_once() -> None:
    text = b"x = 1\n" * 20_000 + b'"' + b'\\"' * 200_000
    assert text.rfind(b"x") not in Said(text)


def test_most_places_are_seen_at_once_to_be_in_none() -> None:
    text = b"def f():\n    '''Doc.'''\n    return it('a')\n"
    assert not may_be_said(text, text.find(b"it"))
    assert may_be_said(text, text.find(b"Doc"))


QUOTES = '''\
import torch
from a import criterion
def is_quote(line):
    return line.startswith('"""')


def h(x):
    """Doc

class labels
    """


def f(x, y):
    return criterion(torch.softmax(x, 1), y)


def g(x, y):
    """Doc

class labels
    """
    return x
'''


@pytest.mark.parametrize(
    "text",
    [
        QUOTES,
        "import torch\nfrom a import criterion\n"
        "def f(x, y):\r    # it's\r    return criterion(torch.softmax(x, 1), y)\r",
    ],
)
def test_a_call_beside_odd_quotes_is_found(tmp_path: Path, text: str) -> None:
    loss = "import torch.nn.functional as F\ndef criterion(x, y):\n    return F.cross_entropy(x, y)\n"
    (tmp_path / "a.py").write_text(loss)
    (tmp_path / "b.py").write_bytes(text.encode())
    found = Session().check([tmp_path], Settings(root=tmp_path, strict=True)).findings
    assert [one.code for one in found] == ["CEL001"]
