"""The words that every layer shares: score kinds, loss families, sites."""

from __future__ import annotations

import enum
from typing import NamedTuple


class ScoreKind(enum.Enum):
    """What is known of the numbers in a tensor of scores."""

    LOGITS = "logits"
    PROBABILITIES = "probabilities"
    LOG_PROBABILITIES = "log-probabilities"
    SIGMOID = "sigmoid probabilities"
    LOG_SIGMOID = "log-sigmoid"


class Family(enum.Enum):
    """Losses of one contract: what they do to their first argument."""

    CROSS_ENTROPY = "cross-entropy"
    NLL = "nll"
    BCE = "bce"
    BCE_WITH_LOGITS = "bce-with-logits"
    KL_DIV = "kl-div"
    OTHER = "other"


class Site(NamedTuple):
    """A node of a module's IR, or one argument of a call: the place is resolved only for what is reported."""

    path: str
    node: int
    argument: int | None = None
