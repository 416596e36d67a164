"""Statements and expressions → IR, read back as text: `render` writes a node as the expression it stands for."""

from __future__ import annotations

from pathlib import Path

import pytest

from ce_lint.frontend.lowering import SyntaxFailure, lower_text
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ClassIR, FunctionIR, ModuleIR, ParameterKind, StarImport, decode, encode

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "ce_lint").rglob("*.py"), *(ROOT / "fixtures").rglob("*.py")])


def lowered(text: str) -> ModuleIR:
    module = lower_text(text)
    assert isinstance(module, ModuleIR), module
    return module


def render(module: ModuleIR, index: int | None, depth: int = 0) -> str:  # noqa: C901, PLR0912 - one case a node
    """A node as text; a loop's variable inside itself is `itself`."""
    if index is None:
        return ""
    node = module.nodes[index]
    if depth > 12:
        return "~"

    def of(operand: int | None) -> str:
        return render(module, operand, depth + 1)

    match node:
        case ir.Constant(value):
            return repr(value)
        case ir.Opaque(why):
            return f"<{why}>"
        case ir.Unbound():
            return "unbound"
        case ir.Parameter(name) | ir.Free(name):
            return name
        case ir.Import(name=name, module=path, level=level):
            return f"import({'.' * level}{path}:{name})"
        case ir.Attribute(owner, name):
            return f"{of(owner)}.{name}"
        case ir.Item(owner, key):
            return f"{of(owner)}[{of(key)}]"
        case ir.Slice(lower, upper, step):
            return f"{of(lower)}:{of(upper)}:{of(step)}"
        case ir.Call(function, arguments):
            given = (f"{'*' * one.stars}{one.keyword and one.keyword + '='}{of(one.value)}" for one in arguments)
            return f"{of(function)}({', '.join(given)})"
        case ir.Display(kind, items, starred):
            return f"{kind}({', '.join('*' * (i in starred) + of(one) for i, one in enumerate(items))})"
        case ir.Dictionary(keys, values):
            return f"dict({', '.join(f'{of(k)}: {of(v)}' for k, v in zip(keys, values, strict=True))})"
        case ir.Collect(kind, element, key):
            return f"any {kind}({f'{of(key)}: ' if key is not None else ''}{of(element)})"
        case ir.Element(iterable):
            return f"each({of(iterable)})"
        case ir.Enter(manager):
            return f"enter({of(manager)})"
        case ir.Choice(condition, then, other):
            return f"({of(then)} if {of(condition)} else {of(other)})"
        case ir.Loop(before, after):
            inside = ["itself" if one == index else render(module, one, depth + 5) for one in after]
            return f"loop({of(before)}; {', '.join(inside)})"
        case ir.Binary(operator, left, right) | ir.Boolean(operator, left, right) | ir.Compare(operator, left, right):
            return f"({of(left)} {operator} {of(right)})"
        case ir.Unary(operator, operand):
            return f"{operator}({of(operand)})"
        case ir.Not(operand):
            return f"not {of(operand)}"
        case ir.Matches(subject):
            return f"matches({of(subject)})"
        case ir.SetAttribute(owner, name, value):
            return f"{of(owner)} with .{name} = {of(value)}"
        case ir.SetItem(owner, key, value):
            return f"{of(owner)} with [{of(key)}] = {of(value)}"
        case ir.Mutate(owner, method, call):
            return f"{of(owner)} after .{method} of {of(call)}"
        case ir.Function(number):
            return f"def {module.functions[number].qualified_name}"
        case ir.Class(number):
            return f"class {module.classes[number].name}"
    raise AssertionError(node)


def function(module: ModuleIR, name: str) -> FunctionIR:
    return next(one for one in module.functions if one.qualified_name == name)


def returns(text: str, name: str = "f") -> list[tuple[str, list[str]]]:
    """What a function returns, and under which guards."""
    module = lowered(text)
    return [
        (
            render(module, one.value),
            [("" if guard.holds else "not ") + render(module, guard.condition) for guard in one.guards],
        )
        for one in function(module, name).returns
    ]


