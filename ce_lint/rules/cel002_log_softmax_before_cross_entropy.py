"""CEL002: log-probabilities are the input of a loss that applies log-softmax itself."""

from __future__ import annotations

from ce_lint.findings import Severity
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.rules.base import Default, Rule

PAGE = """\
# log-softmax-before-cross-entropy (CEL002)

## What it does

Reports a log-softmax output that reaches the input of `nn.CrossEntropyLoss`, `F.cross_entropy`, or a library's loss of
the same contract. Off by default: ask for it with `--extend-select CEL002`.

## Why is this bad?

It is not a bug. Log-softmax of log-probabilities gives the same log-probabilities, so the loss and its gradient are the
same up to rounding, and removing it changes no result. It is worth a note because it says one thing twice, hides which
of the two losses the author meant, and turns into CEL001 as soon as somebody changes `log_softmax` to `softmax`.

## Example

```python
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return F.log_softmax(self.fc(x), dim=1)


def train_step(images, labels):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    return criterion(net(images), labels)
```

## Use instead

```python
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return F.log_softmax(self.fc(x), dim=1)


def train_step(images, labels):
    net = Net()
    criterion = nn.NLLLoss()
    return criterion(net(images), labels)
```

Or keep `nn.CrossEntropyLoss` and let `forward` return the logits.

## When it is right

Always, numerically. One use is more than redundant: log-probabilities that were changed before the loss (divided by a
temperature, a prior added, averaged over an ensemble) are no longer normalised, the loss normalises them again, and
they are not reported.

## References

- https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
- https://discuss.pytorch.org/t/logsoftmax-vs-softmax/21386
- https://github.com/pytorch/examples/issues/714
"""


def consequence(flow: Flow) -> str:
    """That the result is the same, and what to drop."""
    return "which applies log-softmax itself: numerically the same, redundant: drop log_softmax or use NLLLoss"


RULE = Rule(
    code="CEL002",
    name="log-softmax-before-cross-entropy",
    severity=Severity.NOTE,
    default=Default.OFF,
    summary="a log-softmax output is the input of a loss that applies log-softmax itself: the same number, said twice",
    page=PAGE,
    kinds=frozenset({ScoreKind.LOG_PROBABILITIES}),
    family=Family.CROSS_ENTROPY,
    consequence=consequence,
)
