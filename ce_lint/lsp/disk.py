"""The files of a project on disk, for clients that do not watch them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ce_lint.engine.configuration.pyproject import FILE_NAME
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.discovery import discover
from ce_lint.engine.errors import UsageError

_Stamp = tuple[int, int]


class Disk:
    """What a project's files looked like when they were last looked at."""

    def __init__(self, root: Path, settings: Settings) -> None:
        """Take the project's folder; nothing is looked at yet."""
        self.root = root
        self._settings = settings
        self._seen: Mapping[Path, _Stamp] | None = None

    def changed(self) -> list[Path]:
        """Return the files that were made, changed or removed since the last look; at the first, none."""
        before, now = self._seen, self._look()
        self._seen = now
        return [] if before is None else sorted(path for path in {*before, *now} if before.get(path) != now.get(path))

    def _look(self) -> Mapping[Path, _Stamp]:
        try:
            files, _ = discover([self.root], self._settings)
        except UsageError:  # whoever looks for the project's findings tells of that
            files = tuple(self._seen or ())
        found = ((path, _stamp(path)) for path in (*files, self.root / FILE_NAME))
        return {path: stamp for path, stamp in found if stamp is not None}


def _stamp(path: Path) -> _Stamp | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
