"""The analyses of one process: made when somebody asks, and held as long as nothing changes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ce_lint.engine.clock import FIND
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.discovery import laid_below
from ce_lint.engine.errors import UsageError
from ce_lint.engine.inquiry import Inquiry
from ce_lint.engine.keeping import Keeping
from ce_lint.engine.kept import kept, restored
from ce_lint.engine.projects import KnowledgeOfProjects, files_of
from ce_lint.engine.results import Analysis, Evidence, identity, never
from ce_lint.findings import Finding
from ce_lint.knowledge.loader import Knowledge
from ce_lint.source.records import SourceFile

if TYPE_CHECKING:
    from ce_lint.supply.beside import Beside

RESCAN_FACTOR = 20
"""A project's files are looked at again after this many times as long as looking at them took."""
WORTH_IT = 1_000_000
"""Bytes of projects from which on they are worth processes of their own."""
WORTH_BEGINNING = 100_000
"""Bytes of projects from which on it is worth a process to look through them while this one goes on."""
MAX_PROJECTS = 8
"""Of how many projects at most is kept what was found for single texts; those asked about last."""


class Snapshot(msgspec.Struct, frozen=True):
    """The files of a project, and what changes when one of them does."""

    files: tuple[Path, ...]
    known: frozenset[Path]
    """The same, for whoever looks for one."""
    signature: tuple[tuple[str, int, int], ...]
    sources: Mapping[Path, tuple[Path, ...]]
    """The folders in which the files below a folder look for imports."""
    size: int
    """Bytes of the files."""
    taken: float
    cost: float


class Held(msgspec.Struct, frozen=True):
    """An analysis, and what it holds for."""

    key: object
    knowledge: Knowledge
    outside: Mapping[Path, tuple[str, int, int]]
    """What changes when a file does that was parsed and is none of the project's: excluded, but imported."""
    analysis: Analysis
    inquiry: Inquiry

    def speaks_of(self, asked: Collection[Path]) -> bool:
        """Tell whether it has all that concerns some of the project's files."""
        parsed, looked_at = self.analysis.parsed, self.analysis.looked_at
        return all(path in parsed or path in looked_at for path in asked)

    def is_of(self, key: object, knowledge: Knowledge) -> bool:
        """Tell whether it holds still."""
        if self.knowledge is not knowledge or self.key != key:
            return False
        return all(_stat(path) == known for path, known in self.outside.items())


class Begun(msgspec.Struct, frozen=True):
    """An analysis that another process makes."""

    key: object
    inquiry: Inquiry
    beside: Beside
    task: int


