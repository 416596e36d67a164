"""Fixes made in rounds, in memory, until nothing is left that can be fixed; each round is proved by the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.results import Evidence
from ce_lint.findings import Applicability, Edit, Finding, Fix, Place, Report
from ce_lint.fixes.proof import is_proved
from ce_lint.source.edits import EditError, TextEdit, apply_edits
from ce_lint.source.file import SourceError, SourceFile, read_bytes, source_from_bytes
from ce_lint.source.paths import display_path

MAX_ROUNDS = 20


class Checker(Protocol):
    """What a session can do."""

    def check(self, paths: Sequence[Path], settings: Settings, overlay: Mapping[Path, SourceFile]) -> Report:
        """Check files and folders, with texts laid over the disk."""

    def evidence(self, finding: Finding) -> Evidence | None:
        """What a finding of the last check was made of."""


Planner = Callable[[Finding, Evidence], tuple[Fix, ...]]


class Done(NamedTuple):
    """A fix that was made, and the findings that it turns right."""

    fix: Fix
    findings: tuple[Finding, ...]


class Change(NamedTuple):
    """A file before and after the fixes."""

    path: Path
    before: bytes
    after: bytes


class Group(NamedTuple):
    """Fixes that have files in common: all of their changes are written, or none."""

    changes: tuple[Change, ...]
    done: tuple[Done, ...]


class Outcome(NamedTuple):
    """What the rounds came to."""

    groups: tuple[Group, ...]
    problems: tuple[str, ...]
    """Why a file is left alone, a line each."""
    held_back: int
    """How many of the findings that are left could be fixed if unsafe fixes were allowed."""


@dataclass(slots=True)
class _Texts:
    """The files as they are after the rounds so far."""

    before: dict[Path, bytes] = field(default_factory=dict)
    after: dict[Path, bytes] = field(default_factory=dict)

    def overlay(self, changed: Mapping[Path, bytes]) -> dict[Path, SourceFile]:
        """What is laid over the disk; raises SourceError."""
        return {path: source_from_bytes(path, data) for path, data in {**self.after, **changed}.items()}

    def current(self, path: Path) -> bytes:
        """A file's bytes now; raises SourceError."""
        if path not in self.after:
            self.before[path] = self.after[path] = read_bytes(path)
        return self.after[path]


