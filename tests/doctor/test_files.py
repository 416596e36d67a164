"""Files of settings: JSON with comments as VS Code writes it, and where in a file something stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ce_lint.doctor.files import line_of, read_jsonc, read_toml, read_yaml

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

    assert read_jsonc(file) == {
        "url": "https://example.org/*not a comment*/",
        "quoted": 'a " // b',
        "flake8.args": ["--select=E"],
    }


@settings(max_examples=30)
@given(values=st.dictionaries(st.text(), values), indent=st.sampled_from([None, 4]))
def test_plain_json_is_read_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, object], indent: int | None
) -> None:
    file = tmp_path_factory.getbasetemp() / "plain.json"
    file.write_text(json.dumps(values, indent=indent, ensure_ascii=False), encoding="utf-8", errors="surrogatepass")

    assert read_jsonc(file) == values


@pytest.mark.parametrize("read", [read_jsonc, read_toml, read_yaml])
@pytest.mark.parametrize(
    ("data", "reason"), [(b"{", ""), (b'{"a": "\xff"}', "codec"), (b"[" * 5000, ""), (None, "no such file")]
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, read: type, data: bytes | None, reason: str) -> None:
    file = tmp_path / "settings"
    if data is not None:
        file.write_bytes(data)

    with pytest.raises(ValueError, match=f"settings cannot be read: .*{reason}") as refused:
        read(file)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("data", [b"", b"// nothing\n", b"\xef\xbb\xbf{}", b"[]"])
def test_a_file_without_settings_says_nothing(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(data)

    assert read_jsonc(file) == {}


def test_the_line_is_that_of_the_section(tmp_path: Path) -> None:
    file = tmp_path / "setup.cfg"
    file.write_text("[pycodestyle]\nignore = E\n[flake8]\n  ignore = E\n")

    assert line_of(file, "ignore") == 2
    assert line_of(file, "ignore", below=r"\[flake8\]") == 4
    assert line_of(file, "select") is None
