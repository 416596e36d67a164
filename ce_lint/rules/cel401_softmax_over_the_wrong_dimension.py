"""CEL401: softmax or log-softmax was taken over another dimension than the one that the loss takes for the classes."""

from __future__ import annotations

from ce_lint.findings import Severity
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family
from ce_lint.rules.base import Default, Rule

PAGE = """\
# softmax-over-the-wrong-dimension (CEL401)

## What it does

Reports a softmax or log-softmax output that reaches a loss whose class dimension is another one: dimension 1 for
`nn.CrossEntropyLoss` and `nn.NLLLoss` (0 for a single sample), the last one for `nn.CTCLoss`. The runtime checker
reports it; the static analysis does not yet.

## Why is this bad?

Over the batch dimension the scores of one sample are divided by those of the others in its batch: the loss of a sample
depends on its neighbours, its floor is not zero, and a batch of one gives the same loss whatever the network says. The
accuracy hardly shows it, because the order of the classes within a sample mostly stays. The usual causes are
`nn.Softmax()` without `dim`, which takes dimension 0 for three-dimensional input, and `dim=-1` on images.

## Example

```python
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return F.log_softmax(self.fc(x), dim=0)


def train_step(images, labels):
    net = Net()
    criterion = nn.NLLLoss()
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

Or return logits and use `nn.CrossEntropyLoss`, which knows the dimension itself.

## When it is right

`nn.CrossEntropyLoss` of log-probabilities over another dimension normalises them over the classes again; the runtime
checker calls that inconclusive. Otherwise say so where the loss is called: `# noqa: CEL401` with the reason beside it.

## References

- https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
- https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
"""


def consequence(flow: Flow) -> str:
    """What to change."""
    return "whose classes lie along another dimension: normalise over the class dimension"


RULE = Rule(
    code="CEL401",
    name="softmax-over-the-wrong-dimension",
    severity=Severity.ERROR,
    default=Default.PREVIEW,
    summary="softmax was taken over another dimension than the loss's class dimension",
    page=PAGE,
    # The kind alone does not decide: the dimension does, which is known at run time.
    kinds=frozenset(),
    family=Family.OTHER,
    consequence=consequence,
    is_found_at_run_time_only=True,
)
