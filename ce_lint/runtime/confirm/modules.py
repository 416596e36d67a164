"""Finds the class of a model in the project: imports the module that defines it."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

from ce_lint.runtime.confirm.values import CannotRepeatError


def extend_path(root: Path, file: Path) -> None:
    """Let the project's modules be imported: from its root, its `src`, and the folder of the file or of its package."""
    folder = file.parent
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    for entry in (root, root / "src", folder):
        if entry.is_dir() and str(entry) not in sys.path:
            sys.path.insert(0, str(entry))


def class_of(root: Path, file: Path, qualified_name: str) -> object:
    """Import a file as a module and return what it holds under a qualified name.

    What the module raises when it is imported is passed on; raise CannotRepeatError where it cannot be imported at all.
    """
    if file.suffix != ".py":
        raise CannotRepeatError(f"{qualified_name} is defined in {file.name}, which is no module")
    found: object = _imported(root, file)
    for part in qualified_name.split("."):
        if not hasattr(found, part):
            raise CannotRepeatError(f"{file.name} defines no {qualified_name} when it is imported")
        found = getattr(found, part)
    if not isinstance(found, type) and type(found).__qualname__ == qualified_name:
        # `net = net()` has taken the class's name.
        return type(found)
    return found


def _imported(root: Path, file: Path) -> object:
    failed: ImportError | None = None
    for name in _names(root, file):
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            # It may be found, or find its neighbours, under another name only.
            failed = failed or error
            continue
        if getattr(module, "__file__", None) and Path(module.__file__ or "").resolve() == file.resolve():
            return module
    if failed is not None:
        raise failed
    return _by_location(file)


def _names(root: Path, file: Path) -> Iterator[str]:
    """The dotted names that a file has relative to the folders of the path, the longest first."""
    for folder in (root / "src", root, *file.parents):
        if str(folder) not in sys.path or not file.is_relative_to(folder):
            continue
        parts = list(file.relative_to(folder).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        if parts and all(part.isidentifier() for part in parts):
            yield ".".join(parts)


def _by_location(file: Path) -> object:
    name = "_confirmed_" + "".join(character if character.isalnum() else "_" for character in file.stem)
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise CannotRepeatError(f"{file.name} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and pickles look their module up.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
