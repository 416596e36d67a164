"""Names under which a loss travels: a name proves nothing, but none may be missed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ce_lint.frontend.lowering import SyntaxFailure, lower_text
from ce_lint.interpreter.callers import ProjectCallers
from ce_lint.program.carriers import Carriers
from ce_lint.program.loading import Here, Lowered, Wanted
from ce_lint.program.names import Name, Names, Start, bare, spelt
from ce_lint.program.program import Program
from ce_lint.program.words import has_word


def names(root: Path, *texts: str, start: str = "Loss") -> Names:
    files = []
    for number, text in enumerate(texts):
        files.append(root / f"m{number}.py")
        files[-1].write_text(text)
    return Carriers(Program(root, tuple(files)), frozenset({"wrap"})).closure(Names.of_class(start))


def spelt_at(names: Names, path: Path) -> set[str]:
    return {name.spelling for name in names.objects if names.at(path).is_object(name.spelling)}


def words(spelt: Iterable[Name]) -> set[str]:
    return {bare(name.spelling) for name in spelt}


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
        (["f = lambda a=Loss(): a"], {"a", "<lambda>", "f"}),
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
    assert words(names(tmp_path, *texts).objects) - {"Loss"} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = Loss()", {"a", ".a"}),
        ("def f(self): self.a = Loss()", {".a"}),
        ("class C:\n    a = Loss()", {".a"}),
        ("class C:\n    a: object\nC(Loss())", {".a"}),
        ("class C:\n    a: object\nC(a=Loss())", {".a"}),
        ("def f(x, a): pass\nf(1, Loss())", {"a"}),
        ("def f(a): pass\nf(a=Loss())", {"a"}),
        ("def f(*, a): pass\nf(a=Loss())", {"a"}),
        ("def f(**a): pass\nf(a=Loss())", {"a", ".a"}),
        ("def f(b): pass\nf(a=Loss())", {"a", ".a"}),
        ("f(a=Loss())", {"a", ".a"}),
        ("def f():\n    a = Loss()\n    def g(): return a", {"a", "g"}),
        ("def f():\n    global a\n    a = Loss()", {"a", ".a"}),
        ("class C:\n    def f(self): return Loss()", {".f"}),
        # A variable that is called as an attribute is that holds something else.
        ("def f(self, a): self.a = Loss()\ndef g(a): b = [a]\n", {".a"}),
        ("def f(self): self.a = Loss()\ndef g(x): x.b = x.a\n", {".a", ".b"}),
    ],
)
def test_spellings(tmp_path: Path, text: str, expected: set[str]) -> None:
    found = {name.spelling for name in names(tmp_path, text).objects - spelt(["Loss"])}
    assert found == expected


LOCAL = (
    "def f(x, a): pass\nf(1, Loss())",
    "def f(a): pass\nf(a=Loss())",
    "def f(a=Loss()): pass",
    "def f(self):\n    a = Loss()\n    def a_(): a",
    "def f():\n    def a(): return Loss()",
)


@pytest.mark.parametrize("text", LOCAL)
def test_parameters_and_variables_of_functions_are_names_of_their_file(tmp_path: Path, text: str) -> None:
    found = names(tmp_path, text, "def g(a): b = a\n\nc = a\n\ndef h(self): self.d = a\n")
    assert Name("a", str(tmp_path / "m0.py")) in found.objects
    assert [found.at(tmp_path / name).is_object("a") for name in ("m0.py", "m1.py")] == [True, False]
    assert all(found.at(tmp_path / name).is_maker("Loss") for name in ("m0.py", "m1.py"))
    assert words(found.objects) == {"Loss", "a"}


@pytest.mark.parametrize(
    "caller",
    [
        "from m1 import train as run\ndef f(a): run(a)\nf(Loss())",
        "from m1 import train as run\nrun(a=Loss())",
        "def f(fn, a): fn(a)\nf(1, Loss())",
        "def f(a): TABLE['train'](a)\nf(Loss())",
        "def f(a): make()(a)\nf(Loss())",
        "def f(a): train(*(1, a))\nf(Loss())",
        "def f(a): train(**{'a': a})\nf(Loss())",
        "from functools import partial\ndef f(a): partial(train, a)\nf(Loss())",
        "class C(D):\n    def __init__(self, a): super().__init__(a)\nC(Loss())",
        "class C(D):\n    def __init__(self, a): D.__init__(self, a)\nC(Loss())",
        "class C(D):\n    def f(cls, a): cls(a)\nC().f(Loss())",
        "class C(D): pass\nC(Loss())",
        "class C(D): pass\nC(a=Loss())",
        "class C(D):\n    def __init__(self, **kw): super().__init__(**kw)\nC(a=Loss())",
        "from m1 import train\nclass C:\n    def train(self, x): return train(a=Loss())",
    ],
)
def test_where_the_callee_is_not_seen_an_argument_keeps_its_name(tmp_path: Path, caller: str) -> None:
    taker = "def train(a): a(1)\nclass D:\n    def __init__(self, a): self.a = a\n"
    assert names(tmp_path, caller, taker).at(tmp_path / "m1.py").is_object("a")


@pytest.mark.parametrize("caller", ["def f(a): log.info(a)\nf(Loss())", "def f(a): isinstance(a, int)\nf(Loss())"])
def test_what_a_library_or_python_is_given_stays_a_name_of_its_file(tmp_path: Path, caller: str) -> None:
    assert not names(tmp_path, caller, "def train(a): a(1)\n").at(tmp_path / "m1.py").is_object("a")


def test_alike_scripts_count_once(tmp_path: Path) -> None:
    """However many files have a parameter of a name, it is one name."""
    hands_on = [f"def step_{number}(a_{number}): step_{number + 1}(a_{number})\n" for number in range(8)]
    script = "".join(hands_on) + "def step_8(fn): fn(1)\nstep_0(Loss())\n"
    found = names(tmp_path, *[script] * 100)
    assert all(found.at(tmp_path / f"m{number}.py").is_object("fn") for number in range(100))


@pytest.mark.parametrize(
    "text",
    [
        "class C:\n    def make(self): return Loss()\n    build = make",
        "class C:\n    def make(self): return Loss()\n    build = {'a': make}",
    ],
)
def test_in_the_body_of_its_class_a_method_has_no_dot(tmp_path: Path, text: str) -> None:
    assert ".build" in {name.spelling for name in names(tmp_path, text).objects}


@pytest.mark.parametrize("call", ["m1.run(a=Loss())", "m1.run(Loss())"])
def test_an_attribute_is_looked_for_in_other_files_too(tmp_path: Path, call: str) -> None:
    found = names(tmp_path, f"import m1\n{call}\ndef run(b, **k): pass\n", "def run(a): pass\n")
    assert Name("a", str(tmp_path / "m1.py")) in found.objects


def test_a_parameter_is_handed_on_in_its_file(tmp_path: Path) -> None:
    found = names(tmp_path, "from m1 import f\nf(Loss())\ndef g(a): b.c = a", "def f(a):\n    k(a)\ndef k(d): e.l = d")
    assert words(found.objects) == {"Loss", "a", "d", "l"}


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
    assert (words(found.makers) - {"Loss"}, "a" in words(found.objects)) == (expected, True)


@pytest.mark.parametrize("text", ["a = Other()", "a = f(Loss)", "# Loss\na = 1"])
def test_other_names_carry_nothing(tmp_path: Path, text: str) -> None:
    assert "a" not in words(names(tmp_path, text).objects)


def test_names_that_hand_themselves_on_end(tmp_path: Path) -> None:
    text = "a = Loss()\ndef f(b):\n    a = b\n    return f(a)\nb = f(a)\n"
    assert words(names(tmp_path, text).objects) == {"Loss", "a", "b"}


def test_the_names_of_one_project_are_closed_over_once(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("a = Loss()")
    carriers = Carriers(Program(tmp_path, (tmp_path / "m.py",)), frozenset())
    assert carriers.closure(Names.of_class("Loss")) is carriers.closure(Names.of_class("Loss"))


class Once:
    """Lowers no content twice."""

    def __init__(self) -> None:
        self.paths: list[Path] = []

    def lowered(self, wanted: Iterable[Wanted]) -> Iterator[Lowered]:
        contents = list(wanted)
        paths = [path for path, _, _ in contents]
        assert not set(paths) & set(self.paths)
        self.paths += paths
        return Here().lowered(contents)


def test_a_file_is_lowered_once_for_its_names_and_its_calls(tmp_path: Path) -> None:
    texts = {
        "m.py": "from n import f\na = Loss()\nf(a)\n",
        "n.py": "def f(b):\n    return b(1)\n",
        "said.py": '"""Loss, f, a and b."""\n# Loss\n',
        "other.py": "x = 1\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    supply = Once()
    callers = ProjectCallers(Program(tmp_path, tuple(tmp_path / name for name in texts), supply=supply), frozenset())
    start = Start(Names.of_class("Loss"))
    callers.carriers.lower_ahead(start)
    assert supply.paths == [tmp_path / "m.py"]
    assert words(callers.carriers.closure(*start[:2]).objects) == {"Loss", "a", "b"}
    assert [one.function.path.name for one in callers.candidates(callers.carriers.called(start))] == ["m.py", "n.py"]
    assert {path.name for path in supply.paths} == {"m.py", "n.py"}


def test_a_file_that_holds_a_call_is(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("a = Loss()\n\ndef f(x):\n    return a(x)\n")
    callers = ProjectCallers(Program(tmp_path, (path,)), frozenset())
    found = callers.candidates(callers.carriers.closure(Names.of_class("Loss")))
    assert [(one.function.path, one.function.number) for one in found] == [(path, 0), (path, 1)]


PARTS = (
    "a = Loss()\n", "def f(b):\n    return b\n", "f(a)\n", "class C:\n    c = Loss()\n", "x = 1\n",
    "def g(:\n    pass\n", "b = = 1\n", "def h():\n    '''\n", "'''\n", "# Loss\n", "    return a\n",
)  # fmt: skip


@given(st.lists(st.lists(st.sampled_from(PARTS), max_size=4).map("".join), min_size=1, max_size=3))
def test_a_file_in_which_a_name_stands_and_that_is_no_python_is_a_failure(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = {Path(folder) / f"m{number}.py": text for number, text in enumerate(texts)}
        for path, text in files.items():
            path.write_text(text)
        program = Program(Path(folder), tuple(files))
        names = Carriers(program, frozenset()).closure(Names.of_class("Loss"))
        failed = {failure.path for failure in program.failures()}
        wrong = {path for path, text in files.items() if isinstance(lower_text(text), SyntaxFailure)}
        said = {
            path for path in wrong if any(has_word(files[path].encode(), one.encode()) for one in spelt_at(names, path))
        }
        assert said <= failed <= wrong


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("a = Loss()", 0),
        ("a = Loss", 1),
        ("def a(): return Loss()", 1),
        ("def a(): return Loss", 2),
        ("def f(): return Loss\na = f()", 1),
        ("def f(): return Loss\na = f()()", 0),
        ("def f(): return Loss\ng = f\na = g()()", 0),
        ("def a(x):\n    def f(): return Loss(x)\n    return f", 2),
        ("class C:\n    def a(self): return Loss()", 1),
        ("class a(Loss): pass", 1),
        ("def f(): return Loss\nclass a(f()): pass", 1),
        ("def f(c):\n    class Own(c): pass\n    return Own\nclass a(f(Loss)): pass", 1),
        ("def f(a): pass\nf(Loss)", 1),
        ("def f(a): pass\nf(Loss())", 0),
        ("def f(x): return x\na = f(Loss())", 0),
        ("def f(x): return x\na = f(Loss)()", 0),
    ],
)
def test_how_many_calls_lie_between_a_name_and_the_thing(tmp_path: Path, text: str, calls: int) -> None:
    assert led(tmp_path, text, "a") == {calls}


def test_a_function_may_be_a_property(tmp_path: Path) -> None:
    assert led(tmp_path, "class C:\n    @property\n    def a(self): return Loss()", "a") == {0, 1}


@pytest.mark.parametrize(
    "text",
    [
        "class C: a = Loss\nclass D:\n    def f(self): self.a = C.a()",
        "class C:\n    def a(self): return Loss()\nclass D:\n    def f(self, c): self.a = c.a()",
        "def a(): return Loss()\ndef f():\n    global a\n    a = a()",
        "a = Loss\ndef f(a=a()): pass",
    ],
)
def test_what_makes_it_and_what_it_is_kept_as_may_have_one_name(tmp_path: Path, text: str) -> None:
    assert led(tmp_path, text, "a") == {0, 1}


def test_what_comes_of_a_call_of_the_thing_is_not_followed(tmp_path: Path) -> None:
    assert led(tmp_path, "a = Loss()(x, y)\ndef f(b): pass\nf(Loss()(x, y))", "a") == set()


def led(root: Path, text: str, name: str) -> set[int]:
    """By how many calls a name leads to an object of `Loss`."""
    (root / "m.py").write_text(text)
    carriers = Carriers(Program(root, (root / "m.py",)), frozenset())
    found = carriers.called(Start(Names(spelt({"Loss"}), frozenset())))
    return {calls for calls, names in enumerate(found.by_calls) if name in words(names)}
