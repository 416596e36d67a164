"""Code actions: fixes of a finding, all safe fixes of a file, and comments that take a finding back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from lsprotocol import types

from ce_lint.findings import Applicability, Edit, Finding, Fix, Place
from ce_lint.fixes.rounds import overlap
from ce_lint.lsp.analyst import Analyst
from ce_lint.lsp.diagnostics import End, touching
from ce_lint.lsp.edits import Edited, workspace_edit
from ce_lint.lsp.ignoring import insertion
from ce_lint.lsp.positions import range_of
from ce_lint.source.suppressions import Lines

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


def actions(analyst: Analyst, asked: Asked) -> list[types.CodeAction]:
    """Return the actions of the kinds that are asked for; what changes a whole file has to be asked for by its kind.

    A fix is offered where it was tried, and turns its findings right.
    """
    found: list[types.CodeAction] = []
    if wants(asked.only, QUICK_FIX):
        ends = touching(analyst.answer.ends.get(asked.uri, ()), asked.range)
        found += _fixing(analyst, ends)
        found += _ignoring(analyst, ends)
    if asked.only is not None:
        kinds = (kind for kind in (FIX_ALL, FIX_ALL_IN_NOTEBOOK) if wants(asked.only, kind))
        found += [action for kind in kinds if (action := _fixing_all(analyst, asked, kind)) is not None]
    return found


def wants(only: Sequence[str] | None, kind: str) -> bool:
    """Tell whether a kind is among those that are asked for, or below one of them."""
    return only is None or any(not one or kind == one or kind.startswith(f"{one}.") for one in only)


def _fixing(analyst: Analyst, ends: Iterable[End]) -> Iterator[types.CodeAction]:
    """Each fix once, for all findings that it turns right; the first safe one is preferred."""
    found: dict[tuple[Edit, ...], tuple[Fix, list[End]]] = {}
    for end in ends:
        for fix in _fixes(analyst, end.finding):
            found.setdefault(fix.edits, (fix, []))[1].append(end)
    is_preferred = True
    for fix, of_one in found.values():
        edit = _edit(analyst, [end.finding for end in of_one], [fix])
        if edit is not None:
            is_safe = fix.applicability is Applicability.SAFE
            yield types.CodeAction(
                title=fix.title if is_safe else f"{fix.title} (unsafe)",
                kind=QUICK_FIX,
                diagnostics=[end.diagnostic for end in of_one],
                is_preferred=True if is_safe and is_preferred else None,
                edit=edit,
            )
            is_preferred = is_preferred and not is_safe


def _fixing_all(analyst: Analyst, asked: Asked, kind: str) -> types.CodeAction | None:
    """The first safe fix of every finding of the file, as long as they do not overlap; or one, if not all can be."""
    chosen: dict[tuple[Edit, ...], tuple[Fix, Finding]] = {}
    for uri in asked.file_uris:
        for end in analyst.answer.ends.get(uri, ()):
            safe = (fix for fix in _fixes(analyst, end.finding) if fix.applicability is Applicability.SAFE)
            fix = next(safe, None)
            if fix is not None and not any(overlap(fix, other) for other, _ in chosen.values()):
                chosen[fix.edits] = fix, end.finding
    together = list(chosen.values())
    for some in [together, *([one] for one in together if len(together) > 1)]:
        edit = _edit(analyst, [finding for _, finding in some], [fix for fix, _ in some]) if some else None
        if edit is not None:
            return types.CodeAction(title="Make all safe fixes of ce-lint", kind=kind, edit=edit)
    return None


def _fixes(analyst: Analyst, finding: Finding) -> tuple[Fix, ...]:
    """What can be done about a finding in the texts that the client has now."""
    if finding.code in _UNFIXABLE:
        return ()
    fixes = analyst.fixing.fixes(finding)
    return tuple(fix for fix in fixes if not analyst.is_stale(edit.place.path for edit in fix.edits))


def _edit(analyst: Analyst, fixed: Collection[Finding], fixes: Iterable[Fix]) -> types.WorkspaceEdit | None:
    """The edits of some fixes; None where they cannot be made, or do not turn the findings right."""
    edits = {edit for fix in fixes for edit in fix.edits}
    changes = analyst.fixing.proved(edits, fixed, analyst.sheets, analyst.showing.client)
    return workspace_edit(changes, analyst.showing.client) if changes else None


def _ignoring(analyst: Analyst, ends: Iterable[End]) -> Iterator[types.CodeAction]:
    """A comment for each code, for all of its findings."""
    found: dict[tuple[str, Place], list[End]] = {}
    for end in ends:
        if end.finding.code != "CEL902" and end.uri not in analyst.answer.stale:
            found.setdefault((end.finding.code, end.place), []).append(end)
    for (code, place), of_one in found.items():
        sheet = analyst.sheets.sheet(place)
        lines = Lines(place.line, place.end_line)
        comment = None if sheet.is_json else insertion(sheet.lines, lines, code, is_cell=sheet.cell is not None)
        if comment is not None:
            where = range_of(sheet.lines, comment.point, comment.point, analyst.showing.client.encoding)
            edit = types.TextEdit(where, comment.text.replace("\n", sheet.line_end))
            yield types.CodeAction(
                title=f"Ignore {code} on this line",
                kind=QUICK_FIX,
                diagnostics=[end.diagnostic for end in of_one],
                edit=workspace_edit([Edited(sheet, [edit])], analyst.showing.client),
            )
