"""Every loss on the output of every producer, in every way in which a program can run them: what a watch says of it.

The expected verdicts are the two tables below, one for where the autograd graph can be read and one for where only the
values can. Every cell of them is checked in every mode.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402, N812
from torch import Tensor, nn  # noqa: E402
from torch.nn.parallel import DistributedDataParallel  # noqa: E402
from torch.utils.checkpoint import checkpoint  # noqa: E402

from ce_lint.findings import Verdict  # noqa: E402
from ce_lint.runtime.watch.watching import Watch, watch  # noqa: E402

pytestmark = pytest.mark.torch

ROWS, CLASSES, FRAMES = 32, 6, 12
INDICES = torch.arange(ROWS) % CLASSES
ONE_HOT = F.one_hot(INDICES, CLASSES).float()
LENGTHS = torch.full((ROWS,), FRAMES), torch.full((ROWS,), 2)
SEQUENCES = torch.arange(2 * ROWS).reshape(ROWS, 2) % (CLASSES - 1) + 1

Loss = Callable[[Tensor], Tensor]
Producer = Callable[[Tensor], Tensor]
Mode = Callable[[nn.Module, Loss, Tensor], None]


def frames(scores: Tensor) -> Tensor:
    """The same scores in every frame, for CTC."""
    return scores.unsqueeze(0).expand(FRAMES, ROWS, CLASSES)


LOSSES: Mapping[str, Loss] = {
    "CrossEntropyLoss": lambda scores: nn.CrossEntropyLoss()(scores, INDICES),
    "cross_entropy": lambda scores: F.cross_entropy(scores, INDICES),
    "NLLLoss": lambda scores: nn.NLLLoss()(scores, INDICES),
    "nll_loss": lambda scores: F.nll_loss(scores, INDICES),
    "CTCLoss": lambda scores: nn.CTCLoss()(frames(scores), SEQUENCES, *LENGTHS),
    "ctc_loss": lambda scores: F.ctc_loss(frames(scores), SEQUENCES, *LENGTHS),
    "BCEWithLogitsLoss": lambda scores: nn.BCEWithLogitsLoss()(scores, ONE_HOT),
    "binary_cross_entropy_with_logits": lambda scores: F.binary_cross_entropy_with_logits(scores, ONE_HOT),
    "MultiLabelSoftMarginLoss": lambda scores: nn.MultiLabelSoftMarginLoss()(scores, ONE_HOT),
    "multilabel_soft_margin_loss": lambda scores: F.multilabel_soft_margin_loss(scores, ONE_HOT),
    "KLDivLoss": lambda scores: nn.KLDivLoss(reduction="batchmean")(scores, ONE_HOT),
    "kl_div": lambda scores: F.kl_div(scores, ONE_HOT, reduction="batchmean"),
    "BCELoss": lambda scores: nn.BCELoss()(scores, ONE_HOT),
    "binary_cross_entropy": lambda scores: F.binary_cross_entropy(scores, ONE_HOT),
}


class Adaptive(nn.Module):
    """The one log-softmax of torch that is a layer with weights."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.AdaptiveLogSoftmaxWithLoss(CLASSES, CLASSES, cutoffs=[2], div_value=1.0)

    def forward(self, x: Tensor) -> Tensor:
        return self.head.log_prob(x.float())


PRODUCERS: Mapping[str, Mapping[str, Producer]] = {
    "logits": {"the layer itself": lambda x: x.clone()},
    "probabilities": {
        "nn.Softmax": nn.Softmax(dim=1),
        "F.softmax": lambda x: F.softmax(x, dim=-1),
        "torch.softmax": lambda x: torch.softmax(x, 1),
        "torch.special.softmax": lambda x: torch.special.softmax(x, 1),
        "x.softmax": lambda x: x.softmax(1),
        "nn.Softmax2d": lambda x: nn.Softmax2d()(x[:, :, None, None]).flatten(1),
        "nn.Softmin": nn.Softmin(dim=1),
        "F.gumbel_softmax": lambda x: F.gumbel_softmax(x, dim=1),
        "torch.sparse.softmax": lambda x: torch.sparse.softmax(x.float().to_sparse(), 1).to_dense(),
        "exp / sum": lambda x: x.exp() / x.exp().sum(1, keepdim=True),
        "F.normalize of exp": lambda x: F.normalize(x.exp(), p=1, dim=1),
        "Categorical.probs": lambda x: torch.distributions.Categorical(logits=x).probs,
    },
    "log-probabilities": {
        "nn.LogSoftmax": nn.LogSoftmax(dim=1),
        "F.log_softmax": lambda x: F.log_softmax(x, dim=1),
        "torch.log_softmax": lambda x: torch.log_softmax(x, -1),
        "torch.special.log_softmax": lambda x: torch.special.log_softmax(x, 1),
        "x.log_softmax": lambda x: x.log_softmax(1),
        "x - logsumexp": lambda x: x - x.logsumexp(1, keepdim=True),
        "Categorical.logits": lambda x: torch.distributions.Categorical(logits=x).logits,
        "AdaptiveLogSoftmaxWithLoss.log_prob": Adaptive(),
    },
    "sigmoid": {
        "nn.Sigmoid": nn.Sigmoid(),
        "F.sigmoid": F.sigmoid,
        "torch.sigmoid": torch.sigmoid,
        "x.sigmoid": lambda x: x.sigmoid(),
        "torch.special.expit": torch.special.expit,
    },
    "values in [0, 1] without a name in the graph": {
        "1 / (1 + exp(-x))": lambda x: 1 / (1 + torch.exp(-x)),
        "F.hardsigmoid": F.hardsigmoid,
        "F.gumbel_softmax, hard": lambda x: F.gumbel_softmax(x, hard=True, dim=1),
    },
    "log-sigmoid": {"nn.LogSigmoid": nn.LogSigmoid()},
    "values of both signs": {"torch.tanh": torch.tanh},
}
KINDS = tuple(PRODUCERS)

