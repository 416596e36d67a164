"""What of a report a baseline knows, and what a baseline becomes by a report."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ce_lint.engine.adoption.narrowing import narrowed
from ce_lint.engine.configuration.choices import Choices
from ce_lint.findings import Finding, Report

if TYPE_CHECKING:
    from ce_lint.engine.adoption.baseline import Baseline, Key

IsWanted = Callable[[str, str], bool]
"""Whether findings of a code are reported in a file, in this run."""

_MAX_TEXT = 80


class Update(NamedTuple):
    """A baseline after a run, and how many findings it holds and lost."""

    baseline: Baseline
    written: int
    dropped: int


def wanted_in(choices: Choices) -> IsWanted:
    """Return what decides which codes a run reports where."""
    from ce_lint.rules.base import Default
    from ce_lint.rules.registry import rule

    def is_wanted(code: str, path: str) -> bool:
        metadata = rule(code)
        return metadata is not None and choices.want(code, path, default_on=metadata.default is Default.ON)

    return is_wanted


def governing(choices: Choices, paths: Iterable[str]) -> dict[Path, set[str]]:
    """Return the baselines of some files, each with the files whose loss calls it is of; none where none is wanted."""
    found: dict[Path, set[str]] = {}
    for folder, inside in _by_folder(paths if choices.asked.respect_baseline else ()).items():
        file = choices.settings(Path(folder)).baseline
        if file is not None:
            found.setdefault(file, set()).update(inside)
    return found


def without_known(report: Report, choices: Choices, asked: Collection[str]) -> Report:
    """Return a report on the files asked for without the findings that their baselines know; raise UsageError."""
    sinks = {finding.sink.path for finding in report.findings}
    baselines = governing(choices, {*asked, *sinks})
    if not baselines:
        return report
    from ce_lint.engine.adoption.baseline import load_baseline

    for file, paths in baselines.items():
        report = only_new(report, load_baseline(file), paths, asked, wanted_in(choices))
    return report


def only_new(
    report: Report, baseline: Baseline, paths: Collection[str], asked: Collection[str], is_wanted: IsWanted
) -> Report:
    """Return a report without the findings in some files that a baseline knows, and with notes on them.

    Of equal findings as many are left out as the baseline knows. Which of them is the new one cannot be told: it is
    taken to be the last.
    """
    seen: Counter[Key] = Counter()
    new = []
    for finding, key in zip(report.findings, _keys(report.findings), strict=True):
        if finding.sink.path in paths and key in baseline.known and seen[key] < baseline.known[key].count:
            seen[key] += 1
        else:
            new.append(finding)
    read = _read(report, (path for path in asked if path in paths))
    judged = (key for key in baseline.known if _is_judged(key, read, is_wanted))
    fixed = sum(baseline.known[key].count - seen[key] for key in judged)
    rest = narrowed(report, new, asked)
    notes = _notes(baseline.file, seen.total(), fixed)
    return msgspec.structs.replace(rest, notes=(*rest.notes, *notes))


def updated(baseline: Baseline, report: Report, asked: Iterable[str], is_wanted: IsWanted) -> Update:
    """Return a baseline with all findings of a report on the files asked for, and with what that does not speak of.

    Other files keep their entries as long as they exist, and so do files that could not be read, and codes that are
    not wanted.
    """
    from ce_lint.engine.adoption.baseline import Baseline, Known

    read = _read(report, asked)
    keys = _keys(report.findings)
    messages = dict(zip(keys, map(_message, report.findings), strict=True))
    before = Counter({key: known.count for key, known in baseline.known.items()})
    kept = {
        key: count
        for key, count in before.items()
        if not _is_judged(key, read, is_wanted) and os.path.lexists(key.path)
    }
    # Of a file that was not asked for, the report has the findings that begin in one that was: not more, perhaps fewer.
    after = Counter(keys) | Counter(kept)
    known = {
        key: Known(count, messages[key] if key in messages else baseline.known[key].message)
        for key, count in after.items()
    }
    return Update(Baseline(baseline.file, known), after.total(), (before - after).total())


def _keys(findings: Collection[Finding]) -> list[Key]:
    from ce_lint.engine.adoption.baseline import Key

    paths = _real_paths({finding.sink.path for finding in findings})
    return [Key(paths[finding.sink.path], finding.code, finding.fingerprint) for finding in findings]


def _read(report: Report, asked: Iterable[str]) -> frozenset[str]:
    """The files asked for of which the report says all there is to say."""
    failed = {error.path for error in report.errors}
    return frozenset(_real_paths(path for path in asked if path not in failed).values())


def _real_paths(shown: Iterable[str]) -> dict[str, str]:
    """Paths as users see them, and the same as keys have them."""
    found = {}
    for folder, paths in _by_folder(shown).items():
        real = os.path.realpath(folder)
        found.update({path: os.path.join(real, path.rpartition("/")[2]) for path in paths})
    return found


def _by_folder(shown: Iterable[str]) -> dict[str, list[str]]:
    """Paths as users see them, by their absolute folder, which is asked for once: a run can have 100,000 files."""
    found: dict[str, list[str]] = {}
    for path in shown:
        found.setdefault(path[: path.rfind("/") + 1], []).append(path)
    absolute: dict[str, list[str]] = {}
    for folder, paths in found.items():
        absolute.setdefault(os.path.abspath(folder), []).extend(paths)
    return absolute


def _is_judged(key: Key, read: Collection[str], is_wanted: IsWanted) -> bool:
    """Does a report say all there is to say of a key's file and code?"""
    return key.path in read and is_wanted(key.code, key.path)


def _message(finding: Finding) -> str:
    # Without a line, which would change with every edit above it.
    ends = (finding.sink.text,) if finding.source == finding.sink else (finding.source.text, finding.sink.text)
    return " reaches ".join(text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…" for text in ends)


def _notes(file: Path, known: int, fixed: int) -> list[str]:
    notes = []
    if known:
        notes.append(f"{known} {'finding is' if known == 1 else 'findings are'} in the baseline {file.name}")
    if fixed:
        notes.append(
            f"{fixed} {'finding' if fixed == 1 else 'findings'} of the baseline {file.name} "
            f"{'is' if fixed == 1 else 'are'} no longer there: write it again to drop {'it' if fixed == 1 else 'them'}"
        )
    return notes
