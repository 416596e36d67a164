"""Where a comment goes that takes a finding back."""

from __future__ import annotations

import pytest

from ce_lint.lsp.ignoring import insertion
from ce_lint.source.lines import split_lines
from ce_lint.source.suppressions import Lines


def with_comment(text: str, line: int, last: int | None = None, *, is_cell: bool = False) -> str | None:
    lines = split_lines(text)
    found = insertion(lines, Lines(line, last or line), "CEL001", is_cell=is_cell)
    if found is None:
        return None
    point, new = found
    old = lines[point.line - 1]
    lines[point.line - 1] = old[: point.column - 1] + new + old[point.column - 1 :]
    return "".join(lines)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(x)\n", "f(x)  # ce-lint: ignore[CEL001]\n"),
        ("f(x)", "f(x)  # ce-lint: ignore[CEL001]"),
        ("f(x)  \n", "f(x)   # ce-lint: ignore[CEL001]\n"),
        ("f(x)\r\n", "f(x)  # ce-lint: ignore[CEL001]\r\n"),
        ("f(x)  # why\n", "f(x)  # why  # ce-lint: ignore[CEL001]\n"),
        ("f(x)  # noqa: E501\n", "f(x)  # noqa: E501  # ce-lint: ignore[CEL001]\n"),
        ("f(x)  # ce-lint: ignore[CEL002] why\n", "f(x)  # ce-lint: ignore[CEL002, CEL001] why\n"),
        ("f(x)  # ce-lint: ignore[]\n", "f(x)  # ce-lint: ignore[CEL001]\n"),
        ("s = '# ce-lint: ignore[CEL002]'\n", "s = '# ce-lint: ignore[CEL002]'  # ce-lint: ignore[CEL001]\n"),
    ],
)
def test_at_the_end_of_the_line(before: str, after: str) -> None:
    assert with_comment(before, 1) == after


def test_a_comment_above_is_extended() -> None:
    text = "if x:\n    # ce-lint: ignore[CEL002]\n    f(x)\n"

    assert with_comment(text, 3) == text.replace("CEL002", "CEL002, CEL001")


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        ("if x:\n\tf(a, \\\n\t  b)\n", 2, "if x:\n\t# ce-lint: ignore[CEL001]\n\tf(a, \\\n\t  b)\n"),
        ("    f('''a\n    ''')\n", 1, "    # ce-lint: ignore[CEL001]\n    f('''a\n    ''')\n"),
    ],
)
def test_on_a_line_of_its_own_where_the_line_cannot_hold_one(before: str, line: int, after: str) -> None:
    text = before if before.startswith("if") else "if x:\n" + before
    shift = text.count("\n") - before.count("\n")

    assert with_comment(text, line + shift) == ("if x:\n" if shift else "") + after


def test_within_a_call_of_several_lines() -> None:
    text = "f(\n    net(x),\n    y,\n)\n"

    assert with_comment(text, 2) == "f(\n    net(x),  # ce-lint: ignore[CEL001]\n    y,\n)\n"


def test_in_a_cell_with_magics() -> None:
    text = "%matplotlib inline\nx = !ls\nf(x)"

    assert with_comment(text, 3, is_cell=True) == text + "  # ce-lint: ignore[CEL001]"


def test_where_none_can_stand_there_is_none() -> None:
    assert with_comment("s = '''a\nb\n'''\n", 2) is None
    assert with_comment("x\n", 7) is None
