from __future__ import annotations

import pytest

from ce_lint.engine.configuration.selection import is_code_prefix, is_selected
from ce_lint.engine.configuration.settings import Settings


def selected(**choices: tuple[str, ...]) -> tuple[bool, bool]:
    """Whether CEL001, which is on by default, and CEL002, which is off, are reported."""
    settings = Settings(**choices)
    return is_selected("CEL001", settings, default_on=True), is_selected("CEL002", settings, default_on=False)


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({}, (True, False)),
        ({"select": ("CEL",)}, (True, True)),
        ({"select": ("C",)}, (True, True)),
        ({"select": ("CEL0",)}, (True, True)),
        ({"select": ("CEL002",)}, (False, True)),
        ({"select": ("CEL9",)}, (False, False)),
        ({"select": ()}, (False, False)),
        ({"extend_select": ("CEL002",)}, (True, True)),
        ({"extend_select": ("CEL9",)}, (True, False)),
        ({"select": ("CEL9",), "extend_select": ("CEL001",)}, (True, False)),
        ({"ignore": ("CEL",)}, (False, False)),
        ({"ignore": ("CEL001",)}, (False, False)),
        ({"ignore": ("CEL9",)}, (True, False)),
        ({"select": ("CEL",), "ignore": ("CEL001",)}, (False, True)),
        ({"select": ("CEL001",), "ignore": ("CEL",)}, (True, False)),
        ({"select": ("CEL",), "ignore": ("CEL",)}, (False, False)),
        ({"extend_select": ("CEL001",), "ignore": ("CEL0",)}, (True, False)),
    ],
)
def test_the_longest_prefix_decides(choices: dict[str, tuple[str, ...]], expected: tuple[bool, bool]) -> None:
    assert selected(**choices) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("C", True), ("CEL", True), ("CEL0", True), ("CEL001", True), ("CEL0011", False), ("cel001", False), ("", False)],
)
def test_code_prefixes(text: str, expected: bool) -> None:
    assert is_code_prefix(text) is expected
