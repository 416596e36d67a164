"""Suppression comments, each compared with flake8 itself."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import pytest
from flake8.processor import FileProcessor
from flake8.violation import Violation

from ce_lint.source.suppressions import (
    file_is_suppressed,
    suppresses,
    suppression_lines,
)

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
    ("x = '# noqa'", True),
]


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
    'f(a, """\n  b""",\n  c)\n\n\nif x:\n    y = 1\n',
    "f'''\n{x}\n''' # noqa\n",
    "# only a comment",
    "x = 1",
    "",
    "\n\n",
]


@pytest.mark.parametrize("text", JOINED)
def test_lines_are_joined_as_flake8_joins_them(tmp_path: Path, text: str) -> None:
    processor = _processor(tmp_path, text)
    expected = [processor.noqa_line_for(number + 1) for number in range(len(processor.lines))]
    assert suppression_lines(text) == expected


def test_joined_lines_exactly() -> None:
    assert suppression_lines("x = \\\r\n 1 # noqa\r\ny = 1") == ["x = \\\r\n 1 # noqa\r\n"] * 2 + ["y = 1"]


def test_text_that_cannot_be_tokenized_is_taken_line_by_line() -> None:
    assert suppression_lines("x = \\\n 1\ny = (\n") == ["x = \\\n", " 1\n", "y = (\n"]


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
