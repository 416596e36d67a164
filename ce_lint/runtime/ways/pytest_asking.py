"""How a test asks to be watched: the marker, and a filter for the warning."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

NAME = "ce_lint"
"""Of the marker, of the fixture, and of what a report carries."""
_WARNING = "DoubleSoftmaxWarning"


def mentions_warning(filters: Iterable[str]) -> bool:
    """Whether one of these filters is for our warning."""
    return any(_WARNING in one for one in filters)


def read_marker(item: pytest.Item) -> tuple[bool | None, frozenset[str]]:
    """What the marker of a test says: on, off or nothing, and the codes to ignore. Errors: UsageError."""
    marker = item.get_closest_marker(NAME)
    if marker is None:
        return None, frozenset()
    try:
        return _marker(*marker.args, **marker.kwargs)
    except TypeError:
        raise pytest.UsageError(f"{item.nodeid}: the marker takes ce_lint(on=True, *, ignore=())") from None


def _marker(on: bool = True, *, ignore: Iterable[str] = ()) -> tuple[bool, frozenset[str]]:
    return on, frozenset([ignore] if isinstance(ignore, str) else ignore)
