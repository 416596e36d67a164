"""The answers for the loss calls of a program that changes: found again only where something they were made of did."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from pathlib import Path

from ce_lint.interpreter.callers import Candidate
from ce_lint.interpreter.entries import Row
from ce_lint.interpreter.questions import Called, Cut, Imported, Inside, Stored
from ce_lint.interpreter.sinks import Interpreter, SinkReport, loss_names
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ModuleIR
from ce_lint.knowledge.loader import Knowledge
from ce_lint.program.marks import Marks
from ce_lint.program.names import Start
from ce_lint.program.program import Module, Program

_UNSEEN_IN_IMPORTS = "_"
"""A file name: imports mean the same in all files of a folder."""


class Standing:
    """The loss calls of one program, each with its answer and the marks of what that was made of.

    Every version of the program is looked at by an interpreter of its own, so nothing that it evaluated outlives it.
    What outlives it are names and places: closures of names, which calls enter which functions, and the answers.
    """

    def __init__(self, program: Program, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._marks = Marks()
        self._answers: dict[Candidate, SinkReport] = {}
        self._setting: dict[Stored, frozenset[Path]] = {}
        self._cut: dict[Cut, bool] = {}
        self._resolved: dict[Imported | Inside, Path | None] = {}
        self._live = 0
        self._candidates: set[Candidate] = set()
        """The calls that were looked at for the last answer."""
        self.program = program
        self.interpreter = Interpreter(program, knowledge, self._marks)
        self.asked_again: list[Candidate] = []
        """The loss calls that were followed for the last answer."""
        self.is_whole = True
        """Was every loss call that was followed, followed in one go, and is each of them there still?"""
        self._is_renewed = False

    def renew(self, program: Program, exchanged: Mapping[Path, Module | None]) -> None:
        """Go on with a program of which some files were exchanged, given with what they were before."""
        before = self.interpreter
        callers = before.callers.renewed(program, exchanged)
        changed = {
            path
            for path, old in exchanged.items()
            if self._marks.known(path) and not _are_one(old, program.module(path))
        }
        dirty = functools.reduce(operator.or_, map(self._marks.known, changed), 0)
        is_same_tree = program.resolver is self.program.resolver
        # Of a question that was given up, or that somebody else asked, no answer is kept, but entries are.
        for thing in self._marks.things(self._live | before.tables.made_of()):
            if isinstance(thing, Called):
                is_other = before.callers.counts_differ(callers, thing.start, exchanged)
            elif isinstance(thing, Stored):
                found = callers.setting(*thing)
                is_other = self._setting.get(thing) != found
                self._setting[thing] = found
            elif isinstance(thing, Cut):
                is_cut = callers.cuts(thing.start)
                is_other = self._cut.get(thing) != is_cut
                self._cut[thing] = is_cut
            elif isinstance(thing, Imported | Inside) and not is_same_tree:
                target = _resolved(program, thing)
                is_other = self._resolved.get(thing, thing) != target
                self._resolved[thing] = target
            else:
                continue
            dirty |= self._marks.of(thing) if is_other else 0
        tables = before.tables.renewed(callers, dirty)
        self.interpreter = Interpreter(program, self._knowledge, self._marks, callers, tables)
        self.program = program
        for row in tables.differing(before.tables, changed, self.interpreter.contexts):
            dirty |= self._marks.known(row)
        self._answers = {one: report for one, report in self._answers.items() if not report.made_of & dirty}
        self._live &= ~dirty
        self.asked_again = []
        self._is_renewed = True

    def candidates(self) -> tuple[Candidate, ...]:
        """The calls that may be loss calls."""
        return self.interpreter.candidates()

    def report(self, candidate: Candidate) -> SinkReport:
        """What reaches one call, if it is a loss call."""
        if candidate not in self._answers:
            self.asked_again.append(candidate)
            self.is_whole = self.is_whole and not self._is_renewed
            report = self._answers[candidate] = self.interpreter.report(candidate)
            self._live |= report.made_of
        return self._answers[candidate]

    def rest(self) -> None:
        """Forget what no answer hangs on, and take note of what the answers were made of."""
        candidates = set(self.candidates())
        # Where a bound is hit, it can matter to a call that another one went that was followed before it.
        self.is_whole = self.is_whole and self._candidates <= candidates
        self._candidates = candidates
        self._answers = {one: report for one, report in self._answers.items() if one in candidates}
        answers = functools.reduce(operator.or_, (report.made_of for report in self._answers.values()), 0)
        rows = {thing for thing in self._marks.things(answers) if isinstance(thing, Row)}
        self.interpreter.tables.keep(rows)
        self._live = answers | self.interpreter.tables.made_of()
        things = list(self._marks.things(self._live))
        starts = {thing.start for thing in things if isinstance(thing, Called | Row)}
        self.interpreter.callers.keep({*starts, Start(loss_names(self._knowledge))}, self._knowledge.join_words())
        stored = [thing for thing in things if isinstance(thing, Stored)]
        self._setting = {thing: self.interpreter.callers.setting(*thing) for thing in stored}
        self._cut = {thing: self.interpreter.callers.cuts(thing.start) for thing in things if isinstance(thing, Cut)}
        imports = [thing for thing in things if isinstance(thing, Imported | Inside)]
        known = self._resolved
        self._resolved = {one: known[one] if one in known else _resolved(self.program, one) for one in imports}

    def parsed(self) -> frozenset[Path]:
        """The files that an interpreter would ask for that began with nothing."""
        things = list(self._marks.things(self._live))
        paths = {thing for thing in things if isinstance(thing, Path)}
        starts = {thing.start for thing in things if isinstance(thing, Called | Row)}
        files, carriers = self.program.files, self.interpreter.callers.carriers
        for start in (*starts, Start(loss_names(self._knowledge))):
            for word in carriers.asked(start):
                paths.update(files.having(word, start.within))
        for thing in things:
            if isinstance(thing, Stored):
                paths.update(files.assigning(*thing))
        return frozenset(paths)

    def lowered(self) -> frozenset[Path]:
        """Those of these files that it would lower, whatever was lowered before."""
        things = list(self._marks.things(self._live))
        paths = {thing for thing in things if isinstance(thing, Path)}
        callers = self.interpreter.callers
        paths.update(callers.looked_into(Start(loss_names(self._knowledge)), self._knowledge.join_words()))
        for thing in things:
            if isinstance(thing, Called):
                paths.update(callers.looked_into(thing.start))
            elif isinstance(thing, Row):
                paths.update(callers.looked_into(thing.start, makers=bool(thing.method)))
            elif isinstance(thing, Stored):
                paths.update(self.program.files.assigning(*thing))
        return frozenset(paths)

    @property
    def size(self) -> int:
        """How many things have been looked at, now or for an answer that is forgotten."""
        return len(self._marks)


def _are_one(old: Module | None, new: Module | None) -> bool:
    """Do two versions of a module mean the same?"""
    if old is None or new is None:
        return old is new
    # In Python 1, 1.0 and True are equal.
    return old.ir == new.ir and _constants(old.ir) == _constants(new.ir)


def _constants(module: ModuleIR) -> list[str]:
    return [repr(node.value) for node in module.nodes if isinstance(node, ir.Constant)]


def _resolved(program: Program, thing: Imported | Inside) -> Path | None:
    if isinstance(thing, Inside):
        return program.resolver.submodule(thing.package, thing.name)
    return program.resolver.resolve(thing.folder / _UNSEEN_IN_IMPORTS, thing.module, thing.level)
