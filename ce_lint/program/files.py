"""The files of a project: each read once, parsed when somebody asks, and exchanged one by one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ce_lint.program.haystack import Haystack, assigned_in, changed_lines, has_word
from ce_lint.program.loading import Failure, Loaded, Lower, Module, load
from ce_lint.source.file import SourceFile


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds."""

    data: bytes
    laid: SourceFile | None = None
    """Where an unsaved text lies over it: that."""
    reason: str = ""
    """Why it cannot be read."""


class Files:
    """What a project's files hold, what is parsed of them, and which words stand in them.

    A text that is laid over a file, or in place of one that is not on disk, does not make it one of the project's.
    """

    def __init__(self, paths: Iterable[Path], overlay: Mapping[Path, SourceFile], lower: Lower) -> None:
        self.paths = tuple(sorted(set(paths)))
        self._overlay = dict(overlay)
        self._lower = lower
        self._contents: dict[Path, Content] = {}
        self._loaded: dict[Path, Loaded] = {}
        self._having: dict[str, set[Path]] = {}

    def content(self, path: Path) -> Content:
        """What a file holds."""
        if path not in self._contents:
            self._contents[path] = read_content(path, self._overlay.get(path))
        return self._contents[path]

    def loaded(self, path: Path) -> Loaded:
        """A file as a module, and what is wrong with it."""
        if path not in self._loaded:
            content = self.content(path)
            if content.reason:
                self._loaded[path] = Loaded(None, (Failure(path, None, content.reason),))
            else:
                self._loaded[path] = load(path, content.data, content.laid, self._lower)
        return self._loaded[path]

    def unreadable(self) -> list[Path]:
        """The files of the project that could not be read, of those that were."""
        return [path for path in self.paths if path in self._contents and self._contents[path].reason]

    def renewed(self) -> Files:
        """The same, without what was remembered of words that somebody asked for."""
        renewed = Files(self.paths, self._overlay, self._lower)
        renewed._contents = self._contents
        renewed._loaded = self._loaded
        return renewed

    def module(self, path: Path) -> Module | None:
        """A file as a module, if it was parsed and could be."""
        return self._loaded[path].module if path in self._loaded else None

    def outsiders(self) -> dict[Path, SourceFile | None]:
        """The files that were read and are none of the project's, each with the text that lies over it."""
        return {path: self._overlay.get(path) for path in self._contents if path not in self._order}

    def laid(self) -> set[Path]:
        """The files of the project that a text lies over."""
        return self._overlay.keys() & self._order.keys()

    def having(self, word: str) -> list[Path]:
        """The files in which a word stands, not as a part of a longer one; in their order."""
        return sorted(self.those_having(word), key=self._order.__getitem__)

    def those_having(self, word: str) -> Set[Path]:
        """The same, in no order."""
        if word not in self._having:
            self._having[word] = {self.paths[number] for number in self._joined.having(word)}
        return self._having[word]

    def has(self, path: Path, word: str) -> bool:
        """Tell whether a word stands in a file of the project."""
        return path in self.those_having(word)

    def assigning(self, attribute: str) -> list[Path]:
        """The files in which an attribute of something other than `self` is assigned; in their order."""
        found = self._assigned.get(attribute, Counter())
        return sorted((path for path, count in found.items() if count > 0), key=self._order.__getitem__)

    def exchange(self, path: Path, laid: SourceFile | None) -> bool:
        """Read a file again, under a text or without one; False where that changes nothing."""
        before = self.content(path)
        if laid is None:
            self._overlay.pop(path, None)
        else:
            self._overlay[path] = laid
        after = read_content(path, laid)
        if after == before and _strings(after) == _strings(before):
            return False
        self._contents[path] = after
        self._loaded.pop(path, None)
        if path in self._order:
            self._exchange_words(path, before.data, after.data)
        return True

    def rearrange(self, paths: Iterable[Path]) -> set[Path]:
        """Take other files for the project's; return those that came or went."""
        now = set(paths)
        came, went = now - self._order.keys(), self._order.keys() - now
        if not came and not went:
            return set()
        for path in went:
            self._exchange_words(path, self.content(path).data, b"")
        for name in ("_order", "_joined"):
            self.__dict__.pop(name, None)
        self.paths = tuple(sorted(now))
        for path in came:
            self._exchange_words(path, b"", self.content(path).data)
        return came | went

    @cached_property
    def _order(self) -> dict[Path, int]:
        return {path: number for number, path in enumerate(self.paths)}

    @cached_property
    def _joined(self) -> Haystack:
        return Haystack([self.content(path).data for path in self.paths])

    @cached_property
    def _assigned(self) -> dict[str, Counter[Path]]:
        return {
            attribute: Counter({self.paths[number]: count for number, count in found.items()})
            for attribute, found in self._joined.assigned.items()
        }

    def _exchange_words(self, path: Path, before: bytes, after: bytes) -> None:
        """Keep the answers of `having` and `assigning` right when one text takes the place of another."""
        removed, added = (b"\n%b\n" % lines for lines in changed_lines(before, after))
        for word, found in self._having.items():
            wanted = word.encode()
            if has_word(added, wanted):
                found.add(path)
            elif has_word(removed, wanted) and not has_word(b"\n%b\n" % after, wanted):
                found.discard(path)
        if "_assigned" in self.__dict__:
            for attribute, count in assigned_in(removed).items():
                self._assigned[attribute][path] -= count
            for attribute, count in assigned_in(added).items():
                self._assigned.setdefault(attribute, Counter())[path] += count
        self.__dict__.pop("_joined", None)


def read_content(path: Path, laid: SourceFile | None) -> Content:
    """Return what a file holds, or the text that lies over it."""
    if laid is not None:
        return Content(laid.text.encode("utf-8", "surrogatepass"), laid)
    try:
        return Content(path.read_bytes())
    except OSError as error:
        return Content(b"", None, f"cannot be read: {os.strerror(error.errno or 0).lower()}")


def _strings(content: Content) -> list[object]:
    """Of a notebook, how the JSON spells its cells: two that are equal otherwise can differ in that."""
    return [] if content.laid is None else [cell.strings for cell in content.laid.cells]
