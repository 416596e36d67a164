"""Every place where a name is read is an occurrence, with what the code around it does with the value."""

from __future__ import annotations

import ast

import pytest

from ce_lint.concrete import occurrences as concrete
from ce_lint.concrete.occurrences import Occurrence, Occurrences, Role, Target
from ce_lint.concrete.reading import Concrete, read
from ce_lint.frontend.lowering import lower_text
from ce_lint.ir.records import ModuleIR


def occurrences(text: str) -> Occurrences:
    found = read(text)
    assert isinstance(found, Concrete)
    return concrete.occurrences(found)


def of(text: str, path: str = "p") -> list[Occurrence]:
    return [one for one in occurrences(text).all if one.path == path]


@pytest.mark.parametrize(
    ("text", "role", "key"),
    [
        ("f(p)", Role.ARGUMENT, 0),
        ("f(a, k=p)", Role.ARGUMENT, 1),
        ("f(a, *p)", Role.ARGUMENT, 1),
        ("p(a)", Role.CALLEE, None),
        ("p.mean()", Role.OBJECT, "mean"),
        ("p.shape", Role.OBJECT, "shape"),
        ("p[0]", Role.SUBSCRIPTED, None),
        ("a[p]", Role.KEY, None),
        ("a[1:p]", Role.KEY, None),
        ("p + 1", Role.OPERAND, "Add"),
        ("-p", Role.OPERAND, "Minus"),
        ("p and a", Role.OPERAND, "And"),
        ("p > 0", Role.COMPARED, "GreaterThan"),
        ("0 < a < p", Role.COMPARED, "LessThan"),
        ("p is None", Role.COMPARED, "Is"),
        ("(p, a)", Role.ITEM, None),
        ("[*p]", Role.ITEM, None),
        ("{a: p}", Role.ITEM, None),
        ("{**p}", Role.ITEM, None),
        ("a = p", Role.ASSIGNED, None),
        ("(a := p)", Role.NAMED, None),
        ("a += p", Role.OPERAND, "Add"),
        ("p += a", Role.AUGMENTED, None),
        ("lambda: p", Role.RETURNED, None),
        ("def f():\n    return p", Role.RETURNED, None),
        ("def f():\n    yield p", Role.YIELDED, None),
        ("def f():\n    yield from p", Role.YIELDED, None),
        ("def f(a=p): pass", Role.DEFAULT, None),
        ("async def f():\n    await p", Role.AWAITED, None),
        ("if p: pass", Role.CONDITION, None),
        ("while p: pass", Role.CONDITION, None),
        ("assert p", Role.CONDITION, None),
        ("a if p else b", Role.CONDITION, None),
        ("p if a else b", Role.BRANCH, None),
        ("for a in p: pass", Role.ITERATED, None),
        ("[a for a in p]", Role.ITERATED, None),
        ("[p for a in b]", Role.ELEMENT, None),
        ("{a: p for a in b}", Role.ELEMENT, None),
        ("f'{p:.2f}'", Role.FORMATTED, None),
        ("p", Role.STATEMENT, None),
        ("with p as a: pass", Role.MANAGER, None),
        ("p[0] = a", Role.ITEM_SET, None),
        ("p.a = b", Role.ATTRIBUTE_SET, "a"),
        ("raise p", Role.OTHER, None),
    ],
)
def test_a_role(text: str, role: Role, key: str | int | None) -> None:
    (one,) = of(text)
    assert (one.role, one.key) == (role, key)


@pytest.mark.parametrize(
    "text", ["p = 1", "p, a = b", "for p in a: pass", "import p", "a.p", "f(p=1)", "def p(): pass"]
)
def test_no_name_that_is_only_bound(text: str) -> None:
    assert of(text) == []


def test_parts_of_a_dotted_path_have_the_nodes_that_they_are() -> None:
    text = "out = net(x)\nout.scores.mean()\n"
    module = lower_text(text)
    assert isinstance(module, ModuleIR)
    found = occurrences(text)
    (name,) = (one for one in found.all if one.path == "out")
    assert name.node == module.functions[0].exits["out"]
    (part,) = (one for one in found.all if one.path == "out.scores")
    assert part.node is not None
    assert [part.role, found.all[part.parent or 0].path] == [Role.OBJECT, "out.scores.mean"]


def test_nodes_are_those_of_the_module() -> None:
    text = "class A:\n    def f(self, x):\n        y = self.g(x)\n        return y.z, self.k.l\n"
    module = lower_text(text)
    assert isinstance(module, ModuleIR)
    assert max(one.node for one in occurrences(text).all if one.node is not None) < len(module.nodes)
    assert {one.function for one in occurrences(text).all} == {1}


@pytest.mark.parametrize(
    ("text", "span", "is_primary"),
    [
        ("a = (p)\n", (1, 4, 1, 7), True),
        ("a = ( (p) )\n", (1, 4, 1, 11), True),
        ("s = '\U0001f600'; p\n", (1, 9, 1, 10), True),
        ("f(\n    p,\n)\n", (2, 4, 2, 5), True),
        ("f'''\u00e9\n{a}{ (p) :>{b}}'''\n", (2, 5, 2, 8), True),
    ],
)
def test_a_place(text: str, span: tuple[int, int, int, int], is_primary: bool) -> None:
    (one,) = of(text)
    assert (one.span[:4], one.is_primary) == (span, is_primary)


def test_what_a_method_cannot_follow() -> None:
    found = {one.span.text: one.is_primary for one in occurrences("f(-a, b + c, (d + e), g(h)[0].i)").all}
    assert [found[text] for text in ("-a", "b + c", "(d + e)", "g(h)[0].i")] == [False, False, True, True]


def test_code_that_is_not_lowered() -> None:
    text = "def f():\n    return 1\n    print(p)\nif False:\n    print(p)\nassert a, p\n"
    assert [(one.node, one.is_reached) for one in of(text)] == [(None, False), (None, False), (None, True)]


def test_f_strings_side_by_side_are_lowered() -> None:
    (one,) = of("'a' f'{p}' f'{a}'\n")
    assert (one.role, one.node is not None) == (Role.FORMATTED, True)


def test_targets() -> None:
    (one,) = of("a, (b.c, d[0]) = e = p")
    assert one.targets == (Target("name", "a"), Target("attribute", "b.c"), Target("item", "d"), Target("name", "e"))


EVERYTHING = """
@deco(p)
class C(p, metaclass=p):
    a: p = p
    def f(self, q: p = p, *r, s=p, **t) -> p:
        global g
        try:
            x = p.a.b[p:p, p](*p, **p)
        except p as e:
            raise p from p
        else:
            del p[0]
        finally:
            x = [p async for i in p if p for j in p]
        match p:
            case [p1, *rest] if p > 1:
                print(p)
            case {"k": v, **more}:
                pass
        with p as y, p(p) as z:
            x: int = p
        return f"{p!r:{p}}" "a" + (yield p) @ ~p
"""


def test_no_name_is_left_out() -> None:
    """All loads of the name that Python's own parser sees, but for annotations."""
    tree = ast.parse(EVERYTHING)
    hints = {id(one) for node in ast.walk(tree) if (one := getattr(node, "annotation", None)) is not None}
    hints |= {id(node.returns) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    wanted = sorted(
        (node.lineno, node.col_offset)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "p" and isinstance(node.ctx, ast.Load) and id(node) not in hints
    )
    assert sorted((one.span.line, one.span.column) for one in of(EVERYTHING)) == wanted
