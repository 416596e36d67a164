"""CEL004: probabilities are the input of cross-entropy, in evaluation only."""

from __future__ import annotations

from ce_lint.findings import Severity
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.rules.base import Default, Rule
from ce_lint.rules.bounds import window_note

PAGE = """\
# softmax-before-cross-entropy-in-eval (CEL004)

## What it does

Reports a softmax output that reaches the input of `nn.CrossEntropyLoss`, or a loss of the same contract, in evaluation
mode only: the model returns logits while it is trained and probabilities after `model.eval()`.

## Why is this bad?

Training is right. The loss that is reported for validation is not: it applies log-softmax to probabilities, so every
sample's loss lies in `[ln(e + C - 1) - 1, ln(e + C - 1)]` (10 classes: 1.461 to 2.461) however good the model is. The
curve looks like over-fitting from the first epoch on, and whatever reads it decides wrongly: early stopping, a
learning-rate schedule that waits for a plateau, the choice of the best checkpoint.

## Example

```python
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        x = self.fc(x)
        if not self.training:
            x = torch.softmax(x, dim=1)
        return x


def validate(loader):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    net.eval()
    total = 0.0
    with torch.no_grad():
        for images, labels in loader:
            total += criterion(net(images), labels).item()
    return total / len(loader)
```

## Use instead

```python
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return self.fc(x)

    def predict(self, x):
        return torch.softmax(self.fc(x), dim=1)


def validate(loader):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    net.eval()
    total = 0.0
    with torch.no_grad():
        for images, labels in loader:
            total += criterion(net(images), labels).item()
    return total / len(loader)
```

Where evaluation must return probabilities, take the logarithm before the loss: `F.nll_loss(probabilities.log(),
labels)`.

## When it is right

Returning probabilities in evaluation mode is a common and good design as long as no cross-entropy is computed on them:
models that only predict, or only report accuracy, in evaluation are not reported.

## References

- https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
- https://github.com/facebookresearch/SlowFast/issues/128
"""


def consequence(flow: Flow) -> str:
    """That only the loss of evaluation is wrong, and where it is stuck."""
    return f"which applies log-softmax itself: the evaluation loss is wrong, training is not{window_note(flow)}"


RULE = Rule(
    code="CEL004",
    name="softmax-before-cross-entropy-in-eval",
    severity=Severity.WARNING,
    default=Default.ON,
    summary="a softmax output is, in evaluation only, the input of a loss that applies log-softmax itself",
    page=PAGE,
    kinds=frozenset({ScoreKind.PROBABILITIES}),
    family=Family.CROSS_ENTROPY,
    consequence=consequence,
    in_evaluation_only=True,
)
