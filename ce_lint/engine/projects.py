"""What a project consists of, and what is known of the libraries that it uses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ce_lint.engine.configuration.choices import Choices
from ce_lint.engine.configuration.pyproject import Configuration, load_configuration
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.discovery import discover
from ce_lint.engine.errors import UsageError
from ce_lint.knowledge.loader import Knowledge, load


class KnowledgeOfProjects:
    """What is known of libraries, with what each project adds; the same object as long as that is the same."""

    def __init__(self) -> None:
        self._extended: dict[Path, tuple[object, Knowledge]] = {}

    def of(self, root: Path) -> Knowledge:
        """What is known in a project; raise UsageError where what it adds cannot be meant."""
        configuration = load_configuration(root)
        tables = configuration.knowledge
        known = self._extended.get(root)
        if known is not None and known[0] == tables:
            return known[1]
        knowledge = _extended(load(), configuration) if tables else load()
        self._extended[root] = (tables, knowledge)
        return knowledge

    def tables(self, root: Path) -> str:
        """What a project adds, as text."""
        return repr(load_configuration(root).knowledge)


def _extended(knowledge: Knowledge, configuration: Configuration) -> Knowledge:
    # Imported here, because few projects add anything.
    from ce_lint.knowledge.merging import extend
    from ce_lint.knowledge.tables import KnowledgeError

    try:
        return extend(knowledge, configuration.knowledge)
    except KnowledgeError as error:
        raise UsageError(f"{configuration.file}: {error}") from error


def files_of(root: Path, settings: Settings) -> tuple[tuple[Path, ...], Mapping[Path, tuple[Path, ...]]]:
    """A project's files, and the folders in which they look for imports: what lies in those belongs to it, too."""
    choices = Choices(settings)
    files, _ = discover([root], settings)
    sources = {root: settings.src} if settings.src else choices.sources({path.parent for path in files})
    outside = {source for named in sources.values() for source in named if not source.is_relative_to(root)}
    if outside:
        others, _ = discover(sorted(outside), settings)
        files = (*files, *others)
        sources = {**choices.sources({path.parent for path in others}), **sources}
    return tuple(sorted(set(files))), sources
