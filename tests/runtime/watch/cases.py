"""The losses of torch, what makes scores, and the ways in which a program can run them: what the table is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from ce_lint.findings import Verdict
from ce_lint.runtime.watch.report import SiteReport
from ce_lint.runtime.watch.watching import Watch, watch

ROWS, CLASSES, FRAMES = 32, 6, 12
INDICES = torch.arange(ROWS) % CLASSES
ONE_HOT = F.one_hot(INDICES, CLASSES).float()
LENGTHS = torch.full((ROWS,), FRAMES), torch.full((ROWS,), 2)
SEQUENCES = torch.arange(2 * ROWS).reshape(ROWS, 2) % (CLASSES - 1) + 1

Loss = Callable[[Tensor], Tensor]
Producer = Callable[[Tensor], Tensor]


class Network(nn.Module):
    """A layer, and what is done to its output."""

    def __init__(self, producer: Producer) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(8, CLASSES)
        self.producer = producer

    def forward(self, inputs: Tensor) -> Tensor:
        return self.producer(2 * self.layer(inputs) if False else self.layer(inputs))


def frames(scores: Tensor) -> Tensor:
    """The same scores in every frame, for CTC."""
    return scores.unsqueeze(0).expand(FRAMES, ROWS, CLASSES)


LOSSES: Mapping[str, Loss] = {
    "CrossEntropyLoss": lambda scores: nn.CrossEntropyLoss()(scores, INDICES),
    "cross_entropy": lambda scores: F.cross_entropy(scores, INDICES),
    "NLLLoss": lambda scores: nn.NLLLoss()(scores, INDICES),
    "nll_loss": lambda scores: F.nll_loss(scores, INDICES),
    "BCEWithLogitsLoss": lambda scores: nn.BCEWithLogitsLoss()(scores, ONE_HOT),
    "binary_cross_entropy_with_logits": lambda scores: F.binary_cross_entropy_with_logits(scores, ONE_HOT),
    "MultiLabelSoftMarginLoss": lambda scores: nn.MultiLabelSoftMarginLoss()(scores, ONE_HOT),
    "multilabel_soft_margin_loss": lambda scores: F.multilabel_soft_margin_loss(scores, ONE_HOT),
    "KLDivLoss": lambda scores: nn.KLDivLoss(reduction="batchmean")(scores, ONE_HOT),
    "kl_div": lambda scores: F.kl_div(scores, ONE_HOT, reduction="batchmean"),
    "CTCLoss": lambda scores: nn.CTCLoss()(frames(scores), SEQUENCES, *LENGTHS),
    "ctc_loss": lambda scores: F.ctc_loss(frames(scores), SEQUENCES, *LENGTHS),
    "BCELoss": lambda scores: nn.BCELoss()(scores, ONE_HOT),
    "binary_cross_entropy": lambda scores: F.binary_cross_entropy(scores, ONE_HOT),
}

PRODUCERS: Mapping[str, Producer] = {
    "logits": lambda x: x,
    "nn.Softmax": lambda x: nn.Softmax(dim=1)(x),
    "F.softmax": lambda x: F.softmax(x, dim=-1),
    "torch.softmax": lambda x: torch.softmax(x, 1),
    "torch.special.softmax": lambda x: torch.special.softmax(x, 1),
    "x.softmax": lambda x: x.softmax(1),
    "nn.Softmax2d": lambda x: nn.Softmax2d()(x[:, :, None, None]).flatten(1),
    "nn.Softmin": lambda x: nn.Softmin(dim=1)(x),
    "F.gumbel_softmax": lambda x: F.gumbel_softmax(x, dim=1),
    "F.gumbel_softmax hard": lambda x: F.gumbel_softmax(x, hard=True, dim=1),
    "exp / sum": lambda x: x.exp() / x.exp().sum(1, keepdim=True),
    "F.normalize of exp": lambda x: F.normalize(x.exp(), p=1, dim=1),
    "Categorical.probs": lambda x: torch.distributions.Categorical(logits=x).probs,
    "nn.LogSoftmax": lambda x: nn.LogSoftmax(dim=1)(x),
    "F.log_softmax": lambda x: F.log_softmax(x, dim=1),
    "torch.log_softmax": lambda x: torch.log_softmax(x, -1),
    "torch.special.log_softmax": lambda x: torch.special.log_softmax(x, 1),
    "x.log_softmax": lambda x: x.log_softmax(1),
    "x - logsumexp": lambda x: x - x.logsumexp(1, keepdim=True),
    "Categorical.logits": lambda x: torch.distributions.Categorical(logits=x).logits,
    "nn.Sigmoid": lambda x: nn.Sigmoid()(x),
    "F.sigmoid": lambda x: torch.nn.functional.sigmoid(x),
    "torch.sigmoid": lambda x: torch.sigmoid(x),
    "x.sigmoid": lambda x: x.sigmoid(),
    "torch.special.expit": lambda x: torch.special.expit(x),
    "1 / (1 + exp(-x))": lambda x: 1 / (1 + torch.exp(-x)),
    "F.hardsigmoid": lambda x: F.hardsigmoid(x),
    "nn.LogSigmoid": lambda x: nn.LogSigmoid()(x),
    "torch.tanh": lambda x: torch.tanh(x),
}


def eager(network: Network, loss: Loss, inputs: Tensor) -> None:
    loss(network(inputs)).backward()


def no_grad(network: Network, loss: Loss, inputs: Tensor) -> None:
    with torch.no_grad():
        loss(network(inputs))


def autocast(network: Network, loss: Loss, inputs: Tensor) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        loss(network(inputs)).backward()


MODES = {"eager": eager, "no_grad": no_grad, "autocast": autocast}


def outcome(report: Watch) -> str:
    assert len(report.sites) == 1
    diagnosis = report.sites[0].diagnosis
    if diagnosis is None:
        return "none"
    if diagnosis.verdict is Verdict.CONFIRMED:
        return str(diagnosis.code)
    if diagnosis.verdict is Verdict.INCONCLUSIVE:
        return "?"
    return "right" if diagnosis.code is None else f"{diagnosis.code} refuted"


def run(mode, loss, producer) -> str:
    network = Network(PRODUCERS[producer])
    torch.manual_seed(1)
    inputs = 3 * torch.randn(ROWS, 8)
    with watch(warn=False) as report:
        try:
            MODES[mode](network, LOSSES[loss], inputs)
        except Exception as e:
            return f"{type(e).__name__}"
    return outcome(report)
