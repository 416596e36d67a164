"""Methods that change their object."""

from __future__ import annotations

MUTATORS = frozenset(
    "append extend insert appendleft add update setdefault add_module register_module train eval "
    "pop popitem remove clear reverse sort popleft discard".split()
)
"""Of lists, dicts and modules; a call of one makes a new version of its object."""


def changes_its_object(method: str) -> bool:
    """Is a method one of a list, dict or module that changes it, or of a tensor in place: `log_`, `clamp_`?"""
    return method in MUTATORS or (method.endswith("_") and not method.startswith("_"))
