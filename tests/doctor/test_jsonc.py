"""JSON with comments, as VS Code writes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ce_lint.doctor.jsonc import read_jsonc

TEXT = """\
// of the project
{
    /* which Python
       "flake8.path": ["no"], */
    "url": "https://example.org/*not a comment*/", // a comment, "key": 1
    "quoted": "a \\" // b",
    "flake8.args": [
        "--select=E",  // last comma
    ],
}
"""
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)


def test_comments_and_last_commas_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text(TEXT)

    document = read_jsonc(file)

    assert document.values == {
        "url": "https://example.org/*not a comment*/",
        "quoted": 'a " // b',
        "flake8.args": ["--select=E"],
    }
    assert document.line_of("flake8.args") == 7
    assert document.line_of("flake8.path") is None


@settings(max_examples=30)
@given(values=st.dictionaries(st.text(), values), indent=st.sampled_from([None, 4]))
def test_plain_json_is_read_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, object], indent: int | None
) -> None:
    file = tmp_path_factory.getbasetemp() / "plain.json"
    file.write_text(json.dumps(values, indent=indent, ensure_ascii=False), encoding="utf-8", errors="surrogatepass")

    assert read_jsonc(file).values == values


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"[]", "no object"), (b"{", "Expecting"), (b'{"a": "\xff"}', "codec"), (b'{"a":' * 100_000, "nested too deeply")],
)
def test_what_is_no_object_is_one_line(tmp_path: Path, data: bytes, reason: str) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(data)

    with pytest.raises(ValueError, match=reason) as refused:
        read_jsonc(file)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("data", [b"", b"// nothing\n", b"\xef\xbb\xbf{}"])
def test_an_empty_file_says_nothing(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(data)

    assert read_jsonc(file).values == {}
