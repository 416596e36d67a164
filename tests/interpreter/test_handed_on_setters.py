"""Methods that set what a loss call reads, handed on to be called by whoever has them."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from ce_lint.engine.limits import deeply
from ce_lint.findings import Report
from ce_lint.interpreter.callers import Candidate
from ce_lint.interpreter.memory import Memory, Table
from ce_lint.interpreter.sinks import Interpreter, SinkReport
from ce_lint.ir.kinds import Site
from ce_lint.knowledge.loader import load
from ce_lint.program.program import Program

Check = Callable[..., Report]

HEAD = "import functools\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n"
STEP = "    def step(self, x, y):\n        F.cross_entropy(self.act(x), y)\n\n\n"
MORE = "def run(a, x, y):\n    F.cross_entropy(a.act(x), y)\n    F.cross_entropy(a.step(x, x), y)\n\n\nrun(one, x, y)\n"
USE = "one, two = Holder(), Holder()\none.attach(nn.Softmax(dim=1))\n"
TEXTS = {
    "to another object": "class Holder:\n    def attach(self, act, other=None):\n        self.act = act\n"
    "        other.attach(self.attach)\n\n" + STEP + "one = Holder()\none.attach(nn.Softmax(dim=1), Holder())\n",
    "to what it is set to": "class Holder:\n    def attach(self, act):\n        self.act = act\n"
    "        act.attach(self.attach)\n\n" + STEP + USE,
    "to each other": "class Holder:\n    def attach(self, act):\n        self.act = act\n\n"
    "    def pair(self, other):\n        other.attach(self.attach)\n        self.attach(other.attach)\n\n"
    + STEP + USE + "one.pair(two)\n",
    "by a constructor": "class Holder:\n    def __init__(self, other=None):\n        self.act = None\n"
    "        if other is not None:\n            other.attach(self.attach)\n\n"
    "    def attach(self, act):\n        self.act = act\n\n" + STEP + USE + "Holder(one)\n",
    "in a list": "class Holder:\n    def __init__(self):\n        self.hooks = []\n\n"
    "    def attach(self, act):\n        self.act = act\n        self.hooks.append(self.attach)\n\n"
    "    def run(self, other):\n        for hook in other.hooks:\n            self.attach(hook)\n\n"
    + STEP + USE + "one.run(two)\n",
    "partially": "class Holder:\n    def attach(self, act, more=None):\n        self.act = act\n"
    "        more.attach(functools.partial(self.attach, act))\n\n" + STEP + USE,
    "as a property": "class Holder:\n    def attach(self, act):\n        self.held = act\n"
    "        act.attach(self.attach)\n\n    @property\n    def act(self):\n        return self.held\n\n" + STEP + USE,
    "of two classes": "class Other:\n    def bind(self, act):\n        self.act = act\n\n"
    "    def run(self, holder):\n        holder.attach(self.bind)\n        self.act(holder.attach)\n\n\n"
    "class Holder:\n    def attach(self, act):\n        self.act = act\n\n"
    "    def run(self, other):\n        other.bind(self.attach)\n        self.act(other.bind)\n\n" + STEP + USE,
}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_is_set_reaches_the_loss(check: Check, text: str) -> None:
    report = check(a=text)
    assert ([one.code for one in report.findings], report.errors) == (["CEL001"], ())


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_it_is_no_matter_what_is_asked_first(tmp_path: Path, text: str) -> None:
    path = tmp_path / "m.py"
    path.write_text(HEAD + text + MORE)

    def answers(order: Callable[[Sequence[Candidate]], Iterable[Candidate]]) -> dict[Site, SinkReport]:
        interpreter = Interpreter(Program(tmp_path, (path,)), load())
        return deeply(lambda: {one.site: interpreter.report(one) for one in order(interpreter.candidates())})

    found = answers(iter)
    assert len(found) == 3
    for order in itertools.permutations(range(3)):
        assert answers(operator.itemgetter(*order)) == found


def test_what_waits_for_an_answer_is_not_kept_for_another_one() -> None:
    """The answer of `d` is made of `a`, by way of answers that were found while `a` was not there."""
    needs = {"a": "bd", "b": "ca", "c": "b", "d": "c"}
    memory, table = Memory(), Table[str, frozenset[str]]()

    def reached(name: str) -> frozenset[str]:
        def found() -> frozenset[str]:
            return frozenset(name).union(*map(reached, needs[name]))

        return memory.answer(table, name, frozenset(), found)

    assert {name: "".join(sorted(reached(name))) for name in "abcd"} == dict.fromkeys("abcd", "abcd")
    assert not table.provisional
    assert not table.active
