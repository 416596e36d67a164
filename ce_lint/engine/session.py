"""The one engine behind every front-end: projects are analysed once and asked many times."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ce_lint.engine.adoption.baseline import load_baseline
from ce_lint.engine.adoption.known import governing, without_known
from ce_lint.engine.analysis import NOTHING, UNRESOLVED, Analysis, Judged, analyse
from ce_lint.engine.configuration.choices import Choices
from ce_lint.engine.configuration.pyproject import load_configuration
from ce_lint.engine.configuration.selection import UNUSED
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.discovery import discover, is_left_out, project_root
from ce_lint.engine.errors import UsageError
from ce_lint.engine.limits import deep_recursion
from ce_lint.engine.markers import can_matter
from ce_lint.engine.unused import unused_in, unused_on_disk
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
    known: frozenset[Path]
    """The same, for whoever looks for one."""
    signature: tuple[tuple[str, int, int], ...]
    sources: Mapping[Path, tuple[Path, ...]]
    """The folders in which the files below a folder look for imports."""
    taken: float
    cost: float


class Session:
    """Answers for as long as its process lives; a changed file is seen."""

    def __init__(self) -> None:
        self._snapshots: dict[tuple[Path, Settings], Snapshot] = {}
        self._analyses: dict[Path, tuple[object, Analysis]] = {}
        self._extended: dict[Path, tuple[object, Knowledge]] = {}

    def check(self, paths: Sequence[Path], settings: Settings) -> Report:
        """The report on files and folders, as this run's settings and the projects' configurations want it.

        Raises UsageError for a path that is not there, and for a configuration or a baseline that cannot be meant.
        """
        asked, errors = discover(paths, settings)
        choices = Choices(settings)
        names = frozenset(map(display_path, asked))
        for file in governing(choices, names):
            load_baseline(file)  # what is wrong with it is said before the work is done
        reports = [Report(errors=errors)]
        for root, files in _by_root(paths, asked, settings):
            analysis = self._analysis(root, settings, {}, files) if any(map(_can_matter, files)) else NOTHING
            unread = [path for path in files if path not in analysis.parsed]
            # Where nobody asks for them, these files are not read for the sake of their comments.
            judged = (path for path in unread if choices.want(UNUSED, display_path(path), default_on=False))
            unused = (one for path in judged for one in unused_on_disk(path))
            report = _report(analysis, frozenset(map(display_path, files)), choices, unused)
            unread = list(filter(_has_activation, unread))
            reports.append(_with_errors(report, map(_error_on_disk, unread)))
        return without_known(_joined(reports), choices, names)

    def check_text(self, path: Path, text: str, settings: Settings) -> Report:
        """The report on one file whose text lies over the disk: the flows that have an end in it."""
        path = Path(os.path.abspath(path))
        if settings.force_exclude and is_left_out(path, settings):
            return Report()
        try:
            source = source_from_text(path, text)
        except SourceError as error:
            return Report(errors=(FileError(display_path(path), error.line or 1, error.reason),))
        root = Path(os.path.abspath(settings.root)) if settings.root else project_root(path)
        overlay = {} if _is_on_disk(path, source) else {path: source}
        analysis = self._analysis(root, settings, overlay, (path,))
        unused = () if path in analysis.parsed else unused_in(source)
        choices, names = Choices(settings), frozenset((display_path(path),))
        report = _report(analysis, names, choices, unused)
        if path not in analysis.parsed and can_matter(text):
            report = _with_errors(report, (_error_in(source),))
        return without_known(report, choices, names)

    def _analysis(
        self, root: Path, settings: Settings, overlay: Mapping[Path, SourceFile], asked: Iterable[Path]
    ) -> Analysis:
        snapshot = self._snapshot(root, settings)
        missing = {path for path in asked if path not in snapshot.known}
        # Whoever asks about each file of a project in turn, as flake8 does, has its files put in order once.
        files = tuple(sorted({*snapshot.files, *missing})) if missing else snapshot.files
        knowledge = self._knowledge(root)
        texts = tuple((str(path), source.digest) for path, source in sorted(overlay.items()))
        key = (snapshot.signature, snapshot.sources, texts, files, id(knowledge), Path.cwd())
        cached = self._analyses.get(root)
        if cached is not None and cached[0] == key:
            return cached[1]
        with deep_recursion():
            program = Program(root, files, overlay, sources=snapshot.sources)
            analysis = analyse(program, knowledge, strict=settings.strict)
        self._analyses[root] = (key, analysis)
        return analysis

    def _knowledge(self, root: Path) -> Knowledge:
        """What is known of libraries, with what the project adds."""
        configuration = load_configuration(root)
        tables = configuration.knowledge
        known = self._extended.get(root)
        if known is not None and known[0] == tables:
            return known[1]
        try:
            knowledge = extend(load(), tables)
        except KnowledgeError as error:
            raise UsageError(f"{configuration.file}: {error}") from error
        self._extended[root] = (tables, knowledge)
        return knowledge

    def _snapshot(self, root: Path, settings: Settings) -> Snapshot:
        # What is selected, and what is left out of what was asked for, do not change what the project consists of.
        looked = Settings(src=settings.src, exclude=settings.exclude, respect_gitignore=settings.respect_gitignore)
        known = self._snapshots.get((root, looked))
        now = time.monotonic()
        if known is not None and now - known.taken < RESCAN_FACTOR * known.cost:
            return known
        files, sources = _files_of(root, looked)
        signature = tuple(_stat(path) for path in files)
        taken = time.monotonic()
        snapshot = Snapshot(files, frozenset(files), signature, sources, taken, taken - now)
        self._snapshots[root, looked] = snapshot
        return snapshot


def _files_of(root: Path, settings: Settings) -> tuple[tuple[Path, ...], Mapping[Path, tuple[Path, ...]]]:
    """A project's files, and the folders in which they look for imports: what lies in those belongs to it, too."""
    choices = Choices(settings)
    files, _ = discover([root], settings)
    sources = {root: settings.src} if settings.src else choices.sources({path.parent for path in files})
    outside = {source for named in sources.values() for source in named if not source.is_relative_to(root)}
    if outside:
        others, _ = discover(sorted(outside), settings)
        files = (*files, *others)
        sources = {**choices.sources({path.parent for path in others}), **sources}
    return tuple(sorted(set(files))), sources


