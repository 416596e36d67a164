"""What is read to be edited has the IR's numbers, and what libcst cannot read says so."""

from __future__ import annotations

import ast

import libcst as cst
import pytest

from ce_lint.concrete import reading
from ce_lint.concrete.matching import MismatchError
from ce_lint.concrete.parsing import MAX_DEPTH
from ce_lint.concrete.reading import Concrete, Reader, UnreadableError, read
from ce_lint.frontend.lowering import SyntaxFailure, lower_text
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ModuleIR


def concrete(text: str) -> Concrete:
    found = read(text)
    assert isinstance(found, Concrete)
    return found


def code(syntax: cst.CSTNode | None) -> str:
    return "" if syntax is None else cst.Module([]).code_for_node(syntax).strip()


def calls(text: str) -> list[str]:
    found = concrete(text)
    return [code(found.syntax[index]) for index, one in enumerate(found.nodes) if isinstance(one, ir.Call)]


def test_its_nodes_are_those_of_the_module() -> None:
    text = "@a(1)\nclass B:\n    def f(self, x):\n        return [g(y)[0] for y in x] and (lambda: h)\n"
    module = lower_text(text)
    assert isinstance(module, ModuleIR)
    assert concrete(text).nodes == module.nodes


@pytest.mark.parametrize(
    "text",
    ["a(b)(c.d(e))\n", "x = ( a( # b\n  c ) )\n", "f'{a(b)}' 'c' f'{d(e(f))!r}'\n", "é(a, *b(c), k=d())[e(f)]\n"],
)
def test_each_call_has_its_syntax(text: str) -> None:
    wanted = [one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Call)]
    found = [ast.parse(one, mode="eval").body for one in calls(text)]
    assert sorted(map(ast.dump, found)) == sorted(map(ast.dump, wanted))


def test_a_decorator_is_called_apart_from_the_call_that_it_may_be() -> None:
    assert calls("@a\n@b(1)\ndef f(): pass\n") == ["b(1)", "@a", "@b(1)"]


def test_the_parts_of_a_chain_are_values_of_their_own() -> None:
    found = concrete("x = a and b and c\n")
    nodes = {code(syntax): found.nodes[node] for syntax, (_, node) in found.values.items()}
    names = {name: next(i for i, one in enumerate(found.nodes) if one == ir.Free(name)) for name in "abc"}
    inner = ir.Boolean("and", names["a"], names["b"])
    assert nodes["a and b"] == inner
    assert nodes["a and b and c"] == ir.Boolean("and", found.nodes.index(inner), names["c"])


def test_functions_have_their_numbers() -> None:
    found = concrete("def f(a=lambda: 1):\n    async def g(): pass\n")
    module = lower_text(found.text)
    assert isinstance(module, ModuleIR)
    assert {number: type(syntax).__name__ for syntax, number in found.functions.items()} == {
        number: "Lambda" if one.name == "<lambda>" else "FunctionDef"
        for number, one in enumerate(module.functions)
        if one.name != "<module>"
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = =\n", "cannot be parsed"),
        ("x = '\ud800'\n", "cannot be"),
        ("a\0b\n", "cannot be parsed"),
        ("(x): int = 1\n", "cannot be edited"),  # libcst does not know this
        ("if False:\n    x" + ".a" * MAX_DEPTH, "cannot be edited: an expression is nested too deeply"),
        ("if False:\n    x = " + " and ".join("a" * 10_000), "cannot be edited: an expression is nested too deeply"),
        ("import " + ".".join("a" * 2_000), "cannot be edited: an expression is nested too deeply"),
        ("x = [a " + "for a in b " * 10_000 + "]", "cannot be edited: an expression is nested too deeply"),
        ("x = " + "'a' " * 100_000, "cannot be edited"),
    ],
    ids=lambda text: text[:20],
)
def test_what_cannot_be_read(text: str, reason: str) -> None:
    found = read(text)
    assert isinstance(found, SyntaxFailure)
    assert found.reason.startswith(reason)
    with pytest.raises(UnreadableError, match=reason):
        Reader().read(text)


def test_syntax_that_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_tree: ast.Module, _module: cst.Module) -> dict[ast.AST, cst.CSTNode]:
        raise MismatchError("TemplateStr and TemplatedString")

    monkeypatch.setattr(reading, "match", unknown)
    found = read("a\n")
    assert isinstance(found, SyntaxFailure)
    assert found.reason == "cannot be edited: its syntax is not known (TemplateStr and TemplatedString)"


def test_a_text_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = []

    def counted(text: str) -> Concrete | SyntaxFailure:
        texts.append(text)
        return read(text)

    monkeypatch.setattr(reading, "read", counted)
    reader = Reader()
    assert reader.read("a\n") is reader.read("a\n")
    for number in range(reading.MAX_KEPT):
        reader.read(f"a{number}\n")
        reader.read("a0\n")
    reader.read("a\n")
    assert texts == ["a\n", *(f"a{number}\n" for number in range(reading.MAX_KEPT)), "a\n"]
