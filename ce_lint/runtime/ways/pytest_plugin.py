"""The pytest plugin: `pytest --ce-lint`, the marker `ce_lint`, the fixture `ce_lint`.

pytest imports this module in every run of everybody who has ce-lint installed: it imports pytest and nothing heavy, and
nothing happens in a run that does not ask for it. What happens in one that does is in `pytest_watching`.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

from ce_lint.runtime.install import NEEDS_TORCH
from ce_lint.runtime.ways.pytest_asking import NAME, mentions_warning, read_marker

if TYPE_CHECKING:
    from ce_lint.runtime.watch.watching import Watch
    from ce_lint.runtime.ways.pytest_watching import Watcher

_WATCHER = "ce_lint_watcher"
_MARKER = (
    "ce_lint(on=True, *, ignore=()): watch the losses of this test, and fail it where one receives scores of the wrong "
    "kind; ce_lint(False): do not; ignore: codes of rules that do not count here."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--ce-lint`."""
    parser.getgroup("ce-lint").addoption(
        "--ce-lint",
        action="store_true",
        dest=NAME,
        help="Watch the losses of every test, and fail those that feed a loss scores of the wrong kind.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to watch where the command line, or a filter for the warning, asks for it."""
    config.addinivalue_line("markers", _MARKER)
    filters = [*(config.getoption("pythonwarnings") or ()), *config.getini("filterwarnings")]
    if config.getoption(NAME):
        if importlib.util.find_spec("torch") is None:
            raise pytest.UsageError(f"--ce-lint: {NEEDS_TORCH}")
        _activate(config, warns=mentions_warning(filters))
    elif mentions_warning(filters):
        _activate(config, warns=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin to watch where a test asks for it, by the marker, the fixture or a filter of its own."""
    # Each is asked, so that a marker that cannot be read is told before anything runs.
    if [item for item in items if _asks(item)]:
        _activate(config, warns=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was seen; the reports know it, those too that come from another process."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports if hasattr(report, NAME)]
    if not reports and not config.getoption(NAME):
        return
    calls = sum(getattr(report, NAME)["calls"] for report in reports)
    confirmed = {place for report in reports for place in getattr(report, NAME)["confirmed"]}
    if calls:
        line = f"{calls} loss {'call' if calls == 1 else 'calls'} seen in {len(reports)} watched "
        line += f"{'test' if len(reports) == 1 else 'tests'}, {len(confirmed)} confirmed to be wrong"
    else:
        line = "no loss call was seen: nothing can be said"
    terminalreporter.write_line(f"ce-lint: {line}")


@pytest.fixture
def ce_lint(request: pytest.FixtureRequest) -> Watch:
    """The watch of this test: `.calls`, `.sites`, `.findings()`, `.summary()` of what its losses have received so far.

    The test fails where one was proved wrong, as with the marker; `@pytest.mark.ce_lint(False)` leaves that to the
    test itself.
    """
    watcher: Watcher | None = request.config.pluginmanager.get_plugin(_WATCHER)
    if watcher is None:
        pytest.fail(NEEDS_TORCH, pytrace=False)
    if watcher.live is None:
        pytest.fail("the fixture ce_lint has to be an argument of the test or of one of its fixtures", pytrace=False)
    return watcher.live


def _asks(item: pytest.Item) -> bool:
    return (
        read_marker(item)[0] is not None
        or NAME in getattr(item, "fixturenames", ())
        or any(mentions_warning(map(str, marker.args)) for marker in item.iter_markers("filterwarnings"))
    )


def _activate(config: pytest.Config, *, warns: bool) -> None:
    """Register what watches, once. Without torch there is nothing to watch. Errors: UsageError for an older pytest."""
    if config.pluginmanager.has_plugin(_WATCHER) or importlib.util.find_spec("torch") is None:
        return
    if pytest.version_tuple < (8,):
        raise pytest.UsageError("ce-lint: watching tests needs pytest 8 or newer")
    from ce_lint.runtime.ways.pytest_watching import Watcher

    config.pluginmanager.register(Watcher(is_asked=bool(config.getoption(NAME)), warns=warns), _WATCHER)
