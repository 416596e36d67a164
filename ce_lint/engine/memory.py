"""What was found out about a project, kept for the next run: it holds as long as nothing changed that it hangs on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path

import msgspec

from ce_lint.engine.kept import KeptAnalysis, kept, named_paths, restored, undecided_paths
from ce_lint.engine.markers import can_suppress
from ce_lint.engine.moved import moved
from ce_lint.engine.results import Analysis
from ce_lint.engine.texts import keep_texts, kept_text
from ce_lint.program.changes import Addition, additions, is_harmless
from ce_lint.program.contents import read_content
from ce_lint.program.files import Files
from ce_lint.program.program import Program
from ce_lint.program.resolver import importable
from ce_lint.program.words import standing_in
from ce_lint.source.file import source_from_bytes
from ce_lint.source.paths import display_path
from ce_lint.source.suppressions import takes_back
from ce_lint.store.records import Store
from ce_lint.supply import stored
from ce_lint.supply.keys import SIZE, content_key

KIND = "project"
MAX_CHANGED = 40
"""Of how many changed files it is looked up whether they matter; after more of them a project is analysed anew."""
MAX_ROOM = 2**31
"""Changed files, where no word stands in too many."""


class Record(msgspec.Struct, frozen=True, array_like=True):
    """An analysis, and what it hangs on."""

    keys: bytes
    """Those of the contents of the project's files, one after the other."""
    asked: dict[str, frozenset[str]]
    """The words of which it was asked which files they stand in, by the folder around these; of all, under no name."""
    bound: frozenset[str]
    """Those of which it was asked whether they stand in some file."""
    far: frozenset[str]
    """Those that make far files near."""
    near: frozenset[str]
    """The files that some of them made near."""
    room: int
    """How many files may change before a word can make files near that stood in too many."""
    texts: dict[str, bytes]
    """The files of the project that were parsed or made near, each with the key of its text as it was analysed."""
    answers: frozenset[str]
    """Those of them that were asked by words and not lowered."""
    lowered: frozenset[str]
    """Those that are Python and were lowered."""
    is_crowded: bool
    """Did it matter in how many of the files that were parsed names stand?"""
    commented: frozenset[str]
    """The files of which something is told, as users see them, in which comments may take findings back."""
    outside: tuple[tuple[str, bytes], ...]
    """The files that were lowered and are none of the project's, with the keys of their contents."""
    folders: tuple[tuple[str, bytes], ...]
    """The folders in which imports were looked for, with a digest of the names in each."""
    analysis: KeptAnalysis


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Record).decode


class Memory:
    """The record of one project, in a store."""

    def __init__(self, store: Store, question: tuple[object, ...], wrappers: frozenset[str]) -> None:
        """Take all that an analysis hangs on beside what the files hold, and the functions that give back arguments."""
        self._store = store
        self._wrappers = wrappers
        self._key = hashlib.blake2b(repr(question).encode("utf-8", "surrogatepass"), digest_size=SIZE).digest()
        self._record: Record | None = None
        self._is_kept = False

    def recall(self, files: Files) -> Analysis | None:
        """The analysis of files with these contents; None where it is not known."""
        value = self._store.get_many(KIND, (self._key,)).get(self._key)
        try:
            record = None if value is None else _decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        if record is None or len(record.keys) != SIZE * len(files.paths) or not _is_same_around(record):
            return None
        before = {path: record.keys[SIZE * at : SIZE * (at + 1)] for at, path in enumerate(files.paths)}
        now = _keys(files)
        if files.unreadable():
            return None
        changed = [path for path in files.paths if now[path] != before[path]]
        if len(changed) > MAX_CHANGED or len(changed) > record.room:
            return None
        look = _Look(self._store, record, files, self._wrappers)
        if not all(look.is_untouched(path, before[path]) for path in changed):
            return None
        analysis: KeptAnalysis | None = record.analysis
        for path in look.moved:
            source = files.source(path)
            analysis = moved(analysis, source) if analysis is not None and source is not None else None
        if analysis is None:
            return None
        looked_at = tuple([one for one in analysis.looked_at if one[0] not in map(str, changed)])
        analysis = msgspec.structs.replace(analysis, looked_at=looked_at)
        keys, room = b"".join(now.values()), record.room - len(changed)
        self._record = msgspec.structs.replace(record, keys=keys, room=room, analysis=analysis)
        self._is_kept = not changed
        return restored(analysis)

    def take(self, program: Program, analysis: Analysis) -> None:
        """Make a record of the analysis of a program."""
        files = program.files
        if any(files.content(path).reason for path in (*files.paths, *analysis.parsed)):
            return  # why a file cannot be read may change without a trace in it
        if files.may_pass() or analysis.may_pass:
            return
        outside = sorted(path for path in analysis.parsed if path not in files)
        asked = {str(folder or ""): frozenset(words) for folder, words in files.asked.items()}
        found = kept(analysis)
        parsed = [path for path in analysis.parsed if path in files and path.suffix == ".py"]
        # Of one that is no Python, nothing is known by the definitions that nobody asked about.
        sound = [path for path in parsed if not files.is_broken(path)]
        lowered = frozenset(str(path) for path in sound if files.is_lowered(path))
        self._record = Record(
            keys=b"".join(_keys(files).values()),
            asked=asked,
            bound=frozenset(files.bound),
            far=frozenset(files.far),
            near=frozenset(map(str, files.near)),
            room=MAX_ROOM if files.room is None else files.room,
            texts=keep_texts(self._store, files, files.near.union(parsed)),
            answers=frozenset(map(str, sound)) - lowered,
            lowered=lowered,
            is_crowded=files.is_crowded,
            commented=frozenset(_commented(files, analysis.parsed, named_paths(found) | undecided_paths(found))),
            outside=tuple([(str(path), content_key(path, files.content(path).data)) for path in outside]),
            folders=tuple([(str(folder), _names(folder)) for folder in sorted(program.resolver.folders)]),
            analysis=found,
        )
        self._is_kept = False

    def keep(self, analysis: Analysis) -> None:
        """Keep the record, with all files that were looked at by now."""
        if self._record is None:
            return
        looked_at = kept(analysis).looked_at
        if self._is_kept and looked_at == self._record.analysis.looked_at:
            return
        changed = msgspec.structs.replace(self._record.analysis, looked_at=looked_at)
        self._record = msgspec.structs.replace(self._record, analysis=changed)
        try:
            value = _encode(self._record)
        except UnicodeEncodeError:
            return  # the name of a file is no text
        self._store.put_many(KIND, {self._key: value})
        self._is_kept = True


