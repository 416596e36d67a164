"""The long format: each finding with a code frame for every step from the source to the sink."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ce_lint.findings import Finding, Place, Severity
from ce_lint.report.ends import whole_way
from ce_lint.report.fixes import check_lines, fix_line, fixes_summary
from ce_lint.report.text import in_one_line, position, summary, unresolved_lines
from ce_lint.report.verdict import verdict_line
from ce_lint.report.view import LineOf, View


@dataclass(frozen=True, slots=True)
class Palette:
    """The escape sequences that a rendering uses; empty ones for plain text."""

    error: str = ""
    warning: str = ""
    note: str = ""
    strong: str = ""
    faint: str = ""
    reset: str = ""

    def paint(self, style: str, text: str) -> str:
        """Return the text between the style and its end."""
        return f"{style}{text}{self.reset}" if style else text

    def of(self, severity: Severity) -> str:
        """Return the style of a severity."""
        return {Severity.ERROR: self.error, Severity.WARNING: self.warning, Severity.NOTE: self.note}[severity]


PLAIN = Palette()
COLOURS = Palette(
    error="\x1b[1;31m", warning="\x1b[1;33m", note="\x1b[1;36m", strong="\x1b[1m", faint="\x1b[2m", reset="\x1b[0m"
)


def to_full(view: View) -> str:
    """Render every finding with its frames, an empty line between two findings."""
    palette = COLOURS if view.in_colour else PLAIN
    blocks = [
        "\n".join(
            [
                _headline(item, place, message, palette),
                *_frames(item, view.line_of, palette),
                *([f"  {verdict_line(item.runtime)}"] if item.runtime else []),
                *(f"  {in_one_line(line)}" for fix in item.fixes[:1] for line in (fix_line(fix), *check_lines(fix))),
            ]
        )
        for place, message, item in view.shown()
    ]
    if view.show_unresolved and view.report.unresolved:
        blocks.append("\n".join(unresolved_lines(view.report)))
    return "\n\n".join([*blocks, "\n".join([summary(view.report), *fixes_summary(view.report)])]) + "\n"


def _headline(finding: Finding, place: Place, message: str, palette: Palette) -> str:
    code = palette.paint(palette.of(finding.severity), finding.code)
    return f"{palette.paint(palette.strong, position(place))}: {code} {in_one_line(message)}"


def _frames(finding: Finding, line_of: LineOf, palette: Palette) -> Iterator[str]:
    steps = whole_way(finding)
    gutter = max(len(str(step.place.line)) for step in steps)
    for number, step in enumerate(steps, start=1):
        is_end = number in (1, len(steps))
        mark = palette.of(finding.severity) if is_end else palette.strong
        yield f"  {number}. {step.note}"
        yield palette.paint(palette.faint, f"{' ' * gutter}  --> {position(step.place)}")
        line = line_of(step.place)
        if line is not None:
            line = in_one_line(line)
            yield f"  {palette.paint(palette.faint, f'{step.place.line:>{gutter}} |')} {line}".rstrip()
            bar = palette.paint(palette.faint, f"{' ' * gutter} |")
            yield f"  {bar} {_indent(line, step.place)}{palette.paint(mark, _carets(line, step.place))}"


def _indent(line: str, place: Place) -> str:
    # A tab stays a tab, so that the carets stand right whatever a terminal makes of it.
    return "".join("\t" if character == "\t" else " " * _width(character) for character in line[: place.column - 1])


def _carets(line: str, place: Place) -> str:
    end = place.end_column - 1 if place.end_line == place.line else len(line)
    marked = line[place.column - 1 : max(end, place.column)]
    return "^" * max(1, sum(map(_width, marked)))


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
