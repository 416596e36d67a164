"""A project's modules, parsed only when somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ce_lint.frontend.lowering import lower_text
from ce_lint.program.files import Files
from ce_lint.program.loading import Failure, Lower, Module
from ce_lint.program.resolver import Resolver
from ce_lint.source.file import SourceFile

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
        lower: Lower = lower_text,
        sources: Mapping[Path, tuple[Path, ...]] | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self.root = root
        self.files = files if isinstance(files, Files) else Files(files, overlay or {}, lower)
        self.resolver = resolver or Resolver(root, sources or {}, self.files.laid())
        self._modules: dict[Path, Module | None] = {}
        self._mentioning: dict[str, tuple[Module, ...]] = {}

    def module(self, path: Path) -> Module | None:
        """A file's module; None (and a failure, said once) when it cannot be read or parsed."""
        if path not in self._modules:
            self._modules[path] = self.files.loaded(path).module
        return self._modules[path]

    def failures(self, asked: Iterable[Path] | None = None) -> list[Failure]:
        """What is wrong with the files that were, or are, asked for, and with those that could not be read."""
        files = {*self.files.unreadable(), *(self._modules if asked is None else asked)}
        return [failure for path in sorted(files) for failure in self.files.loaded(path).failures]

    def mentioning(self, word: str) -> tuple[Module, ...]:
        """The modules of the project in whose text a word occurs, in the order of their paths."""
        if word not in self._mentioning:
            found = map(self.module, self.files.having(word))
            self._mentioning[word] = tuple(module for module in found if module is not None)
        return self._mentioning[word]

    def defining(self, name: str) -> tuple[Module, ...]:
        """The modules in which a function or class of a name may be defined."""
        found = {module.path: module for text in (f"def {name}", f"class {name}") for module in self.mentioning(text)}
        return tuple(found[path] for path in sorted(found))

    def assigning(self, attribute: str) -> tuple[Module, ...]:
        """The modules in which an attribute of something other than `self` is assigned."""
        found = map(self.module, self.files.assigning(attribute))
        return tuple(module for module in found if module is not None)

    def parsed(self) -> frozenset[Path]:
        """The files that somebody asked for so far."""
        return frozenset(self._modules)
