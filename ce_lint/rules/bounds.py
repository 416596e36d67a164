"""What a loss can still reach when its input is already a probability: pure arithmetic.

All numbers are for hard labels, per sample, without class weights or label smoothing; checked against torch 2.13.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from ce_lint.interpreter.flow import Flow

NEGATIVE_FLOOR = math.log(2)
"""What a negative costs at least in binary cross-entropy with logits when its "logit" lies in [0, 1]."""


class Window(NamedTuple):
    """The smallest and the largest value of a loss."""

    low: float
    high: float


def softmax_window(classes: int) -> Window:
    """Cross-entropy of probabilities: one nat wide, whatever the model predicts."""
    top = math.log(math.e + classes - 1)
    return Window(top - 1, top)


def sigmoid_floor(classes: int) -> float:
    """Cross-entropy of sigmoid outputs at its best: the true class at 1, every other at 0."""
    return softmax_window(classes).low


def has_window(flow: Flow) -> bool:
    """Whether the plain formulas hold for this flow: at least two classes, and nothing that moves the window."""
    return flow.plain_window and flow.classes is not None and flow.classes >= 2


def window_note(flow: Flow) -> str:
    """The parenthesis that says where the loss is stuck, or "" when that is not known."""
    if not has_window(flow) or flow.classes is None:
        return ""
    low, high = softmax_window(flow.classes)
    return f" ({flow.classes} classes: this loss stays between {low:.3f} and {high:.3f})"


def floor_note(flow: Flow) -> str:
    """The parenthesis that says what the loss never goes below, or "" when that is not known."""
    if not has_window(flow) or flow.classes is None:
        return ""
    return f" ({flow.classes} classes: this loss never goes below {sigmoid_floor(flow.classes):.3f})"


def negative_note(flow: Flow) -> str:
    """The parenthesis that says what a negative costs at least, or "" when the loss is not the plain one."""
    return f" (a negative can never go below {NEGATIVE_FLOOR:.3f})" if flow.plain_window else ""
