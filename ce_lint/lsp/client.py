"""What the client can do, as far as it changes what it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lsprotocol import types

from ce_lint.lsp.positions import Encoding, agreed


@dataclass(frozen=True, slots=True)
class Client:
    """A client's capabilities."""

    encoding: Encoding = Encoding.Utf16
    pulls: bool = False
    """Whether it asks for diagnostics; then none are pushed, but for cells."""
    refreshes: bool = False
    """Whether it can be told to ask again."""
    related: bool = False
    tags: tuple[types.DiagnosticTag, ...] = ()
    links_codes: bool = False
    versioned_edits: bool = False
    watches: bool = False
    """Whether it can be told which files to watch."""
    configures: bool = False
    """Whether it can be asked for its settings."""
    is_told_of_settings: bool = False
    """Whether it can be told which section of its settings to send when it changes."""
    shows_progress: bool = False
    markdown: bool = False


def client_of(capabilities: types.ClientCapabilities) -> Client:
    """Read a client's capabilities; of what it does not say, nothing is expected."""

    def said(name: str) -> object:
        found: object = capabilities
        for part in name.split("."):
            found = getattr(found, part, None)
        return found

    def has(name: str) -> bool:
        return bool(said(name))

    def listed(name: str) -> Sequence[object]:
        found = said(name)
        return found if isinstance(found, Sequence) else ()

    refreshes = has("workspace.diagnostics.refresh_support")
    # One that cannot be told to ask again, as Neovim 0.11, would never hear what an edit changes in other files.
    pulls = refreshes and has("text_document.diagnostic")
    side = "text_document.diagnostic" if pulls else "text_document.publish_diagnostics"
    # What diagnostics may hold is said in the one place or, by most clients, in the other only.
    sides = ("text_document.publish_diagnostics", side)
    tags = {tag for name in sides for tag in listed(f"{name}.tag_support.value_set")}
    formats = listed("text_document.hover.content_format")
    return Client(
        encoding=agreed(listed("general.position_encodings")),
        pulls=pulls,
        refreshes=refreshes,
        related=any(has(f"{name}.related_information") for name in sides),
        tags=tuple(tag for tag in types.DiagnosticTag if tag in tags),
        links_codes=any(has(f"{name}.code_description_support") for name in sides),
        versioned_edits=has("workspace.workspace_edit.document_changes"),
        watches=has("workspace.did_change_watched_files.dynamic_registration"),
        configures=has("workspace.configuration"),
        is_told_of_settings=has("workspace.did_change_configuration.dynamic_registration"),
        shows_progress=has("window.work_done_progress"),
        markdown=not formats or types.MarkupKind.Markdown in formats,
    )
