"""One project, looked through: from what was kept, or anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ce_lint.engine.clock import LOOK_UP, PLACE, Clock
from ce_lint.engine.discovery import project_mark
from ce_lint.engine.file_facts import FileFacts
from ce_lint.engine.keeping import Keeping
from ce_lint.engine.limits import deeply
from ce_lint.engine.markers import holding
from ce_lint.engine.reporting import errors_of
from ce_lint.engine.results import NOTHING, Analysis, never
from ce_lint.knowledge.loader import Knowledge
from ce_lint.program.collector import collector_paused
from ce_lint.program.files import MAX_FILES, Files
from ce_lint.source.records import SourceFile

if TYPE_CHECKING:
    from ce_lint.engine.memory import Memory
    from ce_lint.program.program import Program


class Inquiry(msgspec.Struct, frozen=True):
    """What is asked of a project."""

    root: Path
    files: tuple[Path, ...]
    size: int
    """Bytes of the files."""
    overlay: Mapping[Path, SourceFile]
    sources: Mapping[Path, tuple[Path, ...]]
    """The folders in which the files below a folder look for imports."""
    knowledge: Knowledge
    tables: str
    """What the project adds to the knowledge."""
    strict: bool
    asked: Collection[Path] = ()
    """The files that are to be reported on."""
    tells_python: bool = True
    """Is it to be found out which of them are no Python, where nothing had to be followed into them?"""
    cancelled: Callable[[], bool] = never

    def recalled(self, keeping: Keeping) -> Analysis | None:
        """What is known of the project from an earlier run, where nothing changed that matters."""
        memory = self._memory(keeping)
        return None if memory is None else self._recalled(self._files(keeping), memory)

    def answered(self, keeping: Keeping) -> Analysis:
        """What is known of the project: the same, or found anew and kept."""
        memory = self._memory(keeping)
        if memory is None:
            return self.found(keeping)
        files = self._files(keeping)
        with keeping.clock.stage(LOOK_UP):
            known = self._recalled(files, memory)
        if known is not None:
            return known
        if self._is_without_losses(files):
            return self._looked_at(NOTHING, files)
        program = self._program(files)
        analysis = self._analysed(program, keeping.clock)
        with keeping.clock.stage(LOOK_UP):
            memory.take(program, analysis)
            return self._kept(analysis, files, memory)

    def found(self, keeping: Keeping) -> Analysis:
        """What is known of the project, found anew."""
        files = self._files(keeping)
        if self._is_without_losses(files):
            return self._looked_at(NOTHING, files)
        analysis = self._analysed(self._program(files), keeping.clock)
        with keeping.clock.stage(PLACE):
            return self._looked_at(analysis, files)

    def with_looked_at(self, analysis: Analysis, asked: Collection[Path]) -> Analysis:
        """An analysis of the project, with what is wrong with some files that nothing had to be followed into."""
        if all(path in analysis.parsed or path in analysis.looked_at for path in asked):
            return analysis
        inquiry = msgspec.structs.replace(self, asked=tuple(asked))
        return inquiry._looked_at(analysis, Files(asked, self.overlay))

    def _memory(self, keeping: Keeping) -> Memory | None:
        return (
            None
            if self.overlay
            else keeping.memory(self.root, self.size, self._surroundings, self.knowledge.wrapper_words())
        )

    def _files(self, keeping: Keeping) -> Files:
        return Files(self.files, self.overlay, keeping.supply(self.root, self.size))

    def _recalled(self, files: Files, memory: Memory) -> Analysis | None:
        # What is lowered to be compared is lowered as for an analysis.
        analysis = deeply(lambda: memory.recall(files))
        return None if analysis is None else self._kept(analysis, files, memory)

    def _kept(self, analysis: Analysis, files: Files, memory: Memory) -> Analysis:
        analysis = self._looked_at(analysis, files)
        memory.keep(analysis)
        return analysis

    def _is_without_losses(self, files: Files) -> bool:
        """Tell whether no file can hold a loss call: then there is nothing to follow."""
        can_hold_one = holding(self.knowledge.marker_words())
        return not any(can_hold_one(files.content(path).data) for path in files.paths)

    def _program(self, files: Files) -> Program:
        # Imported here: whoever finds all that he asks for does without what analyses.
        from ce_lint.program.program import Program

        return Program(self.root, files, sources=self.sources)

    def _analysed(self, program: Program, clock: Clock) -> Analysis:
        from ce_lint.engine.analysis import analyse

        strict, cancelled = self.strict, self.cancelled
        with collector_paused():
            return deeply(lambda: analyse(program, self.knowledge, strict=strict, cancelled=cancelled, clock=clock))

    def _looked_at(self, analysis: Analysis, files: Files) -> Analysis:
        """The analysis, with what is wrong with the files asked for that nothing had to be followed into."""
        facts = FileFacts(files)
        unread = [path for path in self.asked if path not in analysis.parsed]
        if not self.tells_python:
            unread = [path for path in unread if facts.may_be_too_long(path)]
        is_large = len(self.files) > MAX_FILES
        errors = dict.fromkeys(unread) if is_large else errors_of(unread, analysis, facts)
        return msgspec.structs.replace(analysis, looked_at={**analysis.looked_at, **errors})

    def _surroundings(self) -> tuple[object, ...]:
        """All that an analysis hangs on beside what the files hold."""
        # The project of a file, from which fingerprints tell its path, may lie in any folder above it.
        folders = {path.parent for path in self.files}
        marks = list(map(project_mark, sorted({above for folder in folders for above in (folder, *folder.parents)})))
        sources = sorted((str(folder), [*map(str, named)]) for folder, named in self.sources.items())
        return str(self.root), str(Path.cwd()), [*map(str, self.files)], sources, marks, self.tables, self.strict
