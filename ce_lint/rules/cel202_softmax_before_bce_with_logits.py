"""CEL202: softmax outputs are the input of a loss that applies sigmoid itself."""

from __future__ import annotations

from ce_lint.findings import Severity
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.rules.base import Default, Rule
from ce_lint.rules.bounds import negative_note

PAGE = """\
# softmax-before-bce-with-logits (CEL202)

## What it does

Reports a softmax output that reaches the input of `nn.BCEWithLogitsLoss`, `F.binary_cross_entropy_with_logits`, or a
library's loss that applies sigmoid itself.

## Why is this bad?

The loss applies sigmoid to every element, and takes it for a logit. A softmax output lies in [0, 1], so the
probability that the loss sees lies in [0.5, 0.731]: a class that is absent costs at least ln 2 = 0.693 and a class
that is present at least 0.313, even where the prediction is perfect.

## Example

```python
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 4)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)


def train_step(features, one_hot):
    net = Net()
    criterion = nn.BCEWithLogitsLoss()
    return criterion(net(features), one_hot)
```

## Use instead

```python
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 4)

    def forward(self, x):
        return self.fc(x)


def train_step(features, one_hot):
    net = Net()
    criterion = nn.BCEWithLogitsLoss()
    return criterion(net(features), one_hot)
```

If exactly one class is right, `nn.CrossEntropyLoss` on the same logits is the loss; if the labels are independent,
`nn.BCEWithLogitsLoss` is, and softmax was never meant.

## When it is right

Hardly ever. Softmax with `nn.BCELoss` on one-hot targets is a loss of probabilities and is not reported. Otherwise
say so where the loss is called: `# noqa: CEL202` with the reason beside it.

## References

- https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
- https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
"""


def consequence(flow: Flow) -> str:
    """What a negative costs at least."""
    return f"which applies sigmoid itself: pass logits{negative_note(flow)}"


RULE = Rule(
    code="CEL202",
    name="softmax-before-bce-with-logits",
    severity=Severity.ERROR,
    default=Default.ON,
    summary="a softmax output is the input of a loss that applies sigmoid itself",
    page=PAGE,
    kinds=frozenset({ScoreKind.PROBABILITIES}),
    family=Family.BCE_WITH_LOGITS,
    consequence=consequence,
)
