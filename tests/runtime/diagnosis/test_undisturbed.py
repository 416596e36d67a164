"""A diagnosis changes nothing, is changed by nothing, and waits for the device once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812
from torch.overrides import TorchFunctionMode  # noqa: E402
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

from ce_lint.findings import Verdict  # noqa: E402
from ce_lint.runtime.diagnosis.kernel import diagnose  # noqa: E402

pytestmark = pytest.mark.torch

Activation = Callable[[torch.Tensor], torch.Tensor]

LABELS = torch.arange(8) % 5


def logits() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(8, 5, requires_grad=True)


BINARY = torch.randint(2, (8, 5)).float()
QUANTITY = torch.rand(8, 5).softmax(1)
LOSSES: dict[str, tuple[nn.Module, torch.Tensor]] = {
    "cross-entropy": (nn.CrossEntropyLoss(torch.ones(5), label_smoothing=0.1), LABELS),
    "soft targets": (nn.CrossEntropyLoss(), QUANTITY),
    "nll": (nn.NLLLoss(ignore_index=2, reduction="none"), LABELS),
    "binary": (nn.BCEWithLogitsLoss(pos_weight=torch.ones(5)), BINARY),
    "divergence": (nn.KLDivLoss(reduction="sum"), QUANTITY),
}
each_loss = pytest.mark.parametrize(("loss", "target"), LOSSES.values(), ids=list(LOSSES))
each_scores = pytest.mark.parametrize(
    "scores",
    [
        pytest.param(lambda z: z.softmax(1), id="softmax"),
        pytest.param(lambda z: z.softmax(1).detach(), id="softmax without a graph"),
        pytest.param(lambda z: z, id="logits"),
        pytest.param(lambda z: z.double().log_softmax(1).detach(), id="log-softmax of doubles"),
        pytest.param(lambda z: z.bfloat16().softmax(1).detach(), id="softmax of halves"),
    ],
)
READERS = ("tolist", "item", "cpu", "numpy", "nonzero", "__bool__", "__int__", "__float__", "__len__", "__iter__")
"""What waits for a device."""


@each_loss
@each_scores
def test_the_host_waits_for_the_device_once(
    loss: nn.Module, target: torch.Tensor, scores: Activation, monkeypatch: pytest.MonkeyPatch
) -> None:
    tensor = scores(logits())
    waits = []

    def counted(name: str, original: Callable[..., object]) -> Callable[..., object]:
        def read(*args: object, **kwargs: object) -> object:
            waits.append(name)
            return original(*args, **kwargs)

        return read

    for name in READERS:
        monkeypatch.setattr(torch.Tensor, name, counted(name, getattr(torch.Tensor, name)))
    diagnose(tensor, target, loss)

    assert waits == ["tolist"]


class Operations(TorchDispatchMode):
    """Every operation that reaches the dispatcher."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(
        self,
        function: Callable[..., object],
        types: object,
        args: Iterable[object] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        self.names.append(str(function))
        return function(*args, **(kwargs or {}))


WAITING = {"aten._local_scalar_dense.default", "aten.nonzero.default", "aten.masked_select.default", "aten.is_nonzero"}


@each_loss
@each_scores
def test_no_operation_waits_for_the_device(
    loss: nn.Module, target: torch.Tensor, scores: Activation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, seen by the dispatcher: operations whose result the host needs, such as indexing by a mask."""
    monkeypatch.delattr(torch._C, "_DisableTorchDispatch")
    tensor = scores(logits())
    with Operations() as seen:
        diagnose(tensor, target, loss)

    assert len(seen.names) > 10
    assert not WAITING & set(seen.names)
    # Indexing is by numbers of rows, never by a mask, whose result has a size that the device alone knows.
    assert "aten.index.Tensor" not in seen.names


def test_sampled_rows_wait_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ce_lint.runtime.diagnosis.canonical.MAX_ELEMENTS", 20)
    monkeypatch.delattr(torch._C, "_DisableTorchDispatch")
    tensor = logits().softmax(1)
    with Operations() as seen:
        diagnose(tensor, LABELS, nn.CrossEntropyLoss())

    assert "aten.index.Tensor" in seen.names
    assert not WAITING & set(seen.names)


class Functions(TorchFunctionMode):
    """Every function of torch that Python code calls."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_function__(
        self,
        function: Callable[..., object],
        types: object,
        args: Iterable[object] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        self.names.append(getattr(function, "__name__", str(function)))
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("mode", [Operations, Functions])
def test_modes_of_the_user_see_nothing(mode: type[Operations] | type[Functions]) -> None:
    scores, loss = logits().softmax(1), nn.CrossEntropyLoss()
    with mode() as seen:
        diagnose(scores, LABELS, loss)

    assert seen.names == []


@contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def deterministic() -> Iterator[None]:
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(False)


SURROUNDINGS: dict[str, Callable[[], Any]] = {
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "enable_grad": torch.enable_grad,
    "autocast": lambda: torch.autocast("cpu", torch.bfloat16),
    "anomaly mode": lambda: torch.autograd.detect_anomaly(check_nan=False),
    "default dtype": lambda: default_dtype(torch.float64),
    "default device": lambda: torch.device("meta"),
    "deterministic": deterministic,
    "operations mode": Operations,
    "functions mode": Functions,
}


@each_loss
@pytest.mark.parametrize("surrounding", SURROUNDINGS)
@pytest.mark.filterwarnings("ignore:Anomaly Detection has been enabled:UserWarning")
def test_the_diagnosis_is_the_same_everywhere(loss: nn.Module, target: torch.Tensor, surrounding: str) -> None:
    scores = logits().softmax(1)
    plain = diagnose(scores, target, loss)
    with SURROUNDINGS[surrounding]():
        assert diagnose(scores, target, loss) == plain


def test_scores_made_under_inference_mode_are_read() -> None:
    with torch.inference_mode():
        scores = logits().softmax(1)
        inside = diagnose(scores, LABELS, nn.CrossEntropyLoss())
    outside = diagnose(scores, LABELS, nn.CrossEntropyLoss())

    assert inside == outside
    assert inside.verdict is Verdict.CONFIRMED


def test_nothing_of_the_scores_changes() -> None:
    raw = logits()
    scores = raw.softmax(1)
    before, version, state = scores.detach().clone(), scores._version, torch.get_rng_state()
    diagnose(scores, LABELS, nn.CrossEntropyLoss())

    assert torch.equal(scores, before)
    assert scores._version == version
    assert (raw.grad, scores.requires_grad) == (None, True)
    assert torch.equal(torch.get_rng_state(), state)
    scores.sum().backward()


def test_hooks_on_saved_tensors_are_not_run() -> None:
    saved: list[torch.Tensor] = []
    raw = logits()
    scores = raw.softmax(1)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: saved.append(t) or t):
        diagnose(scores, LABELS, nn.CrossEntropyLoss(weight=torch.ones(5, requires_grad=True)))

    assert saved == []


