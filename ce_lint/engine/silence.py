"""Of which files nothing is to be said: it is known of a whole project, before anybody looks at them one by one."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from ce_lint.engine.configuration.choices import Choices
from ce_lint.engine.configuration.selection import UNUSED, is_selected
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.errors import UsageError
from ce_lint.engine.results import UNRESOLVED, Analysis

State = tuple[str, int, int]
"""A file's path, and what changes when it does."""


class Silence:
    """The files of some projects of which nothing is to be said as long as they are as they were."""

    def __init__(self, settings: Settings, shares: Mapping[Path, Collection[Path]]) -> None:
        """Take what is asked for, and the files that it is asked of, by the root of their project."""
        self._choices = Choices(settings)
        self._waiting = dict(shares)
        self._known: dict[str, tuple[int, int]] = {}

    def is_waited_for(self, root: Path) -> bool:
        """Tell whether nothing is known of the files of a project yet."""
        return root in self._waiting

    def learn(self, root: Path, analysis: Analysis, states: Iterable[State]) -> None:
        """Take note of an analysis of files that were in these states."""
        asked = set(map(str, self._quiet(self._waiting.pop(root, ()), analysis)))
        asked -= {os.path.abspath(name) for name in _spoken_of(analysis)}
        want = self._choices.want
        undecided = {one.site.path for one in analysis.undecided} & asked
        asked -= {name for name in undecided if want(UNRESOLVED, name, default_on=False)}
        self._known.update((name, (changed, size)) for name, changed, size in states if name in asked)

    def covers(self, name: str) -> bool:
        """Tell whether nothing is to be said of a file."""
        path = os.path.abspath(name)
        known = self._known.get(path)
        if known is None:
            return False
        try:
            stat = os.stat(path)  # noqa: PTH116 - asked for each file: a Path costs more than it
        except OSError:
            return False
        return known == (stat.st_mtime_ns, stat.st_size)

    def _quiet(self, paths: Iterable[Path], analysis: Analysis) -> Iterator[Path]:
        """Those of some files of which nothing is to be said but what an analysis says, as their folders ask for it."""
        folders: dict[Path, tuple[bool, bool]] = {}
        for path in paths:
            folder = path.parent
            if folder not in folders:
                folders[folder] = self._asks(folder)
            can_be_meant, wants_unused = folders[folder]
            if can_be_meant and (path in analysis.parsed or not wants_unused):
                yield path

    def _asks(self, folder: Path) -> tuple[bool, bool]:
        """Whether what is asked for in the files of a folder can be meant, and whether that is unused comments, too."""
        try:
            settings = self._choices.settings(folder)
            if self._choices.asked.respect_baseline and settings.baseline is not None:
                from ce_lint.engine.adoption.baseline import load_baseline

                load_baseline(settings.baseline)
        except UsageError:
            return False, False
        return True, is_selected(UNUSED, settings, default_on=False)


def _spoken_of(analysis: Analysis) -> Iterator[str]:
    """The files, as users see them, of which an analysis says something."""
    for judged in analysis.findings:
        yield from (judged.finding.sink.path, judged.finding.source.path, judged.finding.argument.path)
    for finding, _ in analysis.unused:
        yield finding.sink.path
    for error in (*analysis.errors, *analysis.looked_at.values()):
        if error is not None:
            yield error.path