class Rounds:
    """Fixes what can be fixed in files and folders; nothing is written.

    A fix after which its finding is still there, or another one is new, is not made. Of two that overlap, one waits
    for the next round.
    """

    def __init__(
        self,
        session: Checker,
        settings: Settings,
        plan: Planner,
        *,
        unsafe: bool = False,
        wanted: Callable[[Finding], bool] | None = None,
    ) -> None:
        self._session = session
        self._settings = settings
        self._plan = plan
        self._unsafe = unsafe
        self._wanted = wanted
        self._texts = _Texts()
        self._refused: set[tuple[str, str]] = set()
        self._problems: dict[str, None] = {}
        self._held_back: set[Place] = set()

    def converge(self, paths: Sequence[Path]) -> Outcome:
        """Fix in as many rounds as it takes."""
        done: list[Done] = []
        for _ in range(MAX_ROUNDS):
            self._held_back.clear()
            chosen = self._chosen(self._check(paths, {}))
            if not chosen:
                break
            done += self._made(paths, chosen)
        return Outcome(tuple(_groups(done, self._texts)), tuple(self._problems), len(self._held_back))

    def _made(self, paths: Sequence[Path], chosen: Sequence[Done]) -> Sequence[Done]:
        """Make fixes; where they fail together, the first that can be made alone. What fails alone is refused."""
        if len(chosen) > 1 and self._is_made(paths, chosen):
            return chosen
        for one in chosen:
            if self._is_made(paths, [one]):
                # The places of the others may have moved.
                return [one]
            self._refused |= {(finding.fingerprint, one.fix.name) for finding in one.findings}
        return []

    def _check(self, paths: Sequence[Path], changed: Mapping[Path, bytes]) -> Report:
        overlay = self._texts.overlay(changed)
        return self._session.check((*paths, *overlay), self._settings, overlay)

    def _chosen(self, report: Report) -> list[Done]:
        """The first fix of each finding that may be made, as long as they do not overlap."""
        chosen: dict[tuple[Edit, ...], Done] = {}
        for finding in report.findings:
            fix = self._fix(finding)
            if fix is None:
                continue
            same = chosen.get(fix.edits)
            if same is not None:
                chosen[fix.edits] = same._replace(findings=(*same.findings, finding))
            elif not any(overlap(fix, other.fix) for other in chosen.values()):
                chosen[fix.edits] = Done(fix, (finding,))
        return list(chosen.values())

    def _fix(self, finding: Finding) -> Fix | None:
        if self._wanted is not None and not self._wanted(finding):
            return None
        evidence = self._session.evidence(finding)
        if evidence is None:
            return None
        for fix in self._plan(finding, evidence):
            if (finding.fingerprint, fix.name) in self._refused:
                continue
            if self._unsafe or fix.applicability is Applicability.SAFE:
                return fix if self._is_up_to_date(fix, evidence) else None
            self._held_back.add(finding.argument)
        return None

    def _is_up_to_date(self, fix: Fix, evidence: Evidence) -> bool:
        """Is what the edits would be made in what the analysis has read?"""
        for path in files_of(fix):
            module = evidence.interpreter.machine.program.module(path)
            try:
                source = source_from_bytes(path, self._texts.current(path))
            except SourceError as error:
                self._problems[str(error)] = None
                return False
            if module is None or module.source.text != source.text:
                self._problems[f"{display_path(path)}: changed while it was checked: left alone"] = None
                return False
        return True

    def _is_made(self, paths: Sequence[Path], chosen: Sequence[Done]) -> bool:
        """Make fixes, and keep them if that proves to be right."""
        try:
            changed = self._changed([one.fix for one in chosen])
            before = self._check((*paths, *changed), {})
            after = self._check((*paths, *changed), changed)
        except (EditError, SourceError) as error:
            self._problems[str(error)] = None
            return False
        if not is_proved(before, after, {finding for one in chosen for finding in one.findings}):
            return False
        self._texts.after |= changed
        return True

    def _changed(self, fixes: Sequence[Fix]) -> dict[Path, bytes]:
        edits = {edit: None for fix in fixes for edit in fix.edits}
        return {
            path: apply_edits(
                path, self._texts.current(path), [text_edit(one) for one in edits if path_of(one) == path]
            )
            for path in dict.fromkeys(map(path_of, edits))
        }


def path_of(edit: Edit) -> Path:
    """The file in which an edit is made, absolute."""
    return Path(edit.place.path).absolute()


def files_of(fix: Fix) -> tuple[Path, ...]:
    """The files that a fix changes, in order."""
    return tuple(dict.fromkeys(map(path_of, fix.edits)))


def text_edit(edit: Edit) -> TextEdit:
    """An edit of a text, whichever it is."""
    place = edit.place
    return TextEdit(place.cell, place.line, place.column, place.end_line, place.end_column, edit.new_text)


def overlap(one: Fix, other: Fix) -> bool:
    """Tell whether two fixes change the same characters, or two places that touch."""
    return any(_overlap(left.place, right.place) for left in one.edits for right in other.edits)


def _overlap(left: Place, right: Place) -> bool:
    if (left.path, left.cell) != (right.path, right.cell):
        return False
    return (left.line, left.column) <= (right.end_line, right.end_column) and (right.line, right.column) <= (
        left.end_line,
        left.end_column,
    )


def _groups(done: Sequence[Done], texts: _Texts) -> Iterator[Group]:
    """The fixes, together with those that change the same files."""
    groups: list[tuple[set[Path], list[Done]]] = []
    for one in done:
        files, members = set(files_of(one.fix)), [one]
        apart = []
        for group in groups:
            if group[0] & files:
                files |= group[0]
                members = [*group[1], *members]
            else:
                apart.append(group)
        groups = [*apart, (files, members)]
    for files, members in groups:
        yield Group(
            tuple(Change(path, texts.before[path], texts.after[path]) for path in sorted(files)), tuple(members)
        )
