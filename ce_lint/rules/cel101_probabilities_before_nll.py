"""CEL101: probabilities are the input of a loss that wants log-probabilities."""

from __future__ import annotations

from ce_lint.findings import Severity
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.rules.base import Default, Rule

PAGE = """\
# probabilities-before-nll (CEL101)

## What it does

Reports a softmax output that reaches the input of `nn.NLLLoss`, `F.nll_loss` or `nn.CTCLoss`.

## Why is this bad?

These losses take no logarithm: they expect log-probabilities. Given probabilities, `nn.NLLLoss` returns `-p` of the
true class, a number between -1 and 0, and a negative loss is the sign by which most people notice. Its gradient with
respect to the probability is the same for a hopeless sample as for a solved one, where the right loss pushes `1 / p`
times harder. `nn.CTCLoss` turns negative in the same way.

## Example

```python
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)


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

Or return logits and use `nn.CrossEntropyLoss`: it is `log_softmax` and `NLLLoss` in one.

## When it is right

skorch's `NeuralNetClassifier` takes the logarithm before it calls `NLLLoss`, so there the module must return
probabilities; that is known and not reported. So is `F.nll_loss(probabilities.log(), labels)`. Otherwise say so where
the loss is called: `# noqa: CEL101` with the reason beside it.

## References

- https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
- https://docs.pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html
- https://discuss.pytorch.org/t/is-log-softmax-nllloss-crossentropyloss/9352
"""


def consequence(flow: Flow) -> str:
    """That the loss is negative, and what to pass."""
    return "which takes no logarithm: the loss is negative; pass log_softmax output"


RULE = Rule(
    code="CEL101",
    name="probabilities-before-nll",
    severity=Severity.ERROR,
    default=Default.ON,
    summary="a softmax output is the input of a loss that wants log-probabilities",
    page=PAGE,
    kinds=frozenset({ScoreKind.PROBABILITIES}),
    family=Family.NLL,
    consequence=consequence,
)
