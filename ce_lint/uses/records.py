"""Who uses scores, and what for: what a fix has to know before it takes an activation away."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ce_lint.frontend.places import Range


class UseKind(enum.Enum):
    """What is needed of the scores."""

    LOSS = "loss"
    """A loss is given them: it wants logits."""
    CLASSES = "classes"
    """Only which score is the largest, or their order: logits give the same answer."""
    VALUES = "values"
    """The numbers are read: they have to stay what they are."""
    UNKNOWN = "unknown"
    """What is done with them is not understood."""


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that is done with the scores."""

    path: Path
    span: Range
    """The expression around which an activation would have to be put back; in the module's joined text."""
    kind: UseKind
    why: str
    """In a few words: `compared`, `given to print`, `stored in self.scores`."""
    is_primary: bool = True
    """May a method call follow the expression without parentheses?"""
    is_mixed: bool = False
    """True where an activation cannot be put back around the expression: it is one of several things, a container, or
    its class dimension has moved."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """An expression through which the scores come into a function: their origin, or a call that returns them."""

    path: Path
    span: Range
    is_direct: bool
    """Is the value of the expression the tensor itself, and no container of it?"""
    is_primary: bool
    is_mixed: bool
    """May the value be something else, too?"""
    is_passed_on: bool
    """Are the scores handed to the callers of the function, too? Those have entrances of their own."""
    holds_activation: bool
    """Can an activation be put back around this expression, once for all uses that it leads to?

    Not where a loss or a caller gets them too, nor where one of its uses is reached through an entrance that cannot.
    """
    kinds: frozenset[UseKind]
    """Of all uses that are reached through this entrance, also of those that are listed at another one."""
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Uses:
    """All uses of the scores of one origin that the project shows; every one of them once."""

    entrances: tuple[Entrance, ...]

    @property
    def all(self) -> tuple[Use, ...]:
        """The uses of all entrances."""
        return tuple(use for entrance in self.entrances for use in entrance.uses)

    @property
    def kinds(self) -> frozenset[UseKind]:
        """What is needed of the scores, anywhere."""
        return frozenset(use.kind for use in self.all)

    def count(self, kind: UseKind) -> int:
        """The number of uses of a kind."""
        return Counter(use.kind for use in self.all)[kind]

    def of(self, kind: UseKind) -> tuple[Use, ...]:
        """The uses of a kind."""
        return tuple(use for use in self.all if use.kind is kind)
