"""Configuration files as flake8 reads them, with the lines on which a setting stands."""

from __future__ import annotations

import bisect
import configparser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


class IniError(Exception):
    """Why a file cannot be read, in one line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A setting and where it stands; lines count from 1."""

    path: Path
    key: str
    """As flake8 calls it: `per-file-ignores`, not `per_file_ignores`."""
    value: str
    first: int
    last: int
    lines: tuple[str, ...]
    """The lines of the file from `first` to `last`."""

    @property
    def indent(self) -> str:
        """What stands before the key."""
        return self.lines[0][: len(self.lines[0]) - len(self.lines[0].lstrip())]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a file: `[flake8]`."""

    path: Path
    line: int
    entries: tuple[Entry, ...]

    def find(self, key: str) -> Entry | None:
        """Return the setting of this name."""
        return next((entry for entry in self.entries if entry.key == key), None)


def read_sections(path: Path) -> frozenset[str]:
    """Return the names of a file's sections; raise IniError where flake8 could not read it either."""
    return frozenset(_parsed(path, _text(path)).sections())


def read_section(path: Path, name: str) -> Section | None:
    """Return a section of a file, None where there is none; raise IniError where flake8 could not read it either."""
    text = _text(path)
    whole = _parsed(path, text)
    if name not in whole:
        return None
    lines = text.split("\n")
    entries = tuple(_entry(path, lines, name, key, value) for key, value in whole[name].items())
    return Section(path, _needed(lines, lambda part: name in part), entries)


def _entry(path: Path, lines: list[str], name: str, key: str, value: str) -> Entry:
    first = _needed(lines, lambda part: part.has_option(name, key))
    last = _needed(lines, lambda part: part.get(name, key, fallback=None) == value)
    return Entry(path, key.replace("_", "-"), value, first, last, tuple(lines[first - 1 : last]))


def _needed(lines: list[str], is_there: Callable[[configparser.RawConfigParser], bool]) -> int:
    """How many lines the parser needs to see something: it knows best what belongs to a setting."""
    counts = range(len(lines) + 1)
    return bisect.bisect_left(counts, True, key=lambda count: is_there(_parsed(Path(), "\n".join(lines[:count]))))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise IniError("it is not UTF-8") from error
    except OSError as error:
        raise IniError(f"it cannot be read: {(error.strerror or type(error).__name__).lower()}") from error


def _parsed(path: Path, text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text, str(path))
    except configparser.Error as error:
        raise IniError(" ".join(str(error).split())) from error
    return parser
