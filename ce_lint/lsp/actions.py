"""Code actions: fixes of a finding, all safe fixes of a file, and comments that take a finding back."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
from lsprotocol import types

from ce_lint.findings import Applicability, Edit, Finding, Fix
from ce_lint.fixes.rounds import overlap
from ce_lint.lsp.analyst import Analyst
from ce_lint.lsp.answers import touching
from ce_lint.lsp.diagnostics import End
from ce_lint.lsp.edits import EditError, bundled, workspace_edit
from ce_lint.lsp.ignoring import insertion
from ce_lint.lsp.positions import range_of
from ce_lint.source.suppressions import Lines

LOG = logging.getLogger(__name__)

QUICK_FIX = types.CodeActionKind.QuickFix.value
FIX_ALL = "source.fixAll.ce-lint"
FIX_ALL_IN_NOTEBOOK = f"notebook.{FIX_ALL}"
KINDS = (QUICK_FIX, FIX_ALL, FIX_ALL_IN_NOTEBOOK)

_UNFIXABLE = frozenset({"CEL901", "CEL902"})
"""The rules that say nothing of a flow."""


class Asked(NamedTuple):
    """What a client wants code actions for."""

    uri: str
    """Of the document or cell."""
    file_uris: tuple[str, ...]
    """Of all cells, for a cell of a notebook."""
    range: types.Range
    only: Sequence[str] | None


class Chosen(msgspec.Struct, frozen=True):
    """What an action says of itself, so that its edits can be made later."""

    uri: str
    fingerprint: str
    fix: str


class OutdatedError(Exception):
    """What an action was offered for is no longer there."""


def actions(analyst: Analyst, asked: Asked) -> list[types.CodeAction]:
    """Return the actions of the kinds that are asked for; what changes a whole file has to be asked for by its kind."""
    found: list[types.CodeAction] = []
    if wants(asked.only, QUICK_FIX):
        for end in touching(analyst.answer.ends.get(asked.uri, ()), asked.range):
            found += _fixing(analyst, end)
            found += _ignoring(analyst, end)
    if asked.only is not None:
        kinds = (kind for kind in (FIX_ALL, FIX_ALL_IN_NOTEBOOK) if wants(asked.only, kind))
        found += [action for kind in kinds if (action := _fixing_all(analyst, asked, kind)) is not None]
    return found


def resolved(analyst: Analyst, action: types.CodeAction) -> types.CodeAction:
    """Return an action with its edits; raise OutdatedError where they can no longer be made."""
    chosen = msgspec.convert(action.data, Chosen)
    for end in analyst.answer.ends.get(chosen.uri, ()):
        if end.finding.fingerprint == chosen.fingerprint:
            for fix in analyst.fixes(end.finding):
                if fix.name == chosen.fix:
                    action.edit = _edit(analyst, fix.edits)
                    if action.edit is not None:
                        return action
    raise OutdatedError(f"the code has changed since this was offered: {action.title}")


def wants(only: Sequence[str] | None, kind: str) -> bool:
    """Tell whether a kind is among those that are asked for, or below one of them."""
    return only is None or any(not one or kind == one or kind.startswith(f"{one}.") for one in only)


def _fixing(analyst: Analyst, end: End) -> Iterator[types.CodeAction]:
    fixes = _fixes(analyst, end.finding)
    best = next((fix for fix in fixes if fix.applicability is Applicability.SAFE), None)
    for fix in fixes:
        action = types.CodeAction(
            title=fix.title if fix.applicability is Applicability.SAFE else f"{fix.title} (unsafe)",
            kind=QUICK_FIX,
            diagnostics=[end.diagnostic],
            is_preferred=True if fix is best else None,
        )
        if analyst.showing.client.resolves_edits:
            action.data = msgspec.to_builtins(Chosen(end.uri, end.finding.fingerprint, fix.name))
        else:
            action.edit = _edit(analyst, fix.edits)
        if action.data is not None or action.edit is not None:
            yield action


def _fixing_all(analyst: Analyst, asked: Asked, kind: str) -> types.CodeAction | None:
    """The first safe fix of every finding of the file, as long as they do not overlap."""
    chosen: list[Fix] = []
    for uri in asked.file_uris:
        for end in analyst.answer.ends.get(uri, ()):
            safe = (fix for fix in _fixes(analyst, end.finding) if fix.applicability is Applicability.SAFE)
            fix = next(safe, None)
            if fix is None or fix.edits in [one.edits for one in chosen]:
                continue
            if not any(overlap(fix, other) for other in chosen):
                chosen.append(fix)
    edit = _edit(analyst, sorted({edit for fix in chosen for edit in fix.edits})) if chosen else None
    if edit is None:
        return None
    return types.CodeAction(title="Make all safe fixes of ce-lint", kind=kind, edit=edit)


def _fixes(analyst: Analyst, finding: Finding) -> tuple[Fix, ...]:
    """What can be done about a finding in the texts that the client has now."""
    if finding.code in _UNFIXABLE:
        return ()
    fixes = analyst.fixes(finding)
    return tuple(fix for fix in fixes if not analyst.is_stale(edit.place.path for edit in fix.edits))


def _edit(analyst: Analyst, edits: Iterable[Edit]) -> types.WorkspaceEdit | None:
    try:
        return workspace_edit(edits, analyst.sheets, analyst.showing.client)
    except EditError as error:
        LOG.warning("a fix is not offered: %s", error)
        return None


def _ignoring(analyst: Analyst, end: End) -> Iterator[types.CodeAction]:
    sheet = analyst.sheets.sheet(end.place)
    if sheet.is_json or end.finding.code == "CEL902" or end.uri in analyst.answer.stale:
        return
    lines = Lines(end.place.line, end.place.end_line)
    found = insertion(sheet.lines, lines, end.finding.code, is_cell=sheet.cell is not None)
    if found is None:
        return
    where = range_of(sheet.lines, found.point, found.point, analyst.showing.client.encoding)
    edit = types.TextEdit(where, found.text.replace("\n", sheet.line_end))
    yield types.CodeAction(
        title=f"Ignore {end.finding.code} on this line",
        kind=QUICK_FIX,
        diagnostics=[end.diagnostic],
        edit=bundled([(sheet, [edit])], analyst.showing.client),
    )
