"""Bytes to text by Python's rules: byte order mark, encoding cookie (PEP 263), UTF-8 otherwise."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from ce_lint.source.records import SourceError

if TYPE_CHECKING:
    from pathlib import Path

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#|$)")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_UTF_8 = ("utf-8", "utf-8-sig")


def decode_python(path: Path, data: bytes) -> str:
    """Decode Python source; the byte order mark is no part of the text."""
    codec, line = _codec(path, data)
    return _decode(path, data.removeprefix(codecs.BOM_UTF8), codec, line)


def codec_of_python(path: Path, data: bytes) -> str:
    """Return the name of the codec that Python source is written with, after any byte order mark."""
    codec, _ = _codec(path, data)
    return "utf-8" if codec in _UTF_8 else codec


def _codec(path: Path, data: bytes) -> tuple[str, int | None]:
    """Return the name of a codec, and the line that declares it."""
    body = data.removeprefix(codecs.BOM_UTF8)
    name, line = _cookie(body)
    if name is None:
        return "utf-8", None
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        raise SourceError(path, f"unknown encoding: {name}", line) from None
    if body is not data and codec not in _UTF_8:
        reason = f"encoding problem: {name} is declared, but the byte order mark says UTF-8"
        raise SourceError(path, reason, line)
    return codec, line


def decode_utf_8(path: Path, data: bytes) -> str:
    """Decode JSON, which is UTF-8 whatever its first lines look like."""
    return _decode(path, data.removeprefix(codecs.BOM_UTF8), "utf-8", None)


def _decode(path: Path, data: bytes, codec: str, cookie_line: int | None) -> str:
    label = "UTF-8" if codec in _UTF_8 else codec
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        line = len(_LINE_END.findall(data[: error.start])) + 1
        reason = f"not {label}: byte 0x{data[error.start]:02x} at line {line}"
        raise SourceError(path, reason, line) from None
    except (LookupError, ValueError):
        # Some codecs are no text encodings (hex), and some fail with an error of their own (idna).
        raise SourceError(path, f"not {label}: the declared encoding does not fit", cookie_line) from None


def _cookie(data: bytes) -> tuple[str | None, int | None]:
    for number, line in enumerate(_LINE_END.split(data, maxsplit=2)[:2], start=1):
        match = _COOKIE.match(line)
        if match:
            return match[1].decode("ascii", "replace"), number
        # The second line counts only below a comment or an empty line.
        if not _BLANK.match(line):
            break
    return None, None
