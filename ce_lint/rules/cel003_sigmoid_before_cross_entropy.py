"""CEL003: sigmoid outputs are the input of a loss that applies log-softmax itself."""

from __future__ import annotations

from ce_lint.findings import Severity
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.rules.base import Default, Rule
from ce_lint.rules.bounds import floor_note

PAGE = """\
# sigmoid-before-cross-entropy (CEL003)

## What it does

Reports a sigmoid output that reaches the input of `nn.CrossEntropyLoss`, `F.cross_entropy`, or a library's loss of the
same contract.

## Why is this bad?

The loss applies log-softmax itself and asks for unnormalised logits. Sigmoid squeezes each class into [0, 1] first, so
two classes can never be further apart than 1. At its very best (the true class at 1, every other at 0) the loss of a
sample is still `ln(e + C - 1) - 1`: 0.313 for 2 classes, 0.551 for 3, 1.461 for 10, 3.622 for 100. A saturated sigmoid
passes almost no gradient, so a confidently wrong class stays where it is.

The pair is a mixture of two right ones: one class out of several is `nn.CrossEntropyLoss` on logits; several
independent yes-or-no labels are `nn.BCEWithLogitsLoss` on logits.

## Example

```python
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 3)

    def forward(self, x):
        return torch.sigmoid(self.fc(x))


def train_step(features, labels):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    return criterion(net(features), labels)
```

## Use instead

```python
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 3)

    def forward(self, x):
        return self.fc(x)


def train_step(features, labels):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    return criterion(net(features), labels)
```

## When it is right

A hidden layer may well use sigmoid: only one that nothing follows is reported. A sigmoid that bounds the scores on
purpose needs a scale behind it (`10 * torch.sigmoid(x)`), and is then not reported. Otherwise say so where the loss is
called: `# noqa: CEL003` with the reason beside it.

## References

- https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
- https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
"""


def consequence(flow: Flow) -> str:
    """What the loss never goes below."""
    return f"which applies log-softmax itself: pass logits{floor_note(flow)}"


RULE = Rule(
    code="CEL003",
    name="sigmoid-before-cross-entropy",
    severity=Severity.ERROR,
    default=Default.ON,
    summary="a sigmoid output is the input of a loss that applies log-softmax itself",
    page=PAGE,
    kinds=frozenset({ScoreKind.SIGMOID}),
    family=Family.CROSS_ENTROPY,
    consequence=consequence,
)
