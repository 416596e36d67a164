"""Which line of flake8's settings keeps codes of ours back.

flake8 itself says *which* codes it reports (`ce_lint.doctor.flake8_side`); this module only looks for what is to blame.
"""

from __future__ import annotations

import configparser
import fnmatch
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flake8.options.config import _find_config_file
from flake8.utils import parse_comma_separated_list, parse_files_to_codes_mapping

from ce_lint.doctor.files import line_of
from ce_lint.doctor.records import Act, Remedy
from ce_lint.doctor.sample import NAME
from ce_lint.source.paths import display_path

PREFIX = "CEL"

_PER_FILE = "per-file-ignores"
_IGNORING = ("ignore", "extend-ignore", _PER_FILE)


@dataclass(frozen=True, slots=True)
class Cause:
    """A setting that keeps codes back, and what to change."""

    what: str
    remedy: Remedy


def causes(folder: Path, missing: Sequence[str]) -> list[Cause]:
    """Return what in the settings that flake8 takes for a folder keeps these codes back; empty: it cannot be told."""
    file = _find_config_file(str(folder))
    if file is None:
        return []
    parser = configparser.RawConfigParser()
    parser.read(file, encoding="utf-8")
    settings = {key.replace("_", "-"): value for key, value in parser["flake8"].items()} if "flake8" in parser else {}
    return list(_causes(Path(file), settings, folder, missing))


def _causes(file: Path, settings: Mapping[str, str], folder: Path, missing: Sequence[str]) -> Iterator[Cause]:
    extended = parse_comma_separated_list(settings.get("extend-select", ""))
    selecting = [*extended, *parse_comma_separated_list(settings.get("select", ""))]
    # The longer prefix wins: what is ignored by a letter that other plugins share stays so for them.
    select = Remedy(Act.WRITE, f"extend-select = {', '.join([*extended, PREFIX])}", file, _line(file, "select"))
    if "select" in settings and not all(code.startswith(tuple(selecting)) for code in missing):
        yield Cause(f"`select` in {_place(file, 'select')} does not name {PREFIX}", select)
    for key in _IGNORING:
        prefixes = {
            prefix
            for code in missing
            for prefix in _ignored(settings, key, folder)
            if code.startswith(prefix) and len(prefix) >= max(map(len, filter(code.startswith, selecting)), default=0)
        }
        what = f"`{key}` in {_place(file, key)} names"
        ours = sorted(prefix for prefix in prefixes if prefix.startswith(PREFIX))
        if ours:
            text = f"take {', '.join(ours)} out of `{key}`"
            yield Cause(f"{what} {', '.join(ours)}", Remedy(Act.SEE, text, file, _line(file, key)))
        shared = sorted(prefixes.difference(ours))
        if shared:
            yield Cause(f"{what} {', '.join(shared)}", select)


def _ignored(settings: Mapping[str, str], key: str, folder: Path) -> list[str]:
    value = settings.get(key, "")
    if key != _PER_FILE:
        return parse_comma_separated_list(value)
    pairs = parse_files_to_codes_mapping(value)
    return [code for pattern, codes in pairs if _covers(pattern, folder / NAME) for code in codes]


def _covers(pattern: str, path: Path) -> bool:
    """Whether flake8 takes a pattern of `per-file-ignores` for one that names this file."""
    if "/" in pattern:
        pattern = os.path.abspath(path.parent / pattern)
    return fnmatch.fnmatch(path.name, pattern) or fnmatch.fnmatch(str(path), pattern)


def _line(file: Path, key: str) -> int | None:
    section = r"\[flake8\]"
    return line_of(file, rf"{key.replace('-', '[-_]')}\s*[=:]", below=section) or line_of(file, section)


def _place(file: Path, key: str) -> str:
    return f"{display_path(file)}:{_line(file, key)}"
