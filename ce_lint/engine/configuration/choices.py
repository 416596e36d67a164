"""What is asked for in each file of a run: its own choices, over those of the configuration nearest to the file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from ce_lint.engine.configuration.globs import covers
from ce_lint.engine.configuration.pyproject import Configuration, own_configuration, settings_for
from ce_lint.engine.configuration.selection import is_code_in, is_selected, selection
from ce_lint.engine.configuration.settings import Settings


class Choices:
    """One run's look at the configurations: each is read once, so all files of the run see the same."""

    def __init__(self, asked: Settings) -> None:
        """Start with what the run itself asks for."""
        self.asked = asked
        self._governing: dict[Path, Configuration] = {}
        self._settings: dict[Path | None, Settings] = {}

    def configuration(self, folder: Path) -> Configuration:
        """Return what governs the files of an absolute folder; raise UsageError where that cannot be meant."""
        known = self._governing.get(folder)
        if known is not None:
            return known
        passed: list[Path] = []
        found = None
        for one in (folder, *folder.parents):
            found = self._governing.get(one)
            if found is None:
                passed.append(one)
                found = own_configuration(one)
            if found is not None:
                break
        found = found or Configuration()
        self._governing.update(dict.fromkeys(passed, found))
        return found

    def settings(self, folder: Path) -> Settings:
        """Return what is asked for in the files of an absolute folder."""
        configuration = self.configuration(folder)
        if configuration.folder not in self._settings:
            self._settings[configuration.folder] = settings_for(configuration, self.asked)
        return self._settings[configuration.folder]

    def may_want(self, code: str, folder: Path, *, default_on: bool) -> bool:
        """Tell whether findings of a code are reported in any file of an absolute folder."""
        return is_selected(code, self.settings(folder), default_on=default_on)

    def want(self, code: str, at: str, *others: str, default_on: bool) -> bool:
        """Tell whether findings of a code are reported whose sink lies in the file `at`, and other ends in `others`.

        The sink's file says which codes are reported; each file can refuse those of the flows that have an end in it.
        """
        file = Path(os.path.abspath(at))
        if not self.may_want(code, file.parent, default_on=default_on):
            return False
        files = {file, *(Path(os.path.abspath(other)) for other in others)}
        return not any(_refusing(one, code, self.settings(one.parent)) for one in files)

    def reason(self, code: str, path: Path, *, default_on: bool) -> tuple[bool, str]:
        """Tell whether a code is reported in an absolute file, or in the files of a folder, and what decides that."""
        settings = self.settings(path if path.is_dir() else path.parent)
        is_on, reason = selection(code, settings, default_on)
        refusing = _refusing(path, code, settings) if is_on else None
        return (is_on, reason) if refusing is None else (False, f'per-file-ignores has "{refusing}"')

    def sources(self, folders: Iterable[Path]) -> Mapping[Path, tuple[Path, ...]]:
        """Return the folders that imports are looked for in, by the folder whose configuration says so."""
        governing = {found.folder: found for found in map(self.configuration, folders)}
        return {folder: self.settings(folder).src for folder in governing if folder is not None}


def _refusing(path: Path, code: str, settings: Settings) -> str | None:
    """The pattern for which a file refuses a code; None where it does not."""
    ignores = settings.per_file_ignores
    return next(
        (pattern for pattern, codes in ignores if is_code_in(code, codes) and covers(pattern, path.as_posix())), None
    )
