"""Imports find the file that running the importing file would find."""

from __future__ import annotations

from pathlib import Path

import pytest

from ce_lint.program.resolver import Resolver


def tree(root: Path, *files: str) -> Resolver:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return Resolver(root)


def found(root: Path, files: list[str], importer: str, module: str, level: int = 0) -> str | None:
    path = tree(root, importer, *files).resolve(root / importer, module, level)
    return None if path is None else path.relative_to(root).as_posix()


@pytest.mark.parametrize(
    ("files", "importer", "module", "expected"),
    [
        (["b.py"], "a.py", "b", "b.py"),
        (["b.py"], "a.py", "torch", None),
        (["p/b.py", "b.py"], "p/a.py", "b", "p/b.py"),  # the own folder first
        (["b.py"], "p/q/a.py", "b", "b.py"),  # then the folders above
        (["p/b.py", "b.py"], "p/q/a.py", "b", "p/b.py"),  # the nearest of them
        (["src/b.py"], "scripts/a.py", "b", "src/b.py"),
        (["src/p/__init__.py", "src/p/b.py"], "tests/a.py", "p.b", "src/p/b.py"),
        (["b.py", "src/b.py"], "a.py", "b", "b.py"),
        (["p/b.py"], "a.py", "p", "p"),  # a namespace package
        (["p/q/b.py"], "a.py", "p.q.b", "p/q/b.py"),
        (["p/__init__.py"], "a.py", "p", "p/__init__.py"),
        (["p/__init__.py", "p.py"], "a.py", "p", "p/__init__.py"),  # a package before a module
        (["p/b.txt", "p.py"], "a.py", "p", "p.py"),  # a module before a namespace package
        (["one/b.py", "two/b.py"], "two/a.py", "b", "two/b.py"),
        (["one/b.py"], "two/a.py", "b", None),  # sibling folders do not mix
        (["p/b.py"], "a.py", "p.c", None),
        (["b.py"], "a.py", "b.c", None),  # a module holds no modules
        (["b.ipynb"], "a.py", "b", None),
        (["p.q/b.py"], "a.py", "p.q.b", None),
    ],
)
def test_absolute_imports(tmp_path: Path, files: list[str], importer: str, module: str, expected: str | None) -> None:
    assert found(tmp_path, files, importer, module) == expected


@pytest.mark.parametrize(
    ("importer", "module", "level", "expected"),
    [
        ("p/a.py", "b", 1, "p/b.py"),
        ("p/a.py", "", 1, "p/__init__.py"),
        ("p/__init__.py", "b", 1, "p/b.py"),
        ("p/q/a.py", "b", 2, "p/b.py"),
        ("p/q/a.py", "", 2, "p/__init__.py"),
        ("p/q/a.py", "q.c", 2, "p/q/c.py"),
        ("p/q/a.py", "b", 1, None),  # not in the own folder, and nowhere else
        ("p/a.py", "b", 9, None),
    ],
)
def test_relative_imports(tmp_path: Path, importer: str, module: str, level: int, expected: str | None) -> None:
    files = ["p/__init__.py", "p/b.py", "p/q/__init__.py", "p/q/c.py"]
    assert found(tmp_path, files, importer, module, level) == expected


def test_a_relative_import_does_not_leave_the_project(tmp_path: Path) -> None:
    (tmp_path / "outside.py").touch()
    root = tmp_path / "project"
    assert tree(root, "a.py").resolve(root / "a.py", "outside", 2) is None


def test_an_absolute_import_does_not_leave_the_project(tmp_path: Path) -> None:
    (tmp_path / "outside.py").touch()
    root = tmp_path / "project"
    assert tree(root, "a.py").resolve(root / "a.py", "outside", 0) is None


@pytest.mark.parametrize(
    ("package", "name", "expected"),
    [
        ("p/__init__.py", "b", "p/b.py"),
        ("p", "b", "p/b.py"),
        ("p", "q", "p/q/__init__.py"),
        ("p/__init__.py", "c", None),
        ("p/b.py", "b", None),
    ],
)
def test_submodules(tmp_path: Path, package: str, name: str, expected: str | None) -> None:
    path = tree(tmp_path, "p/__init__.py", "p/b.py", "p/q/__init__.py").submodule(tmp_path / package, name)
    assert (None if path is None else path.relative_to(tmp_path).as_posix()) == expected


@pytest.mark.parametrize(
    ("importer", "expected"),
    [
        ("p/q/a.py", "lib/b.py"),  # before the folders above, and their `src`
        ("a.py", "b.py"),  # after the own folder
        ("lib/a.py", "lib/b.py"),
        ("own/a.py", "own/b.py"),
        ("inner/a.py", "inner/b.py"),
        ("inner/p/a.py", "lib/c/b.py"),  # the nearest that says something
        ("inner/none/a.py", "inner/b.py"),  # though it says that there are none
    ],
)
def test_named_folders(tmp_path: Path, importer: str, expected: str) -> None:
    tree(tmp_path, "b.py", "src/b.py", "p/b.py", "p/q/src/b.py", "lib/b.py", "lib/c/b.py", "own/b.py", "inner/b.py")
    sources = {
        tmp_path: (tmp_path / "missing", tmp_path / "lib"),
        tmp_path / "inner": (tmp_path / "lib" / "c",),
        tmp_path / "inner" / "none": (),
    }
    path = Resolver(tmp_path, sources).resolve(tmp_path / importer, "b", 0)
    assert path == tmp_path / expected


def test_a_named_folder_may_lie_outside_the_project(tmp_path: Path) -> None:
    root = tmp_path / "project"
    tree(tmp_path, "lib/p/__init__.py", "lib/p/b.py", "project/a.py")
    resolver = Resolver(root, {root: (tmp_path / "lib",)})
    assert resolver.resolve(root / "a.py", "p.b", 0) == tmp_path / "lib" / "p" / "b.py"
    assert resolver.resolve(tmp_path / "lib" / "p" / "b.py", "", 1) == tmp_path / "lib" / "p" / "__init__.py"
