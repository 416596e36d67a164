"""What the client is shown: pushed to one that does not ask, and given to one that does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lsprotocol import types

from ce_lint.lsp.client import Client
from ce_lint.lsp.diagnostics import result_id
from ce_lint.lsp.documents import OpenFiles
from ce_lint.lsp.projects import Project, Projects

Push = Callable[[types.PublishDiagnosticsParams], None]


@dataclass(slots=True)
class _Shown:
    """What was last shown in a file, and for which version of it."""

    diagnostics: list[types.Diagnostic] = field(default_factory=list)
    version: int | None = None


class Publisher:
    """Keeps the client's picture of the projects."""

    def __init__(
        self, client: Client, files: OpenFiles, projects: Projects, push: Push, refresh: Callable[[], None]
    ) -> None:
        """Start with a client that is shown nothing."""
        self._client = client
        self._files = files
        self._projects = projects
        self._push = push
        self._refresh = refresh
        self._pushed: dict[str, _Shown] = {}
        self._known: dict[Path, dict[str, str]] = {}
        """For each project what a client that asks was last told there is to ask for."""

    def show(self, project: Project) -> None:
        """Tell the client of a new answer."""
        self._push_changes({*project.answer.ends, *project.answer.versions})
        if self._client.pulls:
            self._ask_for_a_pull(project)

    def clear(self) -> None:
        """Take back what nobody says any more."""
        self._push_changes(set())
        if self._client.pulls and self._client.refreshes:
            self._refresh()

    def of_document(self, uri: str, previous: str | None) -> types.DocumentDiagnosticReport:
        """Answer a client that asks about one document."""
        # Cells are pushed: clients do not agree on whether they may be asked for.
        items = [] if self._files.is_cell(uri) else self._diagnostics(uri)
        known_by = result_id(items)
        if previous == known_by:
            return types.RelatedUnchangedDocumentDiagnosticReport(known_by)
        return types.RelatedFullDocumentDiagnosticReport(items, result_id=known_by)

    def of_workspace(self, previous: Mapping[str, str]) -> list[types.WorkspaceDocumentDiagnosticReport]:
        """Answer a client that asks about all files."""
        uris = {*previous, *(uri for project in self._projects for uri in project.answer.ends)}
        shown = {uri: self._diagnostics(uri) for uri in sorted(uris) if not self._files.is_cell(uri)}
        return [self._in_workspace(uri, items, previous.get(uri)) for uri, items in shown.items()]

    def _in_workspace(
        self, uri: str, items: Sequence[types.Diagnostic], previous: str | None
    ) -> types.WorkspaceDocumentDiagnosticReport:
        known_by, version = result_id(items), self._files.version(uri)
        if previous == known_by:
            return types.WorkspaceUnchangedDocumentDiagnosticReport(uri, known_by, version)
        return types.WorkspaceFullDocumentDiagnosticReport(uri, items, version, result_id=known_by)

    def _diagnostics(self, uri: str) -> list[types.Diagnostic]:
        project = self._projects.speaker(uri)
        if project is None or (self._projects.only_open_files and self._files.version(uri) is None):
            return []
        return project.answer.diagnostics(uri)

    def _push_changes(self, uris: set[str]) -> None:
        for uri in sorted(uris | set(self._pushed)):
            project = self._projects.speaker(uri)
            # A new project takes over the files of one around it with its first answer.
            is_known = project is None or project.answered > 0
            is_stale = project is not None and uri in project.answer.stale
            if (
                is_known
                and not is_stale
                and (not self._client.pulls or self._files.is_cell(uri) or uri in self._pushed)
            ):
                self._push_one(uri, None if project is None else project.answer.versions.get(uri))

    def _push_one(self, uri: str, version: int | None) -> None:
        now, then = _Shown(self._diagnostics(uri), version), self._pushed.get(uri)
        # An open document is told of each version, so that the client knows what is no longer to come.
        if now != then and (then is not None or now.diagnostics or version is not None):
            self._push(types.PublishDiagnosticsParams(uri, now.diagnostics, version))
        self._pushed[uri] = now
        if not now.diagnostics and version is None:
            del self._pushed[uri]

    def _ask_for_a_pull(self, project: Project) -> None:
        """Where other files than those that are edited are shown something else, let the client ask again."""
        before = self._known.get(project.root, {})
        now = {uri: result_id(project.answer.diagnostics(uri)) for uri in project.answer.ends}
        changed = {uri for uri in {*now, *before} if now.get(uri) != before.get(uri)}
        self._known[project.root] = now
        if changed - project.edited and self._client.refreshes:
            self._refresh()
        project.edited.clear()
