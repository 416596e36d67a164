"""Import statements → IR."""

from __future__ import annotations

import libcst as cst

from ce_lint.frontend.builder import Scope
from ce_lint.frontend.expressions import dotted_path
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import StarImport


def lower_import(scope: Scope, statement: cst.Import) -> None:
    """`import a.b` binds `a`; `import a.b as c` binds `c` to the inner module."""
    for alias in statement.names:
        module = dotted_path(alias.name) or ""
        if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
            scope.bind(alias.asname.name.value, scope.module.add(ir.Import(module, "", 0)))
        else:
            top = module.partition(".")[0]
            scope.bind(top, scope.module.add(ir.Import(top, "", 0)))


def lower_import_from(scope: Scope, statement: cst.ImportFrom) -> None:
    """`from .a import b as c`, and the star."""
    module = "" if statement.module is None else dotted_path(statement.module) or ""
    level = len(statement.relative)
    if isinstance(statement.names, cst.ImportStar):
        scope.module.star_imports.append(StarImport(module, level, len(scope.module.nodes)))
        return
    for alias in statement.names:
        name = dotted_path(alias.name) or ""
        bound = alias.asname.name if alias.asname is not None else alias.name
        if isinstance(bound, cst.Name):
            scope.bind(bound.value, scope.module.add(ir.Import(module, name, level)))
