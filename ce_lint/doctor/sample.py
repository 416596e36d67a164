"""A program that breaks every rule that can be reported without running it, one after the other."""

from __future__ import annotations

NAME = "ce_lint_doctor.py"
"""What the program is called where it is laid over a project."""

PROGRAM = '''\
"""A program that is wrong on purpose."""
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    """A model whose output is right in training only."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        """Return logits in training, probabilities in evaluation."""
        x = self.fc(x)
        if not self.training:
            x = torch.softmax(x, dim=1)
        return x


def each_rule(x, y, unknown):
    """Break the rules that the comments name."""
    yield F.cross_entropy(F.softmax(x, dim=1), y)  # CEL001
    yield F.cross_entropy(F.log_softmax(x, dim=1), y)  # CEL002
    yield F.cross_entropy(torch.sigmoid(x), y)  # CEL003
    yield F.nll_loss(F.softmax(x, dim=1), y)  # CEL101
    yield F.binary_cross_entropy_with_logits(torch.sigmoid(x), y)  # CEL201
    yield F.binary_cross_entropy_with_logits(F.softmax(x, dim=1), y)  # CEL202
    yield F.kl_div(F.softmax(x, dim=1), y)  # CEL301
    yield F.cross_entropy(unknown(x), y)  # CEL901
    yield 902  # noqa: CEL999


def in_evaluation(x, y):
    """Break CEL004."""
    net = Net()
    net.eval()
    return F.cross_entropy(net(x), y)
'''
