"""The picture of what a watch saw."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ce_lint.findings import Verdict
from ce_lint.runtime.pictures.files import picture_file, save
from ce_lint.runtime.pictures.style import NOTE, need_matplotlib, style
from ce_lint.runtime.sites.findings import shown_path
from ce_lint.runtime.sites.records import SiteReport
from ce_lint.runtime.sites.summary import summarise

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

LOOKS_FOR_A_PICTURE = 100
"""How many calls of each place are looked at where a picture is asked for: three make no curve."""
_MOST_ROWS = 4
_WORDS = {Verdict.CONFIRMED: "confirmed", Verdict.INCONCLUSIVE: "inconclusive", Verdict.REFUTED: "right"}
_WIDTH, _ROW_HEIGHT, _LINE_HEIGHT = 11.5, 3.7, 0.22  # inches


def plot(sites: Sequence[SiteReport], unseen: Sequence[str] = (), file: str | Path | None = None) -> Figure:
    """Draw what a watch confirmed: for each of the worst call sites, four at most, a row of three panels.

    The window that the loss (nats) is locked in, beside the range that it should have; both losses over the calls that
    were looked at; the norm of both gradients (nats per unit of logit) against the margin of the true class: closed
    forms for one sample (`ce_lint.runtime.pictures.gradients`). With nothing confirmed the figure says what was seen.

    With `file` (.png or .svg) the figure is also written there. No window is opened, pyplot is not used, and no
    setting of matplotlib is changed.

    Errors: ImportError without matplotlib; ValueError for another suffix; OSError where the file cannot be written.
    """
    path = picture_file(file) if file is not None else None
    need_matplotlib()
    with style():
        figure = _figure(sites, unseen)
    if path is not None:
        save(figure, path)
    return figure


def _figure(sites: Sequence[SiteReport], unseen: Sequence[str]) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    confirmed = sorted((site for site in sites if site.is_confirmed), key=_gravity)
    rows = confirmed[:_MOST_ROWS]
    foot = _foot(sites, unseen, rows)
    heights = [_ROW_HEIGHT] * len(rows) + ([_LINE_HEIGHT * (len(foot) + 1)] if foot else [])
    figure = Figure(figsize=(_WIDTH, sum(heights)), layout="constrained")
    FigureCanvasAgg(figure)
    parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    for part, site in zip(parts, rows, strict=False):
        _draw_row(part, site)
    if foot:
        parts[-1].text(0.012, 0.5, "\n".join(foot), va="center", color=NOTE if rows else "black", linespacing=1.5)
    return figure


def _draw_row(part: SubFigure, site: SiteReport) -> None:
    from ce_lint.runtime.pictures.panels import draw_gradients, draw_observations, draw_ranges, scale

    diagnosis = site.diagnosis
    assert diagnosis is not None, "only confirmed sites have a row"
    ranges, observations, gradients = part.subplots(1, 3, width_ratios=[1.0, 1.5, 1.6])
    observations.sharey(ranges)
    scale(ranges, site, diagnosis)
    draw_ranges(ranges, diagnosis)
    draw_observations(observations, site, diagnosis)
    draw_gradients(gradients, diagnosis)
    part.suptitle(_title(site), x=0.012, ha="left", fontweight="bold", fontsize=10.5)


def _title(site: SiteReport) -> str:
    diagnosis = site.diagnosis
    assert diagnosis is not None, "only confirmed sites have a row"
    kind = diagnosis.kind.value if diagnosis.kind else "scores"
    classes = f", {diagnosis.classes} classes" if diagnosis.classes else ""
    return f"{_place(site)}: {site.site.loss} is given {kind}{classes} ({diagnosis.code})"


def _gravity(site: SiteReport) -> tuple[float, str, int]:
    """What sorts the worst first: the smallest part of the right gradient that is left."""
    ratio = site.diagnosis.gradient_ratio if site.diagnosis else None
    return (math.inf if ratio is None else ratio, site.site.path, site.site.line)


def _foot(sites: Sequence[SiteReport], unseen: Sequence[str], rows: list[SiteReport]) -> list[str]:
    """What the panels do not show, a line each; everything where there are none."""
    if not rows:
        return summarise(sites, unseen).splitlines()
    rest = [site for site in sites if site not in rows]
    counted = Counter("not looked at" if site.diagnosis is None else _WORDS[site.diagnosis.verdict] for site in rest)
    words = ", ".join(f"{count} {word}" for word, count in sorted(counted.items()))
    drawn = [f"not drawn: {words}"] if rest else []
    return [*drawn, *(f"may be unseen: {reason}" for reason in unseen)]


def _place(site: SiteReport) -> str:
    return f"{shown_path(site.site.path)}:{site.site.line}"
