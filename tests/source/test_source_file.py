"""Files, bytes and text as source: encodings, line ends, errors, and what a notebook is recognised by."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from ce_lint.source.file import (
    Cell,
    SourceError,
    SourceFile,
    SourceProblem,
    read_source,
    source_from_bytes,
    source_from_text,
)
from ce_lint.source.lines import blank_lines, line_starts, split_lines
from ce_lint.source.magics import python_of_cell

PY = Path("a.py")
NOTEBOOK = Path("a.ipynb")
ONE_CELL = json.dumps({"cells": [{"cell_type": "code", "source": "x = 1"}]})


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"x = 1", "x = 1"),
        (b"x = 1\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
        (b"x = 1\ry = 2\r", "x = 1\ry = 2\r"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (b"\xef\xbb\xbf# coding: utf-8\n", "# coding: utf-8\n"),
        (b"s = '\xf0\x9f\x98\x80'\n", "s = '\U0001f600'\n"),
        (b"# -*- coding: latin-1 -*-\ns = '\xe9'\n", "# -*- coding: latin-1 -*-\ns = '\xe9'\n"),
        (b"#!python\n# vim: fileencoding=cp1252\ns = '\x80'\n", "#!python\n# vim: fileencoding=cp1252\ns = '\u20ac'\n"),
        (b"\r# coding: latin-1\r\xe9\r", "\r# coding: latin-1\r\xe9\r"),
        # No cookie: below code, and in the third line.
        (b"x = 1\n# coding: latin-1\n'\xc3\xa9'\n", "x = 1\n# coding: latin-1\n'\xe9'\n"),
        (b"\n\n# coding: latin-1\n'\xc3\xa9'\n", "\n\n# coding: latin-1\n'\xe9'\n"),
        (b"x = 1\rs = '# coding: latin-1 \xc3\xa9'\r", "x = 1\rs = '# coding: latin-1 \xe9'\r"),
    ],
)
def test_bytes_are_decoded_as_python_does(data: bytes, text: str) -> None:
    assert source_from_bytes(PY, data) == SourceFile(PY, text)


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"x = 1\r\ny = 2\rs = '\xff'\n", 3, "not UTF-8: byte 0xff at line 3"),
        (b"\xff\xfex\x00", 1, "not UTF-8: byte 0xff at line 1"),
        (b"# coding: ascii\n\n\xe9", 3, "not ascii: byte 0xe9 at line 3"),
        (b"\n# coding: klingon\n", 2, "unknown encoding: klingon"),
        (b"# coding: hex\n", 1, "not hex: the declared encoding does not fit"),
        (
            b"\xef\xbb\xbf# coding: latin-1\n",
            1,
            "encoding problem: latin-1 is declared, but the byte order mark says UTF-8",
        ),
    ],
)
def test_bytes_that_are_no_text(data: bytes, line: int, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        source_from_bytes(PY, data)
    assert (caught.value.path, caught.value.line, caught.value.reason) == (PY, line, reason)
    assert str(caught.value) == f"a.py:{line}: {reason}"


def test_a_notebook_is_utf_8_whatever_its_code_says() -> None:
    code = "# coding: latin-1\ns = 'é'\n"
    data = json.dumps({"cells": [{"cell_type": "code", "source": code}]}, ensure_ascii=False).encode()
    assert source_from_bytes(NOTEBOOK, b"\xef\xbb\xbf" + data).text == code
    with pytest.raises(SourceError, match="not UTF-8: byte 0xff at line 2"):
        source_from_bytes(NOTEBOOK, b'{\n"\xff"}')


def test_a_file_is_read_by_its_suffix(tmp_path: Path) -> None:
    for name, text in [("a.py", ONE_CELL), ("a.ipynb", "x = 1\n"), ("A.IPYNB", "x = 1\n")]:
        path = tmp_path / name
        path.write_text(ONE_CELL, encoding="utf-8")
        assert read_source(path).text == text


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path, reason in [
        (tmp_path / "none.py", "cannot be read: no such file or directory"),
        (tmp_path, "cannot be read: is a directory"),
        (tmp_path / "a\0.py", "cannot be read: embedded null byte"),
    ]:
        with pytest.raises(SourceError) as caught:
            read_source(path)
        assert (caught.value.reason, caught.value.line) == (reason, None)
        assert str(caught.value) == f"{path}: {reason}"


def test_a_file_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match=r"^a\.py: cannot be read: permission denied$"):
        read_source(PY)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"#" * 10_000_000)
    assert len(read_source(path).text) == 10_000_000
    path.write_bytes(b"#" * 10_000_001)
    with pytest.raises(SourceError) as caught:
        read_source(path)
    assert caught.value.reason == "larger than 10 MB"


def test_an_error_is_one_line_and_survives_pickling() -> None:
    error = SourceError(PY, "two\n lines", 3)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert str(error) == str(copy) == "a.py:3: two lines"
    assert (copy.path, copy.reason, copy.line) == (PY, "two lines", 3)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (PY, "x = 1\n", "x = 1\n"),
        (PY, "\ufeffx = 1\n", "x = 1\n"),
        (PY, "%time x\n", "%time x\n"),
        (PY, '{"a": 1}\n', '{"a": 1}\n'),
        (PY, '{"cells": 1}\n', '{"cells": 1}\n'),
        (PY, '{"cells": [}\n', '{"cells": [}\n'),
        (PY, '{"cells": [],}\n', '{"cells": [],}\n'),
        (Path("stdin"), "\ufeff \n" + ONE_CELL, "x = 1\n"),
        (NOTEBOOK, ONE_CELL, "x = 1\n"),
        (NOTEBOOK, "\n " + ONE_CELL, "x = 1\n"),
        (NOTEBOOK, "x = 1\n% y\n", "x = 1\npass\n"),
        (NOTEBOOK, "s = '''\n%time\n'''\n", "s = '''\n%time\n'''\n"),
        (NOTEBOOK, "%%time\nx = 1\n", "\nx = 1\n"),
        (NOTEBOOK, "", ""),
    ],
)
def test_text_is_a_notebook_if_it_says_so(path: Path, text: str, expected: str) -> None:
    assert source_from_text(path, text).text == expected


def test_text_of_a_notebook_has_cells_and_python_has_none() -> None:
    assert source_from_text(PY, ONE_CELL).cells == (Cell(1, 1, 1, (1,)),)
    assert source_from_text(NOTEBOOK, "x = 1\n").cells == ()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\nb\r\nc\rd", ["a\n", "b\r\n", "c\r", "d"]),
        ("\n\r\r\n", ["\n", "\r", "\r\n"]),
        ("a\x0cb\x0bc\x1cd\x85e\u2028f\n", ["a\x0cb\x0bc\x1cd\x85e\u2028f\n"]),
    ],
)
def test_lines_end_where_python_says(text: str, lines: list[str]) -> None:
    assert split_lines(text) == lines


def test_starts_and_blanks() -> None:
    assert line_starts("") == [0]
    assert line_starts("a\r\nbc") == [0, 3]
    assert line_starts("a\rbc\n") == [0, 2, 5]
    assert blank_lines("a\r\n  b\rcd") == "\r\n\r"


def test_line_ends_do_not_merge_when_the_line_between_them_is_emptied() -> None:
    assert blank_lines("a\rb\nc\r\n") == "\r \n\r\n"
    assert python_of_cell("%%time\r%%capture\nx = 1\n") == "\r \nx = 1\n"
    assert SourceFile(NOTEBOOK, "a\rb\n", (Cell(1, 1, 2, (1, 1)),)).without([1], "no").text == "\r \n"


def test_places_in_a_plain_file_are_those_of_the_text() -> None:
    source = SourceFile(PY, "x = 1\ny = 2\n")
    assert source.user_line(2) == (None, 2)
    assert source.raw_line(2) == 2


def test_the_digest_is_of_the_text_alone() -> None:
    one = SourceFile(PY, "x = 1\n")
    assert one.digest == SourceFile(NOTEBOOK, "x = 1\n", (Cell(1, 1, 1, (9,)),)).digest
    assert one.digest != SourceFile(PY, "x = 2\n").digest
    # As `b2sum -l 256` says.
    assert one.digest == "b1237deef072502d84a2858822bf0d3032fcf3bac418ad8056e7b7f064c8f9c9"
    assert len(SourceFile(PY, "'\ud800'").digest) == 64


def test_places_in_cells() -> None:
    source = SourceFile(NOTEBOOK, "a\nb\nc\n", (Cell(2, 1, 2, (7, 8)), Cell(5, 3, 1, ())))
    assert [source.user_line(line) for line in range(5)] == [(2, 1), (2, 1), (2, 2), (5, 1), (5, 1)]
    assert [source.raw_line(line) for line in range(5)] == [7, 7, 8, 1, 1]


def test_cells_can_be_taken_out() -> None:
    before = SourceProblem(1, "old", 9)
    cells = (Cell(2, 1, 2, (7, 8)), Cell(5, 3, 1, (20,)), Cell(6, 4, 2, (30, 31)))
    source = SourceFile(NOTEBOOK, "a\r\nb\nc\nd\ne\n", cells, (before,))
    left = source.without([6, 2, 77], "cannot be lowered")
    assert left.text == "\r\n\nc\n\n\n"
    assert left.cells == cells
    assert left.problems == (
        before,
        SourceProblem(None, "cannot be lowered", 2),
        SourceProblem(None, "cannot be lowered", 6),
    )
    assert source.text == "a\r\nb\nc\nd\ne\n"
