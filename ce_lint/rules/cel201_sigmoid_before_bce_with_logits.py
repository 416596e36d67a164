"""CEL201: sigmoid outputs are the input of a loss that applies sigmoid itself."""

from __future__ import annotations

from ce_lint.findings import Severity
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.rules.base import Default, Rule
from ce_lint.rules.bounds import negative_note

PAGE = """\
# sigmoid-before-bce-with-logits (CEL201)

## What it does

Reports a sigmoid output that reaches the input of `nn.BCEWithLogitsLoss`, `F.binary_cross_entropy_with_logits`, or a
library's loss that applies sigmoid itself.

## Why is this bad?

The sigmoid is applied twice. A first sigmoid's output lies in [0, 1], so the probability that the loss sees lies in
[0.5, 0.731]: for it, nothing is ever negative. A negative costs at least ln 2 = 0.693, a positive at least 0.313, and
the gradient of a sample that is confidently wrong has all but gone.

## Example

```python
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 1)

    def forward(self, x):
        return torch.sigmoid(self.fc(x))


def train_step(features, targets):
    net = Net()
    criterion = nn.BCEWithLogitsLoss()
    return criterion(net(features), targets)
```

## Use instead

```python
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 1)

    def forward(self, x):
        return self.fc(x)


def train_step(features, targets):
    net = Net()
    criterion = nn.BCEWithLogitsLoss()
    return criterion(net(features), targets)
```

A threshold of 0.5 on the old output is a threshold of 0 on the logits. Or keep the sigmoid and use `nn.BCELoss`, which
expects it.

## When it is right

Hardly ever: `nn.BCELoss` is the loss for sigmoid outputs, and is not reported. Otherwise say so where the loss is
called: `# noqa: CEL201` with the reason beside it.

## References

- https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
- https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
"""


def consequence(flow: Flow) -> str:
    """What a negative costs at least."""
    return f"which applies sigmoid itself: pass logits{negative_note(flow)}"


RULE = Rule(
    code="CEL201",
    name="sigmoid-before-bce-with-logits",
    severity=Severity.ERROR,
    default=Default.ON,
    summary="a sigmoid output is the input of a loss that applies sigmoid itself",
    page=PAGE,
    kinds=frozenset({ScoreKind.SIGMOID}),
    family=Family.BCE_WITH_LOGITS,
    consequence=consequence,
)
