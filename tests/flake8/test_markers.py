from __future__ import annotations

import pytest

from ce_lint.engine.markers import MARKERS, can_concern_us, can_matter, can_matter_bytes, can_suppress, holding
from ce_lint.knowledge.loader import load


@pytest.mark.parametrize("word", sorted(load().marker_words() | load().activation_words()))
def test_every_word_that_the_analysis_looks_for_is_looked_at(word: str) -> None:
    assert can_matter(f"{word}(x)\n")


@pytest.mark.parametrize("marker", MARKERS)
def test_a_marker_is_found_wherever_it_stands_and_nothing_less_is(marker: str) -> None:
    for rest in ("", "x = y\n" * 2_000):
        for text in (
            marker,
            f"x{marker}",
            f"{marker}x",
            f"{marker.upper()}\n",
            f"é{marker}€",
            f"{marker[:-1]}{marker}",
        ):
            assert can_matter(rest + text)
            assert can_matter_bytes((text + rest).encode())
        for less in (marker[1:], marker[:-1], f"{marker[:2]} {marker[2:]}"):
            assert can_matter(rest + less) == any(other in less for other in MARKERS)


@pytest.mark.parametrize("text", ["import \u212aornia", "criter\u0130", "\ud800 loss", "LO\u017fs torch"])
def test_letters_outside_ascii_hide_no_marker(text: str) -> None:
    assert any(marker in text.lower() for marker in MARKERS)
    assert can_matter(text)


@pytest.mark.parametrize(
    "text",
    [
        "from torch import nn",
        "self.criterion(output, target).backward()",
        "from .layers import SOFTMAX",
        "learn = cnn_learner(dls, arch)",
        '{"cells": [{"source": ["import torch"]}]}',
    ],
)
def test_when_in_doubt_it_may(text: str) -> None:
    assert can_matter(text)


@pytest.mark.parametrize("text", ["", "import os\n\nprint(os.sep)\n", "def connect(url):\n    running = cannot()\n"])
def test_most_files_cannot(text: str) -> None:
    assert not can_matter(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1  # noqa: CEL001\n", True),
        ("x = 1  # NoQA:cel001\n", True),
        ("x = 1  # ce-lint: ignore\n", True),
        ("x = 1  # ce-lint:file-ignore\n", True),
        ("x = 1  # noqa: E501\n", False),
        ("cell = excel(celery)  # noqa\n", False),
        ("", False),
    ],
)
def test_which_texts_may_hold_a_comment_of_ours(text: str, expected: bool) -> None:
    assert can_suppress(text) is expected
    assert can_concern_us(text) is expected


def test_a_word_for_a_loss_is_found_as_it_is_spelt() -> None:
    words = {*load().marker_words(), "mine"}
    can_hold_one = holding(words)
    for word in words:
        assert can_hold_one(f"x = {word}(y)\n".encode())
    for text in ("", "lossless = 1\n", "def _loss(): ...\n", "import torch\n"):
        assert not can_hold_one(text.encode())
