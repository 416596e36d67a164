"""The bytes of a file, or the text that lies over it → what it comes to → a module, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeAlias

import msgspec

from ce_lint.frontend.guard import OUT_OF_MEMORY, refusal, syntax_error
from ce_lint.frontend.lowering import SyntaxFailure, lower_text
from ce_lint.ir.records import ModuleIR
from ce_lint.program.collector import collector_paused
from ce_lint.source.file import SourceError, SourceFile, source_from_bytes
from ce_lint.source.lines import split_lines

LARGE = 400_000
"""Bytes: a content of that size can take long, or much memory, and is left to whoever supplies the lowered ones."""

Wanted: TypeAlias = tuple[Path, bytes, "SourceFile | None"]
"""A file's path, what it holds, and the unsaved text that lies over it, if there is one."""


class Problem(msgspec.Struct, frozen=True, array_like=True):
    """What is wrong with a file's content."""

    line: int | None
    reason: str
    raw_line: int = 0
    """For a cell, the line in the JSON of the notebook."""


class Lowered(msgspec.Struct, frozen=True, array_like=True):
    """What a file's content comes to, whatever the file is called: it can be kept, and sent between processes."""

    ir: ModuleIR | None
    problems: tuple[Problem, ...] = ()
    broken: tuple[int, ...] = ()
    """The cells that are left out, because they cannot be parsed."""
    may_pass: bool = False
    """Does it hang on the machine, and not on the content alone? Then it is not kept."""


class Supply(Protocol):
    """Who lowers contents: here and now, in other processes, or once and for all."""

    def lowered(self, wanted: Iterable[Wanted]) -> Iterator[Lowered]:
        """What each of some contents comes to, in their order."""


class Here:
    """Lowers contents one by one, in this process."""

    def lowered(self, wanted: Iterable[Wanted]) -> Iterator[Lowered]:
        """What each of some contents comes to."""
        with collector_paused():
            for path, data, laid in wanted:
                yield lower_content(path, data, laid)


class Module:
    """One file, as text and as IR."""

    def __init__(self, path: Path, ir: ModuleIR, content: bytes | SourceFile, broken: tuple[int, ...] = ()) -> None:
        """Keep the content; the cells that are `broken` are left out of its text."""
        self.path = path
        self.ir = ir
        self._content = content
        self._broken = broken

    @cached_property
    def source(self) -> SourceFile:
        """The text, as it was lowered."""
        content = self._content
        whole = content if isinstance(content, SourceFile) else source_from_bytes(self.path, content)
        return without_broken(whole, self._broken)


class Failure(msgspec.Struct, frozen=True):
    """Why a file, or a part of it, is not analysed."""

    path: Path
    line: int | None
    reason: str
    raw_line: int = 0
    """For a cell, the line in the JSON of the notebook."""


class Loaded(msgspec.Struct, frozen=True):
    """A file as a module, where it can be one, and what is wrong with it."""

    module: Module | None
    failures: tuple[Failure, ...] = ()
    may_pass: bool = False
    """Is what is wrong with it due to the machine, and not to what the file holds?"""


def loaded(path: Path, data: bytes, laid: SourceFile | None, lowered: Lowered) -> Loaded:
    """A file of which it is known what its content comes to."""
    module = None if lowered.ir is None else Module(path, lowered.ir, laid or data, lowered.broken)
    return Loaded(module, failures_of(path, lowered.problems), lowered.may_pass)


def failures_of(path: Path, problems: Iterable[Problem]) -> tuple[Failure, ...]:
    """What is wrong with the content of a file, as it is said of the file."""
    return tuple([Failure(path, one.line, one.reason, one.raw_line) for one in problems])


def lower_content(path: Path, data: bytes, laid: SourceFile | None = None) -> Lowered:
    """What a file's bytes, or the text that lies over them, come to; of the path only the suffix matters."""
    try:
        source = laid or source_from_bytes(path, data)
    except SourceError as error:
        return Lowered(None, (Problem(error.line, error.reason),))
    problems = _problems_of(source)
    lowered = lower_text(source.text)
    broken: dict[int, SyntaxFailure] = {}
    if isinstance(lowered, SyntaxFailure) and source.cells:
        broken = _broken_cells(source)
        problems += [_in_cell(source, cell, one.line, one.reason) for cell, one in broken.items()]
        lowered = lower_text(without_broken(source, tuple(broken)).text)
    if isinstance(lowered, SyntaxFailure):
        failure = Problem(lowered.line, lowered.reason)
        return Lowered(None, (*problems, failure), may_pass=lowered.reason == OUT_OF_MEMORY)
    return Lowered(lowered, tuple(problems), tuple(broken))


def plain_source(path: Path, data: bytes, laid: SourceFile | None = None) -> tuple[SourceFile, list[Problem]] | None:
    """The text of a file that needs no lowering to tell that it is Python, and what is wrong with it all the same."""
    try:
        source = laid or source_from_bytes(path, data)
    except SourceError:
        return None
    is_plain = refusal(source.text) is None and syntax_error(source.text) is None
    return (source, _problems_of(source)) if is_plain else None


def without_broken(source: SourceFile, cells: tuple[int, ...]) -> SourceFile:
    """A notebook without the cells that cannot be parsed."""
    return source.without(cells, "cannot be parsed") if cells else source


def _broken_cells(source: SourceFile) -> dict[int, SyntaxFailure]:
    """The cells of a notebook that cannot be lowered by themselves."""
    lines = split_lines(source.text)
    broken = {}
    for cell in source.cells:
        lowered = lower_text("".join(lines[cell.first_line - 1 : cell.first_line - 1 + cell.line_count]))
        if isinstance(lowered, SyntaxFailure):
            broken[cell.number] = lowered
    return broken


def _problems_of(source: SourceFile) -> list[Problem]:
    return [
        Problem(one.line, one.message) if one.cell is None else _in_cell(source, one.cell, one.line, one.message)
        for one in source.problems
    ]


def _in_cell(source: SourceFile, cell: int, line: int | None, reason: str) -> Problem:
    raw_line = source.raw_line(source.text_line(cell, line or 1))
    return Problem(line, f"cell {cell}: {reason}", raw_line)
