"""Python's start-up hook in a program that `ce-lint run` runs: the losses are watched once torch has been imported.

Python imports the first module of this name on its path when it starts; `ce-lint run` puts this folder first. Only the
standard library is imported here, and nothing more happens in a program that never imports torch.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_NAME = "sitecustomize"
_HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(_HERE)))


class _TorchLoader(Loader):
    """Loads torch with its own loader, and begins to watch when that is done."""

    def __init__(self, own: Loader, finder: _TorchFinder) -> None:
        self._own = own
        self._finder = finder

    def __getattr__(self, name: str) -> object:
        return getattr(self._own, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._own.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # What torch and others read from the module later is what it would be without us.
        module.__loader__ = self._own
        if module.__spec__ is not None:
            module.__spec__.loader = self._own
        try:
            self._own.exec_module(module)
        except BaseException as error:
            # The traceback is the program's: without this line of it Python shows what it would show without us.
            if error.__traceback__ is not None:
                error.__traceback__ = error.__traceback__.tb_next
            raise
        self._finder.leave()
        _begin(self._finder.folder)


class _TorchFinder:
    """Finds torch where the other finders find it, and nothing else."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "torch":
            return None
        for finder in list(sys.meta_path):
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _TorchLoader(spec.loader, self)
                return spec
        return None

    def leave(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)


def _begin(folder: str) -> None:
    try:
        _import_ce_lint()
        from ce_lint.runtime.ways.recording import begin

        begin(folder)
    except Exception as error:  # noqa: BLE001 — the program must run whatever is wrong with the watch; the parent tells
        try:
            with open(os.path.join(folder, f"{os.getpid()}.trouble"), "w", encoding="utf-8") as file:
                file.write(f"{type(error).__name__}: {error}".splitlines()[0])
        except OSError:
            pass  # The parent has gone and taken its folder along: there is nobody to tell.


def _import_ce_lint() -> None:
    """Import the package that this file is a part of, whether it is installed or not; the path stays as it is."""
    if "ce_lint" in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(
        "ce_lint", os.path.join(_PACKAGE, "__init__.py"), submodule_search_locations=[_PACKAGE]
    )
    assert spec is not None and spec.loader is not None
    sys.modules["ce_lint"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


def _start() -> None:
    folder = os.environ.get("CE_LINT_RUN", "")
    # Another environment has other versions of everything, and a folder that has gone belongs to a run that is over.
    if os.environ.get("CE_LINT_RUN_PREFIX") == sys.prefix and os.path.isdir(folder):
        sys.meta_path.insert(0, _TorchFinder(folder))


def _make_way() -> None:
    """Leave everything as if this file did not exist: the path, and the module of this name that comes next on it."""
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != _HERE]
    spec = PathFinder.find_spec(_NAME, sys.path)
    if spec is None or spec.loader is None:
        # Python itself asks for this module, and takes this answer for "there is none".
        raise ImportError(f"No module named {_NAME!r}", name=_NAME)
    sys.modules[_NAME] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


_start()
_make_way()
