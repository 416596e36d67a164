"""Which codes are reported: the longest prefix decides, as in flake8 and ruff."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ce_lint.engine.configuration.settings import Settings

UNUSED = "CEL902"
"""The rule about comments: where it is asked for, files without a loss or an activation matter, too."""

_PREFIX = r"C(?:E(?:L[0-9]{0,3})?)?"


def is_selected(code: str, settings: Settings, default_on: bool) -> bool:
    """Tell whether findings of this code are reported.

    `select` replaces the defaults, `extend_select` adds to them or to `select`, and `ignore` takes away what no longer
    prefix asks for.
    """
    return selection(code, settings, default_on)[0]


def selection(code: str, settings: Settings, default_on: bool) -> tuple[bool, str]:
    """Tell whether findings of this code are reported, and what decides that."""
    select, extend_select = _longest(code, settings.select or ()), _longest(code, settings.extend_select)
    ignore = _longest(code, settings.ignore)
    if ignore and len(ignore) >= max(len(select), len(extend_select)):
        return False, f'ignore has "{ignore}"'
    if extend_select and len(extend_select) > len(select):
        return True, f'extend-select has "{extend_select}"'
    if select:
        return True, f'select has "{select}"'
    if settings.select is not None:
        return False, "select leaves it out"
    return default_on, "on by default" if default_on else "off by default"


def is_code_in(code: str, prefixes: Iterable[str]) -> bool:
    """Tell whether a code starts with one of some prefixes."""
    return code.startswith(tuple(prefixes))


def is_code_prefix(text: str) -> bool:
    """Tell whether a text can start one of our codes: `CEL`, `CEL0`, `CEL001`."""
    return re.fullmatch(_PREFIX, text) is not None


def _longest(code: str, prefixes: Iterable[str]) -> str:
    return max((prefix for prefix in prefixes if code.startswith(prefix)), key=len, default="")
