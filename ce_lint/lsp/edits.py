"""Fixes as edits of the client's documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lsprotocol import types

from ce_lint.findings import Edit
from ce_lint.fixes.rounds import text_edit
from ce_lint.lsp.client import Client
from ce_lint.lsp.documents import replaced
from ce_lint.lsp.positions import Point, range_of
from ce_lint.lsp.sheets import Sheet, Sheets
from ce_lint.source.edits import apply_edits
from ce_lint.source.lines import split_lines


class Edited(NamedTuple):
    """A document, cell or file, and the edits that are made in it."""

    sheet: Sheet
    edits: list[types.TextEdit]


def changes_of(edits: Iterable[Edit], sheets: Sheets, client: Client) -> list[Edited]:
    """Return where the edits of a fix are made, in the client's positions; raise EditError."""
    by_uri: defaultdict[str, list[Edit]] = defaultdict(list)
    for edit in edits:
        by_uri[sheets.sheet(edit.place).uri].append(edit)
    changes = []
    for of_one in by_uri.values():
        sheet = sheets.sheet(of_one[0].place)
        new = _in_json(sheet, of_one, client) if sheet.is_json else [_in_text(sheet, one, sheets) for one in of_one]
        changes.append(Edited(sheet, new))
    return changes


def workspace_edit(changes: Sequence[Edited], client: Client) -> types.WorkspaceEdit:
    """Return changes with the versions that they are meant for, where the client can take these."""
    if not client.versioned_edits:
        return types.WorkspaceEdit(changes={sheet.uri: edits for sheet, edits in changes})
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(sheet.uri, sheet.version), edits)
            for sheet, edits in changes
        ]
    )


def text_after(change: Edited, client: Client) -> str:
    """Return the text of a sheet after its edits, as the client makes them."""
    lines = tuple(change.sheet.lines)
    for edit in sorted(change.edits, key=lambda one: one.range.start, reverse=True):
        lines = replaced(lines, edit.range, edit.new_text, client.encoding)
    return "".join(lines)


def _in_text(sheet: Sheet, edit: Edit, sheets: Sheets) -> types.TextEdit:
    return types.TextEdit(sheets.range(edit.place), edit.new_text.replace("\n", sheet.line_end))


def _in_json(sheet: Sheet, edits: Sequence[Edit], client: Client) -> list[types.TextEdit]:
    """The same in the JSON of a notebook, as one edit: what is left as it is at both ends is not in it."""
    text = "".join(sheet.lines)
    data = apply_edits(sheet.path, text.encode("utf-8", "surrogatepass"), [text_edit(edit) for edit in edits])
    return _difference(text, data.decode("utf-8", "surrogatepass"), client)


def _difference(old: str, new: str, client: Client) -> list[types.TextEdit]:
    start = _common(old, new)
    end = min(_common(old[::-1], new[::-1]), min(len(old), len(new)) - start)
    lines = split_lines(old)
    where = range_of(lines, _point(old, start), _point(old, len(old) - end), client.encoding)
    return [types.TextEdit(where, new[start : len(new) - end])]


def _common(one: str, other: str) -> int:
    """How many characters two texts have in common at their start."""
    both = zip(one, other, strict=False)
    return next((number for number, (left, right) in enumerate(both) if left != right), min(len(one), len(other)))


def _point(text: str, offset: int) -> Point:
    above = split_lines(text[:offset] + "x")
    return Point(len(above), len(above[-1]))
