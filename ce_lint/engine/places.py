"""Where sites and comments stand in the texts that users see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from ce_lint.findings import Place, Region
from ce_lint.frontend.places import Range
from ce_lint.ir.kinds import Site
from ce_lint.source.file import SourceFile
from ce_lint.source.paths import display_path

Node: TypeAlias = tuple[int, "int | None"]
"""A node of a module, or one argument of a call."""
Reading: TypeAlias = "Callable[[Path, Collection[Node]], tuple[SourceFile, Mapping[Node, Range]] | None]"
"""What reads where some nodes of a file stand, in which text; None for a file that is no module."""


class Places:
    """The places of some sites, and the texts that these stand in."""

    def __init__(self, sites: Iterable[Site], reading: Reading) -> None:
        self._places: dict[Site, Place] = {}
        self._sources: dict[Path, SourceFile] = {}
        by_path: dict[str, set[Node]] = defaultdict(set)
        for site in sites:
            by_path[site.path].add((site.node, site.argument))
        for path, wanted in sorted(by_path.items()):
            read = reading(Path(path), wanted)
            if read is None:
                continue
            source, ranges = read
            self._sources[Path(path)] = source
            for node, argument in wanted:
                self._places[Site(path, node, argument)] = place_of(source, ranges[node, argument])

    def __getitem__(self, site: Site) -> Place:
        return self._places[site]

    def __contains__(self, site: Site) -> bool:
        """Tell whether the place of a site is known: its file may be gone."""
        return site in self._places

    def source(self, path: Path) -> SourceFile | None:
        """The text of a file in which one of the sites stands."""
        return self._sources.get(path)

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
