"""Imports point one way, as DESIGN.md draws it; the import statements are the evidence."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "ce_lint"

ALLOWED: dict[str, set[str]] = {
    # part of ce_lint: the other parts, and the libraries, that it may import
    "__init__": set(),
    "__main__": {"cli"},
    "compared": {"msgspec"},
    "findings": {"ir", "msgspec"},
    "source": {"compared", "msgspec"},
    "store": set(),
    "ir": {"msgspec"},
    "knowledge": {"ir", "msgspec", "tomli"},
    "frontend": {"source", "ir", "msgspec"},
    "concrete": {"source", "ir", "frontend", "libcst"},
    "program": {"source", "ir", "frontend", "msgspec"},
    "interpreter": {"compared", "ir", "knowledge", "program", "msgspec"},
    "uses": {"source", "ir", "knowledge", "frontend", "concrete", "program", "interpreter"},
    "rules": {"ir", "interpreter", "findings"},
    "supply": {"source", "store", "program", "msgspec", "distributed"},
    "engine": {
        "source", "store", "ir", "knowledge", "frontend", "program", "supply", "interpreter", "rules", "findings",
        "__init__", "msgspec", "tomli",
    },
    "report": {"findings", "rules", "__init__"},
    "fixes": {
        "source", "ir", "knowledge", "frontend", "concrete", "program", "interpreter", "uses", "engine", "findings",
        "libcst",
    },
    "runtime": {
        "source", "ir", "knowledge", "rules", "findings", "report", "__init__",
        "msgspec", "torch", "matplotlib", "pytest", "lightning", "pytorch_lightning", "transformers", "IPython",
    },
    "doctor": {"source", "rules", "engine", "__init__", "flake8", "tomli", "yaml", "yaml_ft"},
    "cli": {
        "source", "store", "supply", "rules", "engine", "report", "fixes", "lsp", "findings", "runtime", "doctor",
        "__init__", "click", "msgspec", "rich",
    },
    "lsp": {
        "source", "rules", "engine", "report", "fixes", "findings", "__init__",
        "msgspec", "pygls", "lsprotocol", "cattrs",
    },
    "flake8_fork": {"engine", "flake8"},
    "flake8_plugin": {"flake8_fork", "store", "supply", "engine", "report", "findings", "__init__", "flake8"},
}  # fmt: skip

STDLIB = sys.stdlib_module_names | {"tomllib"}  # the latter since Python 3.11
FILES = sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_modules(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide which way they point"
            assert node.module is not None
            # `from ce_lint import __version__` and `from ce_lint import engine` differ in the name only.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported_parts(tree: ast.AST) -> Iterator[str]:
    """What an import needs leave for, in the words of the table."""
    for module in imported_modules(tree):
        top, _, rest = module.partition(".")
        if top == "ce_lint":
            part = rest.partition(".")[0]
            yield part if (PACKAGE / part).is_dir() or (PACKAGE / f"{part}.py").is_file() else "__init__"
        elif top not in STDLIB:
            yield top


def forbidden(part: str, source: str) -> set[str]:
    return set(imported_parts(ast.parse(source))) - ALLOWED[part] - {part}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_one_way(path: Path) -> None:
    assert forbidden(part_of(path), path.read_text(encoding="utf-8")) == set()


def test_every_part_is_in_the_table() -> None:
    assert {part_of(path) for path in FILES} <= set(ALLOWED)


def test_the_table_has_no_circle() -> None:
    finished: set[str] = set()
    while len(finished) < len(ALLOWED):
        ready = {part for part in set(ALLOWED) - finished if not (ALLOWED[part] & set(ALLOWED)) - finished - {part}}
        assert ready, f"a circle among {sorted(set(ALLOWED) - finished)}"
        finished |= ready


@pytest.mark.parametrize(
    ("part", "source", "expected"),
    [
        ("source", "import libcst", {"libcst"}),
        ("source", "from ce_lint.engine.session import Session", {"engine"}),
        ("interpreter", "def late():\n    import torch.nn as nn", {"torch"}),
        ("rules", "from ce_lint import cli", {"cli"}),
        ("engine", "import flake8.main", {"flake8"}),
        ("report", "from ce_lint import __version__", set()),
        ("concrete", "import libcst as cst, os, json", set()),
        ("frontend", "import libcst", {"libcst"}),
    ],
)
def test_the_check_itself(part: str, source: str, expected: set[str]) -> None:
    assert forbidden(part, source) == expected
