"""Which lines changed since a revision of git, and what of a report lies on them."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import NamedTuple

import msgspec

from ce_lint.engine.adoption.narrowing import narrowed
from ce_lint.engine.errors import UsageError
from ce_lint.engine.git import GitError, git_output, run_git
from ce_lint.findings import Finding, Place, Report

_HUNK = re.compile(rb"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_LINE_END = re.compile(rb"\r\n?")
# A cell's last line has no line end, and the last item of a list no comma: a line more below changes both.
_NOTEBOOK_MARKS = re.compile(rb'^[ \t]+|(?:\\n)?",?$', re.MULTILINE)
_FORM = ("--no-color", "--no-ext-diff", "--no-textconv", "--text", "--diff-algorithm=myers", "--indent-heuristic")


class Lines(NamedTuple):
    """Lines of a file, both ends included; where lines were taken away, those above and below, the other way round."""

    first: int
    last: int


EVERYTHING = (Lines(1, 1 << 62),)


@dataclass(frozen=True, slots=True)
class Revision:
    """What the files of a work tree are compared with."""

    top: Path
    """The folder of the repository."""
    commit: str
    notes: tuple[str, ...] = ()
    """What was compared, where that is not plainly what was asked for."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The changed lines of each file, by its path, links followed; a file that is not named is unchanged."""

    lines: Mapping[str, tuple[Lines, ...]]

    def touches(self, place: Place) -> bool:
        """Did one of the lines of a place change? Lines taken away within it count, those around it do not."""
        region = place.on_disk
        changed = self.lines.get(os.path.realpath(place.path), ())
        return any(region.line <= one.last and one.first <= region.end_line for one in changed)


def find_revision(base: str, folder: Path) -> Revision:
    """Return what `--diff` compares with in a folder's repository; raise UsageError where there is no such thing."""
    try:
        top = Path(run_git(folder, "rev-parse", "--show-toplevel").rstrip("\r\n"))
    except GitError as error:
        raise UsageError(f"--diff {base}: {folder}: {error}") from error
    if base.startswith("-"):
        # Git would take it for an option.
        raise UsageError(f"--diff {base}: no such revision in {top}")
    try:
        asked = run_git(top, "rev-parse", "--verify", "--quiet", f"{base}^{{commit}}").strip()
    except GitError as error:
        is_shallow = run_git(top, "rev-parse", "--is-shallow-repository").strip() == "true"
        hint = ", a shallow clone: fetch it first" if is_shallow else ""
        raise UsageError(f"--diff {base}: no such revision in {top}{hint}") from error
    try:
        fork = run_git(top, "merge-base", asked, "HEAD").strip()
    except GitError:
        note = f"{base} and HEAD have no common commit here (a shallow clone?): compared with {base} itself"
        return Revision(top, asked, (note,))
    notes = () if fork == asked else (f"compared with {fork[:12]}, the merge base of {base} and HEAD",)
    return Revision(top, fork, notes)


def places_of(report: Report) -> Iterator[Place]:
    """Yield all places whose lines decide what of a report is kept."""
    for finding in report.findings:
        yield from _way(finding)
    yield from (one.place for one in report.unresolved)


def changes_since(revision: Revision, shown: Iterable[str], unsaved: Mapping[str, bytes] | None = None) -> Changes:
    """Return the changed lines of files, given as users see them, as they are on disk or not saved yet.

    A file that git ignores, or keeps in another repository, is unchanged. Raises UsageError where git gives up.
    """
    texts = {os.path.realpath(path): text for path, text in (unsaved or {}).items()}
    top = os.path.realpath(revision.top)
    inside = {path: _within(path, top) for path in sorted({os.path.realpath(path) for path in shown})}
    try:
        history = _History(revision, {name for name in inside.values() if name is not None})
        with tempfile.TemporaryDirectory(prefix="ce-lint-") as scratch:
            return Changes(
                {
                    path: history.changed(name, texts.get(path), Path(path), Path(scratch))
                    for path, name in inside.items()
                    if name is not None
                }
            )
    except GitError as error:
        raise UsageError(f"--diff: {revision.top}: {error}") from error


