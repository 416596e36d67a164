from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ce_lint.program.words import WordIndex, assigns, has_word


def index_of(texts: Sequence[bytes]) -> WordIndex:
    index = WordIndex()
    for number, text in enumerate(texts):
        index.add(number, text)
    return index


def having(texts: Sequence[bytes], word: str) -> list[int]:
    return index_of(texts).having(word, texts.__getitem__)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("loss", [0, 1]),
        ("los", []),
        ("criterion", [3]),
        ("self.loss", [1]),
        (".loss", [1]),
        (".los", []),
        (".criterion", []),
        (".apart", [4, 5]),
        ("class Net", [1, 3]),
        ("x", []),
        ("loss criterion", []),  # two texts do not run together
        ("a.b", []),  # a dot is a dot
    ],
)
def test_texts_that_have_a_word(word: str, expected: list[int]) -> None:
    texts = [
        b"loss = loss",
        b"self.loss\nclass Net: a_b",
        b"",
        b"criterion losses; class Net",
        b"y. apart",
        b"y.\\\n  apart",
        b"y, apart",
    ]
    assert having(texts, word) == expected
    assert [number for number, text in enumerate(texts) if has_word(text, word.encode())] == expected


@pytest.mark.parametrize("texts", [[], [b""], [b"", b""]])
def test_nothing_is_found_in_nothing(texts: list[bytes]) -> None:
    assert having(texts, "loss") == []


def test_bytes_that_are_no_text_are_looked_through_too() -> None:
    assert having([b"\xff\xfe loss", b"loss"], "loss") == [0, 1]


def test_a_word_outside_ascii() -> None:
    assert having(["größe = 1".encode(), b"grosse"], "größe") == [0]
    assert having(["é = 1".encode(), b"e"], "é") == [0]


def test_an_exchanged_text_is_found_under_its_own_words() -> None:
    texts = [b"loss = net", b"loss"]
    index = index_of(texts)
    index.exchange(0, texts[0], b"net = criterion")
    texts[0] = b"net = criterion"
    assert [index.having(word, texts.__getitem__) for word in ("loss", "net", "criterion")] == [[1], [0], [0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"net.loss = 1", True),
        (b"x = 1\n    model.net.loss = 1", True),
        (b"nets[0].loss = 1", True),
        (b"self.net.loss = 1", True),
        (b"self.loss = 1", False),
        (b"net.loss == 1", False),
        (b"net.losses = 1", False),
        (b"print(net.loss)", False),
        (b"loss = 1", False),
    ],
)
def test_an_attribute_of_something_other_than_self_is_assigned(text: bytes, expected: bool) -> None:
    assert assigns(text, "loss") is expected


@pytest.mark.parametrize("before", ["def ", "class "])
@given(st.lists(st.sampled_from(["def", "class", "xdef", " ", "  ", "\t", "\n", "f", "f2", "(", ":", "\\\n", "é"])))
def test_a_definition_is_found_where_its_words_stand(before: str, pieces: list[str]) -> None:
    text = "".join(pieces).encode()
    for name in ("f", "f2", "é", "def"):
        assert bool(having([text], before + name)) == has_word(text, (before + name).encode())
