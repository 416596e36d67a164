"""What of a text is code."""

from __future__ import annotations

from pathlib import Path

import pytest

from ce_lint.program.carriers import Carriers
from ce_lint.program.code import code_in
from ce_lint.program.definitions import Definitions
from ce_lint.program.heads import Edge
from ce_lint.program.program import Program


@pytest.mark.parametrize(
    "text",
    [
        b'"""criterion"""',
        b"'''it's the criterion'''",
        b'x = "criterion \\" criterion"',
        b"x = r'criterion'",
        b'x = 1  # the "criterion", isn\'t it',
        b'f"{x}" "criterion"',
    ],
)
def test_comments_and_strings_are_no_code(text: bytes) -> None:
    """Nothing of them is left."""
    assert b"criterion" not in code_in(text)


@pytest.mark.parametrize(
    "text",
    [
        b'f"{criterion(x)}"',
        b"rF'''{criterion(x)}'''",
        b'x = "#" + criterion(x)',
        b'"""a""" + criterion + """b"""',
        b"f\"{d['#']}\" + criterion",
        b'f"{d["x # y"]}" + criterion',
        b'criterion and this is no docstring"""',
    ],
)
def test_what_may_be_code_is_left(text: bytes) -> None:
    """In a formatted string there is code, and quotes that are no pairs say nothing."""
    assert b"criterion" in code_in(text)


def test_a_name_in_a_docstring_alone_is_no_reason_to_lower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The definition in whose code it stands is lowered, and no other."""
    text = 'def f():\n    """The criterion."""\n\n\ndef g():\n    """Of the criterion."""\n    return criterion\n'
    lowered: list[int] = []
    alone = Definitions._alone
    monkeypatch.setattr(Definitions, "_alone", lambda self, number: (lowered.append(number), alone(self, number))[1])
    path = tmp_path / "a.py"
    path.write_text(text)
    edges, _ = Carriers(Program(tmp_path, (path,)), frozenset()).definitions(path).hands("criterion")
    assert Edge(0, "g", maker=True) in edges
    assert len(lowered) == 1