def held(text: str, name: str) -> str:
    """What a global holds at the end of a module."""
    module = lowered(text)
    return render(module, module.functions[0].exits[name])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1", "1"),
        ("x = -1", "-1"),
        ("x = 1\nx = x + 2", "(1 Add 2)"),
        ("x = 1\nx += y", "(1 Add y)"),
        ("x = 1\nx **= 2", "(1 Power 2)"),
        ("x = y = f()", "f()"),
        ("x: int = 1", "1"),
        ("x = 'a' 'b'", "'ab'"),
        ("x = b'a'", "<no plain string>"),
        ("x = f'{a}'", "<formatted string>"),
        ("x = a.b.c", "a.b.c"),
        ("x = f(a, *b, c=d, **e)", "f(a, *b, c=d, **e)"),
        ("x = a[1:-1, ..., None]", "a[tuple(1:-1:, Ellipsis, None)]"),
        ("x = a[1,]", "a[tuple(1)]"),
        ("x = (a, *b)", "tuple(a, *b)"),
        ("x = [a]", "list(a)"),
        ("x = {a}", "set(a)"),
        ("x = {a: b, **c}", "dict(a: b, : c)"),
        ("x = a if b else c", "(a if b else c)"),
        ("x = a if b else a", "a"),
        ("x = a and b or c", "((a and b) or c)"),
        ("x = not a", "not a"),
        ("x = ~a", "BitInvert(a)"),
        ("x = a < b", "(a LessThan b)"),
        ("x = a < b < c", "<chained comparison>"),
        ("x = await_ = g()", "g()"),
        ("x = lambda a: a", "def <lambda>"),
        ("print(x := 1)", "1"),
        ("if (x := f()): pass", "f()"),
    ],
)
def test_expressions_and_assignments(text: str, expected: str) -> None:
    assert held(text, "x") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if a: x = 1\nelse: x = 2", "(1 if a else 2)"),
        ("x = 0\nif a: x = 1", "(1 if a else 0)"),
        ("if a: x = 1", "(1 if a else unbound)"),
        ("if a: x = 1\nelif b: x = 2\nelse: x = 3", "(1 if a else (2 if b else 3))"),
        ("if a: x = 1\nelse: x = 1", "1"),
        ("x = 0\nif a: raise E\nelse: x = 1", "1"),
        ("x = 0\nwhile a: x = 1", "loop(0; 1)"),
        ("x = 0\nfor i in s: x = i", "loop(0; each(s))"),
        ("for x in s: pass", "loop(unbound; each(s))"),
        ("x = 0\nfor i in s:\n    if a: break\n    x = 1", "loop(0; itself, 1)"),
        ("x = 0\nfor i in s:\n    x = 1\n    if a: break\n    x = 2", "loop(0; 1, 2)"),
        ("x = 0\nfor i in s:\n    x = 1\n    if a: continue\n    x = 2", "loop(0; 1, 2)"),
        ("x = 0\nfor i in s: pass\nelse: x = 1", "1"),
        ("x = 0\nwhile (x := f()): pass", "f()"),
        ("x = 0\ntry: x = 1\nexcept E: x = 2", "(2 if <whether an exception is raised> else 1)"),
        ("x = 0\ntry: x = 1\nexcept E: pass", "(0 if <whether an exception is raised> else 1)"),
        ("try: x = 1\nexcept E: raise", "1"),
        ("try: import a as x\nexcept E: x = None", "(None if <whether an exception is raised> else import(a:))"),
        ("try: pass\nexcept E: pass\nelse: x = 1\nfinally: x = 2", "2"),
        ("with a as x: pass", "enter(a)"),
        ("with a: x = 1", "1"),
        ("with a as (x, y): pass", "enter(a)[0]"),
        ("match s:\n    case 1: x = 1\n    case _: x = 2", "(1 if (s Equal 1) else 2)"),
        ("match s:\n    case 1 | 2: x = 1\n    case y: x = y", "(1 if ((s Equal 1) or (s Equal 2)) else s)"),
        (
            "match s:\n    case None: x = 1\n    case C(): x = 2",
            "(1 if (s Is None) else (2 if matches(s) else unbound))",
        ),
        ("match s:\n    case 1 if g: x = 1\n    case _: x = 2", "(1 if matches(s) else 2)"),
    ],
)
def test_where_ways_meet(text: str, expected: str) -> None:
    assert held(text, "x") == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("x, y", "v[0]"),
        ("y, x", "v[1]"),
        ("[y, x]", "v[1]"),
        ("*x, y", "v[0:-1:]"),
        ("y, *x", "v[1::]"),
        ("y, *z, x", "v[-1]"),
        ("y, *x, z", "v[1:-1:]"),
        ("y, (z, x)", "v[1][1]"),
    ],
)
def test_unpacking(target: str, expected: str) -> None:
    assert held(f"{target} = v", "x") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = A()\nx.a = 1", "A() with .a = 1"),
        ("x = {}\nx['a'] = 1", "dict() with ['a'] = 1"),
        ("x = []\nx.append(1)", "list() after .append of list().append(1)"),
        ("x = A()\nsetattr(x, 'a', 1)", "A() with .a = 1"),
        ("x = A()\nx.a.b = 1", "A() with .a = A().a with .b = 1"),
    ],
)
def test_an_object_that_is_changed_is_a_new_version_of_itself(text: str, expected: str) -> None:
    assert held(text, "x") == expected


