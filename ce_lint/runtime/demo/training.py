"""The demonstration: one small classifier, trained on its logits and trained on their softmax."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from ce_lint.rules.bounds import softmax_window
from ce_lint.runtime.demo.records import OPTIMIZERS, Comparison, Experiment, Moment, Training
from ce_lint.runtime.watch.watching import watch

_FEATURES, _HIDDEN, _BATCH = 32, 64, 128
_HELD_OUT = 4000
_SPREAD = 0.8
"""Standard deviation of the blobs' centres; that of a blob is 1. Blobs of many classes overlap, those of few do not."""
_MOMENTS = 60

Loss = Callable[[Tensor, Tensor], Tensor]


def compare(experiment: Experiment) -> Comparison:
    """Train both; the state of torch's random numbers is left as it was.

    Takes about a second a thousand steps on one core. Everything is float32 on the CPU, and one seed gives one result.
    """
    criterion = nn.CrossEntropyLoss()
    right = _train(experiment, criterion)
    with watch(warn=False) as watched:
        # The mistake itself is what is shown.
        wrong = _train(experiment, lambda logits, labels: criterion(logits.softmax(dim=1), labels))  # noqa: CEL001
    optimizer = OPTIMIZERS[experiment.optimizer]
    return Comparison(
        experiment=experiment,
        setting=(
            f"{experiment.classes} Gaussian blobs in {_FEATURES} dimensions, a perceptron with {_HIDDEN} hidden units, "
            f"{optimizer.name} (learning rate {optimizer.rate:g}), batches of {_BATCH}"
        ),
        held_out=_HELD_OUT,
        right=right,
        wrong=wrong,
        window=softmax_window(experiment.classes),
        findings=watched.findings(),
    )


def _train(experiment: Experiment, loss_of: Loss) -> Training:
    """Train the classifier with one of the two losses, from the seed on."""
    blobs = _Blobs(experiment)
    samples, labels = blobs.draw(_HELD_OUT)
    net = _network(experiment)
    chosen = OPTIMIZERS[experiment.optimizer]
    optimizer = getattr(torch.optim, chosen.name)(net.parameters(), lr=chosen.rate)
    moments: list[Moment] = []
    losses: list[float] = []
    first_norm = 0.0
    moment_steps = set(_moment_steps(experiment.steps))
    for step in range(1, experiment.steps + 1):
        inputs, targets = blobs.draw(_BATCH)
        loss = loss_of(net(inputs), targets)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        if step == 1:
            first_norm = _gradient_norm(net)
        optimizer.step()
        losses.append(loss.item())
        if step in moment_steps:
            moments.append(Moment(step, sum(losses) / len(losses), _accuracy(net, samples, labels)))
            losses.clear()
    with torch.no_grad():
        nll = nn.functional.cross_entropy(net(samples), labels).item()
    return Training(tuple(moments), nll, first_norm)


class _Blobs:
    """Samples of Gaussian blobs, one blob a class: the same ones from the same seed."""

    def __init__(self, experiment: Experiment) -> None:
        self._generator = torch.Generator().manual_seed(experiment.seed)
        self._centres = _SPREAD * torch.randn(experiment.classes, _FEATURES, generator=self._generator)

    def draw(self, count: int) -> tuple[Tensor, Tensor]:
        """Samples, float32 of shape (count, features), and their classes, int64 of shape (count,)."""
        labels = torch.randint(len(self._centres), (count,), generator=self._generator)
        return self._centres[labels] + torch.randn(count, _FEATURES, generator=self._generator), labels


def _network(experiment: Experiment) -> nn.Module:
    """A network that returns logits, its weights from the seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(experiment.seed)
        return nn.Sequential(nn.Linear(_FEATURES, _HIDDEN), nn.ReLU(), nn.Linear(_HIDDEN, experiment.classes))


def _moment_steps(steps: int) -> Iterator[int]:
    """The steps after which the curves have a point: evenly spaced, the last one always."""
    return (max(round(number * steps / _MOMENTS), 1) for number in range(1, _MOMENTS + 1))


def _gradient_norm(net: nn.Module) -> float:
    gradients = [parameter.grad for parameter in net.parameters() if parameter.grad is not None]
    return float(torch.stack([gradient.norm() for gradient in gradients]).norm())


def _accuracy(net: nn.Module, samples: Tensor, labels: Tensor) -> float:
    with torch.no_grad():
        return float((net(samples).argmax(dim=1) == labels).double().mean())
