"""Every way to make scores, before every loss, wherever the model runs: the verdict and the rule.

Where the autograd graph is hidden, values tell, and two things stay open: sigmoid outputs, which may be any numbers in
[0, 1], and log-sigmoid outputs, which are any negative numbers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812
from torch.utils.checkpoint import checkpoint  # noqa: E402

from ce_lint.findings import Verdict  # noqa: E402
from ce_lint.ir.kinds import ScoreKind  # noqa: E402
from ce_lint.runtime.diagnosis.graph import evidence  # noqa: E402
from ce_lint.runtime.diagnosis.kernel import diagnose  # noqa: E402
from ce_lint.runtime.diagnosis.records import Evidence  # noqa: E402

pytestmark = pytest.mark.torch

Activation = Callable[[torch.Tensor], torch.Tensor]

PROBABILITIES, LOG_PROBABILITIES = ScoreKind.PROBABILITIES, ScoreKind.LOG_PROBABILITIES
SIGMOID, LOG_SIGMOID, LOGITS = ScoreKind.SIGMOID, ScoreKind.LOG_SIGMOID, ScoreKind.LOGITS

PRODUCERS: dict[str, tuple[Activation, ScoreKind]] = {
    "nn.Softmax": (nn.Softmax(dim=1), PROBABILITIES),
    "F.softmax": (lambda x: F.softmax(x, dim=-1), PROBABILITIES),
    "torch.softmax": (lambda x: torch.softmax(x, 1), PROBABILITIES),
    "torch.special.softmax": (lambda x: torch.special.softmax(x, 1), PROBABILITIES),
    "Tensor.softmax": (lambda x: x.softmax(1), PROBABILITIES),
    "nn.Softmin": (nn.Softmin(dim=1), PROBABILITIES),
    "F.gumbel_softmax": (lambda x: F.gumbel_softmax(x, dim=1), PROBABILITIES),
    "Categorical.probs": (lambda x: torch.distributions.Categorical(logits=x).probs, PROBABILITIES),
    "exp of log_softmax": (lambda x: x.log_softmax(1).exp(), PROBABILITIES),
    "nn.LogSoftmax": (nn.LogSoftmax(dim=1), LOG_PROBABILITIES),
    "F.log_softmax": (lambda x: F.log_softmax(x, dim=-1), LOG_PROBABILITIES),
    "torch.log_softmax": (lambda x: torch.log_softmax(x, 1), LOG_PROBABILITIES),
    "torch.special.log_softmax": (lambda x: torch.special.log_softmax(x, 1), LOG_PROBABILITIES),
    "Tensor.log_softmax": (lambda x: x.log_softmax(1), LOG_PROBABILITIES),
    "log of softmax": (lambda x: x.softmax(1).log(), LOG_PROBABILITIES),
    "log of clamped softmax": (lambda x: x.softmax(1).clamp(1e-9, 1).log(), LOG_PROBABILITIES),
    "nn.Sigmoid": (nn.Sigmoid(), SIGMOID),
    "F.sigmoid": (F.sigmoid, SIGMOID),
    "torch.sigmoid": (torch.sigmoid, SIGMOID),
    "Tensor.sigmoid": (lambda x: x.sigmoid(), SIGMOID),
    "Tensor.sigmoid_": (lambda x: x.clone().sigmoid_(), SIGMOID),
    "torch.special.expit": (torch.special.expit, SIGMOID),
    "nn.LogSigmoid": (nn.LogSigmoid(), LOG_SIGMOID),
    "F.logsigmoid": (F.logsigmoid, LOG_SIGMOID),
    "log of sigmoid": (lambda x: x.sigmoid().log(), LOG_SIGMOID),
    "Linear": (nn.Identity(), LOGITS),
    "Linear without bias": (nn.Linear(5, 5, bias=False), LOGITS),
    "softmax, then Linear": (nn.Sequential(nn.Softmax(1), nn.Linear(5, 5)), LOGITS),
    "LayerNorm": (nn.LayerNorm(5), LOGITS),
    "BatchNorm1d": (nn.BatchNorm1d(5, track_running_stats=False), LOGITS),
    "clamped": (lambda x: x.clamp(-10, 10), LOGITS),
}
BY_VALUE: dict[str, tuple[Activation, ScoreKind]] = {
    "exp over its sum": (lambda x: x.exp() / x.exp().sum(1, keepdim=True), PROBABILITIES),
    "F.normalize of exp": (lambda x: F.normalize(x.exp(), p=1, dim=1), PROBABILITIES),
    "mean of two softmax outputs": (lambda x: (x.softmax(1) + (2 * x).softmax(1)) / 2, PROBABILITIES),
    "minus logsumexp": (lambda x: x - x.logsumexp(1, keepdim=True), LOG_PROBABILITIES),
    "Categorical.logits": (lambda x: torch.distributions.Categorical(logits=x).logits, LOG_PROBABILITIES),
    "log of softmax and a little": (lambda x: (x.softmax(1) + 1e-8).log(), LOG_PROBABILITIES),
    "attention times one-hot": (lambda x: x.softmax(1) @ torch.eye(5), PROBABILITIES),
    "distance": (lambda x: -torch.cdist(x, torch.randn(5, 5)), LOGITS),
    "scaled": (lambda x: x * 3 - 1, LOGITS),
}

LABELS = torch.arange(8) % 5
BINARY = F.one_hot(LABELS, 5).float()
LENGTHS = {"input_lengths": torch.tensor(8), "target_lengths": torch.tensor(2)}
LOSSES: dict[str, Callable[[torch.Tensor], object]] = {
    "CrossEntropyLoss": lambda scores: diagnose(scores, LABELS, nn.CrossEntropyLoss()),
    "NLLLoss": lambda scores: diagnose(scores, LABELS, nn.NLLLoss()),
    "CTCLoss": lambda scores: diagnose(scores, torch.tensor([1, 2]), nn.CTCLoss(), **LENGTHS),
    "BCEWithLogitsLoss": lambda scores: diagnose(scores, BINARY, nn.BCEWithLogitsLoss()),
    "MultiLabelSoftMarginLoss": lambda scores: diagnose(scores, BINARY, nn.MultiLabelSoftMarginLoss()),
    "KLDivLoss": lambda scores: diagnose(scores, BINARY * 0.8 + 0.04, nn.KLDivLoss(reduction="batchmean")),
}


class Answer(NamedTuple):
    verdict: Verdict
    code: str | None


RIGHT, OPEN = Answer(Verdict.REFUTED, None), Answer(Verdict.INCONCLUSIVE, None)


def confirmed(code: str) -> Answer:
    return Answer(Verdict.CONFIRMED, code)


NLL = {
    PROBABILITIES: confirmed("CEL101"),
    LOG_PROBABILITIES: RIGHT,
    SIGMOID: OPEN,
    LOG_SIGMOID: OPEN,
    LOGITS: confirmed("CEL102"),
}
BINARY_WITH_LOGITS = {
    PROBABILITIES: confirmed("CEL202"),
    LOG_PROBABILITIES: OPEN,
    SIGMOID: confirmed("CEL201"),
    LOG_SIGMOID: OPEN,
    LOGITS: RIGHT,
}
EXPECTED: dict[str, dict[ScoreKind, Answer]] = {
    "CrossEntropyLoss": {
        PROBABILITIES: confirmed("CEL001"),
        LOG_PROBABILITIES: Answer(Verdict.REFUTED, "CEL002"),
        SIGMOID: confirmed("CEL003"),
        LOG_SIGMOID: OPEN,
        LOGITS: RIGHT,
    },
    "NLLLoss": NLL,
    "CTCLoss": NLL,
    "BCEWithLogitsLoss": BINARY_WITH_LOGITS,
    "MultiLabelSoftMarginLoss": BINARY_WITH_LOGITS,
    "KLDivLoss": {
        PROBABILITIES: confirmed("CEL301"),
        LOG_PROBABILITIES: RIGHT,
        SIGMOID: OPEN,
        LOG_SIGMOID: OPEN,
        LOGITS: confirmed("CEL301"),
    },
}
HIDDEN: dict[tuple[str, ScoreKind], Answer] = {
    # What values say otherwise than the graph.
    ("CrossEntropyLoss", SIGMOID): OPEN,
    ("CrossEntropyLoss", LOG_SIGMOID): RIGHT,
    ("BCEWithLogitsLoss", SIGMOID): OPEN,
    ("BCEWithLogitsLoss", LOG_SIGMOID): RIGHT,
    ("MultiLabelSoftMarginLoss", SIGMOID): OPEN,
    ("MultiLabelSoftMarginLoss", LOG_SIGMOID): RIGHT,
}


class Model(nn.Module):
    """A layer and an activation; counts how often it runs."""

    def __init__(self, activation: Activation) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.fc = nn.Linear(6, 5)
        self.activation = activation
        self.calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return self.activation(self.fc(x))


def inputs() -> torch.Tensor:
    return 2 * torch.randn(8, 6, generator=torch.Generator().manual_seed(1)).requires_grad_()


def without_gradients(model: nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return model(inputs())


def under_inference_mode(model: nn.Module) -> torch.Tensor:
    with torch.inference_mode():
        return model(inputs())


def under_autocast(model: nn.Module) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        return model(inputs())


def in_a_thread(model: nn.Module) -> torch.Tensor:
    """As DataParallel runs its replicas."""
    results: list[torch.Tensor] = []
    thread = threading.Thread(target=lambda: results.append(model(inputs())))
    thread.start()
    thread.join()
    return results[0]


def compiled(model: nn.Module) -> torch.Tensor:
    torch._dynamo.reset()
    return torch.compile(model, backend="aot_eager")(inputs())


def distributed(model: nn.Module) -> torch.Tensor:
    if not any(parameter.requires_grad for parameter in model.parameters()):
        return model(inputs())
    return nn.parallel.DistributedDataParallel(model, find_unused_parameters=True)(inputs())


class Surrounding(NamedTuple):
    """Where a model runs."""

    run: Callable[[nn.Module], torch.Tensor]
    shows_graph: bool


QUICK = {
    "eager": Surrounding(lambda model: model(inputs()), shows_graph=True),
    "no_grad": Surrounding(without_gradients, shows_graph=False),
    "inference_mode": Surrounding(under_inference_mode, shows_graph=False),
    "autocast": Surrounding(under_autocast, shows_graph=True),
    "thread": Surrounding(in_a_thread, shows_graph=True),
}
SLOW = {
    "compiled": Surrounding(compiled, shows_graph=False),
    "checkpoint": Surrounding(lambda model: checkpoint(model, inputs(), use_reentrant=False), shows_graph=True),
    "reentrant checkpoint": Surrounding(
        lambda model: checkpoint(model, inputs(), use_reentrant=True), shows_graph=False
    ),
    "DistributedDataParallel": Surrounding(distributed, shows_graph=True),
}


@pytest.fixture(scope="module")
def process_group() -> Iterator[None]:
    group = pytest.importorskip("torch.distributed")
    group.init_process_group("gloo", store=group.HashStore(), rank=0, world_size=1)
    yield
    group.destroy_process_group()


def answers(scores: torch.Tensor) -> dict[str, Answer]:
    found = {name: look(scores) for name, look in LOSSES.items()}
    return {name: Answer(one.verdict, one.code) for name, one in found.items()}


def expected(kind: ScoreKind, *, shows_graph: bool) -> dict[str, Answer]:
    by_graph = {name: of_kind[kind] for name, of_kind in EXPECTED.items()}
    return by_graph if shows_graph else {name: HIDDEN.get((name, kind), by_graph[name]) for name in by_graph}


@pytest.mark.parametrize(
    "surrounding", [name if name == "eager" else pytest.param(name, marks=pytest.mark.slow) for name in QUICK]
)
@pytest.mark.parametrize("producer", PRODUCERS)
def test_every_producer_before_every_loss(producer: str, surrounding: str) -> None:
    activation, kind = PRODUCERS[producer]
    scores = QUICK[surrounding].run(Model(activation))

    assert answers(scores) == expected(kind, shows_graph=QUICK[surrounding].shows_graph)


@pytest.mark.slow
@pytest.mark.usefixtures("process_group")
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("surrounding", SLOW)
@pytest.mark.parametrize("producer", PRODUCERS)
def test_every_producer_before_every_loss_where_models_are_wrapped(producer: str, surrounding: str) -> None:
    activation, kind = PRODUCERS[producer]
    model = Model(activation)
    scores = SLOW[surrounding].run(model)

    assert answers(scores) == expected(kind, shows_graph=SLOW[surrounding].shows_graph)
    # No diagnosis runs a forward again, as reading a checkpointed graph's tensors would.
    assert model.calls == 1


@pytest.mark.parametrize("producer", BY_VALUE)
def test_what_arithmetic_made_is_judged_by_values(producer: str) -> None:
    activation, kind = BY_VALUE[producer]
    scores = Model(activation)(inputs())
    found = diagnose(scores, LABELS, nn.CrossEntropyLoss())

    assert evidence(scores, 1).kind is None
    assert (found.kind, found.evidence) == (kind, Evidence.VALUES)
    assert Answer(found.verdict, found.code) == EXPECTED["CrossEntropyLoss"][kind]


def test_hard_gumbel_softmax_is_one_hot() -> None:
    scores = Model(lambda x: F.gumbel_softmax(x, hard=True, dim=1))(inputs())
    found = diagnose(scores, LABELS, nn.CrossEntropyLoss())

    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, "all rows are one-hot")


SCRIPTED = {"nn.Softmax": nn.Softmax(1), "nn.LogSoftmax": nn.LogSoftmax(1), "nn.Sigmoid": nn.Sigmoid()}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("producer", SCRIPTED)
def test_a_scripted_model_is_judged_by_values_once_it_is_warm(producer: str) -> None:
    scripted = torch.jit.script(nn.Sequential(nn.Linear(6, 5), SCRIPTED[producer]))
    for _ in range(4):
        scores = scripted(inputs())
        scores.sum().backward()

    assert "DifferentiableGraph" in evidence(scores, 1).stopped_at
    assert answers(scores) == expected(PRODUCERS[producer][1], shows_graph=False)
