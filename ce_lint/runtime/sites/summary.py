"""What a watch saw, in lines for people. No torch here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ce_lint.findings import Verdict
from ce_lint.runtime.sites.findings import explain, shown_path
from ce_lint.runtime.sites.records import SiteReport

NOTHING_SEEN = "no loss call was seen: nothing can be said"


def summarise(sites: Sequence[SiteReport], unseen: Sequence[str]) -> str:
    """Return several lines without a newline at the end; where nothing was seen they never say that all is well."""
    lines = [_site_line(site) for site in sites]
    lines.append(_count_line(sites) if sites else NOTHING_SEEN)
    return "\n".join([*lines, *(f"may be unseen: {reason}" for reason in unseen)])


def _site_line(site: SiteReport) -> str:
    position = f"{shown_path(site.site.path)}:{site.site.line}"
    return f"{position}: {_found(site)} (looked at {site.looked} of {_number(site.calls, 'call')})"


def _found(site: SiteReport) -> str:
    diagnosis = site.diagnosis
    if diagnosis is None:
        return f"{site.site.loss}: not looked at"
    if diagnosis.verdict is Verdict.CONFIRMED:
        return f"{diagnosis.code} {explain(diagnosis)}"
    if diagnosis.verdict is Verdict.INCONCLUSIVE:
        return f"{site.site.loss}: inconclusive, {diagnosis.reason}"
    right = "right" if diagnosis.code is None else f"{diagnosis.code}, but the losses agree"
    return f"{site.site.loss}: {right}, {diagnosis.reason}" if diagnosis.reason else f"{site.site.loss}: {right}"


def _count_line(sites: Sequence[SiteReport]) -> str:
    verdicts = Counter(site.diagnosis.verdict for site in sites if site.diagnosis is not None)
    unknown = verdicts[Verdict.INCONCLUSIVE] + sum(site.diagnosis is None for site in sites)
    calls = sum(site.calls for site in sites)
    return (
        f"{_number(calls, 'loss call')} at {_number(len(sites), 'call site')}: "
        f"{verdicts[Verdict.CONFIRMED]} confirmed, {verdicts[Verdict.REFUTED]} right, {unknown} inconclusive"
    )


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
