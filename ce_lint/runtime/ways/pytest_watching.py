"""What the pytest plugin does in a run that asks for it: a watch around each test."""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

import pytest

from ce_lint.findings import Severity
from ce_lint.report.text import position
from ce_lint.runtime import watch
from ce_lint.runtime.watch.watching import Watch
from ce_lint.runtime.ways.pytest_asking import NAME, mentions_warning, read_marker


class _Asked(NamedTuple):
    """What one test asks for."""

    is_watched: bool
    is_judged: bool
    """Whether it fails when a loss of its was proved wrong."""
    warns: bool
    ignored: frozenset[str]
    """The codes that do not count."""


class Watcher:
    """Watches one test after the other, from its fixtures' beginning to their end."""

    def __init__(self, *, is_asked: bool, warns: bool) -> None:
        """`is_asked`: whether every test is to be watched and judged; `warns`: whether the losses shall warn."""
        self._is_asked = is_asked
        self._warns = warns
        self._asked = _Asked(False, False, False, frozenset())
        self._told: set[str] = set()
        self.live: Watch | None = None
        """The watch of the test that is running."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Watch a test."""
        self._asked = self._what_is_asked(item)
        if not self._asked.is_watched:
            return (yield)
        self._told = set()
        with watch(warn=self._asked.warns) as live:
            self.live = live
            try:
                return (yield)
            finally:
                self.live = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Judge what the fixtures and the test itself have called."""
        return (yield from self._judged(item, "call"))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """Judge what the ends of the fixtures have called."""
        return (yield from self._judged(item, "teardown"))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Leave the counts in a test's last report, plain enough for pytest-xdist to send."""
        report = yield
        if self.live is not None and call.when == "teardown":
            confirmed = [f"{position(finding.sink)}: {finding.code}" for finding in self.live.findings()]
            setattr(report, NAME, {"calls": self.live.calls, "confirmed": confirmed})
        return report

    def _judged(self, item: pytest.Item, when: str) -> Generator[None, object, object]:
        """Fail where the phase has not; a phase that fails for a reason of its own gets the diagnosis beside it."""
        try:
            result = yield
        except BaseException:
            if lines := self._new_lines():
                item.add_report_section(when, "ce-lint", lines)
            raise
        if lines := self._new_lines():
            pytest.fail(lines, pytrace=False)
        return result

    def _new_lines(self) -> str:
        """A line for each finding that counts and has not been told yet."""
        if self.live is None or not self._asked.is_judged:
            return ""
        counted = [
            finding
            for finding in self.live.findings()
            if finding.severity is not Severity.NOTE and finding.code not in self._asked.ignored
        ]
        lines = [f"{position(finding.sink)}: {finding.code} {finding.message}" for finding in counted]
        new = [line for line in dict.fromkeys(lines) if line not in self._told]
        self._told.update(new)
        return "\n".join(new)

    def _what_is_asked(self, item: pytest.Item) -> _Asked:
        is_on, ignored = read_marker(item)
        has_fixture = NAME in getattr(item, "fixturenames", ())
        own_filters = [str(one) for marker in item.iter_markers("filterwarnings") for one in marker.args]
        is_judged = is_on is not False and (self._is_asked or is_on is True or has_fixture)
        warns = self._warns or mentions_warning(own_filters)
        return _Asked(is_judged or has_fixture or (warns and is_on is not False), is_judged, warns, ignored)
