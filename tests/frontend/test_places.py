"""Node numbers → ranges: exact in code points, whatever stands before them."""

from __future__ import annotations

import pytest

from ce_lint.frontend.lowering import lower_text
from ce_lint.frontend.places import START, Range, locate
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ModuleIR


def call_of(name: str, text: str) -> int:
    """The one call of a name in a text."""
    module = lower_text(text)
    assert isinstance(module, ModuleIR)
    (found,) = (
        index
        for index, node in enumerate(module.nodes)
        if isinstance(node, ir.Call) and module.nodes[node.function] == ir.Free(name)
    )
    return found


def place(text: str, argument: int | None = None) -> Range:
    """Where the call of `f` stands, or one of its arguments."""
    call = call_of("f", text)
    return locate(text, [(call, argument)])[call, argument]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(x)\n", Range(1, 0, 1, 4, "f(x)")),
        ("f(x)", Range(1, 0, 1, 4, "f(x)")),
        ("s = '\U0001f600'; f(x)\n", Range(1, 9, 1, 13, "f(x)")),
        ("s = 'e\u0301'; f(x)\n", Range(1, 10, 1, 14, "f(x)")),
        ("\N{LATIN SMALL LETTER E WITH ACUTE} = f(x)\n", Range(1, 4, 1, 8, "f(x)")),
        ("a = 1\r\nb = f(x)\r\n", Range(2, 4, 2, 8, "f(x)")),
        ("if a:\r\n\tf(x)\r\n", Range(2, 1, 2, 5, "f(x)")),
        ("if a:\n\tf(x)\n", Range(2, 1, 2, 5, "f(x)")),
        ("if a:\n\tb =\tf(x)\n", Range(2, 5, 2, 9, "f(x)")),
        ("f(\n    x,\n)\n", Range(1, 0, 3, 1, "f( x, )")),
        ("(f(x))\n", Range(1, 1, 1, 5, "f(x)")),
        ("a = '''\n\U0001f600\n'''; f(x)\n", Range(3, 5, 3, 9, "f(x)")),
        ("@f(x)\ndef g(): pass\n", Range(1, 1, 1, 5, "f(x)")),
        ("@a\n@b\ndef g():\n    return f(x)\n", Range(4, 11, 4, 15, "f(x)")),
        ("a = 1 + \\\n    f(x)\n", Range(2, 4, 2, 8, "f(x)")),
        ("# \U0001f600\n\n\nf(x)  # \U0001f600\n", Range(4, 0, 4, 4, "f(x)")),
        ("a\x0c = f(x)\n", Range(1, 5, 1, 9, "f(x)")),
    ],
)
def test_a_call(text: str, expected: Range) -> None:
    assert place(text) == expected


@pytest.mark.parametrize(
    ("text", "argument", "expected"),
    [
        ("f('\U0001f600', abc)\n", 1, Range(1, 7, 1, 10, "abc")),
        ("f(a, input=abc)\n", 1, Range(1, 11, 1, 14, "abc")),
        ("f(a, *abc)\n", 1, Range(1, 6, 1, 9, "abc")),
        ("f(\r\n\ta,\r\n\tb,\r\n)\r\n", 1, Range(3, 1, 3, 2, "b")),
        ("f(a)\n", 7, Range(1, 0, 1, 4, "f(a)")),
    ],
)
def test_an_argument_of_a_call(text: str, argument: int, expected: Range) -> None:
    assert place(text, argument) == expected


def test_several_places_are_found_at_once() -> None:
    text = "f(a)\ng(b)\n"
    first, second = call_of("f", text), call_of("g", text)
    assert locate(text, [(second, None), (first, 0)]) == {
        (first, 0): Range(1, 2, 1, 3, "a"),
        (second, None): Range(2, 0, 2, 4, "g(b)"),
    }


def test_a_node_without_syntax_and_a_text_that_cannot_be_parsed_give_the_start() -> None:
    module = lower_text("x = 1\n")
    assert isinstance(module, ModuleIR)
    assert locate("x = 1\n", [(module.functions[0].exits["x"], None)]) == {(0, None): START}
    assert locate("x = =\n", [(0, None)]) == {(0, None): START}