class Analyses:
    """Those of all projects that were asked about; a changed file is seen."""

    def __init__(self, keeping: Keeping, *, holds_evidence: bool) -> None:
        """Take what says where results are kept between two runs, and how many processes may work."""
        self._keeping = keeping
        self._holds_evidence = holds_evidence
        self._snapshots: dict[tuple[Path, Settings], Snapshot] = {}
        self._held: dict[Path, Held] = {}
        """By root; those asked about last are last."""
        self._begun: dict[Path, Begun] = {}
        self._is_settled = False
        self._knowledge = KnowledgeOfProjects()

    def of(
        self,
        root: Path,
        settings: Settings,
        overlay: Mapping[Path, SourceFile],
        asked: Collection[Path],
        cancelled: Callable[[], bool] = never,
    ) -> Analysis:
        """What is known of a project, with all that concerns some of its files."""
        self.arrive(root)
        held = self._held.get(root)
        if held is not None and self._is_settled and not overlay and held.speaks_of(asked):
            return held.analysis
        with self._keeping.clock.stage(FIND):
            key, inquiry = self._inquiry(root, settings, overlay, asked, cancelled)
        held = self._held.pop(root, None)
        if held is None or not held.is_of(key, inquiry.knowledge):
            return self._hold(key, inquiry, inquiry.answered(self._keeping))
        analysis = inquiry.with_looked_at(held.analysis, asked)
        if analysis is not held.analysis:
            held = msgspec.structs.replace(held, analysis=analysis)
        self._held[root] = held
        return held.analysis

    def prepare(
        self, shares: Mapping[Path, Collection[Path]], settings: Settings, cancelled: Callable[[], bool]
    ) -> None:
        """Find what is known of several projects, side by side where that is quicker; asked for by root."""
        if self._holds_evidence or self._keeping.jobs < 2 or len(shares) < 2:
            return
        # What one project, as most runs have, does without is imported here.
        from ce_lint.engine.labour import answer_inquiries, decoded
        from ce_lint.supply.crew import Crew, Task, forking

        how = forking()
        if how is None:
            return
        missing: list[tuple[object, Inquiry]] = []
        for root, asked in shares.items():
            key, inquiry = self._inquiry(root, settings, {}, asked, cancelled)
            known = inquiry.recalled(self._keeping)
            if known is not None:
                self._hold(key, inquiry, known)
            else:
                missing.append((key, inquiry))
        if len(missing) < 2 or sum(inquiry.size for _, inquiry in missing) < WORTH_IT:
            return
        self._keeping.close()  # what is open here is of no use to a child
        inquiries = tuple([inquiry for _, inquiry in missing])
        by_size = sorted(range(len(missing)), key=lambda number: -inquiries[number].size)
        crew = Crew(how, answer_inquiries, (self._keeping.alone(), inquiries), None)
        answers = crew.answers([[Task(number, None)] for number in by_size], self._keeping.jobs)
        for number, (key, inquiry) in enumerate(missing):
            analysis = decoded(answers[number])
            if analysis is not None:  # else it is found once more when somebody asks, here
                self._hold(key, inquiry, analysis)
        # Whoever asks now asks about the files as they were.
        now = time.monotonic()
        self._snapshots |= {
            key: msgspec.structs.replace(snapshot, taken=now)
            for key, snapshot in self._snapshots.items()
            if key[0] in shares
        }

    def begin(self, shares: Mapping[Path, Collection[Path]], settings: Settings) -> None:
        """Find what is known of some projects from earlier runs, and have the rest found by processes beside this one.

        Whoever asks about one of those, in this process or in one that is forked from now on, waits for it. He is taken
        to know which of his files are no Python.
        """
        missing: list[tuple[object, Inquiry]] = []
        for root, asked in shares.items():
            try:
                # A file that is none of the project's belongs to it for whoever asks about that file alone.
                known_files = self._snapshot(root, settings).known
                key, inquiry = self._inquiry(root, settings, {}, [path for path in asked if path in known_files], never)
                inquiry = msgspec.structs.replace(inquiry, tells_python=False)
            except UsageError:
                continue  # whoever asks about this project meets it again
            known = inquiry.recalled(self._keeping)
            if known is not None:
                self._hold(key, inquiry, known)
            else:
                missing.append((key, inquiry))
        if sum(inquiry.size for _, inquiry in missing) >= WORTH_BEGINNING:
            missing = self._given_away(missing)
        for key, inquiry in missing:
            self._hold(key, inquiry, inquiry.answered(self._keeping))

    def _given_away(self, missing: list[tuple[object, Inquiry]]) -> list[tuple[object, Inquiry]]:
        """Have projects analysed by other processes; return those of which that cannot be."""
        from ce_lint.engine.labour import answered
        from ce_lint.supply.beside import MAX_TASKS, Beside
        from ce_lint.supply.crew import forking

        how = forking()
        if how is None:
            return missing
        given, rest = missing[:MAX_TASKS], missing[MAX_TASKS:]
        self._keeping.close()  # what is open here is of no use to a child
        labour = partial(answered, self._keeping, tuple([inquiry for _, inquiry in given]))
        beside = Beside(how, labour, len(given), self._keeping.jobs)
        self._begun = {inquiry.root: Begun(key, inquiry, beside, task) for task, (key, inquiry) in enumerate(given)}
        return rest

    def arrive(self, root: Path) -> Analysis | None:
        """Wait for what is known of a project, if another process is to find it; return it the first time."""
        begun = self._begun.pop(root, None)
        if begun is None:
            return None
        from ce_lint.engine.labour import decoded

        analysis = decoded(begun.beside.answer(begun.task))
        # Where that process ended, it is found here.
        return None if analysis is None else self._hold(begun.key, begun.inquiry, analysis)

    def known(self, root: Path) -> Analysis | None:
        """What is known of a project already."""
        return self._held[root].analysis if root in self._held else None

    def states(self, root: Path, settings: Settings) -> tuple[tuple[str, int, int], ...]:
        """The files of a project, each with what changes when it does, as they were when they were last looked at."""
        return self._snapshot(root, settings).signature

    def inquiry(self, root: Path, settings: Settings, asked: Collection[Path]) -> Inquiry:
        """What would be asked of a project."""
        return self._inquiry(root, settings, {}, asked, never)[1]

    def _inquiry(
        self,
        root: Path,
        settings: Settings,
        overlay: Mapping[Path, SourceFile],
        asked: Collection[Path],
        cancelled: Callable[[], bool],
    ) -> tuple[object, Inquiry]:
        """What is asked of a project, and what changes when an answer does not hold any more."""
        snapshot = self._snapshot(root, settings)
        missing = {path for path in (*asked, *laid_below(root, overlay, settings)) if path not in snapshot.known}
        # Whoever asks about each file of a project in turn, as flake8 does, has its files put in order once.
        files = tuple(sorted({*snapshot.files, *missing})) if missing else snapshot.files
        texts = tuple((source, [cell.strings for cell in source.cells]) for _, source in sorted(overlay.items()))
        inquiry = Inquiry(
            root=root,
            files=files,
            size=snapshot.size,
            overlay=overlay,
            sources=snapshot.sources,
            knowledge=self._knowledge.of(root),
            tables=self._knowledge.tables(root),
            strict=settings.strict,
            asked=tuple(asked),
            cancelled=cancelled,
        )
        return (snapshot.signature, snapshot.sources, texts, files, Path.cwd()), inquiry

    def _hold(self, key: object, inquiry: Inquiry, analysis: Analysis) -> Analysis:
        has_evidence = analysis.right_calls or any(one.evidence is not None for one in analysis.findings)
        if has_evidence and not self._holds_evidence:
            analysis = restored(kept(analysis))
        analysis = msgspec.structs.replace(analysis, made_of=None)
        outside = {path: _stat(path) for path in analysis.parsed.difference(inquiry.files)}
        self._held[inquiry.root] = Held(key, inquiry.knowledge, outside, analysis, inquiry)
        return analysis

    def settle(self) -> None:
        """Take the files as they are for as long as this process and its children live, or until `renew`."""
        self._is_settled = True
        self._snapshots = {
            key: msgspec.structs.replace(snapshot, taken=math.inf) for key, snapshot in self._snapshots.items()
        }

    def renew(self) -> None:
        """Look at the files again."""
        self._is_settled = False
        self._begun = {}
        self._held = {}
        self._snapshots = {}

    def let_go(self) -> None:
        """Forget the projects that nobody asked about for long: an editor may run flake8 for days."""
        if self._is_settled:
            return  # what was prepared for is asked about as long as the run lasts
        for root in list(self._held)[:-MAX_PROJECTS]:
            del self._held[root]
        self._snapshots = {key: known for key, known in self._snapshots.items() if key[0] in self._held}

    def _snapshot(self, root: Path, settings: Settings) -> Snapshot:
        # What is selected, and what is left out of what was asked for, do not change what the project consists of.
        looked = Settings(src=settings.src, exclude=settings.exclude, respect_gitignore=settings.respect_gitignore)
        known = self._snapshots.get((root, looked))
        now = time.monotonic()
        if known is not None and now - known.taken < RESCAN_FACTOR * known.cost:
            return known
        files, sources = files_of(root, looked)
        signature = tuple(_stat(path) for path in files)
        taken = time.monotonic()
        size = sum(size for _, _, size in signature)
        snapshot = Snapshot(files, frozenset(files), signature, sources, size, taken, taken - now)
        self._snapshots[root, looked] = snapshot
        return snapshot

    def close(self) -> None:
        """Let go of what is kept on disk."""
        self._keeping.close()

    def evidence(self, finding: Finding) -> Evidence | None:
        """What a finding was made of, where an analysis that is still held found it."""
        known_by = identity(finding)
        for root, held in self._held.items():
            for judged in held.analysis.findings:
                if identity(judged.finding) == known_by:
                    if judged.evidence is not None:
                        return judged.evidence
                    self._held[root] = msgspec.structs.replace(held, analysis=held.inquiry.found(self._keeping))
                    return self.evidence(finding)
        return None


def _stat(path: Path) -> tuple[str, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return str(path), 0, -1
    return str(path), stat.st_mtime_ns, stat.st_size