def test_an_attribute_is_read_as_it_was_set_until_its_object_is_another() -> None:
    assert held("a = A()\na.b = 1\nx = a.b", "x") == "1"
    assert held("a = A()\na.b = 1\na = B()\nx = a.b", "x") == "B().b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = [f(a) for a in s if a]", "any list(f(each(s)))"),
        ("x = {f(a) for a in s}", "any set(f(each(s)))"),
        ("x = {a: f(b) for a, b in s}", "any dict(each(s)[0]: f(each(s)[1]))"),
        ("x = list(f(a) for b in s for a in b)", "list(any list(f(each(each(s)))))"),
        ("a = 1\n[a for a in s]\nx = a", "1"),
    ],
)
def test_comprehensions(text: str, expected: str) -> None:
    assert held(text, "x") == expected


def test_the_condition_of_a_comprehension_guards_its_calls() -> None:
    module = lowered("x = [f(a) for a in s if a]")
    guards = [[render(module, guard.condition) for guard in site.guards] for site in module.functions[0].calls]
    assert guards == [["each(s)"]]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return a", [("a", [])]),
        ("return", [("None", [])]),
        ("if a: return 1\n    return 2", [("1", ["a"]), ("2", ["not a"])]),
        ("if a: return 1\n    else: return 2\n    return 3", [("1", ["a"]), ("2", ["not a"])]),
        ("if a:\n        if b: return 1\n    return 2", [("1", ["a", "b"]), ("2", [])]),
        ("if not a: raise E\n    return 2", [("2", ["not not a"])]),
        ("with c:\n        return 1\n    return 2", [("1", [])]),
        ("for i in s:\n        return i\n    return 2", [("each(s)", []), ("2", [])]),
        ("try:\n        return 1\n    except E:\n        return 2", [("1", []), ("2", ["<whether an exception is raised>"])]),  # noqa: E501
        ("match a:\n        case 1: return 1\n    return 2", [("1", ["(a Equal 1)"]), ("2", ["not (a Equal 1)"])]),
    ],
)  # fmt: skip
def test_an_early_return_leaves_guards(body: str, expected: list[tuple[str, list[str]]]) -> None:
    assert returns(f"def f(a, b):\n    {body}\n") == expected


def test_a_guard_ends_with_its_block() -> None:
    text = "def f(a, b):\n    if b:\n        if a: return 1\n        g()\n    h()\n"
    module = lowered(text)
    guards = {
        render(module, site.node): [
            ("" if guard.holds else "not ") + render(module, guard.condition) for guard in site.guards
        ]
        for site in function(module, "f").calls
    }
    assert guards == {"g()": ["b", "not a"], "h()": []}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("a, b=1", [("a", "positional", ""), ("b", "positional", "1")]),
        ("a, /, b", [("a", "positional", ""), ("b", "positional", "")]),
        ("*a, b, c=d", [("a", "*", ""), ("b", "keyword", ""), ("c", "keyword", "d")]),
        ("*, a, **b", [("a", "keyword", ""), ("b", "**", "")]),
    ],
)
@pytest.mark.parametrize("form", ["def f({}): pass", "f = lambda {}: 0"])
def test_parameters(form: str, parameters: str, expected: list[tuple[str, str, str]]) -> None:
    module = lowered(form.format(parameters))
    found = [(one.name, one.kind.value, render(module, one.default)) for one in module.functions[1].parameters]
    assert found == expected


def test_a_default_is_evaluated_outside() -> None:
    module = lowered("a = 1\ndef f(a=a): return a\na = 2\n")
    (parameter,) = function(module, "f").parameters
    assert render(module, parameter.default) == "1"
    assert parameter.kind is ParameterKind.POSITIONAL


