"""A project's modules, parsed only when somebody asks for them."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ce_lint.frontend.lowering import SyntaxFailure, lower_text
from ce_lint.ir.records import ModuleIR
from ce_lint.program.haystack import Haystack
from ce_lint.program.resolver import Resolver
from ce_lint.source.file import SourceError, SourceFile, source_from_bytes
from ce_lint.source.lines import split_lines


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


class Program:
    """The files of one project, and what laying unsaved texts over them changes.

    A program is a snapshot: a file is read once. Whoever lives longer makes a new one.
    """

    def __init__(
        self,
        root: Path,
        files: tuple[Path, ...],
        overlay: Mapping[Path, SourceFile] | None = None,
        lower: Callable[[str], ModuleIR | SyntaxFailure] = lower_text,
        sources: Mapping[Path, tuple[Path, ...]] | None = None,
    ) -> None:
        self.root = root
        self.resolver = Resolver(root, sources or {})
        self.failures: dict[Path, list[Failure]] = {}
        self._overlay = dict(overlay or {})
        self._files = tuple(sorted({*files, *self._overlay}))
        self._lower = lower
        self._data: dict[Path, bytes] = {}
        self._unreadable: set[Path] = set()
        self._modules: dict[Path, Module | None] = {}
        self._mentioning: dict[str, tuple[Module, ...]] = {}

    def module(self, path: Path) -> Module | None:
        """A file's module; None (and a failure, said once) when it cannot be read or parsed."""
        if path not in self._modules:
            self._modules[path] = self._load(path)
        return self._modules[path]

    def mentioning(self, word: str) -> tuple[Module, ...]:
        """The modules of the project in whose text a word occurs, in the order of their paths."""
        if word not in self._mentioning:
            found = (self.module(self._files[number]) for number in self._haystack.having(word))
            self._mentioning[word] = tuple(module for module in found if module is not None)
        return self._mentioning[word]

    def defining(self, name: str) -> tuple[Module, ...]:
        """The modules in which a function or class of a name may be defined."""
        found = {module.path: module for text in (f"def {name}", f"class {name}") for module in self.mentioning(text)}
        return tuple(found[path] for path in sorted(found))

    def assigning(self, attribute: str) -> tuple[Module, ...]:
        """The modules in which an attribute of something other than `self` is assigned."""
        found = (self.module(self._files[number]) for number in sorted(self._haystack.assigning(attribute)))
        return tuple(module for module in found if module is not None)

    def parsed(self) -> frozenset[Path]:
        """The files that somebody asked for so far."""
        return frozenset(self._modules)

    @cached_property
    def _haystack(self) -> Haystack:
        return Haystack([self._bytes(path) for path in self._files])

    def _bytes(self, path: Path) -> bytes:
        if path not in self._data:
            if path in self._overlay:
                self._data[path] = self._overlay[path].text.encode("utf-8", "surrogatepass")
            else:
                try:
                    self._data[path] = path.read_bytes()
                except OSError as error:
                    self._data[path] = b""
                    self._unreadable.add(path)
                    self._fail(Failure(path, None, f"cannot be read: {os.strerror(error.errno or 0).lower()}"))
        return self._data[path]

    def _load(self, path: Path) -> Module | None:
        data = self._bytes(path)
        if path in self._unreadable:
            return None
        if path in self._overlay:
            source = self._overlay[path]
        else:
            try:
                source = source_from_bytes(path, data)
            except SourceError as error:
                self._fail(Failure(path, error.line, error.reason))
                return None
        for problem in source.problems:
            if problem.cell is None:
                self._fail(Failure(path, problem.line, problem.message))
            else:
                self._fail_in_cell(source, problem.cell, problem.line, problem.message)
        with _collector_paused():
            lowered = self._lower(source.text)
            if isinstance(lowered, SyntaxFailure) and source.cells:
                source, lowered = self._without_broken_cells(source)
        if isinstance(lowered, SyntaxFailure):
            self._fail(Failure(path, lowered.line, lowered.reason))
            return None
        return Module(path, source, lowered)

    def _without_broken_cells(self, source: SourceFile) -> tuple[SourceFile, ModuleIR | SyntaxFailure]:
        """A notebook without the cells that cannot be lowered by themselves, which are said."""
        lines = split_lines(source.text)
        broken = {}
        for cell in source.cells:
            text = "".join(lines[cell.first_line - 1 : cell.first_line - 1 + cell.line_count])
            lowered = self._lower(text)
            if isinstance(lowered, SyntaxFailure):
                broken[cell.number] = lowered
                self._fail_in_cell(source, cell.number, lowered.line, lowered.reason)
        rest = source.without(broken, "cannot be parsed")
        return rest, self._lower(rest.text)

    def _fail_in_cell(self, source: SourceFile, cell: int, line: int | None, reason: str) -> None:
        raw_line = source.raw_line(source.text_line(cell, line or 1))
        self._fail(Failure(source.path, line, f"cell {cell}: {reason}", raw_line))

    def _fail(self, failure: Failure) -> None:
        self.failures.setdefault(failure.path, []).append(failure)


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