class Marked(torch.Tensor):
    """A subclass as libraries make them; it would refuse any function."""

    @classmethod
    def __torch_function__(
        cls,
        function: Callable[..., object],
        types: object,
        args: Iterable[object] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        raise AssertionError("a function of the subclass was called")


def test_a_subclass_that_overrides_functions_is_read_as_a_tensor() -> None:
    scores = torch.Tensor._make_subclass(Marked, logits().detach().softmax(1))

    assert diagnose(scores, LABELS, F.cross_entropy).verdict is Verdict.CONFIRMED


def test_under_vmap_the_numbers_cannot_be_read() -> None:
    messages = []

    def step(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        with pytest.raises(TypeError) as caught:
            diagnose(scores, labels, F.cross_entropy)
        messages.append(str(caught.value))
        return F.cross_entropy(scores, labels)

    torch.vmap(step)(torch.randn(3, 8, 5).softmax(2), LABELS.expand(3, 8))

    assert messages == ["the numbers of a tensor cannot be read: it is one for many, inside torch.vmap"]


def test_under_vmap_of_a_functional_gradient_neither() -> None:
    messages = []

    def step(scores: torch.Tensor) -> torch.Tensor:
        with pytest.raises(TypeError) as caught:
            diagnose(scores, LABELS, F.cross_entropy)
        messages.append(str(caught.value))
        return F.cross_entropy(scores, LABELS)

    torch.vmap(torch.func.grad(step))(torch.randn(3, 8, 5).softmax(2))

    assert messages == ["the numbers of a tensor cannot be read: it is one for many, inside torch.vmap"]


def test_under_a_functional_gradient_they_can() -> None:
    layer, seen = nn.Linear(4, 5), []

    def step(parameters: dict[str, torch.Tensor]) -> torch.Tensor:
        scores = torch.func.functional_call(layer, parameters, (torch.ones(8, 4),)).softmax(1)
        seen.append(diagnose(scores, LABELS, F.cross_entropy))
        return F.cross_entropy(scores, LABELS)

    torch.func.grad(step)({name: value.detach() for name, value in layer.named_parameters()})

    assert [(found.verdict, found.code) for found in seen] == [(Verdict.CONFIRMED, "CEL001")]


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: torch.zeros(8, 5, device="meta"), "on the meta device"),
        (lambda: torch.zeros(8, 5).to_sparse(), "sparse"),
        (lambda: torch.nested.nested_tensor([torch.zeros(4, 5), torch.zeros(4, 5)]), "nested"),
    ],
)
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")
def test_tensors_without_plain_numbers_are_a_type_error(make: Callable[[], Any], why: str) -> None:
    with pytest.raises(TypeError, match=why):
        diagnose(make(), LABELS, F.cross_entropy)


@pytest.mark.slow
def test_inside_a_compiled_function_the_numbers_cannot_be_read() -> None:
    def step(scores: torch.Tensor) -> str:
        try:
            return str(diagnose(scores, LABELS, F.cross_entropy))
        except TypeError as error:
            return str(error)

    assert torch.compile(step, backend="eager")(torch.randn(8, 5)).endswith("the step is being compiled or traced")


def test_fake_tensors_are_a_type_error() -> None:
    from torch._subclasses import FakeTensorMode

    with FakeTensorMode() as mode:
        scores = mode.from_tensor(torch.randn(8, 5))
        with pytest.raises(TypeError, match="a FakeTensor holds no plain numbers"):
            diagnose(scores, LABELS, F.cross_entropy)