def test_functions_inside_functions_know_their_parent() -> None:
    module = lowered("class A:\n    def m(self):\n        def inner(): return self\n        return inner\n")
    found = {one.qualified_name: (one.parent, one.owner) for one in module.functions}
    assert found == {"": (None, None), "A.m": (0, 0), "A.m.inner": (1, None)}


def test_a_decorator_is_a_node_of_the_function() -> None:
    module = lowered("@a.b\n@c(1)\ndef f(): pass\n")
    assert [render(module, node) for node in function(module, "f").decorators] == ["a.b", "c(1)"]


def test_a_class_body() -> None:
    module = lowered("@d\nclass A(B, metaclass=M):\n    a: int\n    b: int = 1\n    c = b\n    def m(self): return a\n")
    (found,) = module.classes
    assert members(module, found) == {"b": "1", "c": "1", "m": "def A.m"}
    assert [(name, render(module, default)) for name, default in found.fields] == [("a", ""), ("b", "1")]
    assert (found.name, found.parent) == ("A", 0)


def members(module: ModuleIR, found: ClassIR) -> dict[str, str]:
    return {name: render(module, node) for name, node in found.members.items()}


def test_self_keeps_what_its_methods_leave() -> None:
    module = lowered("class A:\n    def __init__(self, x):\n        self.a = x\n        self.b.c = 1\n")
    found = {path: render(module, node) for path, node in function(module, "A.__init__").exits.items()}
    assert found == {"self": "self", "x": "x", "self.a": "x", "self.b": "self.b with .c = 1", "self.b.c": "1"}


def test_a_global_is_handed_to_the_module() -> None:
    found = function(lowered("def f():\n    global b, a\n    a = 1\n"), "f")
    assert (found.global_names, list(found.exits)) == (("a", "b"), ["a"])


def test_what_a_generator_yields() -> None:
    module = lowered("def f():\n    yield a\n    yield from b\n    yield\n")
    assert [render(module, node) for node in function(module, "f").yields] == ["a", "each(b)"]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("import a", "a", "import(a:)"),
        ("import a.b", "a", "import(a:)"),
        ("import a.b as c", "c", "import(a.b:)"),
        ("from a import b", "b", "import(a:b)"),
        ("from a.b import c as d", "d", "import(a.b:c)"),
        ("from . import b", "b", "import(.:b)"),
        ("from ..a import b", "b", "import(..a:b)"),
    ],
)
def test_imports(text: str, name: str, expected: str) -> None:
    assert held(text, name) == expected


def test_star_imports_are_kept_in_order() -> None:
    assert lowered("from a import *\nx = 1\nfrom ..b import *\n").star_imports == (
        StarImport("a", 0, 0),
        StarImport("b", 2, 1),
    )


def test_equal_nodes_are_one_node_but_calls_are_not() -> None:
    module = lowered("a = c.d\nb = c.d\ne = f()\ng = f()\n")
    exits = module.functions[0].exits
    assert exits["a"] == exits["b"]
    assert exits["e"] != exits["g"]


def test_constants_that_compare_equal_stay_apart() -> None:
    module = lowered("a = 1\nb = 1.0\nc = True\n")
    assert [repr(module.nodes[module.functions[0].exits[name]]) for name in "abc"] == [
        "Constant(value=1)",
        "Constant(value=1.0)",
        "Constant(value=True)",
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_same_text_gives_the_same_ir_and_bytes_give_it_back(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    module = lowered(text)
    assert (lowered(text), decode(encode(module))) == (module, module)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = (\n", 1),
        ("x = 1\nx = = 2\n", 2),
        ("def f():\nreturn 1\n", 2),
        ("if a:\n    x = 1\n  y = 2\n", 3),
        ("this is no python\n", 1),
    ],
)
def test_text_that_is_no_python_says_where(text: str, line: int) -> None:
    failure = lower_text(text)
    assert isinstance(failure, SyntaxFailure)
    assert (failure.line, failure.reason.partition(":")[0]) == (line, "cannot be parsed")


@pytest.mark.parametrize("text", ["x = '\ud800'\n", "x = 1\0\n", "def f(\n\n\n"])
def test_a_reason_is_one_line(text: str) -> None:
    failure = lower_text(text)
    assert isinstance(failure, SyntaxFailure)
    assert len(failure.reason.splitlines()) == 1
