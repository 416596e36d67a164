from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ce_lint.program.changes import additions
from ce_lint.program.loading import Lowered, Wanted, lower_content
from ce_lint.program.program import Failure, Program, star_imports
from ce_lint.source.file import SourceFile


class Counting:
    """Lowers, and keeps which contents."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []

    def lowered(self, wanted: Iterable[Wanted]) -> Iterator[Lowered]:
        for path, data, laid in wanted:
            self.contents.append(data)
            yield lower_content(path, data, laid)


def test_a_file_is_read_and_lowered_once(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("loss = 1\n")
    supply = Counting()
    program = Program(tmp_path, (path,), supply=supply)
    first = program.module(path)
    path.write_text("loss = 2\n")
    assert (program.module(path), program.mentioning("loss")) == (first, (first,))
    assert supply.contents == [b"loss = 1\n"]


def test_only_what_is_asked_for_is_lowered(tmp_path: Path) -> None:
    for name, text in {"a.py": "loss = 1\n", "b.py": "other = 1\n"}.items():
        (tmp_path / name).write_text(text)
    supply = Counting()
    Program(tmp_path, (tmp_path / "a.py", tmp_path / "b.py"), supply=supply).mentioning("loss")
    assert supply.contents == [b"loss = 1\n"]


@pytest.mark.parametrize(
    ("name", "data", "line", "reason"),
    [
        ("a.py", b"loss = '\xff'", 1, "not UTF-8: byte 0xff at line 1"),
        ("a.py", b"loss\nx = = 1\n", 2, "cannot be parsed: "),
        ("a.ipynb", b'{"loss', 1, "is no"),
    ],
)
def test_a_failure_is_said_once(tmp_path: Path, name: str, data: bytes, line: int, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    program = Program(tmp_path, (path,))
    assert [program.module(path), program.module(path), program.mentioning("loss")] == [None, None, ()]
    (failure,) = program.failures()
    assert (failure.path, failure.line, failure.reason[: len(reason)]) == (path, line, reason)


def test_a_file_that_is_gone_is_a_failure_said_once(tmp_path: Path) -> None:
    path = tmp_path / "gone.py"
    program = Program(tmp_path, (path,))
    program.module(path)
    program.mentioning("loss")
    assert program.failures() == [Failure(path, None, "cannot be read: no such file or directory")]


def test_a_file_that_is_gone_is_no_empty_module(tmp_path: Path) -> None:
    assert Program(tmp_path, (tmp_path / "gone.py",)).module(tmp_path / "gone.py") is None


def test_a_broken_cell_costs_the_other_cells_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(
        '{"cells": [{"cell_type": "code", "source": "loss = 1"}, {"cell_type": "code", "source": "def (:"}]}'
    )
    program = Program(tmp_path, (path,))
    module = program.module(path)
    assert module is not None
    assert ("loss" in module.ir.functions[0].exits, len(program.failures())) == (True, 1)


def test_a_text_lies_over_the_disk(tmp_path: Path) -> None:
    on_disk, new = tmp_path / "a.py", tmp_path / "new.py"
    on_disk.write_text("disk = 1\n")
    overlay = {path: SourceFile(path, "buffer = 1\n") for path in (on_disk, new)}
    program = Program(tmp_path, (on_disk, new), overlay)
    assert [one.path for one in program.mentioning("buffer")] == [on_disk, new]
    assert program.mentioning("disk") == ()


def test_a_text_that_is_laid_over_a_file_of_others_is_read_when_it_is_imported_only(tmp_path: Path) -> None:
    mine, other = tmp_path / "a.py", tmp_path / "excluded.py"
    other.write_text("disk = 1\n")
    program = Program(tmp_path, (mine,), {path: SourceFile(path, "buffer = 1\n") for path in (mine, other)})
    assert [one.path for one in program.mentioning("buffer")] == [mine]
    module = program.module(other)
    assert module is not None
    assert "buffer" in module.ir.functions[0].exits


def test_a_module_that_is_not_on_disk_yet_can_be_imported(tmp_path: Path) -> None:
    new = tmp_path / "package" / "new.py"
    program = Program(tmp_path, (new,), {new: SourceFile(new, "")})
    assert program.resolver.resolve(tmp_path / "a.py", "package.new", 0) == new
    assert Program(tmp_path, ()).resolver.resolve(tmp_path / "a.py", "package.new", 0) is None


def test_modules_come_in_the_order_of_their_paths(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("b.py", "a.py", "c.py")]
    for path in files:
        path.write_text("class Net: pass\n")
    found = [one.name for one in Program(tmp_path, tuple(files)).defining("Net")]
    assert found == ["a.py", "b.py", "c.py"]


@pytest.mark.parametrize("text", ["def f(): pass", "async def f(): pass", "class f: pass"])
def test_definitions_are_found_by_their_keyword(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.py"
    path.write_text(text)
    assert Program(tmp_path, (path,)).defining("f") == (path,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Net = 1\n", True),
        ("from m import Net\n", True),
        ("def f(Net): pass\n", True),
        ("from m import *\n", False),
        ("Nets = 1\n", False),
        ("x = a * b\n", False),
    ],
)
def test_a_file_is_not_lowered_for_a_name_that_it_cannot_bind(tmp_path: Path, text: str, *, expected: bool) -> None:
    path = tmp_path / "a.py"
    path.write_text(text)
    supply = Counting()
    program = Program(tmp_path, (path,), supply=supply)
    assert (program.may_bind(path, "Net"), supply.contents, program.parsed()) == (expected, [], {path})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from m import *\n", (("m", 0),)),
        ("from .m.n import  *\nfrom . import a, b\nfrom ... import *\n", (("m.n", 1), ("", 3))),
        ("from.m import*;from . a import *\n", (("m", 1), ("a", 1))),
        ("if x:\n\tfrom\tm\timport\t*\n", (("m", 0),)),
        ("x = a * b\nimportant = 1 * 2\n", ()),
        ("# from m import *\n'from m import *'\nfrom a import *\n", (("a", 0),)),
        (f"from {'m' * 300} import *\n", None),
        ("from m \\\n  import *\n", None),
        ("from m import \\\n  *\n", None),
        ("from größe import *\n", None),
        ("from . .m import *\n", None),
        ("from m . n import *\n", None),
    ],
)
def test_star_imports_are_seen_in_the_text(text: str, expected: object) -> None:
    assert star_imports(text.encode()) == expected


@pytest.mark.parametrize(
    "text", ["from" + " " * 50_000 + "x", "from." * 10_000, "from a import *;" * 10_000, "from" + "." * 50_000]
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    star_imports(text.encode())
    additions(text.encode(), text.encode() + b"\nx\n", frozenset(), frozenset())
    assert time.process_time() - began < 2


def test_what_is_wrong_with_a_file_that_is_not_lowered_is_said(tmp_path: Path) -> None:
    good, bad = tmp_path / "a.py", tmp_path / "b.py"
    good.write_text("loss = 1\n")
    bad.write_text("loss = 1\nx = = 2\n")
    supply = Counting()
    program = Program(tmp_path, (good, bad), supply=supply)
    assert program.having("loss") == (good, bad)
    assert [(one.path, one.line) for one in program.failures()] == [(bad, 2)]
    assert supply.contents == [bad.read_bytes()]
