"""What came to a text since it was known: definitions, or anything else."""

from __future__ import annotations

import pytest

from ce_lint.program.changes import Addition, additions, is_harmless

WRAPPERS = frozenset({"wrap"})
BEFORE = """\
import m


class Net:
    def f(self, x):
        return x


net = Net()


def g(x):
    return net.f(x)
"""
ADDED = "\n\ndef added(x):\n    return x\n"


def came(after: str, words: frozenset[str] | None = None) -> list[Addition] | None:
    return additions(BEFORE.encode(), after.encode(), WRAPPERS, words)


@pytest.mark.parametrize(
    "after",
    [
        BEFORE,
        BEFORE + "\n# a comment\n",
        "# a comment\n" + BEFORE,
        BEFORE.replace("    def f", "    # a comment\n\n    def f"),
        BEFORE.replace("\n\n\n", "\n"),
    ],
)
def test_comments_and_empty_lines_are_nothing(after: str) -> None:
    assert came(after) == []


def test_a_definition_at_the_end() -> None:
    (added,) = came(BEFORE + ADDED) or ()
    assert (added.text.strip(), added.is_last) == (ADDED.strip().encode(), True)
    assert b"added" not in added.rest


def test_definitions_anywhere() -> None:
    after = BEFORE.replace("class Net", "@m.known\ndef first():\n    pass\n\n\nclass Net") + ADDED
    found = came(after) or ()
    assert [(one.text.split(b"(")[0], one.is_last) for one in found] == [
        (b"@m.known\ndef first", False),
        (b"def added", True),
    ]
    assert all(b"added" not in one.rest and b"first" not in one.rest for one in found)


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.replace("return x", "return m.x"),
        BEFORE.replace("net = Net()", ""),
        BEFORE.replace("net = Net()", "net = Net()\nother = Net()"),
        BEFORE.replace("def g", "def h"),
        BEFORE + "\n\nprint(net)\n",
        BEFORE.replace("import m", "import m\nfrom m import wrap as w"),
        BEFORE + "\n\ndef added(self):\n    super().forward()\n",
        "# coding: utf-8\n" + BEFORE,
        "",
    ],
)
def test_all_else_is_another_change(after: str) -> None:
    assert came(after) is None


def test_of_what_is_known_by_words_only_their_definitions_and_the_module_count() -> None:
    words = frozenset({"g"})
    assert came(BEFORE.replace("return x", "return x + 1"), words) == []
    assert came(BEFORE.replace("import m", "import n"), words) is None
    words = frozenset({".f"})
    assert came(BEFORE.replace("net.f(x)", "1 + net.f(x)"), words) is None
    assert came(BEFORE.replace("net.f(x)", "net.x"), words) is None
    assert came(BEFORE + ADDED, words) == []
    assert came(BEFORE + ADDED.replace("return x", "return x.f"), words) is not None


@pytest.mark.parametrize(
    ("added", "asked", "expected"),
    [
        (ADDED, (), True),
        (ADDED, ("x",), False),
        ("def added(x):\n    return x + 1\n", ("x", "return"), True),
        (ADDED, ("def added",), False),
        (ADDED, ("added",), False),
        (ADDED, (".added",), False),
        ("def added(x):\n    return x.f(1)\n", (".f",), False),
        ("def added(x):\n    return g(x.f)\n", (".f",), False),
        ("def added(x):\n    return g(x.f)\n", ("g",), False),
        ("def added(x):\n    return g(x.f)\n", ("x",), True),
        ("def added(x):\n    f = x\n    return 1\n", ("f", ".f"), True),
        ("class Added(Net): pass\n", ("Net",), False),
        ("class Added(Net): pass\n", (".Net",), True),
        ("class Added:\n    def f(self): pass\n", ("def f",), False),
        ("def added(x):\n    x.f = 1\n", (), False),
        ("def added(x):\n    net[1] = x\n", (), False),
        ("def added(x):\n    global net\n", (), False),
        ("def added(:\n", (), False),
        ("def g(x): pass\n", (), False),
        ("def elsewhere(x): pass\n", (), False),
    ],
)
def test_what_can_matter(added: str, asked: tuple[str, ...], *, expected: bool) -> None:
    addition = Addition(added.encode(), BEFORE.encode(), is_last=True)
    assert is_harmless(addition, frozenset(asked), WRAPPERS, [b"import elsewhere\n"]) is expected
