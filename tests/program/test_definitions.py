"""A file's definitions, each looked at alone, say of a name what the whole file says."""

from __future__ import annotations

import ast
import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ce_lint.frontend.lowering import SyntaxFailure, lower_text
from ce_lint.ir.records import ModuleIR
from ce_lint.program.definitions import Definitions
from ce_lint.program.hand_overs import Edge, Passing, hand_overs
from ce_lint.program.heads import Head
from ce_lint.program.names import MAX_CALLS

WRAPPERS = frozenset({"wrap"})
PACKAGE = Path(__file__).parents[2] / "ce_lint"
EVERYTHING = '''\
from m import Loss, wrap, wrap as W
import m.n as k

TEXT = """
def no(definition): pass
"""
if k:
    def early(a=Loss): pass
else:
    early = Loss


@wrap
@k.deco(
    Loss,
)
class Net(Loss):
    """A text
with a line at the margin, and
def not_one(): pass
    """

    width: int = 3

    def __init__(self, a, b=Loss()):
        self.loss = W(Loss())

    def forward(self, x):
        return super().forward(x)


async def run(net, criterion):
    def inner(y):
        return criterion(y)
    for x in net: inner(x)
    return lambda z: criterion(z)

# a comment at the margin
    pass
net = Net(1, b=Loss())
run(net, Loss())
class Other(k.Base): pass
'''


def whole(text: str) -> ModuleIR | None:
    lowered = lower_text(text)
    return None if isinstance(lowered, SyntaxFailure) else lowered


def definitions(text: str) -> Definitions:
    return Definitions(text.encode(), WRAPPERS, lambda: whole(text))


def words(text: str) -> list[str]:
    return sorted(set(re.findall(r"\.?[A-Za-z_]\w*", text)) | set(re.findall(r"[A-Za-z_]\w*", text)))


def hands(text: str, name: str, calls: int = MAX_CALLS) -> tuple[set[Edge], set[Passing]]:
    edges, passings = definitions(text).hands(name, calls)
    return set(edges), set(passings)


def test_what_is_handed_over_is_that_of_the_whole_file() -> None:
    module = whole(EVERYTHING)
    assert module is not None
    names = hand_overs(module, WRAPPERS)
    for name in words(EVERYTHING):
        assert hands(EVERYTHING, name) == (set(names.edges.get(name, ())), set(names.passings.get(name, ()))), name


def test_a_variable_of_the_module_is_its_value_to_its_definitions() -> None:
    text = "A = Loss()\n\ndef f(a=A): pass\n"
    assert [edge.target for edge in definitions(text).hands("Loss")[0]] == ["A", ".A", "a"]
    assert definitions(text).hands("A") == ((), ())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Net", [("a", "b")]),
        (".__init__", [("a", "b")]),
        ("run", [("net", "criterion")]),
        ("inner", [("y",)]),
        ("early", [("a",)]),
        ("Other", [()]),
        ("<lambda>", [("z",)]),
        (".<lambda>", [("z",)]),
        ("Loss", []),
    ],
)
def test_signatures(name: str, expected: list[tuple[str, ...]]) -> None:
    assert [one.positional for one in definitions(EVERYTHING).signatures(name)] == expected


@pytest.mark.parametrize(
    ("argument", "expected"),
    [(0, ("a",)), (1, ()), ("a", ("a",)), ("b", ("b",)), ("c", ()), ("self", ())],
)
def test_what_a_parameter_is_called(argument: int | str, expected: tuple[str, ...]) -> None:
    (signature,) = definitions("class C:\n    def m(self, a, *, b): pass\n").signatures(".m")
    assert signature.names(argument) == expected


def test_a_class_without_a_constructor_takes_its_fields() -> None:
    (signature,) = definitions("class C(Base):\n    x: int\n    y: int = 1\n").signatures("C")
    assert (signature.names(1), signature.names("x"), signature.bases) == ((".y",), (".x",), ("Base",))


@pytest.mark.parametrize(
    "text",
    [
        "from a import Base\n",
        "try:\n    from a import Base\nexcept ImportError:\n    Base = object\n",
        "class Base: pass\nfor one in names:\n    setattr(Base, one, 1)\n",
    ],
)
def test_the_bases_of_a_class_are_those_that_are_written(text: str) -> None:
    (signature,) = definitions(text + "class C(m.Mixin, Base, g()): pass\n").signatures("C")
    assert signature.bases == ("Mixin", "Base")


def test_a_base_has_the_name_of_its_definition_too() -> None:
    text = "import a\nfrom a import Real as Base\nOther = a.Second\nclass C(Base, Other): pass\n"
    (signature,) = definitions(text).signatures("C")
    assert signature.bases == ("Base", "Other", "Real", "Second")


