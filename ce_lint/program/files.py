"""The files of a project: each read once, lowered when somebody asks, and exchanged one by one."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ce_lint.ir.records import ModuleIR
from ce_lint.program.contents import Content, read_content
from ce_lint.program.loading import (
    LARGE,
    Failure,
    Here,
    Loaded,
    Lowered,
    Module,
    Supply,
    failures_of,
    loaded,
    plain_source,
)
from ce_lint.program.names import WHOLE, Vicinity
from ce_lint.program.words import WordIndex, assigns, has_word, holds
from ce_lint.source.file import SourceError, SourceFile, source_from_bytes

MAX_FILES = 1_000
"""Of how many files a project may consist that is looked through as a whole for everything.

In a larger one, what is wrong with a file is said where it was to be lowered.
"""
MAX_MENTIONS = 200
"""In how many files a name may stand that says of a far file that it is near."""

_NO_FILES: frozenset[int] = frozenset()


class Rearranged(NamedTuple):
    """What came of taking other files for a project's."""

    changed: frozenset[Path]
    """Those that came or went."""
    is_divided_anew: bool
    """Is what is near to some file another part of the project now?"""


class Files:
    """What a project's files hold, what is lowered of them, and which words stand in them.

    A text that is laid over a file, or in place of one that is not on disk, does not make it one of the project's.
    """

    def __init__(self, paths: Iterable[Path], overlay: Mapping[Path, SourceFile], supply: Supply | None = None) -> None:
        self.paths = tuple(sorted(set(paths)))
        self._overlay = dict(overlay)
        self._supply = supply or Here()
        self._contents: dict[Path, Content] = {}
        self._loaded: dict[Path, Loaded] = {}
        self._ahead: dict[Path, Lowered] = {}
        """What files come to of which nobody asked yet for more than what they hand over."""
        self._plain: dict[Path, tuple[Failure, ...]] = {}
        """The files that are Python as they are, though nobody lowered them, each with what is wrong with it."""
        self._numbers: dict[Path, int] = {}
        """A number for each file that was ever one of the project's; they are never used again."""
        self._numbered: list[Path] = []
        self._assigning: dict[str, dict[Path, bool]] = {}
        self._known_mentioning: dict[frozenset[str], Set[int]] = {}
        self._known_below: dict[tuple[str, Path | None], list[int]] = {}
        """By word and folder, the numbers of the files below that have the word."""
        self._known_around: dict[Path, Path | None] = {}
        """By folder, the largest one around it that holds few enough files."""
        self.asked: defaultdict[Path | None, set[str]] = defaultdict(set)
        """The words of which somebody asked which files they stand in: by the folder around these, None for all."""
        self.bound: set[str] = set()
        """The words of which somebody asked whether they stand in some file."""
        self.far: set[str] = set()
        """The words that make far files near, those that do not stand everywhere."""
        self.near: set[Path] = set()
        """The files that one of them made near."""
        self.is_crowded = False
        """Did it matter in how many files names stand that were followed?"""
        self.room: int | None = None
        """How many files may lose a word before one makes far files near that stands in too many; None without any."""

    def __contains__(self, path: Path) -> bool:
        """Tell whether a file is one of the project's."""
        return path in self._order

    def content(self, path: Path) -> Content:
        """What a file holds."""
        if path not in self._contents:
            self._contents[path] = read_content(path, self._overlay.get(path))
        return self._contents[path]

    def loaded(self, path: Path) -> Loaded:
        """A file as a module, and what is wrong with it."""
        if path not in self._loaded:
            self.load((path,))
        return self._loaded[path]

    def load(self, paths: Sequence[Path]) -> None:
        """Lower some files, together: whoever supplies them may have better ways than one by one."""
        missing = dict.fromkeys(path for path in paths if path not in self._loaded)
        readable = []
        for path in missing:
            content = self.content(path)
            if content.reason:
                self._loaded[path] = Loaded(None, (Failure(path, None, content.reason),))
            else:
                readable.append((path, content))
        self.lower_ahead([path for path, _ in readable])
        for path, content in readable:
            self._loaded[path] = loaded(path, content.data, content.laid, self._ahead.pop(path))

    def lower_ahead(self, paths: Iterable[Path]) -> None:
        """Lower some files, together, of which more may be asked for."""
        missing = [path for path in paths if path not in self._loaded and path not in self._ahead]
        contents = [(path, self.content(path)) for path in missing]
        wanted = [(path, content.data, content.laid) for path, content in contents if not content.reason]
        self._ahead.update(zip([path for path, _, _ in wanted], self._supply.lowered(wanted), strict=True))

    def ir(self, path: Path, content: Content) -> ModuleIR | None:
        """The IR of something that a file holds, or held; None where there is none."""
        if content is not self._contents.get(path):
            return self.lowered(path, content).ir
        self.lower_ahead((path,))
        if path in self._ahead:
            return self._ahead[path].ir
        module = self.loaded(path).module
        return None if module is None else module.ir

    def is_broken(self, path: Path) -> bool:
        """Tell whether a file was lowered that came to nothing."""
        if path in self._loaded:
            return self._loaded[path].module is None
        return path in self._ahead and self._ahead[path].ir is None

    def lowered(self, path: Path, content: Content) -> Lowered:
        """What something that a file holds, or held, comes to."""
        (lowered,) = self._supply.lowered(((path, content.data, content.laid),))
        return lowered

    def may_pass(self) -> bool:
        """Tell whether something is wrong with a file that was lowered which need not be the next time."""
        return any(one.may_pass for known in (self._loaded, self._ahead) for one in known.values())

    @property
    def is_large(self) -> bool:
        """Are these too many files to be looked through as a whole for everything?"""
        return len(self.paths) > MAX_FILES

    def failures(self, path: Path) -> tuple[Failure, ...]:
        """What is wrong with a file; where that is nothing, it is not lowered to tell."""
        if path not in self._loaded and path not in self._plain:
            content = self.content(path)
            if self.is_large and not content.reason and path in self._order:
                return ()
            is_small = not content.reason and len(content.data) < LARGE
            plain = plain_source(path, content.data, content.laid) if is_small else None
            if plain is None:
                return self.loaded(path).failures
            self._plain[path] = failures_of(path, plain[1])
        return self._plain[path] if path not in self._loaded else self._loaded[path].failures

    def source(self, path: Path) -> SourceFile | None:
        """The text of a file, without what of it cannot be parsed; None of one that cannot be read."""
        content = self.content(path)
        self.failures(path)
        if path not in self._loaded:
            try:
                return content.laid or source_from_bytes(path, content.data)
            except SourceError:
                return None
        module = self._loaded[path].module
        return None if module is None else module.source

    def is_lowered(self, path: Path) -> bool:
        """Tell whether somebody asked for more of a file than its words."""
        return path in self._loaded

    def unreadable(self) -> list[Path]:
        """The files of the project that could not be read, of those that were."""
        return [path for path in self.paths if path in self._contents and self._contents[path].reason]

    def renewed(self) -> Files:
        """The same, without what was remembered of words that somebody asked for."""
        renewed = Files(self.paths, self._overlay, self._supply)
        renewed._contents = self._contents
        renewed._loaded = self._loaded
        renewed._ahead = self._ahead
        renewed._plain = self._plain
        return renewed

    def module(self, path: Path) -> Module | None:
        """A file as a module, if it was lowered and could be."""
        return self._loaded[path].module if path in self._loaded else None

    def outsiders(self) -> dict[Path, SourceFile | None]:
        """The files that were read and are none of the project's, each with the text that lies over it."""
        return {path: self._overlay.get(path) for path in self._contents if path not in self._order}

    def laid(self) -> set[Path]:
        """The files of the project that a text lies over."""
        return self._overlay.keys() & self._order.keys()

    def index(self) -> None:
        """Read all files, and note their words, which is done else when somebody first asks for one."""
        _ = self._words

    def having(self, word: str, within: Vicinity = WHOLE) -> list[Path]:
        """The files in which a word stands, not as a part of a longer one; in their order."""
        self.asked[within.folder].add(word)
        found = self._words.having(word, self._data)
        if within != WHOLE:
            found = self._inside(word, within, found)
        return sorted(map(self._numbered.__getitem__, found), key=self._order.__getitem__)

    def _inside(self, word: str, within: Vicinity, having: Sequence[int]) -> list[int]:
        """The numbers of the files of a part of the project in which a word stands, of those of all such files."""
        below, mentioning = self._members(within)
        key = word, within.folder
        if key not in self._known_below:  # for many names, the same folder is looked through
            self._known_below[key] = list(below.intersection(having))
        return [*self._known_below[key], *(one for one in mentioning if one not in below and holds(having, one))]

    def in_order(self, paths: Iterable[Path]) -> tuple[Path, ...]:
        """Files of the project, in their order; to compare paths takes longer."""
        return tuple(sorted(paths, key=self._order.__getitem__))

    def has(self, path: Path, word: str, within: Vicinity = WHOLE) -> bool:
        """Tell whether a word stands in a file of the project, or of a part of it."""
        self.asked[within.folder].add(word)
        if path not in self._order or not has_word(self.content(path).data, word.encode()):
            return False
        return within == WHOLE or any(self._number(path) in members for members in self._members(within))

    def holds(self, path: Path, word: str) -> bool:
        """Tell whether a word stands in a file; nobody takes note that it was asked."""
        if path in self._order and word.isidentifier() and word.isascii():
            return self._words.stands_in(self._number(path), word)
        return has_word(self.content(path).data, word.encode())

    def assigning(self, attribute: str, within: Vicinity = WHOLE) -> list[Path]:
        """The files in which an attribute of something other than `self` is assigned; in their order."""
        known = self._assigning.setdefault(attribute, {})
        having = self.having(attribute, within)
        for path in having:
            if path not in known:
                known[path] = assigns(self.content(path).data, attribute)
        return [path for path in having if known[path]]

    def surroundings(self, path: Path) -> Path | None:
        """The largest folder around a file, in a project with too many, that holds few enough; None for all of it."""
        if not self.is_large:
            return None
        inside = path.parent
        if inside not in self._known_around:
            above = (folder for folder in reversed(path.parents) if 0 < len(self._below.get(folder, ())) <= MAX_FILES)
            self._known_around[inside] = next(above, None)
        return self._known_around[inside] or path

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
        self._ahead.pop(path, None)
        self._plain.pop(path, None)
        if path in self._order:
            self._exchange_words(path, before.data, after.data)
        return True

    def rearrange(self, paths: Iterable[Path]) -> Rearranged:
        """Take other files for the project's."""
        now = set(paths)
        came, went = now - self._order.keys(), self._order.keys() - now
        if not came and not went:
            return Rearranged(frozenset(), is_divided_anew=False)
        was_large, around = self.is_large, dict(self._known_around)
        for path in went:
            self._exchange_words(path, self.content(path).data, b"")
        for name in ("_order", "_below"):
            self.__dict__.pop(name, None)
        self.paths = tuple(sorted(now))
        self._known_around.clear()
        self._known_below.clear()
        for path in came:
            self._exchange_words(path, b"", self.content(path).data)
        divided = was_large, {folder: known or folder / "_" for folder, known in around.items()}
        now_around = {folder: self.surroundings(folder / "_") for folder in around}
        return Rearranged(frozenset(came | went), divided != (self.is_large, now_around))

    @cached_property
    def _order(self) -> dict[Path, int]:
        return {path: number for number, path in enumerate(self.paths)}

    @cached_property
    def _below(self) -> dict[Path, set[int]]:
        """The numbers of the files below each folder; a file is below itself."""
        below: dict[Path, set[int]] = {path: {self._number(path)} for path in self.paths}
        for folder, paths in itertools.groupby(self.paths, lambda path: path.parent):
            numbers = set(map(self._number, paths))
            for above in (folder, *folder.parents):
                below.setdefault(above, set()).update(numbers)
        return below

    @cached_property
    def _words(self) -> WordIndex:
        index = WordIndex()
        for path in self.paths:
            index.add(self._number(path), self.content(path).data)
        return index

    def _number(self, path: Path) -> int:
        if path not in self._numbers:
            self._numbers[path] = len(self._numbered)
            self._numbered.append(path)
        return self._numbers[path]

    def _data(self, number: int) -> bytes:
        return self.content(self._numbered[number]).data

    def mentioning(self, names: frozenset[str]) -> Set[int]:
        """The numbers of the files, however far, that are near to what starts under some names."""
        if names not in self._known_mentioning:
            self._known_mentioning[names] = self._mentioning(names)
        return self._known_mentioning[names]

    def numbers(self, paths: Iterable[Path]) -> Set[int]:
        """The numbers of some files, of those that ever were the project's."""
        return {self._numbers[path] for path in paths if path in self._numbers}

    def _members(self, within: Vicinity) -> tuple[frozenset[int] | set[int], Set[int]]:
        """The numbers of the files that belong to a part of the project: of those below its folder, and of others."""
        below = self._below.get(within.folder, _NO_FILES) if within.folder is not None else _NO_FILES
        return below, self.mentioning(within.names)

    def _mentioning(self, names: frozenset[str]) -> set[int]:
        """The numbers of the files in which one of some names stands that do not stand everywhere."""
        found: set[int] = set()
        for name in names:
            having = self._words.having(name, self._data)
            if len(having) <= MAX_MENTIONS:
                self.far.add(name)
                found.update(having)
            else:
                room = len(having) - MAX_MENTIONS - 1
                self.room = room if self.room is None else min(self.room, room)
        self.near.update(map(self._numbered.__getitem__, found))
        return found

    def _exchange_words(self, path: Path, before: bytes, after: bytes) -> None:
        """Keep the answers of `having` and `assigning` right when one text takes the place of another."""
        if "_words" in self.__dict__:
            self._words.exchange(self._number(path), before, after)
        for known in self._assigning.values():
            known.pop(path, None)
        self._known_mentioning.clear()
        self._known_below.clear()


def _strings(content: Content) -> list[object]:
    """Of a notebook, how the JSON spells its cells: two that are equal otherwise can differ in that."""
    return [] if content.laid is None else [cell.strings for cell in content.laid.cells]
