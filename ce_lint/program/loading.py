"""The bytes of a file, or the text that lies over it → a module, and what is wrong with it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ce_lint.frontend.lowering import SyntaxFailure
from ce_lint.ir.records import ModuleIR
from ce_lint.source.file import SourceError, SourceFile, source_from_bytes
from ce_lint.source.lines import split_lines

Lower: TypeAlias = Callable[[str], "ModuleIR | SyntaxFailure"]


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """One file, as text and as IR."""

    path: Path
    source: SourceFile
    ir: ModuleIR


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a file, or a part of it, is not analysed."""

    path: Path
    line: int | None
    reason: str
    raw_line: int = 0
    """For a cell, the line in the JSON of the notebook."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file as a module, where it can be one, and what is wrong with it."""

    module: Module | None
    failures: tuple[Failure, ...] = ()


def load(path: Path, data: bytes, laid: SourceFile | None, lower: Lower) -> Loaded:
    """Make a module of a file's bytes, or of the text that lies over them."""
    if laid is not None:
        source = laid
    else:
        try:
            source = source_from_bytes(path, data)
        except SourceError as error:
            return Loaded(None, (Failure(path, error.line, error.reason),))
    failures = []
    for problem in source.problems:
        if problem.cell is None:
            failures.append(Failure(path, problem.line, problem.message))
        else:
            failures.append(_in_cell(source, problem.cell, problem.line, problem.message))
    with _collector_paused():
        lowered = lower(source.text)
        if isinstance(lowered, SyntaxFailure) and source.cells:
            broken = _broken_cells(source, lower)
            failures += [_in_cell(source, cell, one.line, one.reason) for cell, one in broken.items()]
            source = source.without(broken, "cannot be parsed")
            lowered = lower(source.text)
    if isinstance(lowered, SyntaxFailure):
        return Loaded(None, (*failures, Failure(path, lowered.line, lowered.reason)))
    return Loaded(Module(path, source, lowered), tuple(failures))


def _broken_cells(source: SourceFile, lower: Lower) -> dict[int, SyntaxFailure]:
    """The cells of a notebook that cannot be lowered by themselves."""
    lines = split_lines(source.text)
    broken = {}
    for cell in source.cells:
        lowered = lower("".join(lines[cell.first_line - 1 : cell.first_line - 1 + cell.line_count]))
        if isinstance(lowered, SyntaxFailure):
            broken[cell.number] = lowered
    return broken


def _in_cell(source: SourceFile, cell: int, line: int | None, reason: str) -> Failure:
    raw_line = source.raw_line(source.text_line(cell, line or 1))
    return Failure(source.path, line, f"cell {cell}: {reason}", raw_line)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Parsing allocates many objects and frees none: the collector would only walk them again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
