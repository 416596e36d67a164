"""Whether a fix did what it promises: its findings are gone, no other one is new, and every file can still be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ce_lint.findings import Finding, Report


def is_proved(before: Report, after: Report, fixed: Iterable[Finding]) -> bool:
    """Compare the reports on the same files before and after some fixes.

    Findings are known by their fingerprints. Equal flows share one, so they are counted; and as a fix may change the
    code that another finding is known by, their number has to fall by as many as were fixed.
    """
    gone = Counter(finding.fingerprint for finding in fixed)
    had = Counter(finding.fingerprint for finding in before.findings)
    has = Counter(finding.fingerprint for finding in after.findings)
    if any(has[fingerprint] > had[fingerprint] - count for fingerprint, count in gone.items()):
        return False
    if len(after.findings) > len(before.findings) - gone.total():
        return False
    return len(after.errors) <= len(before.errors)
