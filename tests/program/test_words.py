from __future__ import annotations

import pytest

from ce_lint.program.haystack import Haystack


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("loss", [0, 1]),
        ("los", []),
        ("criterion", [3]),
        ("self.loss", [1]),
        ("class Net", [1, 3]),
        ("x", []),
        ("loss criterion", []),  # two texts do not run together
        ("a.b", []),  # a dot is a dot
    ],
)
def test_texts_that_have_a_word(word: str, expected: list[int]) -> None:
    texts = [b"loss = loss", b"self.loss\nclass Net: a_b", b"", b"criterion losses; class Net"]
    assert list(Haystack(texts).having(word)) == expected


@pytest.mark.parametrize("texts", [[], [b""], [b"", b""]])
def test_nothing_is_found_in_nothing(texts: list[bytes]) -> None:
    assert list(Haystack(texts).having("loss")) == []


def test_bytes_that_are_no_text_are_looked_through_too() -> None:
    assert list(Haystack([b"\xff\xfe loss", b"loss"]).having("loss")) == [0, 1]


def test_a_word_outside_ascii() -> None:
    assert list(Haystack(["größe = 1".encode(), b"grosse"]).having("größe")) == [0]
