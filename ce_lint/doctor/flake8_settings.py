"""What a project tells flake8 of codes, and why that keeps codes of ours back.

flake8 itself says *which* codes it reports (`ce_lint.doctor.flake8_side`); this module only looks for the line that
is to blame.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from ce_lint.doctor.ini import Entry, IniError, Section, read_section, read_sections
from ce_lint.doctor.records import Act, Remedy
from ce_lint.doctor.sample import NAME
from ce_lint.source.paths import display_path

PREFIX = "CEL"

_SECTION = "flake8"
_PER_FILE = "per-file-ignores"
_FILES = ("setup.cfg", "tox.ini", ".flake8")
"""In the order in which flake8 looks for them in each folder."""

_CODE = re.compile(r"[A-Z]+[0-9]*")


@dataclass(frozen=True, slots=True)
class Flake8Settings:
    """The one file that flake8 takes its settings from, and files that it passes over in silence."""

    folder: Path
    section: Section | None
    passed_over: tuple[tuple[Path, str], ...] = ()
    """Files with the reason."""

    def find(self, key: str) -> Entry | None:
        """Return a setting."""
        return None if self.section is None else self.section.find(key)


@dataclass(frozen=True, slots=True)
class Cause:
    """A setting that keeps codes back, and what to change."""

    what: str
    remedy: Remedy


def read_settings(folder: Path, home: Path) -> Flake8Settings:
    """Find flake8's settings as flake8 does: from a folder upwards, but not in the user's home."""
    passed_over: list[tuple[Path, str]] = []
    found: Section | None = None
    for place in _upwards(folder, home):
        for path in (place / name for name in _FILES):
            if not path.is_file():
                continue
            try:
                # A file with nothing but local plugins is flake8's file, too.
                is_one = bool({_SECTION, f"{_SECTION}:local-plugins"} & read_sections(path))
            except IniError as error:
                passed_over.append((path, str(error)))
                continue
            if is_one and found is None:
                found = read_section(path, _SECTION) or Section(path, 0, ())
            elif is_one and found is not None:
                passed_over.append((path, f"{display_path(found.path)} comes before it"))
        if found is not None:
            break
    return Flake8Settings(folder, found, tuple(passed_over))


def codes_of(entry: Entry | None) -> list[str]:
    """Return the code prefixes that a setting lists."""
    return [] if entry is None else [part for part in re.split(r"[,\s]", entry.value) if part]


def codes_by_name(settings: Flake8Settings) -> tuple[str, ...]:
    """Return what the codes of ours start with that `select` asks for one by one; that is all, where it does not."""
    selected = codes_of(settings.find("select"))
    if any(PREFIX.startswith(code) for code in selected):
        return (PREFIX,)
    return tuple(code for code in selected if code.startswith(PREFIX)) or (PREFIX,)


def ignored_per_file(entry: Entry | None) -> list[tuple[str, str]]:
    """Return the patterns of files in `per-file-ignores`, each with a code prefix that is ignored there."""
    pairs: list[tuple[str, str]] = []
    files: list[str] = []
    codes: list[str] = []
    for token in re.findall(r":|[^\s:,]+", "" if entry is None else entry.value):
        if token == ":":  # noqa: S105 - a piece of a setting
            codes = [":"]
        elif codes and _CODE.fullmatch(token):
            pairs += [(file, token) for file in files]
        else:
            files, codes = ([token], []) if codes else ([*files, token], [])
    return pairs


def causes(settings: Flake8Settings, missing: Iterable[str]) -> list[Cause]:
    """Return the settings that keep these codes of ours back; empty where none can be blamed."""
    selecting = [code for key in ("select", "extend-select") for code in codes_of(settings.find(key))]
    select = settings.find("select")
    is_unselected = False
    ignoring: dict[str, tuple[Entry, set[str]]] = {}
    for code in missing:
        longest = max((len(prefix) for prefix in selecting if code.startswith(prefix)), default=0)
        is_unselected = is_unselected or not longest
        for entry, prefix in _ignoring(settings):
            if code.startswith(prefix) and len(prefix) >= longest:
                ignoring.setdefault(entry.key, (entry, set()))[1].add(prefix)
    found = []
    # One line does for all causes that it cures.
    added = _selected_as_well(settings, select or next((entry for entry, _ in ignoring.values()), None))
    if select is not None and is_unselected:
        found.append(Cause(f"`select` in {_place(select)} does not name {PREFIX}", added))
    for entry, prefixes in ignoring.values():
        what = f"`{entry.key}` in {_place(entry)} names {', '.join(sorted(prefixes))}"
        ours = {prefix for prefix in prefixes if len(prefix) >= len(PREFIX)}
        if ours:
            found.append(Cause(what, without(entry, ours)))
        if ours != prefixes:
            # The longer prefix wins: what is meant for other plugins stays ignored.
            found.append(Cause(what, added))
    return found


def select_ours(settings: Flake8Settings) -> Remedy:
    """Return the line that selects our codes whatever else is selected or ignored by a shorter prefix."""
    return _selected_as_well(settings, None)


def without(entry: Entry, prefixes: Set[str]) -> Remedy:
    """Return the change that takes code prefixes out of a setting."""
    lines = _pairs_without(entry, prefixes) if entry.key == _PER_FILE else _codes_without(entry, prefixes)
    if not lines:
        return Remedy(Act.REMOVE, "\n".join(entry.lines), entry.path, entry.first, entry.last)
    return Remedy(Act.WRITE, "\n".join(lines), entry.path, entry.first, entry.last)


def _codes_without(entry: Entry, prefixes: Set[str]) -> list[str]:
    if set(codes_of(entry)) <= prefixes:
        return []
    code = rf"(?<!\w)(?:{'|'.join(sorted(prefixes))})(?=$|[\s,])"
    lines = []
    for line in entry.lines:
        # With the comma behind it; at the end of a list, with the one before.
        left = re.sub(rf"{code}[ \t]*,[ \t]*", "", line)
        left = re.sub(rf"(?:[ \t]*,)?[ \t]*{code}", "", left).rstrip()
        lines += [left] if left or not line.strip() else []
    return lines


def _pairs_without(entry: Entry, prefixes: Set[str]) -> list[str]:
    kept: dict[str, list[str]] = {}
    for pattern, code in ignored_per_file(entry):
        if code not in prefixes:
            kept.setdefault(pattern, []).append(code)
    lines = [f"{entry.indent}    {pattern}: {', '.join(codes)}" for pattern, codes in kept.items()]
    return [f"{entry.indent}{entry.key} =", *lines] if lines else []


def _upwards(folder: Path, home: Path) -> Iterable[Path]:
    yield folder
    for place in folder.parents:
        if home.exists() and place.samefile(home):
            return
        yield place


def _ignoring(settings: Flake8Settings) -> Sequence[tuple[Entry, str]]:
    entries = [entry for key in ("ignore", "extend-ignore") if (entry := settings.find(key))]
    pairs = [(entry, code) for entry in entries for code in codes_of(entry)]
    per_file = settings.find(_PER_FILE)
    if per_file is not None:
        pairs += [
            (per_file, code) for pattern, code in ignored_per_file(per_file) if _covers(pattern, settings.folder / NAME)
        ]
    return pairs


def _covers(pattern: str, path: Path) -> bool:
    """Whether flake8 takes a pattern of `per-file-ignores` for one that names this file."""
    if "/" in pattern:
        pattern = os.path.abspath(path.parent / pattern)
    return fnmatch.fnmatch(path.name, pattern) or fnmatch.fnmatch(str(path), pattern)


def _selected_as_well(settings: Flake8Settings, below: Entry | None) -> Remedy:
    section, there = settings.section, settings.find("extend-select")
    if there is not None:
        line = there.lines[-1].rstrip()
        separator = " " if line.endswith((",", "=", ":")) else ", "
        return Remedy(Act.WRITE, f"{line}{separator}{PREFIX}", there.path, there.last)
    if section is None or not section.line:
        path = settings.folder / ".flake8" if section is None else section.path
        return Remedy(Act.ADD_AT_END, f"[{_SECTION}]\nextend-select = {PREFIX}", path)
    if below is None:
        below = section.entries[0] if section.entries else None
    indent, line_number = (below.indent, below.last) if below else ("", section.line)
    return Remedy(Act.ADD_BELOW, f"{indent}extend-select = {PREFIX}", section.path, line_number)


def _place(entry: Entry) -> str:
    return f"{display_path(entry.path)}:{entry.first}"
