"""Files that nobody should write: each is named in one line, within bounds, and costs the other files nothing."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.bad_input.conftest import Outcome

Run = Callable[..., "Outcome"]

pytestmark = pytest.mark.slow

AT_GOOD = ("good.py", 5, "CEL001")
HEAD = "import torch.nn.functional as F\nfrom torch import nn\n"
TAIL = "\nloss = F.cross_entropy(F.log_softmax(z, dim=1), y)\n"
DEEP = 3_000
"""Terms on top of each other."""


def notebook(*cells: object) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": source} for source in cells], "nbformat": 4})


BROKEN: dict[str, tuple[str, bytes | str, list[str]]] = {
    # what it is: the file, its content, how each reason begins
    "not Python": ("bad.py", HEAD + "this is no python" + TAIL, ["cannot be parsed: "]),
    "not Python, an activation": ("bad.py", HEAD + "this is no python\np = F.softmax(x)\n", ["cannot be parsed: "]),
    "not UTF-8": ("bad.py", (HEAD + "s = '\xff'" + TAIL).encode("latin-1"), ["not UTF-8: byte 0xff at line 3"]),
    "unknown encoding": ("bad.py", "# coding: klingon\n" + HEAD + TAIL, ["unknown encoding: klingon"]),
    "null byte": ("bad.py", HEAD + "z = 1\0" + TAIL, ["cannot be parsed: "]),
    "half a notebook": ("bad.ipynb", '{"cells": [{"cell_type": "code", "source": "F.cross_entropy(x, y)"}', ["is no"]),
    "a notebook with a broken cell": (
        "bad.ipynb",
        notebook(HEAD, "def (:", TAIL),
        ["cell 2: "],
    ),
}  # fmt: skip

DEEP_TEXTS: dict[str, str] = {
    "a sum": "z = " + " + ".join(["a"] * DEEP),
    "parentheses": "z = " + "(" * DEEP + "a" + ")" * DEEP,
    "calls in calls": "z = " + "f(" * DEEP + "a" + ")" * DEEP,
    "lists in lists": "z = " + "[" * DEEP + "]" * DEEP,
    "attributes": "z = a" + ".b" * DEEP,
    "a chain of calls": "z = a" + ".b()" * DEEP,
    "a condition": "z = " + " and ".join(["a"] * DEEP),
    "strings": "z = " + " ".join(["'a'"] * DEEP),
    "not": "z = " + "not " * DEEP + "a",
    "elif": "z = 0\nif a: pass\n" + "".join(f"elif a == {i}: z = {i}\n" for i in range(DEEP)),
}

NEW_SYNTAX: dict[str, str] = {
    # Python 3.14 and 3.15
    "a t-string": "z = t'{a}'",
    "except without parentheses": "try:\n    z = a\nexcept A, B:\n    pass",
    "a starred comprehension": "z = [*a for a in b]",
    "a lazy import": "lazy import a",
    # proposed in PEP 505: stands for whatever comes next
    "a none-aware operator": "z = a ?? b",
}


def flow(count: int, line: str) -> str:
    return "\n".join(line.format(i=i, before=max(i - 1, 0)) for i in range(count))


def classes(count: int, base: str, inner: str) -> str:
    """Models that hold and extend each other, each with a loss of its own."""
    text = """
class C{i}({base}):
    def __init__(self):
        super().__init__()
        self.inner = {inner}()
        self.criterion = nn.CrossEntropyLoss()

    def forward(self, x):
        return F.softmax(self.inner(x), dim=1)

    def step(self, x, y):
        return self.criterion(self(x), y)
