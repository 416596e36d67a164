"""`# noqa` comments, each compared with flake8 itself."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import pytest
from flake8.processor import FileProcessor
from flake8.violation import Violation

from ce_lint.source.suppressions import Lines, file_is_suppressed, suppressions

if TYPE_CHECKING:
    from pathlib import Path

COMMENTS = [
    ("x = 1", False),
    ("x = 1  # noqa", True),
    ("x = 1  # NOQA", True),
    ("x = 1  # NoQa", True),
    ("x = 1  #noqa", False),
    ("x = 1  #  noqa", False),
    ("x = 1  # noqa why not", True),
    ("x = 1  # noqa:", True),
    ("x = 1  # noqa : E501", True),
    ("x = 1  # noqa: CEL001", True),
    ("x = 1  # noqa:CEL001", True),
    ("x = 1  # noqa:  CEL001", True),
    ("x = 1  # noqa:  E501", True),
    ("x = 1  # noqa: E501", False),
    ("x = 1  # noqa: CEL001,E501", True),
    ("x = 1  # noqa: E501,CEL001", True),
    ("x = 1  # noqa: E501 CEL001", True),
    ("x = 1  # noqa: E501 , CEL001", True),
    ("x = 1  # NOQA:E501 CEL001", True),
    ("x = 1  # noqa: E501CEL001", False),
    ("x = 1  # noqa: E501;CEL001", False),
    ("x = 1  # noqa: CEL0", True),
    ("x = 1  # noqa: CEL00", True),
    ("x = 1  # noqa: CEL1", False),
    ("x = 1  # noqa: CEL0011", False),
    ("x = 1  # noqa: CEL", True),
    ("x = 1  # noqa: E", True),
    ("x = 1  # noqa: E501, CEL", False),
    ("x = 1  # noqa: cel001", False),
    ("x = 1  # type: ignore # noqa: CEL001 # why", True),
    ("x = 1  # noqa: E501  # noqa: CEL001", False),
    ("x = '# noqa: E501'  # noqa: CEL001", False),
    ("x = 'é😀'  # noqa: CEL001", True),
    ("x = '# noqa'", True),
]


def suppresses(text: str, code: str, line: int = 1) -> bool:
    return any(one.takes_back(code) and one.is_at(Lines(line, line)) for one in suppressions(text))


@pytest.mark.parametrize(("line", "expected"), COMMENTS)
def test_a_comment_suppresses_what_flake8_says(line: str, expected: bool) -> None:
    assert suppresses(line, "CEL001") is expected
    assert Violation("CEL001", "a.py", 1, 1, "text", line).is_inline_ignored(disable_noqa=False) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("x = 1\n# flake8: noqa\n", True),
        ("  # FLAKE8: NOQA\n", True),
        ("# flake8=noqa\n", True),
        ("# flake8:noqa", True),
        ("x = 1\r# flake8: noqa\r", True),
        ("x = 1  # flake8: noqa\n", False),
        ("# noqa\n", False),
        ("#flake8: noqa\n", False),
        ("# flake8: noqa: E501\n", True),
    ],
)
def test_a_file_is_suppressed_when_flake8_skips_it(tmp_path: Path, text: str, expected: bool) -> None:
    assert file_is_suppressed(text) is expected
    assert _processor(tmp_path, text).should_ignore_file() is expected


JOINED = [
    "x = 1\ny = 2  # noqa\n",
    "x = 1 + \\\n  2  # noqa\ny = 3\n",
    'x = """\na\n"""  # noqa\ny = 3\n',
    "f(\n  a,\n  b,\n)  # noqa\n",
    'f(a, """\n  b  # noqa""",\n  c)\n\n\nif x:\n    y = 1\n',
    'f(a, """\n  b""",\n  c)\n\n\nif x:\n    y = 1  # noqa\n',
    "f'''\n{x}\n''' # noqa\n",
    "# only a comment",
    "x = 1",
    "",
    "\n\n",
]


@pytest.mark.parametrize("text", JOINED)
def test_a_comment_covers_the_lines_that_flake8_says(tmp_path: Path, text: str) -> None:
    processor = _processor(tmp_path, text)
    numbers = range(1, len(processor.lines) + 1)
    expected = [
        Violation("CEL001", "a.py", number, 1, "text", processor.noqa_line_for(number) or "").is_inline_ignored(False)
        for number in numbers
    ]
    assert [suppresses(text, "CEL001", number) for number in numbers] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = \\\r\n 1 # noqa\r\ny = 1", Lines(1, 2)),
        # Text that cannot be tokenized is taken line by line.
        ("x = \\\n 1 # noqa\ny = (\n", Lines(2, 2)),
    ],
)
def test_covered_lines_exactly(text: str, expected: Lines) -> None:
    assert [one.covers for one in suppressions(text)] == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1  # noqa: CEL001 why", [(1, 7, "# noqa: CEL001", True, True)]),
        ("é = '😀'  # type: ignore  # noqa: CEL001,E501", [(1, 25, "# noqa: CEL001,E501", True, True)]),
        ("x = 1 + \\\r\n  2  # noqa\r\n", [(2, 5, "# noqa", True, True)]),
        ("x = 1\r# noqa\r", [(2, 0, "# noqa", True, True)]),
        ("x = '# noqa'", [(1, 5, "# noqa", False, True)]),
        (
            '"""\n# noqa: E501\n"""  # noqa: CEL001\n',
            [(2, 0, "# noqa: E501", False, True), (3, 5, "# noqa: CEL001", True, False)],
        ),
        (
            "x = 1  # noqa: E501  # noqa: CEL001",
            [(1, 7, "# noqa: E501", True, True), (1, 21, "# noqa: CEL001", True, False)],
        ),
        ("x = (  # noqa: CEL001\n", [(1, 7, "# noqa: CEL001", True, True)]),
        ("x = 1  # quonoqa, ce-lint: ignore", []),
    ],
)
def test_where_a_comment_stands(text: str, expected: list[tuple[int, int, str, bool, bool]]) -> None:
    found = [
        (one.line, one.column, one.text, one.is_comment, one.is_at(Lines(one.line, one.line)))
        for one in suppressions(text)
    ]
    assert found == expected


def _processor(folder: Path, text: str) -> FileProcessor:
    path = folder / "a.py"
    path.write_text(text, encoding="utf-8", newline="")
    options = argparse.Namespace(
        disable_noqa=False,
        hang_closing=False,
        indent_size=4,
        max_line_length=79,
        max_doc_length=None,
        verbose=0,
        stdin_display_name="stdin",
    )
    return FileProcessor(str(path), options)
