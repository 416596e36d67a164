"""The language server: from a keystroke to the diagnostics of that version."""

from __future__ import annotations

import asyncio
import statistics

from benchmarks.projects import mixed
from benchmarks.records import Figure, MeasurementError, Setting, percentile_95
from benchmarks.running import run

KEYS = 30
QUICK_KEYS = 6


def keystroke(setting: Setting) -> list[Figure]:
    """1,000 files, of which the first answer has been given; the median and the 95th percentile of all places."""
    try:
        run([setting.python, "-c", "import pygls"], setting.scratch, statuses=(0,))
    except MeasurementError as error:
        raise MeasurementError("ce-lint's environment holds no pygls") from error
    try:
        from benchmarks.language_server import measured
    except ImportError as error:
        raise MeasurementError(f"no client to drive the server with: {error}") from error
    root = mixed(setting.scratch / "keystroke")
    keys = setting.rounds_or(KEYS, QUICK_KEYS)
    costs = asyncio.run(measured(root, keys, (str(setting.ce_lint), "lsp"), fixes_too=False))
    everywhere = [1_000 * cost for place in costs.places.values() for cost in place]
    places = "; ".join(f"{name} {1_000 * statistics.median(place):.0f} ms" for name, place in costs.places.items())
    evidence = f"{len(everywhere)} keystrokes; medians: {places}; the first answer {costs.first:.1f} s"
    what = "language server, keystroke to diagnostics, 1,000 files, warm"
    return [
        Figure("keystroke", f"{what}: median", "", statistics.median(everywhere), 200, "ms", evidence),
        Figure("keystroke", f"{what}: 95th percentile", "", percentile_95(everywhere), 400, "ms"),
    ]