# What a watch says: a code where that rule was proved, `right`, `CEL002 refuted` where the losses agree, `?` where it
# is inconclusive, `error` where torch itself refuses the scores. The columns are the kinds above, in their order.
#                           logits    prob.     log-prob.         sigmoid   [0, 1]  log-sigm. both signs
BY_GRAPH: Mapping[str, tuple[str, ...]] = {
    "cross-entropy":   ("right",  "CEL001", "CEL002 refuted", "CEL003", "?",     "?",     "right"),
    "nll":             ("CEL102", "CEL101", "right",          "?",      "?",     "?",     "?"),
    "bce-with-logits": ("right",  "CEL202", "?",              "CEL201", "?",     "?",     "right"),
    "kl-div":          ("CEL301", "CEL301", "right",          "?",      "?",     "?",     "?"),
    "bce":             ("error",  "right",  "error",          "right",  "right", "error", "error"),
}  # fmt: skip
BY_VALUES: Mapping[str, tuple[str, ...]] = {
    "cross-entropy":   ("right",  "CEL001", "CEL002 refuted", "?",      "?",     "right", "right"),
    "nll":             ("CEL102", "CEL101", "right",          "?",      "?",     "?",     "CEL102"),
    "bce-with-logits": ("right",  "CEL202", "?",              "?",      "?",     "right", "right"),
    "kl-div":          ("CEL301", "CEL301", "right",          "?",      "?",     "?",     "CEL301"),
    "bce":             ("error",  "right",  "error",          "right",  "right", "error", "error"),
}  # fmt: skip
FAMILIES = {
    "CrossEntropyLoss": "cross-entropy", "cross_entropy": "cross-entropy", "NLLLoss": "nll", "nll_loss": "nll",
    "CTCLoss": "nll", "ctc_loss": "nll", "BCEWithLogitsLoss": "bce-with-logits", "KLDivLoss": "kl-div",
    "binary_cross_entropy_with_logits": "bce-with-logits", "MultiLabelSoftMarginLoss": "bce-with-logits",
    "multilabel_soft_margin_loss": "bce-with-logits", "kl_div": "kl-div", "BCELoss": "bce",
    "binary_cross_entropy": "bce",
}  # fmt: skip

# What is computed in bfloat16 and made float32 before it is normalised is too coarse to be recognised by its values.
EXCEPTIONS = {("autocast", "cross-entropy"): {"log-probabilities: AdaptiveLogSoftmaxWithLoss.log_prob": "?"}}


class Network(nn.Module):
    """A layer, and what is done to its output."""

    def __init__(self, producer: Producer) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(8, CLASSES)
        self.producer = producer

    def forward(self, inputs: Tensor) -> Tensor:
        return self.producer(self.layer(inputs))


def eager(network: nn.Module, loss: Loss, inputs: Tensor) -> None:
    loss(network(inputs)).backward()


def no_grad(network: nn.Module, loss: Loss, inputs: Tensor) -> None:
    with torch.no_grad():
        loss(network(inputs))


def inference(network: nn.Module, loss: Loss, inputs: Tensor) -> None:
    with torch.inference_mode():
        loss(network(inputs))


def autocast(network: nn.Module, loss: Loss, inputs: Tensor) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        loss(network(inputs)).backward()


def compiled_model(network: nn.Module, loss: Loss, inputs: Tensor) -> None:
    loss(torch.compile(network, backend="aot_eager")(inputs)).backward()


