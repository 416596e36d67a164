"""Whatever stands in a call, and whatever the call stands in: the value is that of what stood in the call."""

from __future__ import annotations

import re
from pathlib import Path

import libcst as cst
from hypothesis import given
from hypothesis import strategies as st

from ce_lint.concrete.reading import Concrete, read
from ce_lint.fixes.expressions import input_instead
from ce_lint.fixes.syntax import ModuleSyntax
from ce_lint.fixes.text import spliced
from ce_lint.frontend.lowering import lower_text
from ce_lint.ir.records import ModuleIR
from ce_lint.program.program import Module
from ce_lint.source.records import SourceFile


class Tensor(float):
    """A number that can be called a few things which tensors are called."""

    def softmax(self, dim: int = 0) -> Tensor:
        return self

    def twice(self) -> Tensor:
        return Tensor(2 * self)


class Functional:
    """What `F` is here: it hands its input back."""

    @staticmethod
    def softmax(input: object, dim: int = 0, *, marked: bool = True) -> object:  # noqa: A002 — as torch names it
        return input


NAMES = {"F": Functional, "T": Tensor, "a": 2, "b": 3.0, "c": -5, "k": 1, "flag": False}

ATOMS = st.sampled_from(["a", "b", "c", "1", "2.5", "(a)", "T(a)", "(\n    b\n)"])
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "<", "==", "and", "or", "is", "if flag else"]), inner).map(
            " ".join
        ),
        st.tuples(inner, inner).map(lambda two: f"{two[0]}\n    + {two[1]}"),
        inner.map("-{}".format),
        inner.map("not {}".format),
        inner.map("({})".format),
        inner.map("(lambda: {})()".format),
        inner.map("abs({})".format),
        inner.map("(w := {})".format),
        inner.map("w := {}".format),
        inner.map("lambda: {}".format),
        inner.map("[{}][0]".format),
        inner.map("[{} for _ in range(1)][0]".format),
    ),
    max_leaves=4,
)
CALLS = st.sampled_from(
    [
        "F.softmax({}, dim=1)",
        "F.softmax(input={})",
        "F.softmax(dim=1, input={})",
        "F.softmax(\n    {},\n    dim=1,\n)",
        "F.softmax(  # why\n    {},  # the scores\n    1,  # over the classes\n)",
        "T({}).softmax(1)",
        "(F.softmax({}, 1))",
        "F.softmax(({}), 1)",
    ]
)
CONTEXTS = st.sampled_from(
    [
        "r = {}",
        "r = -{}",
        "r = {} * 2 + 1",
        "r = 2 - {}",
        "r = 1 if {} else 0",
        "r = {} if flag else {}",
        "r = not {}",
        "r = bool({})",
        "r = [{}, 1]",
        "r = [{} for _ in range(2)]",
        "r = {{'k': {}}}",
        "r = dict(k={})",
        "r = (x := {})",
        "r = {}if k else 0",
        "r = (1 if k else{})",
        "r = s = {}",
        "r: object = {}",
        "r = 1; r = {}; k = 2",
        "if k: r = {}",
        "def f():\n    return {}\nr = f()",
        "r = (lambda: {})()",
        "assert True, {}\nr = 1",
        "r = a < {} < b",
        "r = (\n    {}\n)",
        "r = a; r += {}",
        "r = T({}).twice()",
    ]
)


def module_of(text: str) -> ModuleSyntax | None:
    lowered, concrete = lower_text(text), read(text)
    if not isinstance(lowered, ModuleIR) or not isinstance(concrete, Concrete):
        return None
    path = Path("m.py")
    return ModuleSyntax(Module(path, lowered, SourceFile(path, text)), concrete)


def result(text: str) -> object:
    """What a program computes, or how it fails; functions by what they give."""
    space: dict[str, object] = dict(NAMES)
    try:
        exec(compile(text, "m.py", "exec"), space)  # noqa: S102 — made here
        value = space["r"]
        while callable(value):
            value = value()
    except (TypeError, AttributeError) as error:
        return type(error)
    return re.sub("0x[0-9a-f]+", "", repr(value))


@given(EXPRESSIONS, CALLS, CONTEXTS)
def test_the_value_stays(expression: str, call: str, context: str) -> None:
    text = context.replace("{}", call.replace("{}", expression)).replace("{{", "{").replace("}}", "}")
    try:
        compile(text, "m.py", "exec")
    except SyntaxError:
        return
    module = module_of(text)
    assert module is not None
    calls = [one for one in module.each(cst.Call) if _is_softmax(one)]
    found = calls[0]
    kept = _input(found)
    splices = input_instead(module, found, kept)
    assert splices is not None, text
    after = spliced(text, splices)
    assert sum(map(_is_softmax, cst_calls(after))) == len(calls) - 1
    for said in ("# why", "# the scores", "# over the classes"):
        assert after.count(said) == text.count(said)
    if "r = " in after or "r: " in after:
        assert result(after) == result(text), after


def cst_calls(text: str) -> list[cst.Call]:
    module = module_of(text)
    return [] if module is None else list(module.each(cst.Call))


def _is_softmax(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Attribute) and call.func.attr.value == "softmax"


def _input(call: cst.Call) -> cst.BaseExpression:
    assert isinstance(call.func, cst.Attribute)
    if isinstance(call.func.value, cst.Name):
        named = [one for one in call.args if one.keyword is not None and one.keyword.value == "input"]
        return (named or list(call.args))[0].value
    return call.func.value
