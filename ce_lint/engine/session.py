"""The one engine behind every front-end: projects are analysed once and asked many times."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ce_lint.engine.adoption.known import without_known
from ce_lint.engine.clock import FIND, NoClock
from ce_lint.engine.configuration.choices import Choices
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.discovery import ProjectRoots, is_left_out, project_root
from ce_lint.engine.file_facts import FileFacts, Unkept, error_in
from ce_lint.engine.markers import can_matter
from ce_lint.engine.reporting import Share, answered, planned, report_on, with_errors
from ce_lint.engine.results import Analysis, Evidence, never
from ce_lint.engine.silence import Silence
from ce_lint.findings import FileError, Finding, Report, Unresolved
from ce_lint.source.paths import display_path
from ce_lint.source.records import SourceError, SourceFile

if TYPE_CHECKING:
    from ce_lint.engine.analyses import Analyses
    from ce_lint.engine.keeping import Keeping
    from ce_lint.engine.undecided import Undecided

_NOTHING_LAID: Mapping[Path, SourceFile] = {}


class Session:
    """Answers for as long as its process lives; a changed file is seen."""

    def __init__(self, keeping: Keeping | None = None, *, holds_evidence: bool = True) -> None:
        """Take what says where results are kept between two runs, and how many processes may work.

        Without evidence, of which `evidence` is then the slower, several projects are looked through side by side.
        """
        self._keeping = keeping
        self._clock = NoClock() if keeping is None else keeping.clock
        self._holds_evidence = holds_evidence
        self._silence: Silence | None = None

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
        with self._clock.stage(FIND):
            plan = planned(paths, settings, overlay)

        facts = FileFacts(Unkept(overlay))
        if not overlay and len(plan.shares) > 1:
            can_matter_at_all = [share for share in plan.shares if any(map(facts.can_matter, share.files))]
            self._analyses.prepare({share.root: share.files for share in can_matter_at_all}, settings, cancelled)

        def analysis_of(share: Share) -> Analysis:
            return self._analyses.of(share.root, settings, overlay, share.files, cancelled)

        return answered(plan, facts, analysis_of, functools.partial(_placed, overlay))

    def check_text(self, path: Path, text: str, settings: Settings) -> Report:
        """The report on one file whose text lies over the disk: the flows that have an end in it."""
        path = Path(os.path.abspath(path))
        if settings.force_exclude and is_left_out(path, settings):
            return Report()
        from ce_lint.source.file import source_from_text

        try:
            source = source_from_text(path, text)
        except SourceError as error:
            return Report(errors=(FileError(display_path(path), error.line or 1, error.reason),))
        root = Path(os.path.abspath(settings.root)) if settings.root else project_root(path)
        overlay = {} if _is_on_disk(path, source) else {path: source}
        if self._silence is not None and self._silence.is_waited_for(root):
            # What is found for one file, or with a text laid over it, does not say all of the others.
            begun = self._analyses.arrive(root)
            if begun is not None:
                self._silence.learn(root, begun, self._analyses.states(root, settings))
        analysis = self._analyses.of(root, settings, overlay, (path,))
        self._analyses.let_go()
        from ce_lint.engine.unused import unused_in

        unused = () if path in analysis.parsed else unused_in(source)
        choices, names = Choices(settings), frozenset((display_path(path),))
        report = report_on(analysis, names, choices, unused, functools.partial(_placed, overlay))
        # What is on disk was looked at with the rest of the project.
        is_unseen = overlay and path not in analysis.parsed and can_matter(text)
        report = with_errors(report, (error_in(source) if is_unseen else analysis.looked_at.get(path),))
        return without_known(report, choices, names)

    def prepare(self, files: Iterable[Path], settings: Settings) -> None:
        """Find what is known of the projects of some files, for processes that are forked to ask about one by one.

        Until it is called again, files are taken to be as they are now. What takes long is found by other processes:
        whoever asks about a project first waits for it. Whoever asks knows which files are no Python.
        """
        shares: dict[Path, list[Path]] = {}
        roots = ProjectRoots()
        for file in files:
            path = Path(os.path.abspath(file))
            root = Path(os.path.abspath(settings.root)) if settings.root else roots.of(path.parent)
            shares.setdefault(root, []).append(path)
        self._silence = None
        self._analyses.renew()
        self._analyses.begin(shares, settings)
        self._analyses.settle()
        self._analyses.close()
        self._silence = Silence(settings, shares)
        for root in shares:
            known = self._analyses.known(root)
            if known is not None:
                self._silence.learn(root, known, self._analyses.states(root, settings))

    def is_silent_about(self, name: str) -> bool:
        """Tell whether it is known that nothing is to be said of a file as it is on disk, since it was prepared for."""
        return self._silence is not None and self._silence.covers(name)

    def evidence(self, finding: Finding) -> Evidence | None:
        """What a finding was made of, where an analysis that is still held found it."""
        return self._analyses.evidence(finding)

    def close(self) -> None:
        """Let go of what is kept on disk."""
        if "_analyses" in self.__dict__:
            self._analyses.close()

    @cached_property
    def _analyses(self) -> Analyses:
        # Made here, because most commits need none: the analysis is not even imported for them.
        from ce_lint.engine.analyses import Analyses
        from ce_lint.engine.keeping import Keeping

        return Analyses(self._keeping or Keeping(), holds_evidence=self._holds_evidence)


def _placed(overlay: Mapping[Path, SourceFile], undecided: Iterable[Undecided]) -> tuple[Unresolved, ...]:
    # Imported here: whoever asks for no such calls does without what reads their places.
    from ce_lint.engine.limits import deeply
    from ce_lint.engine.placing import placed, read_anew
    from ce_lint.program.files import Files

    return deeply(lambda: placed(undecided, functools.partial(read_anew, Files((), overlay))))


def _is_on_disk(path: Path, source: SourceFile) -> bool:
    """Tell whether a text is that of its file, but for CR LF: flake8 hands over a line feed instead."""
    from ce_lint.source.file import read_source

    try:
        on_disk = read_source(path).text
    except SourceError:
        return False
    return on_disk.replace("\r\n", "\n") == source.text.replace("\r\n", "\n")
