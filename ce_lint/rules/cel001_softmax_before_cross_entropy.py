"""CEL001: probabilities are the input of a loss that applies log-softmax itself."""

from __future__ import annotations

from ce_lint.findings import Severity
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.rules.base import Default, Rule
from ce_lint.rules.bounds import window_note

PAGE = """\
# softmax-before-cross-entropy (CEL001)

## What it does

Reports a softmax output that reaches the input of `nn.CrossEntropyLoss`, `F.cross_entropy`, or a library's loss of the
same contract, through any number of functions, modules and files.

## Why is this bad?

The loss applies log-softmax itself; PyTorch's documentation asks for "the unnormalized logits for each class". With
probabilities as input the loss can no longer say what it is meant to say. For C classes and hard labels every sample's
loss lies in `[ln(e + C - 1) - 1, ln(e + C - 1)]`, one nat wide, however good or bad the prediction is:

| classes | never below | uniform guess | never above | gradient at the start |
|---|---|---|---|---|
| 2 | 0.313 | 0.693 | 1.313 | 1/2 of the right one |
| 3 | 0.551 | 1.099 | 1.551 | 1/3 |
| 10 | 1.461 | 2.303 | 2.461 | 1/10 |
| 100 | 3.622 | 4.605 | 4.622 | 1/100 |
| 1000 | 5.909 | 6.908 | 6.909 | 1/1000 |

A sample that is confidently wrong, the one that should teach most, has almost no gradient left: with 10 classes and a
wrong logit 10 above the others, 1.2e-4 instead of 1.41. Nothing crashes, and small problems may still be learned; with
many classes training can stop far below what the same model reaches on its logits.

See it in two lines:

    logits = torch.tensor([[20.0, 0.0, 0.0]]); target = torch.tensor([0])
    F.cross_entropy(logits, target), F.cross_entropy(logits.softmax(1), target)  # 0.0000 and 0.5514

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


def train(loader, optimizer):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    for images, labels in loader:
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()
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


def train(loader, optimizer):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    for images, labels in loader:
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()


def predict(net, images):
    return net(images).softmax(dim=1)
```

Predictions by `argmax` do not change. What does: code that reads the *values* of the model's output (thresholds,
averages, calibration, plots, an exported model's users) must call `.softmax(dim=1)` itself; learning rates and
early-stopping thresholds that were tuned to the squashed loss need another look. Where the model already returns both,
`logits, probabilities = net(images)`, pass the logits. Where forward has to stay, `log_softmax` with `nn.NLLLoss` is
the same loss.

## When it is right

Hardly ever. A softmax of the *target* (distillation, soft labels), one beside the loss (accuracy, logging), one
inside the network (attention, gating), and one applied at inference only are right, and not reported. A loss that is
bounded on purpose can be said to be so where it is called: `# noqa: CEL001` with the reason beside it.

## References

- https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
- https://github.com/pytorch/pytorch/issues/55902
- https://stackoverflow.com/questions/49390842/cross-entropy-in-pytorch
- https://github.com/shaoxiongji/federated-learning/issues/9
"""


def consequence(flow: Flow) -> str:
    """Where the loss is stuck."""
    return f"which applies log-softmax itself: pass logits{window_note(flow)}"


RULE = Rule(
    code="CEL001",
    name="softmax-before-cross-entropy",
    severity=Severity.ERROR,
    default=Default.ON,
    summary="a softmax output is the input of a loss that applies log-softmax itself",
    page=PAGE,
    kinds=frozenset({ScoreKind.PROBABILITIES}),
    family=Family.CROSS_ENTROPY,
    consequence=consequence,
    in_evaluation_only=False,
)
