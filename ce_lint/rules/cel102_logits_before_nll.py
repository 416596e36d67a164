"""CEL102: logits are the input of a loss that wants log-probabilities."""

from __future__ import annotations

from ce_lint.findings import Severity
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.rules.base import Default, Rule

PAGE = """\
# logits-before-nll (CEL102)

## What it does

Reports logits, the output of a linear or convolution layer, that reach the input of `nn.NLLLoss`, `F.nll_loss` or
`nn.CTCLoss`. The runtime checker reports it; the static analysis does not yet.

## Why is this bad?

These losses expect log-probabilities and normalise nothing. Given logits, `nn.NLLLoss` returns minus the score of the
true class: it falls without end while that score grows, whatever the other classes' scores do. Nothing is
learned that tells classes apart, and the loss goes to minus infinity. `nn.CTCLoss` does the same with whole paths.

## Example

```python
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return self.fc(x)


def train_step(images, labels):
    net = Net()
    criterion = nn.NLLLoss()
    return criterion(net(images), labels)
```

## Use instead

```python
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return self.fc(x)


def train_step(images, labels):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    return criterion(net(images), labels)
```

Or return `F.log_softmax(self.fc(x), dim=1)` and keep `nn.NLLLoss`: the two are the same number.

## When it is right

Hardly ever. Where `F.nll_loss` serves to pick one score a row and that score is a loss of its own, say so where it is
called: `# noqa: CEL102` with the reason beside it.

## References

- https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
- https://docs.pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html
"""


def consequence(flow: Flow) -> str:
    """That the loss has no end, and what to pass."""
    return "which normalises nothing: the loss has no lower end; pass log_softmax output"


RULE = Rule(
    code="CEL102",
    name="logits-before-nll",
    severity=Severity.ERROR,
    default=Default.PREVIEW,
    summary="logits are the input of a loss that wants log-probabilities",
    page=PAGE,
    kinds=frozenset({ScoreKind.LOGITS}),
    family=Family.NLL,
    consequence=consequence,
    is_found_at_run_time_only=True,
)