def _can_matter(path: Path) -> bool:
    """Tell whether a file may hold an end of a flow: where none does, as in most commits, the project is not read."""
    try:
        data = path.read_bytes()
    except OSError:
        return True  # what is wrong with it has to be said
    return can_matter(data.decode("latin-1"))


def _has_activation(path: Path) -> bool:
    try:
        data = path.read_bytes()
    except OSError:
        return False
    return any(word in data for word in _activation_words())


@functools.cache
def _activation_words() -> tuple[bytes, ...]:
    return tuple(word.encode() for word in load().activation_words())


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
        return [(Path(os.path.abspath(settings.root)), asked)]
    roots: dict[Path, list[Path]] = {}
    folders = sorted((Path(os.path.abspath(path)) for path in paths if path.is_dir()), key=lambda path: len(path.parts))
    root_of = functools.cache(project_root)
    for file in asked:
        above = next((folder for folder in folders if file.is_relative_to(folder)), None)
        roots.setdefault(root_of(above or file.parent), []).append(file)
    return [(root, tuple(files)) for root, files in roots.items()]


def _report(
    analysis: Analysis, paths: frozenset[str], choices: Choices, unused: Iterable[tuple[Finding, bool]]
) -> Report:
    """What of an analysis concerns some files, and is asked for; `unused` is of those that were not parsed for it."""
    findings = [
        judged.finding for judged in analysis.findings if _touches(judged.finding, paths) and _wanted(judged, choices)
    ]
    unresolved = [(one, taken_back) for one, taken_back in analysis.unresolved if one.place.path in paths]
    reported = {finding.sink for finding in findings if finding.sink.path in paths}
    judged = [one for one in analysis.findings if one.finding.sink.path in paths]
    is_respected = choices.asked.respect_noqa
    set_aside = {one.finding.sink for one in judged if one.suppressed and is_respected} - reported
    # A call whose finding nobody asked for counts as right.
    unasked = {one.finding.sink for one in judged} - reported - set_aside
    right = sum(path in paths for path in analysis.right) + len(unasked)
    findings += [
        _unresolved(one)
        for one, taken_back in unresolved
        if choices.want(UNRESOLVED, one.place.path, default_on=False) and not (taken_back and is_respected)
    ]
    findings += [
        one
        for one, taken_back in (*analysis.unused, *unused)
        if one.sink.path in paths
        and choices.want(UNUSED, one.sink.path, default_on=False)
        and not (taken_back and is_respected)
    ]
    return Report(
        findings=tuple(sorted(findings, key=_order)),
        unresolved=tuple(sorted((one for one, _ in unresolved), key=lambda one: one.place)),
        loss_calls=LossCalls(right, len(reported), len(unresolved), len(set_aside)),
        errors=tuple(error for error in analysis.errors if error.path in paths),
    )


def _touches(finding: Finding, paths: frozenset[str]) -> bool:
    return finding.sink.path in paths or finding.source.path in paths


def _wanted(judged: Judged, choices: Choices) -> bool:
    if judged.suppressed and choices.asked.respect_noqa:
        return False
    finding, is_on = judged.finding, judged.rule.default is Default.ON
    return choices.want(judged.rule.code, finding.sink.path, finding.source.path, default_on=is_on)


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
        fingerprint=one.fingerprint,
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
            right=sum(one.right for one in calls),
            reported=sum(one.reported for one in calls),
            unresolved=sum(one.unresolved for one in calls),
            set_aside=sum(one.set_aside for one in calls),
        ),
        errors=tuple(sorted({error for report in reports for error in report.errors})),
    )
