"""What the interpreter hands to the rules: one value on its way from an activation to a loss."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from ce_lint.ir.kinds import Family, ScoreKind, Site
from ce_lint.ir.recipe import Recipe


class Step(NamedTuple):
    """A station of the flow."""

    site: Site
    note: str


class Flow(msgspec.Struct, frozen=True, gc=False):
    """Scores of one kind that reach one loss call."""

    kind: ScoreKind
    activation: str
    """What made the kind, in the words of a message: `softmax`, `log_softmax`, `sigmoid`."""
    owner: str
    """The class or function that made it, or "" at module level."""
    origin: Site
    steps: tuple[Step, ...]
    sink: Site
    argument: Site
    loss: str
    """The loss as a user knows it: `CrossEntropyLoss`, `F.cross_entropy`."""
    family: Family
    definite: bool
    evaluation_only: bool = False
    """True when the kind reaches the loss in evaluation only; training is right."""
    classes: int | None = None
    recipe: Recipe | None = None
    plain_window: bool = True
    """False when an argument of the loss moves the window: label smoothing, class weights, soft targets."""
