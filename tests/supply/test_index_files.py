"""Index files: what is written is there, and what was not written is refused or missing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ce_lint.program.loading import lower_content
from ce_lint.supply.index_files import IndexFile, IndexWriter, UnusableError, packed
from ce_lint.supply.keys import SIZE
from ce_lint.supply.stored import KIND, decoded, encoded

VERSION = b"0.1.0-feed cpython 3.12"
VALUES = {bytes([number]) * SIZE: b"value %d " % number * 20 * number for number in range(12)}


def written(values: dict[bytes, bytes], version: bytes = VERSION) -> bytes:
    stream = io.BytesIO()
    writer = IndexWriter(stream, version)
    for key, value in values.items():
        writer.add(key, packed(value))
    writer.finish()
    assert writer.size == len(stream.getvalue())
    return stream.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "1.index"
    file.write_bytes(written(VALUES))
    return file


def test_what_is_written_is_there(file: Path) -> None:
    index = IndexFile(file, VERSION)
    assert index.get_many(KIND, [*VALUES, b"x" * SIZE]) == VALUES
    assert index.get_many("project", list(VALUES)) == {}
    assert len(index) == len(VALUES)


def test_a_content_is_kept_once() -> None:
    stream = io.BytesIO()
    writer = IndexWriter(stream, VERSION)
    key = b"k" * SIZE
    writer.add(key, packed(b"first"))
    size = writer.size
    writer.add(key, packed(b"second"))
    assert (key in writer, len(writer), writer.size) == (True, 1, size)


def test_an_index_of_nothing(tmp_path: Path) -> None:
    file = tmp_path / "empty.index"
    file.write_bytes(written({}))
    assert IndexFile(file, VERSION).get_many(KIND, list(VALUES)) == {}


@pytest.mark.slow
def test_a_truncated_file_is_refused_at_every_length(file: Path) -> None:
    whole = file.read_bytes()
    for length in range(1, len(whole)):
        file.write_bytes(whole[:length])
        with pytest.raises(UnusableError, match="is truncated, or was changed"):
            IndexFile(file, VERSION)


def test_bytes_after_the_end_are_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")
    with pytest.raises(UnusableError, match="is truncated, or was changed"):
        IndexFile(file, VERSION)


def test_a_changed_byte_is_never_a_wrong_value(file: Path) -> None:
    whole = file.read_bytes()
    refused = missing = 0
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :])
        try:
            found = IndexFile(file, VERSION).get_many(KIND, list(VALUES))
        except UnusableError:
            refused += 1
            continue
        assert found.items() <= VALUES.items(), place
        missing += len(VALUES) - len(found)
    assert refused and missing


@pytest.mark.parametrize("content", [b"", b"import torch\n", b"PK\x03\x04" * 100, b"SQLite format 3\0" * 50])
def test_a_foreign_file_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(UnusableError, match="is no index of ce-lint"):
        IndexFile(file, VERSION)


def test_another_version_is_refused(file: Path) -> None:
    with pytest.raises(UnusableError, match=r"^was written by ce-lint 0\.1\.0-feed .*, and this is 9: make it anew$"):
        IndexFile(file, b"9")
    file.write_bytes(written(VALUES, b"\x1b[2J"))
    with pytest.raises(UnusableError) as raised:
        IndexFile(file, VERSION)
    assert "\x1b" not in str(raised.value)


def test_another_format_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"ce-lint index 1", b"ce-lint index 2", 1))
    with pytest.raises(UnusableError, match="other index files"):
        IndexFile(file, VERSION)


def test_a_file_that_goes_away_costs_time_only(file: Path) -> None:
    index = IndexFile(file, VERSION)
    file.unlink()
    assert index.get_many(KIND, list(VALUES)) == {}


@pytest.mark.parametrize(
    "value", ["123456789012345678901234567890", "f(-9223372036854775809)", "'\\ud800'", "f'{x}\\udfff'", "1e999"]
)
def test_every_constant_can_be_written(value: str) -> None:
    lowered = lower_content(Path("a.py"), f"x = {value}\n".encode())
    assert lowered.ir is not None
    assert decoded(encoded(lowered)) == lowered
