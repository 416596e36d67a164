"""Names under which a loss travels: a name proves nothing, but none may be missed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ce_lint.program.carriers import Carriers, Names
from ce_lint.program.program import Program


def names(root: Path, *texts: str, start: str = "Loss") -> Names:
    files = []
    for number, text in enumerate(texts):
        files.append(root / f"m{number}.py")
        files[-1].write_text(text)
    return Carriers(Program(root, tuple(files)), frozenset({"wrap"})).closure(Names.of_class(start))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["a = Loss()"], {"a"}),
        (["a = b = Loss()"], {"a", "b"}),
        (["a = Loss()", "from m0 import a\nb = a"], {"a", "b"}),
        (["import m\na = m.Loss()"], {"a"}),
        (["def f(x, a): pass\nf(1, Loss())"], {"a"}),
        (["def f(a): pass", "f(Loss())"], {"a"}),
        (["f(a=Loss())"], {"a"}),
        (["class C:\n    def __init__(self, x, a): pass\nC(1, Loss())"], {"a"}),
        (["class C:\n    def m(self, a): pass\nc.m(Loss())"], {"a"}),
        (["class C:\n    x: int\n    a: object\nC(1, Loss())"], {"a"}),
        (["def f(a=Loss()): pass"], {"a"}),
        (["f = lambda a=Loss(): a"], {"a", "<lambda>"}),
        (["def f(self): self.a = Loss()"], {"a"}),
        (["class C:\n    a = Loss()"], {"a"}),
        (["a = Loss().cuda()"], {"a"}),
        (["a = wrap(Loss())"], {"a"}),
        (["a = {'x': Loss()}"], {"a"}),
        (["a = {}\na['x'] = Loss()"], {"a"}),
        (["a = [Loss()]\nb = a[0]"], {"a", "b"}),
        (["a = []\na.append(Loss())"], {"a"}),
        (["a = [Loss() for _ in x]\nfor b in a: pass"], {"a", "b"}),
        (["a = Loss() if x else None"], {"a"}),
        (["a = x or Loss()"], {"a"}),
        (["a, b = Loss(), 1"], {"a", "b"}),
    ],
)
def test_objects(tmp_path: Path, texts: list[str], expected: set[str]) -> None:
    assert names(tmp_path, *texts).objects - {"Loss"} == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["from m import Loss as L\na = L()"], {"L"}),
        (["L = Loss\na = L()"], {"L"}),
        (["def make(): return Loss()\na = make()"], {"make"}),
        (["def make():\n    b = Loss()\n    return b\na = make()"], {"make"}),
        (["class L(Loss): pass\na = L()"], {"L"}),
        (["class C:\n    def make(self): return Loss()\na = C().make()"], {"make"}),
    ],
)
def test_makers(tmp_path: Path, texts: list[str], expected: set[str]) -> None:
    found = names(tmp_path, *texts)
    assert (found.makers - {"Loss"}, "a" in found.objects) == (expected, True)


@pytest.mark.parametrize("text", ["a = Other()", "a = f(Loss)", "# Loss\na = 1"])
def test_other_names_carry_nothing(tmp_path: Path, text: str) -> None:
    assert "a" not in names(tmp_path, text).objects - {"Loss"}


def test_names_that_hand_themselves_on_end(tmp_path: Path) -> None:
    text = "a = Loss()\ndef f(b):\n    a = b\n    return f(a)\nb = f(a)\n"
    assert names(tmp_path, text).objects == {"Loss", "a", "b"}


def test_the_names_of_one_project_are_closed_over_once(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("a = Loss()")
    carriers = Carriers(Program(tmp_path, (tmp_path / "m.py",)), frozenset())
    assert carriers.closure(Names.of_class("Loss")) is carriers.closure(Names.of_class("Loss"))
