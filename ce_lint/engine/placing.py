"""Where the loss calls stand that could not be decided: looked up only where somebody wants to see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from ce_lint.engine.fingerprint import End, Fingerprints
from ce_lint.engine.places import Node, Places, Reading
from ce_lint.engine.results import UNRESOLVED
from ce_lint.engine.undecided import Undecided
from ce_lint.findings import Unresolved
from ce_lint.frontend.places import Range, locate
from ce_lint.program.files import Files
from ce_lint.source.file import SourceFile


def placed(undecided: Iterable[Undecided], reading: Reading) -> tuple[Unresolved, ...]:
    """Some calls with their places, in the order of these; without those whose file is gone."""
    calls = list(undecided)
    places = Places((one.site for one in calls), reading)
    fingerprints = Fingerprints(places.source)
    found = []
    for one in calls:
        if one.site in places:
            end = End(one.site, places[one.site], one.caller)
            known_by = fingerprints.of(UNRESOLVED, one.loss, end)
            found.append(Unresolved(end.place, one.loss, one.reason, known_by, one.is_suppressed))
    return tuple(sorted(found, key=lambda one: one.place))


def read_anew(files: Files, path: Path, wanted: Collection[Node]) -> tuple[SourceFile, Mapping[Node, Range]] | None:
    """Where some nodes of a file stand, in its text without what of that cannot be parsed."""
    source = files.source(path)
    return None if source is None else (source, locate(source.text, wanted))
