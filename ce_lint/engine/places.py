"""Where sites and comments stand in the texts that users see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from ce_lint.engine.cache import Cache
from ce_lint.findings import Place, Region
from ce_lint.frontend.places import Range
from ce_lint.ir.kinds import Site
from ce_lint.program.program import Program
from ce_lint.source.file import SourceFile
from ce_lint.source.paths import display_path


class Places:
    """The places of some sites of a program."""

    def __init__(self, program: Program, sites: Iterable[Site], cache: Cache) -> None:
        self._places: dict[Site, Place] = {}
        by_path: dict[str, set[tuple[int, int | None]]] = defaultdict(set)
        for site in sites:
            by_path[site.path].add((site.node, site.argument))
        for path, wanted in sorted(by_path.items()):
            module = program.module(Path(path))
            if module is None:
                continue
            ranges = cache.ranges(module, wanted)
            for node, argument in wanted:
                self._places[Site(path, node, argument)] = place_of(module.source, ranges[node, argument])

    def __getitem__(self, site: Site) -> Place:
        return self._places[site]

    def items(self) -> tuple[tuple[Site, Place], ...]:
        """Each site with its place."""
        return tuple(sorted(self._places.items(), key=str))


def place_of(source: SourceFile, span: Range) -> Place:
    """Return a range of a source's text as users see it."""
    cell, line = source.user_line(span.line)
    # Below the last line of a cell the next one starts, or nothing does: it is still a line of this cell.
    end_line = line + span.end_line - span.line
    return Place(
        path=display_path(source.path),
        line=line,
        column=span.column + 1,
        end_line=end_line,
        end_column=span.end_column + 1,
        cell=cell,
        raw=None if cell is None else _raw(source, span),
        text=span.text,
    )


def _raw(source: SourceFile, span: Range) -> Region | None:
    found = source.raw_range(span.line, span.column, span.end_line, span.end_column)
    if found is None:
        return None
    line, column, end_line, end_column = found
    return Region(line, column + 1, end_line, end_column + 1)
