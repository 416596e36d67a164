"""What is said where the pointer rests."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from ce_lint.rules.registry import RULES
from tests.lsp.conftest import MODEL, RIGHT, TRAIN, Start, pushing

pytestmark = [pytest.mark.slow, pytest.mark.asyncio]


async def test_a_loss_call_tells_what_reaches_it(start: Start) -> None:
    editor = await start()
    editor.open("train.py")

    for character in (11, 24, 31):
        said = await editor.hover("train.py", 5, character)
        assert said is not None
        assert said.startswith("**Wrong** (CEL001, softmax-before-cross-entropy)")
        assert "| 10 | 1.461 | 2.461 |" in said
        assert f"1. [model.py:11](<{editor.uri('model.py')}#L11>): probabilities made here" in said
    assert await editor.hover("train.py", 5, 5) is None


async def test_so_does_the_activation(start: Start) -> None:
    editor = await start()
    editor.open("model.py")

    said = await editor.hover("model.py", 10, 20)
    assert said is not None
    assert "(train.py:6), which applies log-softmax itself" in said


async def test_no_window_is_named_where_it_does_not_hold(start: Start) -> None:
    editor = await start()
    editor.open("train.py", TRAIN.replace("CrossEntropyLoss()", "CrossEntropyLoss(label_smoothing=0.1)"))

    said = await editor.hover("train.py", 5, 12)
    assert said is not None
    assert "never below" not in said


async def test_a_loss_call_that_could_not_be_decided_tells_why(start: Start, root: Path) -> None:
    (root / "model.py").write_text("def Net(*x):\n    return unknown(x)\n")
    editor = await start()
    editor.open("train.py")

    said = await editor.hover("train.py", 5, 12)
    assert said is not None
    assert "could not be decided" in said


async def test_a_loss_call_that_is_right_says_so(start: Start) -> None:
    editor = await start()
    editor.open("model.py", RIGHT)
    editor.open("train.py")

    assert await editor.hover("train.py", 5, 12) == "**CrossEntropyLoss**: right: what reaches it is what it expects."
    editor.open("untitled:Untitled-1", RIGHT + TRAIN.replace("from model import Net\n", ""))
    said = await editor.hover("untitled:Untitled-1", 15, 12)
    assert said is not None
    assert "right" in said


@pytest.mark.parametrize("comment", ["# noqa: CEL001", "# ce-lint: ignore[CEL003, CEL001] why"])
async def test_a_code_in_a_comment_shows_the_page_of_its_rule(start: Start, comment: str) -> None:
    editor = await start()
    text = f'"𝄞"; x = 1  {comment}\ny = "{comment}"\n'
    editor.open("train.py", text)
    (page,) = [rule.page.strip() for rule in RULES if rule.code == "CEL001"]

    line = text.splitlines()[0]
    at = line.index("CEL001") + 1  # the clef counts as two
    assert await editor.hover("train.py", 0, at) == page
    assert await editor.hover("train.py", 0, at + 5) == page
    assert await editor.hover("train.py", 0, 8) is None
    assert await editor.hover("train.py", 1, at) is None


async def test_without_markdown_it_is_plain(start: Start) -> None:
    capabilities = pushing()
    assert capabilities.text_document is not None
    capabilities.text_document.hover = types.HoverClientCapabilities(content_format=[types.MarkupKind.PlainText])
    editor = await start(capabilities)
    editor.open("train.py", MODEL + TRAIN.replace("from model import Net\n", ""))

    said = await editor.hover("train.py", 15, 12)
    assert said is not None
    assert "1. train.py:11: probabilities made here" in said