class _Look:
    """Whether a change in a file can change anything that is known."""

    def __init__(self, store: Store, record: Record, files: Files, wrappers: frozenset[str]) -> None:
        self._store = store
        self._record = record
        self._files = files
        self._wrappers = wrappers
        self._parsed = frozenset(map(Path, record.analysis.parsed))
        self._words = record.bound.union(*record.asked.values())
        self._told = named_paths(record.analysis)
        self._undecided = undecided_paths(record.analysis)
        self.moved: list[Path] = []
        """The files in which something is told, perhaps on other lines."""

    def is_untouched(self, path: Path, before: bytes) -> bool:
        """Tell whether all that is known holds with another content of a file, given the key of the one before."""
        record, name = self._record, str(path)
        text, data = self._text(path), self._files.content(path).data
        if text is None or not self._is_as_near(text, data) or not self._is_as_crowded(path, text, data):
            return False
        if name in record.answers:
            came = additions(text, data, self._wrappers, self._words)
            return came is not None and self._are_harmless(path, came) and self._is_told_the_same(path, came)
        if name in record.lowered:
            came = additions(text, data, self._wrappers)
            if came is not None:
                return self._are_harmless(path, came) and self._is_told_the_same(path, came)
        if path in self._parsed:
            # What findings are recognised by hangs on more of their text than its meaning.
            is_told = display_path(path) in self._told
            return not is_told and self._means_the_same(path, before) and self._is_told_the_same(path, [])
        return not standing_in(data, self._words_around(path))

    def _text(self, path: Path) -> bytes | None:
        """What a file held when it was analysed; nothing where nobody asked, None where it is lost."""
        key = self._record.texts.get(str(path))
        return b"" if key is None else kept_text(self._store, path, key)

    def _is_as_near(self, text: bytes, data: bytes) -> bool:
        """Do the same words stand in a file as before, of those that make far files near?"""
        return standing_in(text, self._record.far) == standing_in(data, self._record.far)

    def _is_as_crowded(self, path: Path, text: bytes, data: bytes) -> bool:
        """Do as many of the words that were asked for stand in a file as before, where that matters?"""
        if not self._record.is_crowded or path not in self._parsed:
            return True
        return str(path) in self._record.texts and standing_in(text, self._words) == standing_in(data, self._words)

    def _words_around(self, path: Path) -> frozenset[str]:
        """The words of which it was asked whether they stand in a file that nobody was interested in."""
        asked = self._record.asked
        if str(path) in self._record.near:
            return self._words
        return frozenset().union(*(asked.get(folder, ()) for folder in ("", *map(str, (path, *path.parents)))))

    def _are_harmless(self, path: Path, came: Sequence[Addition]) -> bool:
        """Do definitions that came to a file answer nothing that was asked, and can none be what was looked for?"""
        if not came:
            return True
        outside = [Path(name) for name, _ in self._record.outside]
        others = [self._files.content(other).data for other in (*self._files.paths, *outside) if other != path]
        return all(is_harmless(one, self._words, self._wrappers, others) for one in came)

    def _is_told_the_same(self, path: Path, came: Sequence[Addition]) -> bool:
        """Can a file be read, without a comment of ours, and is all that is known of it known of the same nodes?"""
        content = self._files.content(path)
        if self._files.lowered(path, content).problems:
            return False
        # The JSON of a notebook, or an encoding, may spell a comment in other bytes: in the text it is seen.
        text = source_from_bytes(path, content.data).text
        if can_suppress(text):
            return False
        shown = display_path(path)
        if shown in self._told:
            self.moved.append(path)
        elif shown not in self._undecided:
            return True
        is_commented = shown in self._record.commented or takes_back(text)
        return not is_commented and all(one.is_last for one in came)

    def _means_the_same(self, path: Path, before: bytes) -> bool:
        old = self._store.get_many(stored.KIND, (before,)).get(before)
        return old is not None and old == stored.encoded(self._files.lowered(path, self._files.content(path)))


def _commented(files: Files, parsed: Iterable[Path], told: Set[str]) -> Iterator[str]:
    """Those of the files of which something is told that have a comment which takes something back."""
    for path in parsed:
        source = files.source(path) if display_path(path) in told else None
        if source is not None and takes_back(source.text):
            yield display_path(path)


def _keys(files: Files) -> Mapping[Path, bytes]:
    return {path: content_key(path, files.content(path).data) for path in files.paths}


def _is_same_around(record: Record) -> bool:
    """Is all that lies around the project as it was?"""
    for name, key in record.outside:
        content = read_content(Path(name), None)
        if content.reason or content_key(Path(name), content.data) != key:
            return False
    return all(_names(Path(folder)) == names for folder, names in record.folders)


def _names(folder: Path) -> bytes:
    names: Iterable[str] = sorted(importable(folder))
    return hashlib.blake2b("/".join(names).encode("utf-8", "surrogatepass"), digest_size=SIZE).digest()
