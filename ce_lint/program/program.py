"""A project's modules, parsed only when somebody asks for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ce_lint.program.code import Said
from ce_lint.program.files import Files
from ce_lint.program.loading import Failure, Module, Supply
from ce_lint.program.names import WHOLE, Vicinity
from ce_lint.program.resolver import Resolver
from ce_lint.source.file import SourceFile

STAR = re.compile(rb"import[\s\\]*\*")
"""What stands in a text that imports all of a module."""
_STAR_IMPORT = re.compile(rb"from(?<=\bfrom)[ \t]*(?:(\.+)[ \t]*)?(?:(\w[\w.]{0,200})[ \t]*)?(?<!\w)import[ \t]*\*")

__all__ = ["Failure", "Module", "Program"]


class Program:
    """The files of one project, and what laying unsaved texts over them changes.

    A program is a snapshot: a file is read once. Whoever lives longer makes a new one, perhaps of the same `Files`.
    """

    def __init__(
        self,
        root: Path,
        files: tuple[Path, ...] | Files,
        overlay: Mapping[Path, SourceFile] | None = None,
        supply: Supply | None = None,
        sources: Mapping[Path, tuple[Path, ...]] | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self.root = root
        self.files = files if isinstance(files, Files) else Files(files, overlay or {}, supply)
        self.resolver = resolver or Resolver(root, sources or {}, self.files.laid())
        self._modules: dict[Path, Module | None] = {}
        self._having: dict[tuple[str, Vicinity], tuple[Path, ...]] = {}
        self._asked: set[Path] = set()

    def module(self, path: Path) -> Module | None:
        """A file's module; None (and a failure, said once) when it cannot be read or parsed."""
        if path not in self._modules:
            self._modules[path] = self.files.loaded(path).module
        return self._modules[path]

    def failures(self, asked: Iterable[Path] | None = None) -> list[Failure]:
        """What is wrong with the files that were, or are, asked for, and with those that could not be read."""
        files = {*self.files.unreadable(), *(self.parsed() if asked is None else asked)}
        return [failure for path in sorted(files) for failure in self.files.failures(path)]

    def vicinity(self, path: Path, names: frozenset[str]) -> Vicinity:
        """Where something that starts in a file under some names is followed."""
        folder = self.files.surroundings(path)
        return WHOLE if folder is None else Vicinity(folder, names)

    def having(self, word: str, within: Vicinity = WHOLE) -> tuple[Path, ...]:
        """The files of the project, or of a part of it, in whose text a word occurs, in order; they are asked for."""
        key = (word, within)
        if key not in self._having:
            self._having[key] = tuple(self.files.having(word, within))
            self._asked.update(self._having[key])
        return self._having[key]

    def modules(self, paths: Sequence[Path]) -> tuple[Module, ...]:
        """The modules of some files, lowered together, where they can be."""
        self.files.load(paths)
        return tuple(module for module in map(self.module, paths) if module is not None)

    def mentioning(self, word: str, within: Vicinity = WHOLE) -> tuple[Module, ...]:
        """The modules of the project, or of a part of it, in whose text a word occurs, in the order of their paths."""
        return self.modules(self.having(word, within))

    def defining(self, name: str, within: Vicinity = WHOLE) -> tuple[Path, ...]:
        """The files in which a function or class of a name may be defined."""
        return self.files.in_order({path for text in definitions_of(name) for path in self.having(text, within)})

    def may_bind(self, path: Path, name: str) -> bool:
        """Tell by its text whether a file may itself bind a global of a name; it is asked for."""
        self._asked.add(path)
        self.files.bound.add(name)
        return not name.isascii() or self.files.holds(path, name)

    def star_imports(self, path: Path) -> tuple[tuple[str, int], ...] | None:
        """By its text, the modules of which a file may import all, each with its dots; None where that is not seen."""
        return star_imports(self.files.content(path).data)

    def assigning(self, attribute: str, within: Vicinity = WHOLE) -> tuple[Module, ...]:
        """The modules in which an attribute of something other than `self` is assigned."""
        return self.modules(self.files.assigning(attribute, within))

    def parsed(self) -> frozenset[Path]:
        """The files that somebody asked for so far."""
        return frozenset(self._modules.keys() | self._asked)


def star_imports(text: bytes) -> tuple[tuple[str, int], ...] | None:
    """The modules of which a text imports all, each with its dots; None where one cannot be made out."""
    stars = [hit.start() for hit in STAR.finditer(text)]
    if not stars:
        return ()
    said = Said(text)
    found = [hit for hit in _STAR_IMPORT.finditer(text) if hit.start() not in said]
    is_each_seen = len(found) == sum(star not in said for star in stars)
    return tuple([((hit[2] or b"").decode(), len(hit[1] or b"")) for hit in found]) if is_each_seen else None


def definitions_of(name: str) -> tuple[str, str]:
    """What stands in a text that defines a function or class of a name."""
    return f"def {name}", f"class {name}"
