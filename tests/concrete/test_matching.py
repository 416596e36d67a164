"""Python's nodes and libcst's are the same ones: the text of each, read alone, is the node that it was matched with."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import pytest

from ce_lint.concrete.matching import MismatchError, match
from ce_lint.source.file import read_source

OURS = sorted((Path(__file__).parents[2] / "ce_lint").rglob("*.py"))

PLAIN = (
    "x = f(a for a in b); y = f((a for a in b))",
    "x = (yield); x += (yield from a)",
    "def g(*a: int, b=1, **c: str) -> int: return lambda q, /, r=2, *s, t=(3), **u: (q, r)",
    "@(d)\n@e.f(1)\nclass A(B, *C, k=1, **D): a: int = 3; b: str",
    "async def h(x=(1, 2), /):\n    async with a as b, c(d) as (e, f): await z",
    "async def h():\n    async for i in j: pass\n    else: pass\n    return [k async for k in l if m if n for o in p]",
    "if a: pass\nelif b: pass\nelif c: pass\nelse: d",
    "try: a\nexcept: b",
    "try: a\nexcept (X, Y) as e: b\nexcept Z: c\nelse: d\nfinally: e",
    "del a, b[0], c.d\ndel (a, b)\ndel (a), [b, c]",
    "x = a[1:2, ::3, ...]; y = a[(1, 2)]; z = a[1,]; w = a[b:c:d]; v = a[(b)]",
    "x = {**a, 'b': c, **d}; y = {*a, b}; z = [*a, b]; u = *a, b; w = {a: b for c in d}, {a for b in c}",
    "x = a and b and (c and d) and not e or f or (g or h)",
    "x = -1 ** -2 + 3j * 0x10 - 1_000 @ ~a // b % c << d >> e & f ^ g | h",
    "x = a < b <= c != d is not e not in f; y = a if b else c if d else e",
    "f(a, *b, c=1, *d, **e, g=2)(*(a), **(b))",
    "while a: break\nelse: b = 1",
    "for a, *b in c, d: pass",
    "import a.b as c, d; from . import e as f\nfrom .x import *",
    "assert a, b\nraise\nraise A from B",
    "x = y = z = (a := 1); x.y: int = 2; x[0]: str",
    "with (a as b, c as d): pass\nwith (a, b): pass\nwith (a, b) as c: pass",
    "print((((a))), ((b)).c, (d)(e), ('f' 'g'))",
)

TEXTS = '''
x = "a" 'b' f"{c!r:>{d}}" "e" rf"{f:{g}}{h=}" + i if not c else b"x" b"y"
x = f"{f'{a}' 'b'}{ {1: 2}[1] }" "c"
x = f"""
{ (a,
b) } \u00e9 {c.d(e)} \\N{EN DASH} {{}} {f(g)}
"""
s = '\U0001f600\u00e9'; t = f(s[0]) + \u00e9.\u00fc(' ', g); f'{s}'; f''
'''

PATTERNS = """
match x, y:
    case 1 | -1 | 1+2j | "a" "b" | a.b: pass
    case [a, *_], (b, *c): pass
    case {"k": v, 1: None, None: True, -1: (w), **r}: pass
    case A.B(1, x=2, y=[z]) as w if w > 1: pass
    case (a): pass
match (x):
    case None: pass
    case []: pass
    case 1, : pass
    case _: pass
"""

SINCE_3_11 = """
try: a
except* (B, C) as e: d
x = a[*b]; y = a[*b, c]
def g(*args: *Ts): pass
"""

SINCE_3_12 = """
class K[T: int, *U, **V](A[T]): pass
def f[T](x: T) -> T: return x
type X[T] = list[T]
x = f"{"a" f'{b!r}' + c['d']}"
x = f'''{
  (a)  # c
  + b!r:>{
 w:{v}}}'''
"""


def matched(text: str) -> dict[ast.AST, cst.CSTNode]:
    return match(ast.parse(text), cst.parse_module(text))


def read_alone(found: dict[ast.AST, cst.CSTNode]) -> Iterator[tuple[str, str]]:
    """Each expression as Python has it, and its text as libcst has it, read by Python."""
    empty = cst.Module([])
    for python, concrete in found.items():
        if isinstance(python, ast.expr) and isinstance(concrete, cst.BaseExpression):
            if isinstance(python, ast.Starred | ast.FormattedValue):
                continue
            code = empty.code_for_node(concrete)
            yield dumped(python), dumped(ast.parse(f"(\n{code}\n)", mode="eval").body)


def dumped(node: ast.AST) -> str:
    return re.sub(r"\b(Store|Del)\(\)", "Load()", ast.dump(node))


def not_matched(text: str) -> list[str]:
    """The expressions that have no node."""
    tree = ast.parse(text)
    found = match(tree, cst.parse_module(text))
    return sorted(
        type(node).__name__
        for node in ast.walk(tree)
        if isinstance(node, ast.expr | ast.stmt | ast.pattern) and node not in found
    )


@pytest.mark.parametrize(
    "text",
    [
        *PLAIN,
        TEXTS,
        PATTERNS,
        pytest.param(SINCE_3_11, marks=pytest.mark.skipif(sys.version_info < (3, 11), reason="new syntax")),
        pytest.param(SINCE_3_12, marks=pytest.mark.skipif(sys.version_info < (3, 12), reason="new syntax")),
    ],
)
def test_the_text_of_each_expression_is_the_expression(text: str) -> None:
    for python, alone in read_alone(matched(text)):
        assert alone == python


def test_nothing_else_is_left_out() -> None:
    assert not_matched("\n".join(PLAIN)) == ["Tuple", "Tuple"]  # of `a[i, j]` and `a[i,]`
    assert not_matched(PATTERNS) == []
    # Text and formats inside f-strings.
    assert set(not_matched(TEXTS)) == {"Constant", "JoinedStr"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_tabs_and_form_feeds(end: str) -> None:
    text = end.join(["if a:", "\tb = '\u00e9'; c(d)", "\f", "\fe = [", "  f,  # g", "\t]", ""])
    assert not_matched(text) == []
    assert all(python == alone for python, alone in read_alone(matched(text)))


@pytest.mark.parametrize(
    ("one", "other"),
    [("f(a)", "f(a, b)"), ("a + b", "a * b if c else d"), ("a and b", "a and b and c"), ("a\nb", "a"), ("a[b]", "a.b")],
)
def test_trees_of_different_texts(one: str, other: str) -> None:
    with pytest.raises(MismatchError):
        match(ast.parse(one), cst.parse_module(other))


@pytest.mark.slow
@pytest.mark.parametrize("folder", sorted({path.parent for path in OURS}), ids=lambda folder: folder.name)
def test_our_own_code(folder: Path) -> None:
    for path in OURS:
        if path.parent == folder:
            text = read_source(path).text
            assert set(not_matched(text)) <= {"Tuple", "Constant", "JoinedStr"}, path
            assert all(python == alone for python, alone in read_alone(matched(text))), path
