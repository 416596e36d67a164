"""How every picture looks: two colours that colour-blind readers can tell apart, and nothing that carries no number.

matplotlib is imported late: a report can be read without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ce_lint.runtime.install import INSTALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WRONG = "#D55E00"
"""The loss as called. This and the next: Okabe and Ito, 2008, "Color universal design"."""
RIGHT = "#0072B2"
"""The same loss on the logits."""
NOTE = "#595959"
"""Text that explains; 7:1 against white."""

_LINE = 0.08
"""The height of a line of text, as a part of a panel's."""
# The type that matplotlib gives the keys is not in every version.
_SETTINGS: Final[dict[Any, object]] = {
    "font.size": 9.5,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": NOTE,
    "axes.labelcolor": NOTE,
    "xtick.color": NOTE,
    "ytick.color": NOTE,
    "lines.linewidth": 1.8,
    "lines.markersize": 5.0,
    # Names inside an SVG are hashes of this and of what they name, so that one report gives one text.
    "svg.hashsalt": "ce-lint",
}


def need_matplotlib() -> None:
    """Import matplotlib, or say how to get it.

    Errors: ImportError, in one line, where matplotlib is not installed.
    """
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        raise ImportError(f"a picture needs matplotlib: {INSTALL}", name="matplotlib") from error


@contextmanager
def style() -> Iterator[None]:
    """Run the body with these settings of matplotlib alone; the user's own come back at its end."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def heading(axes: Axes, text: str) -> None:
    """What a panel shows, above it."""
    axes.set_title(text, color="black", pad=12)


def number(value: float) -> str:
    """Three decimals, with the minus sign that the axes have."""
    return f"{value:.3f}".replace("-", "−")


class Name(NamedTuple):
    """What is written at the end of a curve."""

    text: str
    x: float
    y: float
    colour: str


def name_curves(axes: Axes, names: list[Name]) -> None:
    """Write names to the right of the ends of their curves, moved apart where they would overlap."""
    bottom, top = axes.get_ylim()
    line = (top - bottom) * _LINE
    upwards = sorted(names, key=lambda name: name.y)
    heights: list[float] = []
    for name in upwards:
        heights.append(max(name.y, heights[-1] + line if heights else bottom + line / 2))
    ceiling = top
    for index in reversed(range(len(heights))):
        heights[index] = ceiling = min(heights[index], ceiling)
        ceiling -= line
    for name, y in zip(upwards, heights, strict=True):
        axes.annotate(name.text, (name.x, y), (8, 0), textcoords="offset points", va="center", color=name.colour)
