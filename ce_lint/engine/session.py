"""The one engine behind every front-end: projects are analysed once and asked many times."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ce_lint.engine.adoption.known import without_known
from ce_lint.engine.analysis import Analysis, Evidence, analyse, never
from ce_lint.engine.configuration.choices import Choices
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.discovery import is_left_out, laid_below, project_root
from ce_lint.engine.file_facts import FileFacts, Unkept, error_in
from ce_lint.engine.limits import deep_recursion
from ce_lint.engine.markers import can_matter
from ce_lint.engine.projects import KnowledgeOfProjects, files_of
from ce_lint.engine.reporting import Share, answered, planned, report_on, with_errors
from ce_lint.engine.unused import unused_in
from ce_lint.findings import FileError, Finding, Place, Report
from ce_lint.knowledge.loader import Knowledge
from ce_lint.program.program import Program
from ce_lint.source.file import SourceError, SourceFile, read_source, source_from_text
from ce_lint.source.paths import display_path

RESCAN_FACTOR = 20
"""A project's files are looked at again after this many times as long as looking at them took."""
MAX_PROJECTS = 8
"""Of how many projects at most is kept what was found for single texts; those asked about last."""

_NOTHING_LAID: Mapping[Path, SourceFile] = {}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files of a project, and what changes when one of them does."""

    files: tuple[Path, ...]
    known: frozenset[Path]
    """The same, for whoever looks for one."""
    signature: tuple[tuple[str, int, int], ...]
    sources: Mapping[Path, tuple[Path, ...]]
    """The folders in which the files below a folder look for imports."""
    taken: float
    cost: float


@dataclass(frozen=True, slots=True)
class Held:
    """An analysis, and what it holds for."""

    key: object
    knowledge: Knowledge
    outside: Mapping[Path, tuple[str, int, int]]
    """What changes when a file does that was parsed and is none of the project's: excluded, but imported."""
    analysis: Analysis

    def is_of(self, key: object, knowledge: Knowledge) -> bool:
        """Tell whether it holds still."""
        if self.knowledge is not knowledge or self.key != key:
            return False
        return all(_stat(path) == known for path, known in self.outside.items())


class Session:
    """Answers for as long as its process lives; a changed file is seen."""

    def __init__(self) -> None:
        self._snapshots: dict[tuple[Path, Settings], Snapshot] = {}
        self._analyses: dict[Path, Held] = {}
        """By root; those asked about last are last."""
        self._knowledge = KnowledgeOfProjects()

    def check(
        self,
        paths: Sequence[Path],
        settings: Settings,
        overlay: Mapping[Path, SourceFile] = _NOTHING_LAID,
        cancelled: Callable[[], bool] = never,
    ) -> Report:
        """The report on files and folders, as this run's settings and the projects' configurations want it.

        The texts of `overlay`, by absolute path, lie over the disk. Raises UsageError for a path that is not there,
        and for a configuration or a baseline that cannot be meant; Cancelled soon after `cancelled` says so.
        """
        plan = planned(paths, settings, overlay)

        def analysis_of(share: Share) -> Analysis:
            return self._analysis(share.root, settings, overlay, share.files, cancelled)

        return answered(plan, FileFacts(Unkept(overlay)), analysis_of)

    def check_text(self, path: Path, text: str, settings: Settings) -> Report:
        """The report on one file whose text lies over the disk: the flows that have an end in it."""
        path = Path(os.path.abspath(path))
        if settings.force_exclude and is_left_out(path, settings):
            return Report()
        try:
            source = source_from_text(path, text)
        except SourceError as error:
            return Report(errors=(FileError(display_path(path), error.line or 1, error.reason),))
        root = Path(os.path.abspath(settings.root)) if settings.root else project_root(path)
        overlay = {} if _is_on_disk(path, source) else {path: source}
        analysis = self._analysis(root, settings, overlay, (path,))
        self._let_go()
        unused = () if path in analysis.parsed else unused_in(source)
        choices, names = Choices(settings), frozenset((display_path(path),))
        report = report_on(analysis, names, choices, unused)
        if path not in analysis.parsed and can_matter(text):
            report = with_errors(report, (error_in(source),))
        return without_known(report, choices, names)

    def evidence(self, finding: Finding) -> Evidence | None:
        """What a finding was made of, where an analysis that is still held found it."""
        known_by = identity(finding)
        for held in self._analyses.values():
            for judged in held.analysis.findings:
                if identity(judged.finding) == known_by:
                    return judged.evidence
        return None

    def _analysis(
        self,
        root: Path,
        settings: Settings,
        overlay: Mapping[Path, SourceFile],
        asked: Iterable[Path],
        cancelled: Callable[[], bool] = never,
    ) -> Analysis:
        snapshot = self._snapshot(root, settings)
        missing = {path for path in (*asked, *laid_below(root, overlay, settings)) if path not in snapshot.known}
        # Whoever asks about each file of a project in turn, as flake8 does, has its files put in order once.
        files = tuple(sorted({*snapshot.files, *missing})) if missing else snapshot.files
        knowledge = self._knowledge.of(root)
        texts = tuple((source, [cell.strings for cell in source.cells]) for _, source in sorted(overlay.items()))
        key = (snapshot.signature, snapshot.sources, texts, files, Path.cwd())
        held = self._analyses.pop(root, None)
        if held is not None and held.is_of(key, knowledge):
            self._analyses[root] = held
            return held.analysis
        with deep_recursion():
            program = Program(root, files, overlay, sources=snapshot.sources)
            analysis = analyse(program, knowledge, strict=settings.strict, cancelled=cancelled)
        outside = {path: _stat(path) for path in analysis.parsed.difference(files)}
        self._analyses[root] = Held(key, knowledge, outside, analysis)
        return analysis

    def _let_go(self) -> None:
        """Forget the projects that nobody asked about for long: an editor may run flake8 for days."""
        for root in list(self._analyses)[:-MAX_PROJECTS]:
            del self._analyses[root]
        self._snapshots = {key: known for key, known in self._snapshots.items() if key[0] in self._analyses}

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
        snapshot = Snapshot(files, frozenset(files), signature, sources, taken, taken - now)
        self._snapshots[root, looked] = snapshot
        return snapshot


def _stat(path: Path) -> tuple[str, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return str(path), 0, -1
    return str(path), stat.st_mtime_ns, stat.st_size


def _is_on_disk(path: Path, source: SourceFile) -> bool:
    try:
        return read_source(path).text == source.text
    except SourceError:
        return False


def identity(finding: Finding) -> tuple[str, Place, Place, Place]:
    """Return what tells a finding from all others of its report."""
    return finding.code, finding.source, finding.sink, finding.argument