def only_changed(report: Report, changes: Changes, asked: Collection[str]) -> Report:
    """Return a report without what lies on no changed line: the findings no step of which does, the undecided calls."""
    kept = [finding for finding in report.findings if any(map(changes.touches, _way(finding)))]
    unresolved = tuple(one for one in report.unresolved if changes.touches(one.place))
    rest = narrowed(report, kept, asked)
    left_out = len(report.findings) - len(kept)
    note = f"{left_out} {'finding lies' if left_out == 1 else 'findings lie'} on no changed line"
    return msgspec.structs.replace(rest, unresolved=unresolved, notes=(*rest.notes, *([note] if left_out else ())))


class _History:
    """What files were at a revision."""

    def __init__(self, revision: Revision, names: Collection[str]) -> None:
        self._revision = revision
        self._blobs = self._tree() if names else {}
        unknown = set(names) - self._blobs.keys()
        self._names_before = self._renamed() if unknown else {}
        self._new = self._present() - self._blobs.keys() if unknown - self._names_before.keys() else frozenset()

    def changed(self, name: str, unsaved: bytes | None, path: Path, scratch: Path) -> tuple[Lines, ...]:
        """The changed lines of a file, by its name in the repository."""
        blob = self._blobs.get(name) or self._blobs.get(self._names_before.get(name, ""))
        if blob is None:
            return EVERYTHING if unsaved is not None or name in self._new else ()
        try:
            now = path.read_bytes() if unsaved is None else unsaved
        except OSError:
            return ()
        if _blob_name(now, len(blob)) == blob:
            return ()
        before = git_output(self._revision.top, "cat-file", "blob", blob)
        return _changed_lines(_comparable(before, name), _comparable(now, name), scratch)

    def _git(self, *arguments: str) -> list[str]:
        return run_git(self._revision.top, *arguments).split("\0")[:-1]

    def _tree(self) -> dict[str, str]:
        """The blob of each file; links and the commits of submodules are left out."""
        found = {}
        for entry in self._git("ls-tree", "-r", "-z", "--full-tree", self._revision.commit):
            kind, _, name = entry.partition("\t")
            mode, _, blob = kind.split(" ")
            if mode.startswith("100"):
                found[name] = blob
        return found

    def _renamed(self) -> dict[str, str]:
        """The former name of each file that git sees as renamed."""
        # Against the index: what compares with the work tree may start the programs that a repository filters with.
        command = ("diff-index", "--cached", "-M", "-z", "--diff-filter=R", "--name-status", self._revision.commit)
        fields = iter(self._git(*command))
        return {after: before for _, before, after in zip(fields, fields, fields, strict=True)}

    def _present(self) -> frozenset[str]:
        """The files that git knows, and those that it could."""
        return frozenset(self._git("ls-files", "-z", "--cached", "--others", "--exclude-standard"))


def _way(finding: Finding) -> Iterator[Place]:
    yield from (finding.source, finding.argument, finding.sink)
    yield from (step.place for step in finding.trace)


def _within(path: str, top: str) -> str | None:
    """A file's name in a repository, as git writes it."""
    return PurePath(path).relative_to(top).as_posix() if PurePath(path).is_relative_to(top) else None


def _blob_name(data: bytes, digits: int) -> str:
    # Git tells contents apart by these; no secret hangs on them.
    name = hashlib.sha1(usedforsecurity=False) if digits == 40 else hashlib.sha256()
    name.update(b"blob %d\0" % len(data))
    name.update(data)
    return name.hexdigest()


def _comparable(data: bytes, name: str) -> bytes:
    """A text in which a line is a line for git too, and whose lines differ in what they say only."""
    data = _LINE_END.sub(b"\n", data)
    return _NOTEBOOK_MARKS.sub(b"", data) if name.endswith(".ipynb") else data


def _changed_lines(before: bytes, now: bytes, scratch: Path) -> tuple[Lines, ...]:
    (scratch / "before").write_bytes(before)
    (scratch / "now").write_bytes(now)
    # Outside the repository, whose attributes may call a notebook binary, or ask for another program.
    command = ("diff", "--no-index", "--unified=0", "--inter-hunk-context=0", *_FORM, "--", "before", "now")
    output = git_output(scratch, *command, accepted=(0, 1))
    hunks = ((int(start), int(count or 1)) for start, count in _HUNK.findall(output))
    return tuple(Lines(start, start + count - 1) if count else Lines(start + 1, start) for start, count in hunks)
