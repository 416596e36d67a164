"""All checks, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ce_lint.doctor.editor import check_editor
from ce_lint.doctor.flake8_side import check_flake8
from ce_lint.doctor.hooks import check_hooks
from ce_lint.doctor.parser_side import check_parser
from ce_lint.doctor.project import check_project
from ce_lint.doctor.records import Check, Surroundings
from ce_lint.doctor.ruff_side import check_ruff

AREAS: Sequence[Callable[[Surroundings], Iterator[Check]]] = (
    check_project,
    check_flake8,
    check_parser,
    check_ruff,
    check_editor,
    check_hooks,
)


def examine(surroundings: Surroundings) -> tuple[Check, ...]:
    """Ask all that there is to ask; nothing is changed, and no failure of a program is one of this function."""
    return tuple(check for area in AREAS for check in area(surroundings))
