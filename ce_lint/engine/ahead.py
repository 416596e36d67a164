"""What a check is going to look into, lowered before it starts: by many machines, each a part of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ce_lint.engine.analyses import Analyses
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.errors import UsageError, unreadable
from ce_lint.engine.file_facts import FileFacts, Unkept
from ce_lint.engine.inquiry import Inquiry
from ce_lint.engine.keeping import Keeping, version
from ce_lint.engine.markers import can_matter_bytes
from ce_lint.engine.reporting import planned
from ce_lint.program.contents import read_content
from ce_lint.source.paths import relative_path
from ce_lint.supply.cluster import Cluster, ClusterError, Unlowered
from ce_lint.supply.index_files import IndexFile, IndexWriter, UnusableError, packed
from ce_lint.supply.keys import content_key
from ce_lint.supply.processes import Processes
from ce_lint.supply.stored import KIND, TOO_SMALL, Shelf, encoded

BATCH = 32_000_000
"""Bytes of contents that are held at a time."""
_PROBE = 50
"""Of how many contents at a time it is looked up whether one is known."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of the files, each file of which is in exactly one."""

    number: int = 1
    count: int = 1

    def holds(self, path: Path, root: Path) -> bool:
        """Tell whether a file of the project with this root is in it: a file more or less moves no other."""
        name = relative_path(str(path), root).encode("utf-8", "surrogateescape")
        digest = hashlib.blake2b(name, digest_size=8).digest()
        return int.from_bytes(digest, "big") % self.count == self.number - 1


@dataclass(frozen=True, slots=True)
class Indexed:
    """What an index file came to."""

    files: int
    """That are in the shard, and were read."""
    contents: int
    """That are in the index."""
    size: int
    """Bytes of the index."""


def write_index(stream: BinaryIO, paths: Sequence[Path], settings: Settings, shard: Shard, jobs: int) -> Indexed:
    """Write an index of the files of a shard that a check of these paths may follow; raise UsageError, as it does."""
    writer = IndexWriter(stream, version())
    processes = Processes(jobs)
    files = 0

    def contents() -> Iterator[Unlowered]:
        nonlocal files
        for inquiry in _inquiries(paths, settings, Keeping()):
            inside = [path for path in inquiry.files if shard.holds(path, inquiry.root)]
            files += len(inside)
            yield from _contents(inside)

    for batch in _batches(one for one in contents() if one.key not in writer):
        wanted = [(Path(f"content{one.suffix}"), one.data, None) for one in batch]
        for one, lowered in zip(batch, processes.lowered(wanted), strict=True):
            if not lowered.may_pass:
                writer.add(one.key, packed(encoded(lowered)))
    writer.finish()
    return Indexed(files, len(writer), writer.size)


def open_indexes(files: Iterable[Path]) -> tuple[Shelf, ...]:
    """Open index files; raise UsageError for one that cannot be used."""
    return tuple([_index(file) for file in files])


def lower_on_cluster(
    address: str, paths: Sequence[Path], settings: Settings, keeping: Keeping, file: Path, tell: Callable[[str], None]
) -> Shelf:
    """Have a cluster lower all that a check of these paths may follow, and nobody knows; a file holds the results.

    Raises UsageError where there is no such cluster, or it has another ce-lint; where it fails later, that is told in
    a line, and what is missing is left to the check.
    """
    with file.open("wb") as stream:
        writer = IndexWriter(stream, version())
        cluster = Cluster(address, version, writer.add)
        contents = _unknown(paths, settings, keeping)
        try:
            trouble = cluster.lower(one for one in contents if one.key not in writer)
        except ClusterError as error:
            raise UsageError(str(error)) from error
        if trouble:
            tell(trouble)
        writer.finish()
    return IndexFile(file, version())


def _index(file: Path) -> IndexFile:
    try:
        return IndexFile(file, version())
    except OSError as error:
        raise unreadable(file, error) from error
    except UnusableError as error:
        raise UsageError(f"{file}: {error}") from error


def _unknown(paths: Sequence[Path], settings: Settings, keeping: Keeping) -> Iterator[Unlowered]:
    """The contents that are on no shelf, of the projects of which no earlier run has left anything in its store."""
    sent: set[bytes] = set()
    for inquiry in _inquiries(paths, settings, keeping):
        store, *shelves = keeping.shelves(inquiry.root, inquiry.size)
        is_new = inquiry.recalled(keeping) is None
        for batch in _parts(_contents(inquiry.files), _PROBE) if is_new else ():
            keys = [one.key for one in batch]
            if store.get_many(KIND, keys):
                break  # what changed since is less than what would be sent
            known = {key for shelf in shelves for key in shelf.get_many(KIND, keys)}
            for one in batch:
                if one.key not in known and one.key not in sent:
                    sent.add(one.key)
                    yield one
        keeping.close()  # thousands of stores are not to be open at once


def _inquiries(paths: Sequence[Path], settings: Settings, keeping: Keeping) -> Iterator[Inquiry]:
    """What a check of these paths asks of each project that it looks into."""
    facts = FileFacts(Unkept({}))
    for share in planned(paths, settings).shares:
        if any(map(facts.can_matter, share.files)):
            yield Analyses(keeping, holds_evidence=False).inquiry(share.root, settings, share.files)


def _contents(files: Iterable[Path]) -> Iterator[Unlowered]:
    """What of some files may be followed, and is worth to be looked up."""
    for path in files:
        data = read_content(path, None).data
        if len(data) >= TOO_SMALL and can_matter_bytes(data):
            yield Unlowered(content_key(path, data), path.suffix, data)


def _batches(contents: Iterable[Unlowered]) -> Iterator[list[Unlowered]]:
    """The contents, each once, in groups that are no larger than they have to be."""
    batch: dict[bytes, Unlowered] = {}
    size = 0
    for one in contents:
        if one.key in batch:
            continue
        batch[one.key] = one
        size += len(one.data)
        if size >= BATCH:
            yield list(batch.values())
            batch, size = {}, 0
    yield list(batch.values())


def _parts(contents: Iterable[Unlowered], count: int) -> Iterator[list[Unlowered]]:
    part: list[Unlowered] = []
    for one in contents:
        part.append(one)
        if len(part) == count:
            yield part
            part = []
    yield part