def test_a_static_method_has_no_self() -> None:
    (signature,) = definitions("class C:\n    @staticmethod\n    def m(a, b): pass\n").signatures(".m")
    assert signature.names(0) == ("a",)


def test_methods_are_attributes() -> None:
    both = definitions("class C:\n    def run(self, a): pass\n\ndef run(b): pass\n")
    assert [one.positional for one in both.signatures("run")] == [("b",)]
    assert [one.positional for one in both.signatures(".run")] == [("b",), ("a",)]


@pytest.mark.parametrize(
    ("text", "name", "makers", "expected"),
    [
        ("def f(x):\n    return loss(x)\n", "loss", (), True),
        ("def f(x):\n    return Loss()(x)\n", "Loss", (), True),
        ("def f(x):\n    return g(loss)\n", "loss", (), False),
        ("def f(x):\n    return loss.forward(x)\n", "loss", (), True),
        ("def f(x):\n    return loss.to(x)\n", "loss", (), False),
        ("def f(x):\n    return loss.to(x)(x)\n", "loss", ("loss",), True),
        ("def f(self, x):\n    return self.loss(x)\n", ".loss", (), True),
        ("def f(loss, x):\n    return loss(x)\n", ".loss", (), False),
        ("def f(x):\n    a = Loss()\n    return a(x)\n", "Loss", ("Loss",), True),
        ("def f(x):\n    return get(loss)(x)\n\ndef g(x):\n    loss = 1\n", "loss", (), False),
        ("def f(self, x):\n    return Loss.forward(self, x)\n", "other", ("Loss",), True),
        # Which base the call runs stands in another definition.
        (
            "class A(Loss): pass\n\nclass B(A):\n    def forward(self):\n        super().forward()\n",
            "Loss",
            ("Loss",),
            True,
        ),
        ("class A(Loss): pass\n\nclass B(A):\n    def forward(self):\n        pass\n", "Loss", (), False),
        ("from m import wrap as W\n\ndef f(x):\n    return W(loss)(x)\n", "loss", (), True),
    ],
)
def test_calls(text: str, name: str, makers: tuple[str, ...], *, expected: bool) -> None:
    heads = [Head(name), *(Head(one, 1) for one in makers)]
    assert definitions(text).may_call(heads) is expected


def test_a_wrapper_is_known_by_the_name_under_which_it_is_imported() -> None:
    text = "from m import (\n    wrap\n    as W,\n)\n\ndef f(self):\n    self.a = W(Loss())\n"
    assert [edge.target for edge in definitions(text).hands("Loss")[0]] == [".a"]


@pytest.mark.parametrize(
    "text",
    [
        'def f(self):\n    x = """\n""", "\\"\\"\\""\n    self.a = Loss()\n',
        'def f(self):\n    x = \'"""\'\n    self.a = Loss()\n\ny = 1\n',
        "def f(self,\nx):\n    self.a = Loss()\n",
        "def f(self):\n    (\nx)\n    self.a = Loss()\n\ndef g(): pass\n",
        "x = 1\r\rdef f(self):\r    self.a = Loss()\r",
        "if x:\n    def f(self):\n        self.a = Loss()\nelse:\n    def f(self): pass\n",
    ],
)
def test_where_a_definition_ends_is_known_from_python(text: str) -> None:
    assert whole(text) is not None
    assert [edge.target for edge in definitions(text).hands("Loss")[0]] == [".a"]


def test_where_the_file_is_no_python_nothing_is_handed_over() -> None:
    assert definitions("def f(:\n    a = Loss()\n").hands("Loss") == ((), ())


def test_a_file_is_not_lowered_for_a_name_that_stands_in_no_code() -> None:
    text = '"""Loss, and self.Loss"""\n# Loss\nx = "Loss"\n\nclass C:\n    """Loss"""\n    def f(self): pass\n'
    apart = Definitions(text.encode(), WRAPPERS, pytest.fail)
    assert not apart.has("Loss")
    assert apart.hands("Loss") == ((), ())
    assert apart.signatures("Loss") == []
    assert not apart.may_call([Head("Loss")])
    assert not apart.has(".f")


CALLS = '''import m
class Net:
    def get(self):
        return self.body

    def head(self):
        return self.get()[0].head("a")

    async  def tail(self): return await self.head ()
    # a comment
    def last(self): return self . tail()

    @property

    def body(self): return self.last()
    @m.fixed(
        (1, 2),
    )
    def first(self): return self.body().first()
    @m. \\
        second
    def second(self): return self.second()
    @m[
        0
    ]
    def third(self): return self.third()
    @"""
    """.fourth
    def fourth(self): return self.fourth()
    @m("a" ")"
    )
    def fifth(self): return self.fifth(1)
    @m or """
    """
    def ninth(self): return self.ninth(1)
    x = 1\r    @m\r    \n    def tenth(self): return self.tenth(1)
    x = "x"
    def sixth(self): return self.sixth(1), self.seventh.get(), self.eighth().get(1)
'''


