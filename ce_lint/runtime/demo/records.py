"""What the demonstration is asked, and what it measured. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ce_lint.findings import Finding
from ce_lint.rules.bounds import Window


class Optimizer(NamedTuple):
    """How the network is trained."""

    name: str
    """Of a class in `torch.optim`."""
    rate: float
    """A learning rate that suits the logits."""


OPTIMIZERS: Mapping[str, Optimizer] = {"sgd": Optimizer("SGD", 0.5), "adam": Optimizer("Adam", 1e-3)}


class Experiment(NamedTuple):
    """One training, to be done twice."""

    classes: int = 100
    optimizer: str = "sgd"
    """A key of `OPTIMIZERS`."""
    steps: int = 1500
    seed: int = 0


class Moment(NamedTuple):
    """A point of a training's curves."""

    step: int
    """How many steps were done."""
    loss: float
    """The training loss as the loop reports it, in nats: its mean over the steps since the moment before."""
    accuracy: float
    """The part of the held-out samples that is classified correctly."""


class Training(NamedTuple):
    """What came of one of the two trainings."""

    moments: tuple[Moment, ...]
    nll: float
    """Negative log-likelihood of the held-out labels under the predicted probabilities, in nats."""
    gradient_norm: float
    """Euclidean norm of the gradient with respect to all parameters, at the first step."""

    @property
    def loss(self) -> float:
        """The training loss at the end, as the loop reports it."""
        return self.moments[-1].loss

    @property
    def accuracy(self) -> float:
        """The held-out accuracy at the end."""
        return self.moments[-1].accuracy


class Comparison(NamedTuple):
    """Both trainings, from the same weights and on the same batches."""

    experiment: Experiment
    setting: str
    """The network, data and optimiser in one line."""
    held_out: int
    """How many samples the accuracy is measured on."""
    right: Training
    wrong: Training
    window: Window
    """What the loss of the wrong one can never leave."""
    findings: tuple[Finding, ...]
    """What `watch` said of the wrong one."""
