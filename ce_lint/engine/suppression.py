"""Comments that take findings back, at either end of a flow."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ce_lint.engine.cache import Cache
from ce_lint.engine.markers import can_suppress_bytes, can_take_back_bytes
from ce_lint.engine.unused import Use, unused_suppressions
from ce_lint.findings import Finding, Place
from ce_lint.program.program import Program
from ce_lint.source.suppressions import Lines, Suppression


class Suppressions:
    """The comments of a program's texts, each file searched once, and what each of them was good for."""

    def __init__(self, program: Program, cache: Cache) -> None:
        self._program = program
        self._cache = cache
        self._uses: dict[Path, set[Use]] = {}

    def cover(self, finding: Finding) -> bool:
        """Is a finding taken back where the loss is called, where it is given its input, or at the activation?"""
        # All are asked, because a comment at each end is used.
        ends = [self.suppress(place, finding.code) for place in (finding.argument, finding.sink, finding.source)]
        return any(ends)

    def suppress(self, place: Place, code: str) -> bool:
        """Does a comment on a place's lines, or on its file, take a code back?"""
        path = Path(place.path).absolute()
        comments = self._of(path)
        if comments is None:
            return True
        taking = [one for one in comments if one.takes_back(code) and self._reaches(one, path, place)]
        self._uses.setdefault(path, set()).update(Use(one, code) for one in taking)
        return bool(taking)

    def may_suppress(self, path: Path, code: str) -> bool:
        """Tell whether a comment of a file takes a code back at some place, or all of the file is taken back."""
        comments = self._of(path)
        return comments is None or any(one.takes_back(code) for one in comments)

    def unused(self, paths: Iterable[Path]) -> list[tuple[Finding, bool]]:
        """What was not used so far in these files, each with whether a comment takes that back."""
        found = []
        for path in sorted(paths):
            if not can_suppress_bytes(self._program.files.content(path).data):
                continue
            source = self._program.files.source(path)
            if source is not None:
                found += unused_suppressions(source, self._uses.get(path, set()))
        return found

    def _of(self, path: Path) -> tuple[Suppression, ...] | None:
        """The comments of a file; None for a file that is taken back as a whole."""
        module = self._program.module(path)
        if module is None or not can_take_back_bytes(self._program.files.content(path).data):
            return ()
        return self._cache.comments(module)

    def _reaches(self, comment: Suppression, path: Path, place: Place) -> bool:
        """Does a comment cover a place's lines, which in a notebook have to be in its own cell?"""
        module = self._program.module(path)
        if module is None:
            return False
        source = module.source
        lines = Lines(source.text_line(place.cell, place.line), source.text_line(place.cell, place.end_line))
        is_near = comment.is_for_file or source.user_line(comment.line)[0] == place.cell
        return is_near and comment.is_at(lines)
