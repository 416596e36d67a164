"""The evaluator ends, whatever it is given, and a bound that is hit is said and never guessed past."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ce_lint.findings import Report
from ce_lint.interpreter import callers, calls, classes, contexts, machine, unions
from ce_lint.interpreter.values import Literal, Unknown, Value
from ce_lint.program.program import Program

Evaluate = Callable[[str], Value]
Check = Callable[..., Report]

FLOW = """
def head(x): return F.softmax(x, dim=1)
def middle(x): return head(x)
def outer(x): return middle(x)
loss = F.cross_entropy(outer(x), y)
"""


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize(
    "text",
    [
        "def f(x): return f(x)\nr = f(1)",
        "def f(x): return g(x)\ndef g(x): return f(x)\nr = f(1)",
        "def f(x): return f([x])\nr = f(1)",
        "def f(x): return f(lambda: x)\nr = f(1)",
        "f = lambda x: f(x)\nr = f(1)",
        "class A:\n    def __init__(self): self.a = self.b; self.b = self.a\nr = A().a",
        "class A:\n    def __init__(self): self.a = A()\nr = A().a.a.a.a",
        "class A:\n    @property\n    def a(self): return self.a\nr = A().a",
        "class A(B): pass\nclass B(A): pass\nr = B().v",
        "class A(A): pass\nr = A().v",
        "a = [a for a in a]\nr = a[0]",
        "x = 1\nwhile x: x = x + x\nr = x",
        "r = []\nfor i in s: r = [r]",
        "def f(a=None):\n    return f(a or f)\nr = f()",
        "class A:\n    def __call__(self, x): return self(x)\nr = A()(1)",
        "p = functools.partial(lambda f: f(f), 1)\nr = p()",
        "r = (lambda f: f(f))(lambda f: f(f))",
    ],
)
def test_what_needs_itself_ends(evaluate: Evaluate, text: str) -> None:
    assert not isinstance(evaluate(text), Literal)


def test_a_recursion_that_ends_is_what_it_ends_with(evaluate: Evaluate) -> None:
    text = "def f(n):\n    if n == 0: return 'end'\n    return f(n - 1)\nr = f(1)\n"
    assert evaluate(text) == Literal("end")


def test_what_a_recursion_gives_is_not_guessed(check: Check) -> None:
    text = "def f(x):\n    if x.big: return f(x / 2)\n    return F.softmax(x, dim=1)\nloss = F.cross_entropy(f(x), y)\n"
    report = check(a=text)
    assert (report.loss_calls.right, report.loss_calls.reported + report.loss_calls.unresolved) == (0, 1)


def test_modules_that_import_each_other_end(check: Check) -> None:
    report = check(
        a="from b import net\nloss = F.cross_entropy(net(x), y)\n",
        b="from a import net\nloss = F.cross_entropy(net(x), y)\n",
    )
    assert (codes(report), report.loss_calls.unresolved, report.errors) == ([], 2, ())


def test_star_imports_in_a_circle_end(check: Check) -> None:
    report = check(
        a="from b import *\nloss = F.cross_entropy(net(x), y)\n", b="from a import *\nloss = F.cross_entropy(F.softmax(x), y)\n"  # noqa: E501
    )  # fmt: skip
    assert (codes(report), report.errors) == (["CEL001"], ())


def test_a_long_chain_of_star_imports_is_walked_once_for_each_name(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    may_bind = Program.may_bind

    def counted(program: Program, path: Path, name: str) -> bool:
        nonlocal asked
        asked += 1
        return may_bind(program, path, name)

    monkeypatch.setattr(Program, "may_bind", counted)
    links = {f"m{number}": f"from m{number + 1} import *\n" for number in range(100)}
    report = check(
        a="from m0 import *\nloss = F.cross_entropy(act(x), y)\n",
        **links,
        m100="def act(x): return F.softmax(x, dim=1)\n",
    )
    assert codes(report) == ["CEL001"]
    assert asked < 500


def test_a_module_that_imports_itself_ends(check: Check) -> None:
    report = check(a="import a\nfrom a import net\nloss = F.cross_entropy(net(a.x), y)\n")
    assert (codes(report), report.loss_calls.unresolved, report.errors) == ([], 1, ())


def test_a_way_round_a_loop_that_leaves_an_equal_value_leaves_it_undecided(check: Check) -> None:
    text = (
        "def f(x, y, n):\n    p = F.softmax(x, dim=1)\n    for i in range(n):\n        if i % 2:\n"
        "            p = p.contiguous()\n            continue\n        p = torch.log(p)\n    return F.nll_loss(p, y)\n"
    )
    report = check(a=text)
    assert (codes(report), report.loss_calls.unresolved) == ([], 1)


def test_the_flow_that_the_bounds_are_tried_on(check: Check) -> None:
    assert codes(check(a=FLOW)) == ["CEL001"]


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [(machine, "MAX_CALL_DEPTH", 1), (machine, "MAX_NESTING", 2), (machine, "MAX_RECURSION", 0)],
)
def test_a_bound_that_is_hit_makes_the_call_unresolved(
    check: Check, monkeypatch: pytest.MonkeyPatch, module: object, name: str, value: int
) -> None:
    monkeypatch.setattr(module, name, value)
    report = check(a=FLOW)
    assert (codes(report), report.loss_calls.right, report.loss_calls.unresolved) == ([], 0, 1)


def test_too_many_steps_make_the_call_unresolved(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.Machine.begin, "__defaults__", (3,))
    report = check(a=FLOW)
    assert (codes(report), report.loss_calls.right, report.loss_calls.unresolved) == ([], 0, 1)


def test_too_many_alternatives_are_unknown(evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unions, "MAX_ALTERNATIVES", 2)
    assert isinstance(evaluate("r = 1 if a else 2 if b else 3"), Unknown)


@pytest.mark.parametrize(
    ("module", "name"),
    [(classes, "MAX_ANCESTORS"), (contexts, "MAX_LINKS"), (contexts, "MAX_OPENERS"), (callers, "MAX_CALLERS")],
)
def test_no_bound_turns_a_right_call_wrong(
    check: Check, monkeypatch: pytest.MonkeyPatch, module: object, name: str
) -> None:
    monkeypatch.setattr(module, name, 0)
    text = (
        "class Base(nn.Module):\n    def forward(self, x): return self.fc(x)\n"
        "class Net(Base):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(2, 3)\n"
        "def step(model, x, y): return F.cross_entropy(model(x), y)\nstep(Net(), x, y)\n"
    )
    assert codes(check(a=text)) == []


def test_a_long_way_keeps_its_end(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "MAX_STATIONS", 1)
    (finding,) = check(a=FLOW).findings
    assert [step.place.line for step in (finding.trace[0], finding.trace[-1])] == [5, 8]