@pytest.mark.parametrize(
    ("name", "is_needed"),
    [
        (".get", False), (".head", True), (".tail", True), (".last", True), (".body", True), (".first", True),
        (".second", True), (".third", True), (".fourth", True), (".fifth", True), (".sixth", False),
        (".seventh", True), (".eighth", False), (".ninth", True), (".tenth", True), (".m", False), ("get", True),
    ],
)  # fmt: skip
def test_a_file_is_not_lowered_for_a_method_that_is_called_wherever_it_stands(name: str, *, is_needed: bool) -> None:
    lowered: list[str] = []

    def lower() -> ModuleIR | None:
        lowered.append(CALLS)
        return whole(CALLS)

    assert whole(CALLS) is not None
    apart = Definitions(CALLS.encode(), WRAPPERS, lower)
    edges, passings = apart.hands(name, 0)
    assert bool(lowered) == is_needed
    if not is_needed:
        apart.hands(name, 1)
        assert apart.hands(name, 0) == (edges, passings) == ((), ())


def test_a_method_may_be_spelt_in_several_ways() -> None:
    text = "x.fit(); f(x.\ufb01t)\n"
    assert definitions(text).hands(".fit", 0)[1]


def test_a_text_that_is_too_long_hands_nothing_over() -> None:
    text = "def f(self):\n    self.a = Loss()\n" + "\n" * 20_000
    assert definitions(text).hands("Loss") == ((), ())


def test_answers_do_not_hang_on_what_was_asked_before() -> None:
    names = words(EVERYTHING)
    one, other = definitions(EVERYTHING), definitions(EVERYTHING)
    forwards = {name: (one.hands(name), one.signatures(name)) for name in names}
    backwards = {name: (other.hands(name), other.signatures(name)) for name in reversed(names)}
    assert forwards == backwards


STATEMENTS = (
    "from m import Loss as L, wrap as W\n", "a = Loss()\n", "b = (\na)\n", "# Loss\n",
    'x = """\ndef a(Loss): pass\n"""\n',
    "if a:\n    def f(c=L): return c\nelse:\n    f = L\n", "def f(c, d=a()):\n    return W(c)(d)\n", "f(L, d=b)\n",
    "def g(e,\nf=Loss):\n    def h(i=e): return i\n    e.a = h()\n    return lambda j: e(j)\n", "g(lambda: a); c = g\n",
    "@W\n@L(\na)\nclass C(Loss):\n    a = L()\n    def b(self, c=a): self.d = Loss(c)\n    e = property(b)\n",
    "class D(C, L):\n    def forward(self, x):\n        '''\na, Loss\n'''\n        return super().forward(self.b(x))\n",
    "async def i(a):\n    global c\n    c = a\n    class E(a): pass\n    return E, Loss.forward(a)\n",
    "class F:\n    x = 1\n    def m(self): return self.n(L)\n\n    async def n(self, x):\n        self.o = x.m()\n",
    "class G:\n    @L\n    def m(self): self.m()\n    @L(\n    c)\n\n    def n(self): self.n()\n",
    "class H:\n    @c. \\\n    m\n    def o(self): c.n(); self.o()\n    @L  # m\n    # n\n    def n(self): pass\n",
    'class I:\n    @L or """\n    """\n    def m(self): self.m()\n',
    "b(a.m, a.n(), a.o()()); k = a.m().n; a.n().m()\n", "for m in a.m(): a.o = m\n",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(STATEMENTS), max_size=7).map("".join), st.data())
def test_any_file_hands_over_what_its_whole_does(lines: str, data: st.DataObject) -> None:
    ends = data.draw(st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=1, max_size=9))
    text = "".join(line + end for line, end in zip(lines.split("\n"), itertools.cycle(ends), strict=False))
    module = whole(text)
    assert module is not None
    names = hand_overs(module, WRAPPERS)
    for name, calls in itertools.product({*names.edges, *names.passings, *words(text)}, (0, MAX_CALLS)):
        edges = {edge for edge in names.edges.get(name, ()) if edge.calls <= calls}
        passings = {passing for passing in names.passings.get(name, ()) if passing.calls <= calls}
        assert hands(text, name, calls) == (edges, passings), (name, calls)
    assert all(definitions(text).may_call([head]) for head in names.called)


def test_our_own_files_are_taken_apart() -> None:
    for path in sorted(PACKAGE.glob("program/*.py")):
        text = path.read_text(encoding="utf-8")
        apart = definitions(text)
        defined = [one for one in ast.parse(text).body if isinstance(one, ast.FunctionDef | ast.ClassDef)]
        assert all(apart.signatures(one.name) for one in defined), path
