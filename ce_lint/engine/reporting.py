"""From what is known of projects to the report on the files asked for."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ce_lint.engine.adoption.known import governing, without_known
from ce_lint.engine.configuration.choices import Choices
from ce_lint.engine.configuration.selection import UNUSED
from ce_lint.engine.configuration.settings import Settings
from ce_lint.engine.discovery import ProjectRoots, discover
from ce_lint.engine.file_facts import FileFacts
from ce_lint.engine.results import NOTHING, UNRESOLVED, Analysis, Judged
from ce_lint.findings import Confidence, FileError, Finding, LossCalls, Report, Severity, Unresolved
from ce_lint.source.paths import display_path

if TYPE_CHECKING:
    from ce_lint.engine.undecided import Undecided

    Placing = Callable[[Iterable[Undecided]], tuple[Unresolved, ...]]


class Share(msgspec.Struct, frozen=True):
    """The files asked for whose values are followed in one project."""

    root: Path
    files: tuple[Path, ...]
    names: frozenset[str]
    """The same as users see them."""


class Plan(msgspec.Struct, frozen=True):
    """What a run looks at: it holds as long as no file comes or goes, and no configuration changes."""

    shares: tuple[Share, ...]
    names: frozenset[str]
    errors: tuple[FileError, ...]
    choices: Choices
    wants_unused: Callable[[Path], bool]
    """Does somebody want to know of a file's unused suppressions?"""


def planned(paths: Sequence[Path], settings: Settings, laid: Collection[Path] = ()) -> Plan:
    """Return what is looked at for files and folders; raise UsageError for what cannot be meant."""
    asked, errors = discover(paths, settings, laid)
    choices = Choices(settings)
    names = {path: display_path(path) for path in asked}
    shares = tuple(
        Share(root, files, frozenset(names[path] for path in files)) for root, files in _by_root(paths, asked, settings)
    )

    @functools.cache
    def wants_unused_in(folder: Path) -> bool:
        return choices.may_want(UNUSED, folder, default_on=False)

    @functools.cache
    def wants_unused(path: Path) -> bool:
        return wants_unused_in(path.parent) and choices.want(UNUSED, display_path(path), default_on=False)

    return Plan(shares, frozenset(names.values()), errors, choices, wants_unused)


def answered(plan: Plan, facts: FileFacts, analysis_of: Callable[[Share], Analysis], placed: Placing) -> Report:
    """Return the report on what was planned; raise UsageError for a baseline that cannot be meant.

    `placed` says where calls stand that could not be decided, in the order of their places.
    """
    for file in governing(plan.choices, plan.names):
        from ce_lint.engine.adoption.baseline import load_baseline

        load_baseline(file)  # what is wrong with it is said before the work is done
    reports = [Report(errors=plan.errors)]
    for share in plan.shares:
        analysis = analysis_of(share) if any(map(facts.can_matter, share.files)) else NOTHING
        unread = [path for path in share.files if path not in analysis.parsed]
        # Where nobody asks for them, these files are not read for the sake of their comments.
        unused = (one for path in unread if plan.wants_unused(path) for one in facts.unused(path))
        report = report_on(analysis, share.names, plan.choices, unused, placed)
        reports.append(with_errors(report, errors_of(unread, analysis, facts).values()))
    return without_known(_joined(reports), plan.choices, plan.names)


def errors_of(unread: Iterable[Path], analysis: Analysis, facts: FileFacts) -> dict[Path, FileError | None]:
    """Return what is wrong with each of some files that nothing had to be followed into."""
    known = analysis.looked_at
    return {
        path: known[path] if path in known else facts.error(path) if facts.has_activation(path) else None
        for path in unread
    }


def with_errors(report: Report, errors: Iterable[FileError | None]) -> Report:
    """Return a report with more errors."""
    more = [error for error in errors if error is not None]
    return msgspec.structs.replace(report, errors=tuple(sorted([*report.errors, *more])))


def _by_root(paths: Sequence[Path], asked: tuple[Path, ...], settings: Settings) -> list[tuple[Path, tuple[Path, ...]]]:
    """The files asked for, by the project in which their values are followed."""
    if settings.root is not None:
        return [(Path(os.path.abspath(settings.root)), asked)]
    roots: dict[Path, list[Path]] = {}
    folders = {Path(os.path.abspath(path)) for path in paths if path.is_dir()}
    known = ProjectRoots()
    for folder, files in itertools.groupby(asked, lambda file: file.parent):
        above = next((one for one in (*reversed(folder.parents), folder) if one in folders), folder)
        roots.setdefault(known.of(above), []).extend(files)
    return [(root, tuple(files)) for root, files in roots.items()]


def report_on(
    analysis: Analysis,
    paths: frozenset[str],
    choices: Choices,
    unused: Iterable[tuple[Finding, bool]],
    placed: Placing,
) -> Report:
    """What of an analysis concerns some files, and is asked for; `unused` is of those that were not parsed for it."""
    findings = [
        judged.finding for judged in analysis.findings if _touches(judged.finding, paths) and _wanted(judged, choices)
    ]
    named = ((display_path(Path(one.site.path)), one) for one in analysis.undecided)
    undecided = [(path, one) for path, one in named if path in paths]
    wanted = {path for path in dict(undecided) if choices.want(UNRESOLVED, path, default_on=False)}
    shown = [one for path, one in undecided if choices.asked.show_unresolved or path in wanted]
    unresolved = placed(shown) if shown else ()
    reported = {finding.sink for finding in findings if finding.sink.path in paths}
    judged = [one for one in analysis.findings if one.finding.sink.path in paths]
    is_respected = choices.asked.respect_noqa
    set_aside = {one.finding.sink for one in judged if one.suppressed and is_respected} - reported
    # A call whose finding nobody asked for counts as right.
    unasked = {one.finding.sink for one in judged} - reported - set_aside
    right = sum(path in paths for path in analysis.right) + len(unasked)
    findings += [
        _unresolved(one) for one in unresolved if one.place.path in wanted and not (one.is_suppressed and is_respected)
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
        unresolved=unresolved,
        loss_calls=LossCalls(right, len(reported), len(undecided), len(set_aside)),
        errors=tuple(error for error in analysis.errors if error.path in paths),
    )


def _touches(finding: Finding, paths: frozenset[str]) -> bool:
    return finding.sink.path in paths or finding.source.path in paths


def _wanted(judged: Judged, choices: Choices) -> bool:
    if judged.suppressed and choices.asked.respect_noqa:
        return False
    from ce_lint.rules.base import Default

    finding, is_on = judged.finding, judged.rule.default is Default.ON
    return choices.want(judged.rule.code, finding.sink.path, finding.source.path, default_on=is_on)


def _unresolved(one: Unresolved) -> Finding:
    from ce_lint.rules.registry import rule

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
