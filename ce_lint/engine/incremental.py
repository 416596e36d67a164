"""What is known of a project that changes: kept where nothing changed that it was made of."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from ce_lint.engine.analysis import conclude, follow
from ce_lint.engine.cache import Cache
from ce_lint.engine.limits import deeply
from ce_lint.engine.places import Places, Reading
from ce_lint.engine.placing import placed
from ce_lint.engine.results import Analysis
from ce_lint.engine.undecided import Undecided
from ce_lint.findings import Place, Unresolved
from ce_lint.interpreter.standing import Standing
from ce_lint.knowledge.loader import Knowledge
from ce_lint.program.contents import Content
from ce_lint.program.files import Files
from ce_lint.program.loading import Module
from ce_lint.program.program import Program
from ce_lint.program.resolver import Resolver
from ce_lint.source.file import SourceFile

MAX_GROWTH = 4
"""How many times as many things may have been looked at as when everything was, before it is again."""
MIN_GROWTH = 10_000


class IncrementalAnalysis:
    """The analysis of one project, renewed file by file."""

    def __init__(self, root: Path, files: Iterable[Path], knowledge: Knowledge, *, strict: bool) -> None:
        self.root = root
        self.files = Files(files, {})
        self.knowledge = knowledge
        self.strict = strict
        self.known: Analysis | None = None
        """The analysis of the files as they are, where somebody asked for it."""
        self._sources: Mapping[Path, tuple[Path, ...]] = {}
        self._resolver = Resolver(root)
        self._cache = Cache()
        self._standing: Standing | None = None
        self._first_size = 0

    def content(self, path: Path) -> Content:
        """What a file holds."""
        return self.files.content(path)

    @property
    def followed(self) -> frozenset[Path]:
        """The files of the loss calls that were followed when something last had to be found."""
        asked = () if self._standing is None else self._standing.asked_again
        return frozenset(candidate.function.path for candidate in asked)

    def renew(self, changes: Mapping[Path, SourceFile | None]) -> None:
        """Read some files again, each under a text or without one."""
        exchanged: dict[Path, Module | None] = {}
        for path, laid in changes.items():
            before = self.files.module(path)
            if self.files.exchange(path, laid):
                exchanged[path] = before
        if exchanged:
            self._go_on(exchanged)

    def rearrange(self, paths: Iterable[Path], sources: Mapping[Path, tuple[Path, ...]]) -> None:
        """Take other files for the project's, and look for imports anew."""
        # Nobody says what happens to them: a folder can come back with other files of the same names.
        self.renew(self.files.outsiders())
        changed, is_divided_anew = self.files.rearrange(paths)
        self._sources = sources
        self._resolver = Resolver(self.root, sources, self.files.laid())
        self._cache.forget_findings()
        if is_divided_anew:
            self._begin_anew()
        else:
            self._go_on({path: self.files.module(path) for path in changed})

    def analysis(self, cancelled: Callable[[], bool]) -> Analysis:
        """What is known of the project now; raise Cancelled."""
        if self.known is None:
            if self._standing is None:
                self._standing = Standing(self._program(self.files), self.knowledge)
            self.known = deeply(functools.partial(self._followed, self._standing, cancelled))
        return self.known

    def settle(self, cancelled: Callable[[], bool]) -> None:
        """Follow every loss call anew, unless that is done already; raise Cancelled, and be as before."""
        if self.is_settled and self.known is not None:
            return
        files = self.files.renewed()
        standing = Standing(self._program(files), self.knowledge)
        self.known = deeply(functools.partial(self._followed, standing, cancelled))
        self.files, self._standing = files, standing

    @property
    def is_settled(self) -> bool:
        """Was everything that is known found in one go?"""
        return self._standing is not None and self._standing.is_whole

    def _followed(self, standing: Standing, cancelled: Callable[[], bool]) -> Analysis:
        followed = follow(standing.candidates(), standing.report, strict=self.strict, cancelled=cancelled)
        standing.rest()
        if standing.is_whole:
            self._first_size = standing.size
        own = [msgspec.structs.replace(report, flows=list(report.flows)) for report in followed.reports]
        self._cache.forget_findings({candidate.site for candidate in standing.asked_again})
        program, interpreter = standing.program, standing.interpreter
        # In a large project it is not told of a file what is wrong with it that is lowered for nothing any more.
        lowered = standing.lowered if program.files.is_large else None
        known = conclude(program, interpreter, followed._replace(reports=own), self._cache, standing.parsed, lowered)
        if program.files.is_large:
            unread = (path for path in program.files.paths if path not in known.parsed)
            known = msgspec.structs.replace(known, looked_at=dict.fromkeys(unread))
        self._cache.keep(frozenset(map(program.files.module, known.parsed)))
        return known

    def right_calls(self, path: Path) -> tuple[tuple[Place, str], ...]:
        """The loss calls of a file that were proved right, each with the name of its loss."""
        if self.known is None or self._standing is None:
            return ()
        calls = [(site, loss) for site, loss in self.known.right_calls if Path(site.path) == path]
        places = Places((site for site, _ in calls), self._reading(self._standing))
        return tuple((places[site], loss) for site, loss in calls)

    def placed(self, undecided: Iterable[Undecided]) -> tuple[Unresolved, ...]:
        """Some calls of what is known that could not be decided, with their places."""
        return () if self._standing is None else placed(undecided, self._reading(self._standing))

    def _go_on(self, exchanged: Mapping[Path, Module | None]) -> None:
        self.known = None
        # Where it cannot be renewed, all is found anew.
        standing, self._standing = self._standing, None
        if standing is None:
            return
        if standing.size > max(MIN_GROWTH, MAX_GROWTH * self._first_size):
            self._begin_anew()
            return
        deeply(functools.partial(standing.renew, self._program(self.files), exchanged))
        self._standing = standing

    def _begin_anew(self) -> None:
        self.known, self._standing = None, None
        self.files = self.files.renewed()

    def _reading(self, standing: Standing) -> Reading:
        return functools.partial(self._cache.ranges, standing.program)

    def _program(self, files: Files) -> Program:
        return Program(self.root, files, resolver=self._resolver)
