"""The findings that a project lives with for now, and the file that lists them."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec

from ce_lint.engine.errors import UsageError, unreadable
from ce_lint.source.paths import relative_path

VERSION = 1
TOOL = "ce-lint"

_CONFLICT = "<<<<<<< "


class Key(NamedTuple):
    """What a finding is recognised by."""

    path: str
    """Of its loss call: absolute, links in its folder followed."""
    code: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Known:
    """How many findings of a key are known."""

    count: int
    message: str
    """For whoever reads the file; nothing depends on it."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The known findings, and the file for which they are kept."""

    file: Path
    """Absolute; what the file holds is told from its folder, so that it means the same everywhere."""
    known: Mapping[Key, Known]


class _Entry(msgspec.Struct, frozen=True):
    path: str
    code: str
    fingerprint: str
    message: str = ""
    count: Annotated[int, msgspec.Meta(ge=1)] = 1


class _Document(msgspec.Struct, frozen=True):
    findings: tuple[_Entry, ...]


def load_baseline(file: Path) -> Baseline:
    """Read a baseline; raise UsageError where it cannot be read, or is none of this version."""
    file = Path(os.path.abspath(file))
    try:
        stat = file.stat()
    except FileNotFoundError:
        raise UsageError(f"{file}: there is no such baseline (`ce-lint check --write-baseline` writes one)") from None
    except OSError as error:
        raise unreadable(file, error) from error
    return _parse(file, stat.st_mtime_ns, stat.st_size)


def load_or_start(file: Path) -> Baseline:
    """Read a baseline, or start an empty one where there is no file yet; raise UsageError as `load_baseline` does."""
    return load_baseline(file) if os.path.lexists(file) else Baseline(Path(os.path.abspath(file)), {})


def rendered(baseline: Baseline) -> str:
    """Return the text of a baseline's file, in which the lines of what did not change stay as they are."""
    folder = os.path.realpath(baseline.file.parent)
    entries = [
        {
            "path": relative_path(key.path, folder),
            "code": key.code,
            "fingerprint": key.fingerprint,
            **({"count": known.count} if known.count > 1 else {}),
            "message": known.message,
        }
        for key, known in baseline.known.items()
    ]
    entries.sort(key=lambda entry: (entry["path"], entry["code"], entry["fingerprint"]))
    text = json.dumps({"version": VERSION, "tool": TOOL, "findings": entries}, indent=2, ensure_ascii=False) + "\n"
    # Half a surrogate pair, from a name that is not in UTF-8, becomes the escape that JSON has for it.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@functools.lru_cache(maxsize=8)
def _parse(file: Path, _mtime_ns: int, _size: int) -> Baseline:
    # Time and size are part of the key, so a process that lives for days sees an edited file.
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise unreadable(file, error) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: cannot be read: not UTF-8") from error
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise UsageError(f"{file}: is no baseline: nested too deeply") from error
    except ValueError as error:
        if any(line.startswith(_CONFLICT) for line in text.splitlines()):
            raise UsageError(f"{file}: holds the marks of a merge conflict: resolve it first") from error
        raise UsageError(f"{file}: is no baseline: not valid JSON: {error}") from error
    return Baseline(file, _known(file, document))


def _known(file: Path, document: object) -> Mapping[Key, Known]:
    if not isinstance(document, dict) or document.get("tool") != TOOL:
        raise UsageError(f'{file}: is no baseline of ce-lint: it does not say "tool": "{TOOL}"')
    version = document.get("version")
    if not isinstance(version, int):
        raise UsageError(f"{file}: is no baseline: it says no version")
    if version != VERSION:
        cure = "a newer ce-lint reads it" if version > VERSION else "delete it, and write it anew"
        raise UsageError(
            f"{file}: is a baseline of version {version}, and this ce-lint reads version {VERSION}: {cure}"
        )
    try:
        entries = msgspec.convert(document, _Document).findings
    except msgspec.ValidationError as error:
        raise UsageError(f"{file}: is no baseline: {error}") from error
    folder = os.path.realpath(file.parent)
    known: dict[Key, Known] = {}
    for entry in entries:
        key = Key(os.path.normpath(os.path.join(folder, entry.path)), entry.code, entry.fingerprint)
        before = known[key].count if key in known else 0
        known[key] = Known(before + entry.count, entry.message)
    return known
