"""Edits of a file's text, made in its bytes: what is outside of the edited ranges stays as it is."""

from __future__ import annotations

import codecs
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from ce_lint.source.decode import codec_of_python, decode_python, decode_utf_8
from ce_lint.source.file import is_notebook_path
from ce_lint.source.json_edits import json_splices
from ce_lint.source.json_places import RawCell
from ce_lint.source.notebook import raw_notebook
from ce_lint.source.records import SourceError
from ce_lint.source.splices import EditError, Splice, TextEdit, spliced, splices_of

__all__ = ["EditError", "TextEdit", "apply_edits", "edited_text"]


def edited_text(text: str, edits: Sequence[TextEdit]) -> str:
    """Return one text, a file's or a cell's, after all edits; raise EditError, which names no file."""
    return spliced(text, splices_of(None, text, edits))


def apply_edits(path: Path, data: bytes, edits: Sequence[TextEdit]) -> bytes:
    """Return the bytes of a file after all edits, read again to be sure of them; raise EditError."""
    if not edits:
        return data
    try:
        return _in_notebook(path, data, edits) if is_notebook_path(path) else _in_python(path, data, edits)
    except SourceError as error:
        raise EditError(path, error.reason, line=error.line) from error


def _in_python(path: Path, data: bytes, edits: Sequence[TextEdit]) -> bytes:
    if any(edit.cell is not None for edit in edits):
        raise EditError(path, "has no cells")
    text, codec = decode_python(path, data), codec_of_python(path, data)
    splices = splices_of(path, text, edits)
    mark, body = _byte_order_mark(data)
    if _writes(codec, text, body):
        result = mark + _encoded(path, spliced(text, splices), codec)
    else:
        result = mark + _between(path, body, splices, codec)
    if not _reads(path, result, spliced(text, splices)):
        raise _unfit(path, codec)
    return result


def _writes(codec: str, text: str, body: bytes) -> bool:
    """Tell whether this is how a codec writes a text: it may know several ways."""
    try:
        return text.encode(codec) == body
    except UnicodeEncodeError:
        return False


def _reads(path: Path, data: bytes, text: str) -> bool:
    try:
        return decode_python(path, data) == text
    except SourceError:
        return False


def _unfit(path: Path, codec: str) -> EditError:
    return EditError(path, f"cannot be edited in its encoding, {codec}")


def _encoded(path: Path, text: str, codec: str) -> bytes:
    try:
        return text.encode(codec)
    except UnicodeEncodeError as error:
        reason = f"{error.object[error.start]!a} cannot be written in its encoding, {codec}"
        raise EditError(path, reason) from error


def _byte_order_mark(data: bytes) -> tuple[bytes, bytes]:
    body = data.removeprefix(codecs.BOM_UTF8)
    return data[: len(data) - len(body)], body


def _between(path: Path, body: bytes, splices: Sequence[Splice], codec: str) -> bytes:
    """Make the splices of a text in its bytes, without writing what is between them anew."""
    try:
        offsets = _offsets(body, codec)
    except LookupError as error:
        # A codec of somebody else's, which decodes a text as a whole only.
        raise _unfit(path, codec) from error
    if splices[-1].end >= len(offsets):
        raise _unfit(path, codec)
    in_bytes = [(offsets[start], offsets[end], _encoded(path, text, codec)) for start, end, text in splices]
    starts = [0, *(end for _, end, _ in in_bytes)]
    kept = [body[place:start] + new for place, (start, _, new) in zip(starts, in_bytes, strict=False)]
    return b"".join([*kept, body[starts[-1] :]])


def _offsets(body: bytes, codec: str) -> list[int]:
    """Return the offset of each character in the bytes, and last that of the end."""
    decoder = codecs.getincrementaldecoder(codec)()
    offsets = [0]
    for stop in range(1, len(body) + 1):
        offsets += [stop] * len(decoder.decode(body[stop - 1 : stop]))
    return offsets


def _in_notebook(path: Path, data: bytes, edits: Sequence[TextEdit]) -> bytes:
    text = decode_utf_8(path, data)
    cells = raw_notebook(path, text).cells or []
    codes = [_code(cell) for cell in cells]
    splices: list[Splice] = []
    for number, of_cell in _by_cell(path, edits).items():
        pieces = cells[number - 1].pieces if 1 <= number <= len(cells) else None
        if not pieces:
            raise EditError(path, "there is no such cell, or it has no text", number)
        of_code = splices_of(path, codes[number - 1], of_cell)
        splices += json_splices(text, pieces, of_code)
        codes[number - 1] = spliced(codes[number - 1], of_code)
    new = spliced(text, sorted(splices))
    if [_code(cell) for cell in raw_notebook(path, new).cells or []] != codes:
        raise EditError(path, "cannot be edited in its JSON")
    mark, _ = _byte_order_mark(data)
    return mark + _encoded(path, new, "utf-8")


def _by_cell(path: Path, edits: Sequence[TextEdit]) -> dict[int, list[TextEdit]]:
    result: defaultdict[int, list[TextEdit]] = defaultdict(list)
    for edit in edits:
        if edit.cell is None:
            raise EditError(path, "an edit names no cell of the notebook", line=edit.line)
        result[edit.cell].append(edit)
    return result


def _code(cell: RawCell) -> str:
    return "".join(piece.text for piece in cell.pieces or ())