def compiled_step(network: nn.Module, loss: Loss, inputs: Tensor) -> None:
    torch.compile(lambda batch: loss(network(batch)), backend="aot_eager")(inputs).backward()


def checkpointed(network: nn.Module, loss: Loss, inputs: Tensor) -> None:
    loss(checkpoint(network, inputs, use_reentrant=False)).backward()


def checkpointed_reentrant(network: nn.Module, loss: Loss, inputs: Tensor) -> None:
    loss(checkpoint(network, inputs.requires_grad_(), use_reentrant=True)).backward()


def checkpointed_with_the_loss(network: nn.Module, loss: Loss, inputs: Tensor) -> None:
    checkpoint(lambda batch: loss(network(batch)), inputs, use_reentrant=False).backward()


def thread(network: nn.Module, loss: Loss, inputs: Tensor) -> None:
    """As DataParallel runs a replica; what the loss raises is raised here."""
    errors: list[RuntimeError] = []

    def work() -> None:
        try:
            loss(network(inputs)).backward()
        except RuntimeError as error:
            errors.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    for error in errors:
        raise error


def distributed(network: nn.Module, loss: Loss, inputs: Tensor) -> None:
    loss(DistributedDataParallel(network)(inputs)).backward()


def torchscript(network: nn.Module, loss: Loss, inputs: Tensor) -> None:
    loss(torch.jit.trace(network, inputs, check_trace=False)(inputs)).backward()


MODES: Mapping[str, tuple[Mode, Mapping[str, tuple[str, ...]]]] = {
    "eager": (eager, BY_GRAPH),
    "no_grad": (no_grad, BY_VALUES),
    "inference mode": (inference, BY_VALUES),
    "autocast": (autocast, BY_GRAPH),
    # A watch that looks has compiled code run eagerly: see `test_compile.py` for where it cannot.
    "torch.compile of the model": (compiled_model, BY_GRAPH),
    "torch.compile of the step": (compiled_step, BY_GRAPH),
    "checkpoint": (checkpointed, BY_GRAPH),
    "checkpoint, reentrant": (checkpointed_reentrant, BY_VALUES),
    "checkpoint with the loss": (checkpointed_with_the_loss, BY_GRAPH),
    "thread": (thread, BY_GRAPH),
    "TorchScript": (torchscript, BY_GRAPH),
    "DistributedDataParallel": (distributed, BY_GRAPH),
}


def outcome(report: Watch) -> str:
    (site,) = report.sites
    if site.diagnosis is None:
        return "no look"
    if site.diagnosis.verdict is Verdict.CONFIRMED:
        return str(site.diagnosis.code)
    if site.diagnosis.verdict is Verdict.INCONCLUSIVE:
        return "?"
    return "right" if site.diagnosis.code is None else f"{site.diagnosis.code} refuted"


def verdict(mode: Mode, loss: Loss, producer: Producer) -> str:
    network = Network(producer)
    torch.manual_seed(1)
    inputs = 3 * torch.randn(ROWS, 8)
    with watch(warn=False) as report:
        try:
            mode(network, loss, inputs)
        except RuntimeError as error:
            # Only binary cross-entropy looks at its input.
            assert "between 0 and 1" in str(error)
            return "error"
    assert report.report().unseen == ()
    return outcome(report)


@contextmanager
def process_group(folder: Path) -> Iterator[None]:
    """One process that is all of its group."""
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder / 'store'}", rank=0, world_size=1)
    try:
        yield
    finally:
        torch.distributed.destroy_process_group()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("mode", MODES)
def test_every_cell_of_the_table(mode: str, loss: str, tmp_path: Path) -> None:
    run, table = MODES[mode]
    expected = dict(zip(KINDS, table[FAMILIES[loss]], strict=True))
    wanted = {f"{kind}: {name}": expected[kind] for kind, made in PRODUCERS.items() for name in made}
    wanted |= EXCEPTIONS.get((mode, FAMILIES[loss]), {})
    with process_group(tmp_path):
        found = {
            f"{kind}: {name}": verdict(run, LOSSES[loss], producer)
            for kind, made in PRODUCERS.items()
            for name, producer in made.items()
        }
    assert found == wanted


@pytest.mark.parametrize(
    "mode", ["eager", *(pytest.param(mode, marks=pytest.mark.slow) for mode in ("no_grad", "autocast"))]
)
@pytest.mark.parametrize("kind", KINDS)
def test_one_producer_of_each_kind(kind: str, mode: str) -> None:
    run, table = MODES[mode]
    producer = next(iter(PRODUCERS[kind].values()))
    expected = {family: row[KINDS.index(kind)] for family, row in table.items()}
    assert {FAMILIES[loss]: verdict(run, call, producer) for loss, call in LOSSES.items()} == expected
