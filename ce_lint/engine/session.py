"""The one engine behind every front-end: projects are analysed once and asked many times."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ce_lint.engine.analysis import UNRESOLVED, Analysis, Judged, analyse
from ce_lint.engine.configuration import UsageError, load_configuration
from ce_lint.engine.discovery import discover, project_root
from ce_lint.engine.limits import deep_recursion
from ce_lint.engine.markers import can_matter
from ce_lint.engine.selection import is_selected
from ce_lint.engine.settings import Settings
from ce_lint.findings import Confidence, FileError, Finding, LossCalls, Report, Severity, Unresolved
from ce_lint.frontend.guard import refusal, syntax_error
from ce_lint.knowledge.loader import Knowledge, KnowledgeError, extend, load
from ce_lint.program.program import Program
from ce_lint.rules.base import Default
from ce_lint.rules.registry import rule
from ce_lint.source.file import SourceError, SourceFile, read_source, source_from_text
from ce_lint.source.paths import display_path

RESCAN_FACTOR = 20
"""A project's files are looked at again after this many times as long as looking at them took."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files of a project, and what changes when one of them does."""

    files: tuple[Path, ...]
    errors: tuple[FileError, ...]
    signature: tuple[tuple[str, int, int], ...]
    taken: float
    cost: float


class Session:
    """Answers for as long as its process lives; a changed file is seen."""

    def __init__(self) -> None:
        self._snapshots: dict[tuple[Path, tuple[str, ...]], Snapshot] = {}
        self._analyses: dict[Path, tuple[object, Analysis]] = {}
        self._extended: dict[Path, tuple[object, Knowledge]] = {}

    def check(self, paths: Sequence[Path], settings: Settings) -> Report:
        """The report on files and folders; raises UsageError for a path that is not there."""
        asked, errors = discover(paths, settings.exclude)
        reports = [Report(errors=errors)]
        for root, files in _by_root(paths, asked, settings):
            analysis = self._analysis(root, settings, {}, files)
            report = _report(analysis, frozenset(map(display_path, files)), settings)
            unread = [path for path in files if path not in analysis.parsed and _has_activation(path)]
            reports.append(_with_errors(report, map(_error_on_disk, unread)))
        return _joined(reports)

    def check_text(self, path: Path, text: str, settings: Settings) -> Report:
        """The report on one file whose text lies over the disk: the flows that have an end in it."""
        path = path.absolute()
        try:
            source = source_from_text(path, text)
        except SourceError as error:
            return Report(errors=(FileError(display_path(path), error.line or 1, error.reason),))
        root = settings.root.absolute() if settings.root else project_root(path)
        overlay = {} if _is_on_disk(path, source) else {path: source}
        analysis = self._analysis(root, settings, overlay, (path,))
        report = _report(analysis, frozenset((display_path(path),)), settings)
        is_read = path in analysis.parsed or not can_matter(text)
        return report if is_read else _with_errors(report, (_error_in(source),))

    def _analysis(
        self, root: Path, settings: Settings, overlay: Mapping[Path, SourceFile], asked: Iterable[Path]
    ) -> Analysis:
        snapshot = self._snapshot(root, settings.exclude)
        known = set(snapshot.files)
        files = tuple(sorted({*snapshot.files, *(path for path in asked if path not in known)}))
        knowledge = self._knowledge(root)
        texts = tuple((str(path), source.digest) for path, source in sorted(overlay.items()))
        key = (snapshot.signature, texts, files, id(knowledge), Path.cwd())
        cached = self._analyses.get(root)
        if cached is not None and cached[0] == key:
            return cached[1]
        with deep_recursion():
            analysis = analyse(Program(root, files, overlay), knowledge, strict=settings.strict)
        self._analyses[root] = (key, analysis)
        return analysis

    def _knowledge(self, root: Path) -> Knowledge:
        """What is known of libraries, with what the project adds."""
        tables = load_configuration(root).knowledge
        known = self._extended.get(root)
        if known is not None and known[0] == tables:
            return known[1]
        try:
            knowledge = extend(load(), tables)
        except KnowledgeError as error:
            raise UsageError(f"{root / 'pyproject.toml'}: {error}") from error
        self._extended[root] = (tables, knowledge)
        return knowledge

    def _snapshot(self, root: Path, exclude: tuple[str, ...]) -> Snapshot:
        known = self._snapshots.get((root, exclude))
        now = time.monotonic()
        if known is not None and now - known.taken < RESCAN_FACTOR * known.cost:
            return known
        files, errors = discover([root], exclude)
        signature = tuple(_stat(path) for path in files)
        taken = time.monotonic()
        snapshot = Snapshot(files, errors, signature, taken, taken - now)
        self._snapshots[root, exclude] = snapshot
        return snapshot


