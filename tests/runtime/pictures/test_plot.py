"""The picture of a watch report."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from ce_lint.findings import Verdict
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.runtime.diagnosis.records import Diagnosis, Evidence, Window
from ce_lint.runtime.sites.findings import shown_path
from ce_lint.runtime.sites.records import CallSite, Observation, SiteReport
from ce_lint.runtime.watch.report import WatchReport

matplotlib = pytest.importorskip("matplotlib")
pytestmark = pytest.mark.slow  # each draws

INFINITE = math.inf
FILE = "/project/train.py"
LOCKED = Window(1.461, 2.461)
PNG = b"\x89PNG\r\n\x1a\n"


def diagnosis(
    code: str | None = "CEL001",
    family: Family = Family.CROSS_ENTROPY,
    kind: ScoreKind = ScoreKind.PROBABILITIES,
    classes: int | None = 10,
    window: Window | None = LOCKED,
    verdict: Verdict = Verdict.CONFIRMED,
    reason: str = "",
    left: float = 0.1,
    losses: tuple[float, float | None] = (1.519, 0.072),
) -> Diagnosis:
    return Diagnosis(
        verdict=verdict, code=code, reason=reason, loss_name="CrossEntropyLoss", family=family, kind=kind,
        evidence=Evidence.GRAPH, classes=classes, rows=32, loss=losses[0], loss_on_logits=losses[1], window=window,
        gradient_norm=left, gradient_norm_on_logits=1.0,
    )  # fmt: skip


def site(of: Diagnosis | None, line: int = 58, calls: int = 200, observed: int = 3) -> SiteReport:
    observations = tuple(
        Observation(call, of.loss, of.loss_on_logits) for call in range(1, observed + 1) if of is not None
    )
    return SiteReport(CallSite(FILE, line, "train_step", "CrossEntropyLoss"), calls, observed, of, observations)


def place(line: int) -> str:
    return f"{shown_path(FILE)}:{line}"


BAD = WatchReport((site(diagnosis()),))


def texts(report: WatchReport) -> list[str]:
    """What is written in the figure."""
    return [text.get_text() for text in report.plot().findobj(matplotlib.text.Text) if text.get_text()]


def panels(report: WatchReport) -> int:
    return sum(axes.axison for axes in report.plot().axes)


def test_the_row_of_a_site_says_what_is_wrong_there() -> None:
    written = texts(BAD)
    assert f"{place(58)}: CrossEntropyLoss is given probabilities, 10 classes (CEL001)" in written
    assert {"1.461", "2.461", "1.519 as called", "0.072 on the logits"} <= set(written)
    assert "margin 0, the start:\n0.1 of the right one" in written
    assert "call of the loss (3 of 200 were looked at)" in written
    assert panels(BAD) == 3


def test_the_losses_share_the_axis_of_the_window() -> None:
    ranges, observations, _ = BAD.plot().axes
    assert ranges.get_ylim() == observations.get_ylim()
    low, high = ranges.get_ylim()
    assert low == 0.0
    assert high > 2.461


def test_four_sites_are_drawn_the_worst_first_and_the_rest_is_counted() -> None:
    confirmed = [site(diagnosis(left=left), line) for line, left in enumerate((0.5, 0.4, 0.3, 0.2, 0.1), 1)]
    right = site(diagnosis(None, kind=ScoreKind.LOGITS, window=None, verdict=Verdict.REFUTED), 9)
    report = WatchReport((*confirmed, right), ("a step was compiled before the watch",))
    written = texts(report)
    titles = [text.partition(": ")[0] for text in written if "is given" in text]
    assert titles == [place(line) for line in (5, 4, 3, 2)]
    assert "not drawn: 1 confirmed, 1 right\nmay be unseen: a step was compiled before the watch" in written
    assert panels(report) == 12


@pytest.mark.parametrize(
    ("family", "window", "said"),
    [
        (Family.CROSS_ENTROPY, LOCKED, True),
        (Family.CROSS_ENTROPY, Window(2 * 1.461, 2 * 2.461), False),
        (Family.CROSS_ENTROPY, Window(2 * 1.551, 2 * 2.451), False),
        (Family.NLL, Window(-1.0, 0.0), True),
        (Family.NLL, Window(-32.0, 0.0), False),
        (Family.BCE_WITH_LOGITS, Window(0.313, 0.693), False),
        (Family.CROSS_ENTROPY, None, False),
    ],
    ids=["mean", "sum", "sum with smoothing", "mean of nll", "sum of nll", "binary", "unknown"],
)
def test_a_guess_is_named_only_where_it_is_known(family: Family, window: Window | None, said: bool) -> None:
    written = texts(WatchReport((site(diagnosis(family=family, window=window)),)))
    assert ("2.303\na uniform\nguess" in written) == said


def test_without_a_window_no_gradient_is_drawn() -> None:
    written = texts(WatchReport((site(diagnosis("CEL401", window=None)),)))
    assert "No closed form is known for this loss." in written


def test_where_nothing_is_confirmed_the_figure_is_the_summary() -> None:
    right = site(diagnosis(None, kind=ScoreKind.LOGITS, verdict=Verdict.REFUTED), 3, calls=1)
    undecided = site(diagnosis(verdict=Verdict.INCONCLUSIVE, reason="one class"), 4)
    report = WatchReport((right, undecided, site(None, 5, observed=0)))
    (written,) = texts(report)
    assert written == report.summary()
    assert all(place(line) in written for line in (3, 4, 5))
    assert panels(report) == 0


def test_no_call_is_not_called_right() -> None:
    (written,) = texts(WatchReport())
    assert written == WatchReport().summary()
    assert "no loss call was seen" in written


@pytest.mark.slow
@pytest.mark.parametrize(
    "unusual",
    [
        site(diagnosis("CEL003", kind=ScoreKind.SIGMOID, window=Window(1.461, INFINITE))),
        site(diagnosis("CEL101", Family.NLL, window=Window(-1.0, 0.0), losses=(-0.7, 0.4))),
        site(diagnosis("CEL102", Family.NLL, ScoreKind.LOGITS, window=None, losses=(-7.0, 0.4))),
        site(diagnosis("CEL201", Family.BCE_WITH_LOGITS, ScoreKind.SIGMOID, None, None)),
        site(diagnosis("CEL202", Family.BCE_WITH_LOGITS, losses=(0.7, None))),
        site(diagnosis("CEL301", Family.KL_DIV, window=None)),
        site(diagnosis(losses=(math.nan, INFINITE)), observed=0),
        site(diagnosis(losses=(0.0, 0.0), window=None, classes=None)),
        site(diagnosis(), observed=1),
        site(diagnosis(), observed=1000),
    ],
)
def test_every_kind_of_site_can_be_drawn(unusual: SiteReport, tmp_path: Path) -> None:
    WatchReport((unusual,)).plot(tmp_path / "site.svg")
    ET.parse(tmp_path / "site.svg")  # noqa: S314


def test_a_picture_is_written(tmp_path: Path) -> None:
    BAD.plot(tmp_path / "a.png")
    BAD.plot(str(tmp_path / "a.SVG"))
    assert (tmp_path / "a.png").read_bytes().startswith(PNG)
    assert ET.parse(tmp_path / "a.SVG").getroot().tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.SVG", "a.png"], "nothing else is left"


@pytest.mark.slow
def test_the_same_report_gives_the_same_svg(tmp_path: Path) -> None:
    BAD.plot(tmp_path / "first.svg")
    with matplotlib.rc_context({"svg.hashsalt": "the user's own", "font.size": 30, "axes.facecolor": "black"}):
        BAD.plot(tmp_path / "second.svg")
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "second.svg").read_bytes()


@pytest.mark.slow
def test_no_setting_and_no_figure_of_pyplot_changes(tmp_path: Path) -> None:
    code = (
        "import sys, matplotlib\n"
        # To ask for the backend would choose one, with pyplot.
        "def settings(): return [matplotlib.rcParams[name] for name in matplotlib.rcParams if name != 'backend']\n"
        "before = settings()\n"
        "from ce_lint.runtime.watch.report import WatchReport\n"
        "WatchReport().plot('picture.png')\n"
        "assert settings() == before\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env=environment)


@pytest.mark.parametrize("name", ["picture.pdf", "picture", ".png"])
def test_another_suffix_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]*: a picture is saved as \.png or \.svg$"):
        BAD.plot(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"cannot be written: there is no folder [^\n]*missing$"):
        BAD.plot(tmp_path / "missing" / "a.png")


def occupied(folder: Path) -> Path:
    """A path at which a folder stands."""
    (folder / "a.png").mkdir()
    return folder / "a.png"


def read_only(folder: Path) -> Path:
    """A path in a folder that nobody may write to, not even root."""
    return Path("/proc/self/a.png")


@pytest.mark.parametrize("place", [occupied, pytest.param(read_only, marks=pytest.mark.skipif(
    not Path("/proc/self").is_dir(), reason="no /proc here"))])  # fmt: skip
def test_what_cannot_be_written_is_one_line_and_leaves_nothing(place: Callable[[Path], Path], tmp_path: Path) -> None:
    path = place(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(OSError, match=r"^[^\n]*a\.png: cannot be written: [^\n]+$"):
        BAD.plot(path)
    assert sorted(tmp_path.rglob("*")) == before


def test_without_matplotlib_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'^a picture needs matplotlib: python -m pip install "ce-lint\[runtime\]"$'):
        BAD.plot()
