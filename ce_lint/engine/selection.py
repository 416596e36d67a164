"""Which codes are reported: the longest prefix decides, as in flake8 and ruff."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ce_lint.engine.settings import Settings

_PREFIX = re.compile(r"C(?:E(?:L[0-9]{0,3})?)?", re.ASCII)


def is_selected(code: str, settings: Settings, default_on: bool) -> bool:
    """Tell whether findings of this code are reported.

    `select` replaces the defaults, `extend_select` adds to them or to `select`, and `ignore` takes away what no longer
    prefix asks for.
    """
    asked = max(_longest(code, settings.select or ()), _longest(code, settings.extend_select))
    ignored = _longest(code, settings.ignore)
    if asked:
        return asked > ignored
    return default_on and settings.select is None and not ignored


def is_code_prefix(text: str) -> bool:
    """Tell whether a text can start one of our codes: `CEL`, `CEL0`, `CEL001`."""
    return _PREFIX.fullmatch(text) is not None


def _longest(code: str, prefixes: Iterable[str]) -> int:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=0)
