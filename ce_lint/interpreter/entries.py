"""Which functions calls enter when their own function is entered from nowhere: found once, asked by callee."""

from __future__ import annotations

import functools
import operator
import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple, Protocol

from ce_lint.interpreter import attributes, classes
from ce_lint.interpreter.callers import Candidate, ProjectCallers
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.targets import targets
from ce_lint.interpreter.unions import alternatives, first_open
from ce_lint.interpreter.values import Definition, Instance
from ce_lint.ir import nodes as ir
from ce_lint.program.names import Start


class Entry(NamedTuple):
    """What one call enters."""

    functions: frozenset[Definition]
    is_open: bool
    """Does it call, or give, something that only a caller can tell?"""


class Row(NamedTuple):
    """The question which calls enter a function, among those of what starts under some names."""

    function: Definition
    start: Start
    method: str
    """Where it is a method that is run because its object is built: its name."""


class Asker(Protocol):
    """Who looks into calls."""

    def entry(self, site: Candidate, method: str) -> tuple[Entry, int]:
        """What a call enters, and the marks of what that was made of."""

    def may_enter(self, function: Definition, site: Candidate) -> bool:
        """May a call of something unknown enter a function, by its form?"""


class _Table:
    """The entries of some calls, by the function that is entered."""

    def __init__(self, entries: Iterable[tuple[Candidate, Entry]]) -> None:
        self._sure: dict[Definition, list[tuple[int, Candidate]]] = {}
        self._open: list[tuple[int, Candidate]] = []
        for number, (site, entry) in enumerate(entries):
            for function in entry.functions:
                self._sure.setdefault(function, []).append((number, site))
            if entry.is_open:
                self._open.append((number, site))

    def into(self, function: Definition, asker: Asker) -> tuple[Candidate, ...]:
        """The calls that enter a function, or may; those of near files first."""
        found = dict(self._sure.get(function, ()))
        found |= {
            number: site for number, site in self._open if number not in found and asker.may_enter(function, site)
        }
        return tuple(sorted((found[number] for number in sorted(found)), key=lambda one: _distance(function, one)))


class EntryTables:
    """The tables of a project, each made when it is first asked."""

    def __init__(self, callers: ProjectCallers) -> None:
        self._callers = callers
        self._entries: dict[tuple[str, Candidate], tuple[Entry, int]] = {}
        self._tables: dict[tuple[Start, str], tuple[tuple[Candidate, ...], _Table]] = {}
        self._rows: dict[Row, tuple[Candidate, ...]] = {}

    def row(self, row: Row, asker: Asker) -> tuple[Candidate, ...]:
        """The calls that enter a function, or may; those of near files first."""
        if row not in self._rows:
            key = (row.start, row.method)
            if key not in self._tables:
                sites = self._sites(*key)
                self._tables[key] = sites, _Table((site, self._entry(site, row.method, asker)) for site in sites)
            self._rows[row] = self._tables[key][1].into(row.function, asker)
        return self._rows[row]

    def renewed(self, callers: ProjectCallers, dirty: int) -> EntryTables:
        """The same where other files are called from: without the entries that were made of something dirty."""
        renewed = EntryTables(callers)
        renewed._entries = {key: known for key, known in self._entries.items() if not known[1] & dirty}
        dropped = self._entries.keys() - renewed._entries.keys()
        for (start, method), (sites, table) in self._tables.items():
            is_same = renewed._sites(start, method) is sites
            if is_same and not (dropped and any((method, site) in dropped for site in sites)):
                renewed._tables[start, method] = sites, table
        renewed._rows = {row: found for row, found in self._rows.items() if (row.start, row.method) in renewed._tables}
        return renewed

    def differing(self, before: EntryTables, exchanged: Collection[Path], asker: Asker) -> list[Row]:
        """The rows of what was before this that are others now; those into files that were exchanged are."""
        return [
            row
            for row, found in before._rows.items()
            if row.function.path in exchanged or (row not in self._rows and self.row(row, asker) != found)
        ]

    def keep(self, rows: Collection[Row]) -> None:
        """Forget all but some rows, and what they were made of."""
        self._rows = {row: found for row, found in self._rows.items() if row in rows}
        tables = {(row.start, row.method) for row in rows}
        self._tables = {key: known for key, known in self._tables.items() if key in tables}
        sites = {(method, site) for (_, method), (sites, _) in self._tables.items() for site in sites}
        self._entries = {key: known for key, known in self._entries.items() if key in sites}

    def made_of(self) -> int:
        """The marks of what all entries were made of."""
        return functools.reduce(operator.or_, (marks for _, marks in self._entries.values()), 0)

    def _sites(self, start: Start, method: str) -> tuple[Candidate, ...]:
        return self._callers.named(start, makers=bool(method))

    def _entry(self, site: Candidate, method: str, asker: Asker) -> Entry:
        key = (method, site)
        if key not in self._entries:
            self._entries[key] = asker.entry(site, method)
        return self._entries[key][0]


def entered_by_call(machine: Machine, frame: int, node: int) -> Entry:
    """What a call runs."""
    call = machine.node(frame, node)
    assert isinstance(call, ir.Call)
    callee = attributes.callee(machine, frame, call)
    found = targets(machine, callee, machine.arguments(frame, call))
    return Entry(frozenset(one.function.definition for one in found), first_open(callee) is not None)


def entered_by_object(machine: Machine, frame: int, node: int, method: str) -> Entry:
    """The methods of a name that the objects have that a call builds."""
    value = machine.evaluate(frame, node)
    found = (
        classes.method(machine, one.value.cls, method) for one in alternatives(value) if isinstance(one.value, Instance)
    )
    return Entry(frozenset(one.definition for one in found if one is not None), first_open(value) is not None)


def _distance(function: Definition, site: Candidate) -> int:
    """How far apart in the tree of folders a function and its caller are."""
    return -len(os.path.commonpath([function.path, site.function.path]))