def _has_activation(path: Path) -> bool:
    try:
        data = path.read_bytes()
    except OSError:
        return False
    return any(word.encode() in data for word in load().activation_words())


def _error_on_disk(path: Path) -> FileError | None:
    try:
        return _error_in(read_source(path))
    except SourceError as error:
        return FileError(display_path(path), error.line or 1, error.reason)


def _error_in(source: SourceFile) -> FileError | None:
    """What is wrong with a text in which nothing had to be followed."""
    found = refusal(source.text) or syntax_error(source.text)
    return None if found is None else FileError(display_path(source.path), found[0] or 1, found[1])


def _with_errors(report: Report, errors: Iterable[FileError | None]) -> Report:
    more = [error for error in errors if error is not None]
    return msgspec.structs.replace(report, errors=tuple(sorted([*report.errors, *more])))


def _stat(path: Path) -> tuple[str, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return str(path), 0, -1
    return str(path), stat.st_mtime_ns, stat.st_size


def _is_on_disk(path: Path, source: SourceFile) -> bool:
    try:
        return read_source(path).text == source.text
    except SourceError:
        return False


def _by_root(paths: Sequence[Path], asked: tuple[Path, ...], settings: Settings) -> list[tuple[Path, tuple[Path, ...]]]:
    """The files asked for, by the project in which their values are followed."""
    if settings.root is not None:
        return [(settings.root.absolute(), asked)]
    roots: dict[Path, list[Path]] = {}
    folders = sorted((path.absolute() for path in paths if path.is_dir()), key=lambda path: len(path.parts))
    for file in asked:
        above = next((folder for folder in folders if file.is_relative_to(folder)), None)
        roots.setdefault(project_root(above or file), []).append(file)
    return [(root, tuple(files)) for root, files in roots.items()]


def _report(analysis: Analysis, paths: frozenset[str], settings: Settings) -> Report:
    """What of an analysis concerns some files, and is asked for."""
    findings = [
        judged.finding for judged in analysis.findings if _touches(judged.finding, paths) and _wanted(judged, settings)
    ]
    unresolved = [(one, taken_back) for one, taken_back in analysis.unresolved if one.place.path in paths]
    reported = {finding.sink for finding in findings if finding.sink.path in paths}
    # A call whose finding nobody asked for, or took back, counts as right.
    judged = {one.finding.sink for one in analysis.findings if one.finding.sink.path in paths}
    right = sum(path in paths for path in analysis.right) + len(judged - reported)
    if is_selected(UNRESOLVED, settings, default_on=False):
        findings += [_unresolved(one) for one, taken_back in unresolved if not (taken_back and settings.respect_noqa)]
    return Report(
        findings=tuple(sorted(findings, key=_order)),
        unresolved=tuple(sorted((one for one, _ in unresolved), key=lambda one: one.place)),
        loss_calls=LossCalls(right, len(reported), len(unresolved)),
        errors=tuple(error for error in analysis.errors if error.path in paths),
    )


def _touches(finding: Finding, paths: frozenset[str]) -> bool:
    return finding.sink.path in paths or finding.source.path in paths


def _wanted(judged: Judged, settings: Settings) -> bool:
    if judged.suppressed and settings.respect_noqa:
        return False
    return is_selected(judged.rule.code, settings, default_on=judged.rule.default is Default.ON)


def _unresolved(one: Unresolved) -> Finding:
    metadata = rule(UNRESOLVED)
    assert metadata is not None
    text = f"what reaches {one.loss} could not be decided: {one.reason}"
    return Finding(
        code=metadata.code,
        name=metadata.name,
        severity=Severity.NOTE,
        confidence=Confidence.POSSIBLE,
        message=text,
        message_at_source=text,
        message_between=text,
        argument=one.place,
        source=one.place,
        sink=one.place,
    )


def _order(finding: Finding) -> tuple[str, int, int, int, str]:
    place = finding.argument
    return place.path, place.cell or 0, place.line, place.column, finding.code


def _joined(reports: list[Report]) -> Report:
    calls = [report.loss_calls for report in reports]
    return Report(
        findings=tuple(sorted((one for report in reports for one in report.findings), key=_order)),
        unresolved=tuple(sorted((one for report in reports for one in report.unresolved), key=lambda one: one.place)),
        loss_calls=LossCalls(
            sum(one.right for one in calls), sum(one.reported for one in calls), sum(one.unresolved for one in calls)
        ),
        errors=tuple(sorted({error for report in reports for error in report.errors})),
    )
