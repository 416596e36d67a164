"""Import statements → IR."""

from __future__ import annotations

import ast

from ce_lint.frontend.builder import Scope
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import StarImport


def lower_import(scope: Scope, statement: ast.Import) -> None:
    """`import a.b` binds `a`; `import a.b as c` binds `c` to the inner module."""
    for alias in statement.names:
        if alias.asname is not None:
            scope.bind(alias.asname, scope.module.add(ir.Import(alias.name, "", 0)))
        else:
            top = alias.name.partition(".")[0]
            scope.bind(top, scope.module.add(ir.Import(top, "", 0)))


def lower_import_from(scope: Scope, statement: ast.ImportFrom) -> None:
    """`from .a import b as c`, and the star."""
    module, level = statement.module or "", statement.level
    for alias in statement.names:
        if alias.name == "*":
            scope.module.star_imports.append(StarImport(module, level, len(scope.module.nodes)))
        else:
            scope.bind(alias.asname or alias.name, scope.module.add(ir.Import(module, alias.name, level)))