"""
    return "".join(
        text.format(i=i, base=base.format(before=i - 1) if i else "nn.Module", inner=inner.format(i=(i * 7 + 1) % count))  # noqa: E501
        for i in range(count)
    )  # fmt: skip


LARGE: dict[str, dict[str, str]] = {
    "empty": {"bad.py": ""},
    "50,000 lines, a module's": {"bad.py": HEAD + "z = x\n" + flow(50_000, "z = z + {i}") + TAIL},
    "50,000 lines, softmax in each": {
        "bad.py": HEAD + "x0 = x\n" + flow(50_000, "x{i} = F.softmax(x{before}, dim=1)") + "\nz = nn.Linear(2, 3)(x9)" + TAIL  # noqa: E501
    },
    "50,000 lines, a function's": {
        "bad.py": HEAD + "def f(z, y):\n" + flow(50_000, "    z = z + {i}") + TAIL.replace("\n", "\n    ")
    },
    "50,000 lines, functions that call each other": {
        "bad.py": HEAD
        + flow(12_500, "def f{i}(x, y):\n    z = f{before}(x, y)\n    return F.cross_entropy(F.log_softmax(z, dim=1), y)\n")  # noqa: E501
    },
    "50,000 lines, branches": {
        "bad.py": HEAD + "z = x\n" + flow(25_000, "if a{i}:\n    z = F.log_softmax(z, dim=1)") + TAIL
    },
    "500 classes": {"bad.py": HEAD + classes(500, "nn.Module", "nn.Linear")},
    "500 classes that hold each other": {"bad.py": HEAD + classes(500, "nn.Module", "C{i}")},
    "500 classes that extend each other": {"bad.py": HEAD + classes(500, "C{before}", "nn.Linear")},
    "a module that imports itself": {
        "bad.py": HEAD + "import bad\nfrom bad import *\nfrom bad import net, z\nnet = bad.net\nz = net(bad.z)" + TAIL
    },
    "functions that call each other for ever": {
        "bad.py": HEAD + "def f(x): return g(x)\ndef g(x): return f(x + 1)\nz = f(x)" + TAIL
    },
    "modules that import each other": {
        "bad.py": HEAD + "from worse import g, net\ndef f(x): return g(x)\nz = f(net(x))" + TAIL,
        "worse.py": HEAD + "from bad import f, net\ndef g(x): return f(x)\nz = g(net(x))" + TAIL,
    },
}  # fmt: skip


def check(run: Run, *arguments: str) -> tuple[Outcome, list[tuple[str, int, str]], list[tuple[str, str]]]:
    """A run of `ce-lint check`: the outcome, the findings, and the errors."""
    outcome = run("ce_lint", "check", "--format", "json", *arguments)
    assert outcome.out, f"no document: {outcome.status}, {outcome.err[-500:]}"
    document = json.loads(outcome.out)
    found = [(one["path"], one["line"], one["code"]) for one in document["findings"]]
    return outcome, found, [(one["path"], one["message"]) for one in document["errors"]]


def lint(run: Run, *arguments: str) -> tuple[Outcome, list[str]]:
    """A run of flake8: the outcome, and what was logged; flake8's own log is shown with `-v` only."""
    outcome = run("flake8", "-j1", "--select", "CEL", *arguments)
    return outcome, outcome.err.splitlines()


