"""CEL301: probabilities or logits are the input of a divergence that wants log-probabilities."""

from __future__ import annotations

from ce_lint.findings import Severity
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.rules.base import Default, Rule

PAGE = """\
# non-log-input-before-kl-div (CEL301)

## What it does

Reports a softmax output that reaches the first argument of `nn.KLDivLoss` or `F.kl_div`. The runtime checker reports
logits there, too.

## Why is this bad?

The first argument has to be log-probabilities; the target stays probabilities unless `log_target=True`. Given
probabilities, the "divergence" is minus their mean under the target, less the target's entropy: negative, where a
divergence never is, and with a gradient that no longer grows where the prediction is far off.

## Example

```python
import torch.nn.functional as F
from torch import nn


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)


def distil(images, teacher_probabilities):
    student = Student()
    criterion = nn.KLDivLoss(reduction="batchmean")
    return criterion(student(images), teacher_probabilities)
```

## Use instead

```python
import torch.nn.functional as F
from torch import nn


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return F.log_softmax(self.fc(x), dim=1)


def distil(images, teacher_probabilities):
    student = Student()
    criterion = nn.KLDivLoss(reduction="batchmean")
    return criterion(student(images), teacher_probabilities)
```

`reduction="batchmean"` is the divergence of the definition; the default divides by the number of classes as well.

## When it is right

Hardly ever: a divergence below zero is none. Otherwise say so where the loss is called: `# noqa: CEL301` with the
reason beside it.

## References

- https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
- https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.kl_div.html
"""


def consequence(flow: Flow) -> str:
    """That the divergence is negative, and what to pass."""
    return "which takes no logarithm of its first argument: the divergence is negative; pass log_softmax output"


RULE = Rule(
    code="CEL301",
    name="non-log-input-before-kl-div",
    severity=Severity.ERROR,
    default=Default.PREVIEW,
    summary="probabilities or logits are the first argument of KLDivLoss, which wants log-probabilities",
    page=PAGE,
    kinds=frozenset({ScoreKind.PROBABILITIES, ScoreKind.LOGITS}),
    family=Family.KL_DIV,
    consequence=consequence,
)
