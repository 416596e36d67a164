"""The interpreter's own limits, set for the time of an analysis."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

RECURSION_LIMIT = 6_000
"""Frames of Python; MAX_NESTING evaluations need fewer than 20 each."""


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Allow the evaluator's nesting, and give the host program its own limit back."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
