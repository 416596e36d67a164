"""A loss call of which nothing could be said, as it is known until somebody asks where it stands."""

from __future__ import annotations

import msgspec

from ce_lint.ir.kinds import Site


class Undecided(msgspec.Struct, frozen=True, array_like=True):
    """A loss call whose input could not be decided; where it stands is looked up when somebody asks."""

    site: Site
    loss: str
    reason: str
    caller: str
    """The qualified name of the function around it; "" for a module's body."""
    is_suppressed: bool
    """Does a comment take it back?"""
