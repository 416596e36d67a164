"""CEL901: a loss call whose input could not be decided."""

from __future__ import annotations

from ce_lint.findings import Severity
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family
from ce_lint.rules.base import Default, Rule

PAGE = """\
# unresolved-loss-call (CEL901)

## What it does

Names each loss call whose input ce-lint could not decide, with the reason: code it does not see, a model chosen while
the program runs, a bound that was hit. Off by default: ask for it with `--extend-select CEL901`.

## Why is this bad?

It is not: nothing is known to be wrong. But silence elsewhere means "proved right or not understood", and this says
which. Every loss call is one of three: reported, proved right, or listed here.

## Example

```python
import torch.nn.functional as F
from somebodys_models import Backbone


def train_step(images, labels):
    net = Backbone(classes=10)
    return F.cross_entropy(net(images), labels)
```

## Use instead

```python
import torch.nn.functional as F
from torch import nn


class Backbone(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.fc = nn.Linear(784, classes)

    def forward(self, x):
        return self.fc(x.flatten(1))


def train_step(images, labels):
    net = Backbone(classes=10)
    return F.cross_entropy(net(images), labels)
```

Where the code is not yours, describe it in `[tool.ce-lint]` of pyproject.toml: what a loss wants, what an activation
returns, which wrapper is an identity. Or ask the running program, which needs no description.

## When it is right

Most of the time. Use the list to see how far ce-lint's silence reaches, not to empty it.

## References

- https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
"""


def consequence(flow: Flow) -> str:
    """What a user can do about it."""
    return "which could not be decided"


RULE = Rule(
    code="CEL901",
    name="unresolved-loss-call",
    severity=Severity.NOTE,
    default=Default.OFF,
    summary="a loss call whose input could not be decided, with the reason",
    page=PAGE,
    # The engine makes these findings from the loss calls that gave no flow.
    kinds=frozenset(),
    family=Family.OTHER,
    consequence=consequence,
)
