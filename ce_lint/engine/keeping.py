"""What is kept between two runs, and where."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ce_lint import __version__
from ce_lint.engine.clock import Clock, NoClock

if TYPE_CHECKING:
    from ce_lint.engine.memory import Memory
    from ce_lint.program.loading import Supply
    from ce_lint.store.records import Store
    from ce_lint.supply.stored import Shelf

KEEP_FROM = 100_000
"""Bytes: what a smaller project comes to is found faster than it is looked up."""

_PACKAGE = Path(__file__).parents[1]
_PARTS = (
    "compared.py", "engine", "findings.py", "frontend", "interpreter", "ir", "knowledge", "program", "rules", "source",
    "supply",
)  # fmt: skip
"""The parts of the package that have a say in what an analysis comes to."""


def nowhere(root: Path) -> Path | None:
    """Keep nothing of any project."""
    return None


class Keeping:
    """The stores of the projects of one run, and who lowers their files.

    Whoever makes one need not have anything analysed yet: what that takes is imported when it is.
    """

    def __init__(
        self,
        folder_of: Callable[[Path], Path | None] = nowhere,
        jobs: int = 1,
        shelves: Sequence[Shelf] = (),
        lowering: Supply | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Take what names the folder for a project's root, and what holds results that somebody else found."""
        self.jobs = jobs
        self.clock = clock or NoClock()
        self._folder_of = folder_of
        self._shelves = tuple(shelves)
        self._lowering = lowering
        self._stores: dict[Path, Store] = {}

    def memory(
        self, root: Path, size: int, question: Callable[[], tuple[object, ...]], wrappers: frozenset[str]
    ) -> Memory | None:
        """What is remembered of a project of so many bytes, of all that it hangs on; None where nothing is kept."""
        if self._folder(root, size) is None:
            return None
        from ce_lint.engine.memory import Memory

        return Memory(self._store(root, size), question(), wrappers)

    def supply(self, root: Path, size: int) -> Supply:
        """Who lowers the files of a project of so many bytes."""
        lowering = self.clock.supply(self._lowering or self._workers(size))
        if not self._shelves and self._folder(root, size) is None:
            return lowering
        from ce_lint.store.records import NoStore
        from ce_lint.supply.stored import Stored

        store = self._store(root, size)
        return lowering if isinstance(store, NoStore) and not self._shelves else Stored(self._shelves, store, lowering)

    def shelves(self, root: Path, size: int) -> tuple[Shelf, ...]:
        """What may hold results for the files of a project of so many bytes."""
        return (self._store(root, size), *self._shelves)

    def alone(self, jobs: int = 1) -> Keeping:
        """The same for a process beside others."""
        return Keeping(self._folder_of, jobs, self._shelves, self._lowering)

    def close(self) -> None:
        """Let go of all stores."""
        for store in self._stores.values():
            store.close()
        self._stores = {}

    def _workers(self, size: int) -> Supply:
        if size < KEEP_FROM:
            from ce_lint.program.loading import Here

            return Here()
        from ce_lint.supply.processes import Processes

        return Processes(self.jobs)

    def _folder(self, root: Path, size: int) -> Path | None:
        """Where what a project of so many bytes comes to is kept; None where it is not."""
        return self._folder_of(root) if size >= KEEP_FROM else None

    def _store(self, root: Path, size: int) -> Store:
        folder = self._folder(root, size)
        if folder is None:
            from ce_lint.store.records import NoStore

            return NoStore()
        if folder not in self._stores:
            from ce_lint.store.opening import open_store

            self._stores[folder] = open_store(folder, version())
        return self._stores[folder]


@functools.cache
def version() -> bytes:
    """What must be the same for a result to hold: this tool, to the byte, and the Python that reads."""
    import hashlib

    digest = hashlib.blake2b(digest_size=8)
    for file in _files():
        digest.update(file.read_bytes())
    python = f"{sys.implementation.name} {'.'.join(map(str, sys.version_info))}"
    return f"{__version__}-{digest.hexdigest()} {python}".encode()


def _files() -> Iterator[Path]:
    for part in _PARTS:
        for file in sorted({_PACKAGE / part, *(_PACKAGE / part).rglob("*")}):
            if file.suffix in (".py", ".toml", ".json"):
                yield file