def is_one_line(outcome: Outcome, name: str) -> bool:
    """Does standard error hold one line about a file, and nothing else?"""
    lines = outcome.err.splitlines()
    return len(lines) == 1 and lines[0].startswith(name)


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_named_and_the_others_are_checked(run: Run, project: Path, what: str) -> None:
    name, content, reasons = BROKEN[what]
    (project / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    outcome, found, errors = check(run)
    begun = [message[: len(reason)] for reason, (_, message) in zip(reasons, errors, strict=False)]
    assert (found, [path for path, _ in errors], begun) == ([AT_GOOD], [name] * len(reasons), reasons)
    assert (outcome.status, is_one_line(outcome, name), outcome.is_within_bounds) == (3, True, True)


@pytest.mark.parametrize("what", BROKEN)
def test_flake8_checks_the_other_files_of_a_project_with_a_broken_one(run: Run, project: Path, what: str) -> None:
    name, content, _ = BROKEN[what]
    (project / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    outcome, logged = lint(run, "good.py")
    assert (outcome.out[:23], outcome.out.count("\n"), outcome.status) == ("good.py:5:28: CEL001 so", 1, 1)
    assert (logged, outcome.is_within_bounds) == ([], True)


def test_flake8_logs_a_broken_cell_and_stays_silent(run: Run, project: Path) -> None:
    # Of a file that is no Python at all, and half a notebook is none, flake8 says so itself and asks no plugin.
    (project / "bad.ipynb").write_text(notebook(HEAD, "def (:", TAIL))
    outcome, logged = lint(run, "--filename=*.py,*.ipynb", "good.py", "bad.ipynb")
    assert [line.partition(":")[0] for line in outcome.out.splitlines()] == ["good.py"]
    assert [line.partition(":")[0] for line in logged] == ["bad.ipynb"]


@pytest.mark.parametrize("what", DEEP_TEXTS)
def test_a_deep_expression_is_named_and_the_others_are_checked(run: Run, project: Path, what: str) -> None:
    (project / "bad.py").write_text(HEAD + DEEP_TEXTS[what] + TAIL)
    outcome, found, errors = check(run)
    # Nothing is lost where the depth is no trouble; where it is, that is said.
    assert (found, [path for path, _ in errors]) == ([AT_GOOD], ["bad.py"] if errors else [])
    assert (outcome.status, outcome.is_within_bounds) == (3 if errors else 1, True)
    assert is_one_line(outcome, "bad.py") or not errors


@pytest.mark.parametrize("what", DEEP_TEXTS)
def test_flake8_checks_the_other_files_of_a_project_with_a_deep_expression(run: Run, project: Path, what: str) -> None:
    # The deep file is not handed to flake8: its own parser ends the run on some of these.
    (project / "bad.py").write_text(HEAD + DEEP_TEXTS[what] + TAIL)
    outcome, _ = lint(run, "good.py")
    assert (outcome.out[:20], outcome.status, outcome.is_within_bounds) == ("good.py:5:28: CEL001", 1, True)


def is_known_to_this_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize("what", NEW_SYNTAX)
def test_syntax_that_this_python_does_not_know_is_named(run: Run, project: Path, what: str) -> None:
    text = HEAD + NEW_SYNTAX[what] + TAIL
    (project / "bad.py").write_text(text)
    outcome, found, errors = check(run)
    expected = [] if is_known_to_this_python(text) else ["bad.py"]
    assert (found, [path for path, _ in errors]) == ([AT_GOOD], expected)
    assert (outcome.status, outcome.is_within_bounds) == (3 if expected else 1, True)


def test_one_of_the_new_syntaxes_is_really_unknown() -> None:
    assert not all(is_known_to_this_python(text) for text in NEW_SYNTAX.values())


def write(project: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (project / name).write_text(text)


@pytest.mark.parametrize("what", LARGE)
def test_a_large_or_circular_file_costs_little_and_the_others_are_checked(run: Run, project: Path, what: str) -> None:
    write(project, LARGE[what])
    outcome, found, errors = check(run)
    assert (outcome.is_within_bounds, AT_GOOD in found) == (True, True), outcome
    # In each of the 500 classes softmax output reaches the loss; the other files are right, or never end.
    assert sum(path == "bad.py" for path, _, _ in found) == (500 if what.startswith("500 classes") else 0)
    assert (outcome.status, {path for path, _ in errors}) == (3 if errors else 1, {"bad.py"} if errors else set())


@pytest.mark.parametrize("what", [what for what in LARGE if "50,000" not in what and "500 classes that" not in what])
def test_flake8_on_a_circular_file(run: Run, project: Path, what: str) -> None:
    write(project, LARGE[what])
    outcome, _ = lint(run, ".")
    found = [line for line in outcome.out.splitlines() if line.startswith("./good.py:5:28: CEL001")]
    assert (len(found), outcome.status, outcome.is_within_bounds) == (1, 1, True), outcome


@pytest.mark.parametrize(
    ("link", "target", "reason"),
    [
        ("loop.py", "loop.py", "cannot be read: too many levels of symbolic links"),
        ("up", "..", "link loop: leads to a folder that holds it"),
        ("gone.py", "nowhere.py", None),
    ],
)
def test_links(run: Run, project: Path, link: str, target: str, reason: str | None) -> None:
    (project / link).symlink_to(target)
    outcome, found, errors = check(run)
    assert (found, errors) == ([AT_GOOD], [(link, reason)] if reason else [])
    assert (outcome.status, outcome.is_within_bounds) == (3 if reason else 1, True)


def test_flake8_beside_links(run: Run, project: Path) -> None:
    (project / "loop.py").symlink_to("loop.py")
    (project / "up").symlink_to("..")
    outcome, logged = lint(run, "good.py")
    assert (outcome.out[:20], outcome.status, logged) == ("good.py:5:28: CEL001", 1, [])


UNREADABLE = """
import os, runpy, sys
real, opened = os.scandir, open
def scandir(path="."):
    if os.path.basename(os.fspath(path)) == "locked":
        raise PermissionError(13, "Permission denied", str(path))
    return real(path)
os.scandir = scandir
module, *arguments = sys.argv[1:]
sys.argv = [module, *arguments]
runpy.run_module(module, run_name="__main__")
"""
"""Root may read everything: for the others' sake, listing one folder fails."""


@pytest.mark.parametrize("is_simulated", [True, False])
def test_a_folder_without_read_permission(run: Run, project: Path, is_simulated: bool) -> None:
    locked = project / "locked"
    locked.mkdir()
    (locked / "inside.py").write_text(HEAD + TAIL)
    if is_simulated:
        (project / "as_user.py").write_text(UNREADABLE)
        outcome = run("as_user", "ce_lint", "check", "--format", "json", "good.py", "locked")
    else:
        if os.geteuid() == 0:
            pytest.skip("root reads every folder")
        locked.chmod(0)
        outcome = run("ce_lint", "check", "--format", "json", "good.py", "locked")
        locked.chmod(0o700)
    document = json.loads(outcome.out)
    assert [(one["path"], one["message"]) for one in document["errors"]] == [
        ("locked", "cannot be read: permission denied")
    ]
    assert ([one["path"] for one in document["findings"]], outcome.status) == (["good.py"], 3)
