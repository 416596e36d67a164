"""What arguments in an editor's settings, or in a hook, do to our codes: the real flake8 is run with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ce_lint.doctor.flake8_programs import codes_reported
from ce_lint.doctor.flake8_settings import PREFIX
from ce_lint.doctor.programs import module
from ce_lint.doctor.records import Surroundings

_ABOUT_CODES = re.compile(r"--(select|(extend-|per-file-)?ignores?|isolated|(append-)?config|(extend-)?exclude)\b")

_SELECT_OURS = f"--extend-select={PREFIX}"


class Judgement(NamedTuple):
    """What arguments keep back."""

    missing: tuple[str, ...]
    """Codes that flake8 reports without them."""
    better: tuple[str, ...] | None
    """Arguments that keep nothing back; None: adding to them does not help."""


def judge(arguments: Sequence[str], surroundings: Surroundings) -> Judgement:
    """Compare what flake8 reports with and without some arguments; raise NotAskedError where it fails."""
    if not any(_ABOUT_CODES.match(argument) for argument in arguments):
        return Judgement((), None)
    command = module(surroundings.interpreter, "flake8")
    without = codes_reported(command, surroundings)

    def missing_with(some: Sequence[str]) -> tuple[str, ...]:
        return tuple(sorted(without - codes_reported(command, surroundings, some)))

    missing = missing_with(arguments)
    better = (_SELECT_OURS, *arguments)
    return Judgement(missing, better if missing and not missing_with(better) else None)
