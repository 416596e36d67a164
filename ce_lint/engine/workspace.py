"""One project, kept in memory for an editor: after a change, only what hangs on it is found again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from ce_lint.engine.buffers import Buffers
from ce_lint.engine.configuration.pyproject import FILE_NAME
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.discovery import SUFFIXES, laid_below
from ce_lint.engine.file_facts import FileFacts, Unkept
from ce_lint.engine.incremental import IncrementalAnalysis
from ce_lint.engine.projects import KnowledgeOfProjects, files_of
from ce_lint.engine.reporting import Plan, Share, answered, planned
from ce_lint.engine.results import Analysis, Cancelled, Evidence, identity, never
from ce_lint.engine.undecided import Undecided
from ce_lint.findings import Finding, Place, Report, Unresolved
from ce_lint.source.file import SourceError, SourceFile, source_from_bytes

CONFIGURING = frozenset({FILE_NAME, "setup.cfg", "setup.py", ".gitignore", "pyvenv.cfg"})
"""Files that say which others are looked at, and how."""

__all__ = ["Cancelled", "Workspace"]


class Workspace:
    """The files below one folder, with the unsaved texts of an editor laid over them.

    A report is that of `Session.check` on the folder with those texts, with one difference: of a text that cannot be
    parsed, the report has the error, and all findings as they were for the last text of that file that could be.
    `source` gives that text, to which the places of the findings belong.

    Files are read again when they are laid or touched, and never else. After a change only the loss calls are
    followed again of which something changed that they were made of. Where a bound of the analyser is hit, it can
    matter which call is followed first; so a report for which calls were followed again is called unsettled, and
    `settled_report` follows all of them.

    While one thread waits for a report, another may lay, touch and configure: the next report takes note of that.
    """

    def __init__(self, root: Path, settings: Settings) -> None:
        self._root = Path(os.path.abspath(root))
        self._settings = settings
        self._knowledge = KnowledgeOfProjects()
        self._buffers = Buffers()
        self._incremental: IncrementalAnalysis | None = None
        self._facts = FileFacts(Unkept({}))
        self._plan: Plan | None = None
        self._is_planned = False
        self._changed: set[Path] = set()
        self._folder = Path.cwd()

    def lay(self, path: Path, text: str | None) -> None:
        """Lay the text of an open document over its file; None where it was closed: the disk counts again."""
        path = self._noted(path, is_open=text is not None)
        self._buffers.lay(path, text)

    def lay_source(self, path: Path, source: SourceFile) -> None:
        """Lay what an editor holds in another form over a file: a notebook's cells."""
        path = self._noted(path, is_open=True)
        self._buffers.lay_source(path, source)

    def touch(self, paths: Iterable[Path]) -> None:
        """Take note of files and folders that were made, changed, moved or deleted on disk."""
        incremental = self._incremental
        known = frozenset(() if incremental is None else incremental.files.paths)
        for path in paths:
            absolute = Path(os.path.abspath(path))
            self._changed.add(absolute)
            if not absolute.is_file():  # a file that went, or a folder
                self._is_planned = False
                if absolute not in known:
                    self._changed.update(one for one in known if one.is_relative_to(absolute))
            elif absolute not in known and (absolute.suffix in SUFFIXES or absolute.name in CONFIGURING):
                self._is_planned = False

    def configure(self, settings: Settings) -> None:
        """Ask for something else from now on."""
        self._settings = settings
        self._is_planned = False

    @property
    def is_settled(self) -> bool:
        """Is what is known what would be found if everything was followed anew?"""
        return self._incremental is not None and self._incremental.is_settled

    @property
    def followed(self) -> frozenset[Path]:
        """The files of the loss calls that were followed when something last had to be found."""
        return frozenset() if self._incremental is None else self._incremental.followed

    def report(self, cancelled: Callable[[], bool] = never) -> Report:
        """The report on the whole project.

        Raises Cancelled soon after `cancelled` says so, and UsageError for a configuration or a baseline that cannot
        be meant; what was found until then is kept.
        """
        plan = self._renewed()
        parsed = frozenset[Path]()

        def analysis_of(_: Share) -> Analysis:
            nonlocal parsed
            assert self._incremental is not None
            analysis = self._incremental.analysis(cancelled)
            parsed = analysis.parsed
            return analysis

        report = answered(plan, self._facts, analysis_of, self._placed)
        errors = (one for one in self._buffers.errors(lambda path: path in parsed) if one.path in plan.names)
        return msgspec.structs.replace(report, errors=tuple(sorted({*report.errors, *errors})))

    def settled_report(self, cancelled: Callable[[], bool] = never) -> Report:
        """The same, with every loss call followed anew, unless that is done already.

        It takes as long as the first report did, but for reading and parsing; what is cancelled of it is lost, and
        costs the next report nothing.
        """
        self._renewed()
        if self._incremental is not None:
            self._incremental.settle(cancelled)
        return self.report(cancelled)

    def evidence(self, finding: Finding) -> Evidence | None:
        """What a finding of the last report was made of."""
        known = None if self._incremental is None else self._incremental.known
        wanted = identity(finding)
        found = (one.evidence for one in (known.findings if known else ()) if identity(one.finding) == wanted)
        return next(found, None)

    def right_calls(self, path: Path) -> tuple[tuple[Place, str], ...]:
        """The loss calls of a file that the last report counts as right, each with the name of its loss."""
        return () if self._incremental is None else self._incremental.right_calls(Path(os.path.abspath(path)))

    def undecided_calls(self, path: Path) -> tuple[Unresolved, ...]:
        """The loss calls of a file that could not be decided, in the last report."""
        known = None if self._incremental is None else self._incremental.known
        absolute = os.path.abspath(path)
        return self._placed(one for one in (known.undecided if known else ()) if one.site.path == absolute)

    def source(self, path: Path) -> SourceFile | None:
        """A file as the last report reads it; None where it cannot be read."""
        path = Path(os.path.abspath(path))
        content = (self._incremental.files if self._incremental else Unkept({})).content(path)
        if content.laid is not None or content.reason:
            return content.laid
        try:
            return source_from_bytes(path, content.data)
        except SourceError:
            return None

    def _placed(self, undecided: Iterable[Undecided]) -> tuple[Unresolved, ...]:
        return () if self._incremental is None else self._incremental.placed(undecided)

    def _noted(self, path: Path, *, is_open: bool) -> Path:
        """The absolute path of a document that changes; whether its file is there matters when it opens or closes."""
        path = Path(os.path.abspath(path))
        self._changed.add(path)
        if is_open != (path in self._buffers.paths()):
            is_known = self._incremental is not None and path in self._incremental.files.paths
            self._is_planned &= is_known and os.path.lexists(path)
        return path

    def _renewed(self) -> Plan:
        """Bring all that is known of files up to what was noted of them."""
        if Path.cwd() != self._folder:  # paths are shown from it
            self._folder, self._incremental, self._is_planned = Path.cwd(), None, False
        plan = self._plan
        if plan is None or not self._is_planned:
            self._is_planned, is_done = True, False  # another thread may say meanwhile that it is not
            try:
                plan = planned([self._root], self._settings, set(self._buffers.paths()))
                self._rearrange(plan)
                is_done = True
            finally:
                self._is_planned &= is_done
            self._plan = plan
        elif self._incremental is not None:
            self._exchange(self._incremental)
        return plan

    def _rearrange(self, plan: Plan) -> None:
        if not plan.shares:
            self._incremental = None
            self._facts = FileFacts(Unkept({}))
            return
        (share,) = plan.shares
        files, sources = files_of(share.root, self._settings)
        laid = laid_below(share.root, set(self._buffers.paths()), self._settings)
        knowledge = self._knowledge.of(share.root)
        incremental, known = self._incremental, (share.root, knowledge, self._settings.strict)
        if incremental is None or (incremental.root, incremental.knowledge, incremental.strict) != known:
            incremental = self._incremental = IncrementalAnalysis(
                share.root, (), knowledge, strict=self._settings.strict
            )
            self._changed.update(self._buffers.paths())
        self._facts = FileFacts(incremental)  # by what a file is recognised hangs on the projects around it
        self._exchange(incremental)
        incremental.rearrange({*files, *share.files, *laid}, sources)

    def _exchange(self, incremental: IncrementalAnalysis) -> None:
        changed, self._changed = self._changed, set()
        incremental.renew({path: self._buffers.usable(path, incremental.files.module(path)) for path in changed})
