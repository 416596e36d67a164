"""Whatever refers to a loss of torch is seen, and nothing is left behind."""

from __future__ import annotations

import copy
import functools
import inspect
import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402, N812
from torch import Tensor, nn  # noqa: E402
from torch.nn.functional import cross_entropy  # noqa: E402
from torch.overrides import TorchFunctionMode  # noqa: E402

from ce_lint.runtime.diagnosis.contracts import CONTRACTS  # noqa: E402
from ce_lint.runtime.watch.patch import Functional  # noqa: E402
from ce_lint.runtime.watch.watching import watch  # noqa: E402

pytestmark = pytest.mark.torch

PARTIAL = functools.partial(F.cross_entropy, reduction="sum")
TABLE = {"ce": F.cross_entropy}


class Holder:
    loss = staticmethod(F.cross_entropy)


def by_default(scores: Tensor, labels: Tensor, loss: Callable[..., Tensor] = F.cross_entropy) -> Tensor:
    return loss(scores, labels)


def closure(loss: Callable[..., Tensor] = F.cross_entropy) -> Callable[..., Tensor]:
    def inner(scores: Tensor, labels: Tensor) -> Tensor:
        return loss(scores, labels)

    return inner


def by_keyword(scores: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(target=labels, input=scores)


ALIASES: dict[str, Callable[..., Tensor]] = {
    "attribute": F.cross_entropy,
    "attribute of nn": nn.functional.cross_entropy,
    "from-import": cross_entropy,
    "partial": PARTIAL,
    "dictionary": TABLE["ce"],
    "class attribute": Holder.loss,
    "default argument": by_default,
    "closure": closure(),
    "by keyword": by_keyword,
    "module": nn.CrossEntropyLoss(),
    "forward itself": nn.CrossEntropyLoss().forward,
}
"""All of them made before anything watches."""


@pytest.fixture
def scores() -> Tensor:
    return torch.randn(16, 5, requires_grad=True, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def labels() -> Tensor:
    return torch.arange(16) % 5


def state() -> dict[str, tuple[object, ...]]:
    found = {}
    for name in CONTRACTS:
        function = getattr(F, name)
        found[name] = (
            function, function.__code__, function.__defaults__, function.__kwdefaults__, dict(function.__dict__),
            function.__doc__, function.__name__, function.__qualname__, function.__closure__,
            str(inspect.signature(function)), inspect.getsource(function),
        )  # fmt: skip
    return found


@pytest.mark.parametrize("loss", ALIASES.values(), ids=ALIASES)
def test_every_alias_is_seen(loss: Callable[..., Tensor], scores: Tensor, labels: Tensor) -> None:
    with watch(warn=False) as report:
        loss(scores.softmax(1), labels)
    assert [(site.calls, site.is_confirmed) for site in report.sites] == [(1, True)]


def test_what_changes_is_the_code_alone(scores: Tensor, labels: Tensor) -> None:
    before = state()
    names = dir(F)
    with watch():
        during = state()
        assert dir(F) == names
    for name, kept in before.items():
        changed = [
            i for i, (old, new) in enumerate(zip(kept, during[name], strict=True)) if old is not new and old != new
        ]
        assert changed == [1], name
    assert all(new is old for name in before for new, old in zip(state()[name][:3], before[name][:3], strict=True))
    assert state() == before


def test_an_exception_undoes_it_too() -> None:
    before = F.cross_entropy.__code__
    with pytest.raises(KeyError), watch():
        assert F.cross_entropy.__code__ is not before
        raise KeyError
    assert F.cross_entropy.__code__ is before


def test_the_last_of_several_undoes_it_in_any_order(scores: Tensor, labels: Tensor) -> None:
    before = F.cross_entropy.__code__
    first, second = watch(warn=False), watch(warn=False)
    first.__enter__()
    F.cross_entropy(scores, labels)
    second.__enter__()
    F.cross_entropy(scores, labels)
    first.__exit__(None, None, None)
    assert F.cross_entropy.__code__ is not before
    F.cross_entropy(scores, labels)
    second.__exit__(None, None, None)
    assert F.cross_entropy.__code__ is before
    F.cross_entropy(scores, labels)
    assert (first.calls, second.calls) == (2, 2)


def test_a_generator_that_is_closed_undoes_it(scores: Tensor, labels: Tensor) -> None:
    before = F.cross_entropy.__code__

    def batches() -> Iterator[int]:
        with watch():
            yield from range(3)

    running = batches()
    next(running)
    assert F.cross_entropy.__code__ is not before
    running.close()
    assert F.cross_entropy.__code__ is before


def test_watches_of_several_threads_do_not_disturb_each_other(scores: Tensor, labels: Tensor) -> None:
    before = F.cross_entropy.__code__
    counts: list[int] = []
    barrier = threading.Barrier(4)

    def run(rounds: int) -> None:
        for _ in range(rounds):
            with watch(warn=False) as report:
                F.nll_loss(scores.log_softmax(1), labels)
                F.nll_loss(scores.log_softmax(1), labels)
            counts.append(report.calls)
        barrier.wait(10)

    threads = [threading.Thread(target=run, args=(10,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == 40
    # Its own two at least: what another thread calls meanwhile is seen as well.
    assert min(counts) >= 2
    assert F.cross_entropy.__code__ is before


def test_somebody_elses_exchange_of_the_code_is_left_alone() -> None:
    before = F.cross_entropy.__code__

    def other(input: Tensor, target: Tensor) -> Tensor:  # noqa: A002
        return input

    try:
        with watch():
            F.cross_entropy.__code__ = other.__code__
        assert F.cross_entropy.__code__ is other.__code__
    finally:
        F.cross_entropy.__code__ = before


def test_code_taken_during_a_watch_works_after_it(scores: Tensor, labels: Tensor) -> None:
    with watch():
        code = F.cross_entropy.__code__
    taken = type(by_default)(code, {}, "taken", F.cross_entropy.__defaults__)
    assert torch.equal(taken(scores, labels), F.cross_entropy(scores, labels))


def test_pickles_copies_and_source_are_what_they_were(labels: Tensor) -> None:
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    expected = pickle.dumps(F.cross_entropy), pickle.dumps(criterion), inspect.getsource(F.cross_entropy)
    with watch():
        assert (pickle.dumps(F.cross_entropy), pickle.dumps(criterion), inspect.getsource(F.cross_entropy)) == expected
        assert pickle.loads(expected[0]) is F.cross_entropy  # noqa: S301
        assert copy.deepcopy(criterion).label_smoothing == 0.1


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_torchscript_compiles_code_that_calls_a_loss(scores: Tensor, labels: Tensor) -> None:
    def loss(a: Tensor, b: Tensor) -> Tensor:
        return F.cross_entropy(a, b)

    with watch():
        during = torch.jit.script(loss)
        module = torch.jit.script(nn.CrossEntropyLoss())
    assert torch.equal(during(scores, labels), loss(scores, labels))
    assert torch.equal(module(scores, labels), loss(scores, labels))


class Counting(TorchFunctionMode):
    def __init__(self) -> None:
        self.seen: list[str] = []

    def __torch_function__(
        self, func: Callable[..., object], types: object, args: tuple[object, ...] = (), kwargs: object = None
    ) -> object:
        self.seen.append(getattr(func, "__name__", str(func)))
        return func(*args, **(kwargs or {}))  # type: ignore[arg-type]


def test_a_mode_of_the_user_counts_once_and_sees_nothing_of_ours(scores: Tensor, labels: Tensor) -> None:
    probabilities = scores.softmax(1)
    with Counting() as alone:
        F.cross_entropy(probabilities, labels)
    with watch(warn=False) as report, Counting() as watched:
        F.cross_entropy(probabilities, labels)
    assert watched.seen == alone.seen
    assert [(site.calls, site.is_confirmed, site.site.path) for site in report.sites] == [(1, True, __file__)]


class Named(torch.Tensor):
    """A subclass that does nothing of its own."""


def test_a_subclass_of_tensors_counts_once(scores: Tensor, labels: Tensor) -> None:
    with watch(warn=False) as report:
        F.cross_entropy(scores.softmax(1).as_subclass(Named), labels)
    assert [(site.calls, site.is_confirmed) for site in report.sites] == [(1, True)]


@contextmanager
def replaced(name: str, function: object) -> Iterator[None]:
    original = getattr(F, name)
    setattr(F, name, function)
    try:
        yield
    finally:
        setattr(F, name, original)


def test_a_loss_that_cannot_be_patched_is_named() -> None:
    with replaced("kl_div", functools.partial(F.kl_div)), watch() as report:
        pass
    assert report.report().unseen == ("kl_div: torch.nn.functional.kl_div is not torch's own Python function here",)
    assert "may be unseen: kl_div" in str(report)


def test_functions_of_another_make_are_refused() -> None:
    contract = CONTRACTS["cross_entropy"]

    def wrapped(input: Tensor, target: Tensor) -> Tensor:  # noqa: A002
        return contract, input  # type: ignore[return-value]

    def with_keyword_only(input: Tensor, *, target: Tensor) -> Tensor:  # noqa: A002
        return input

    wrapped.__module__ = with_keyword_only.__module__ = F.__name__
    assert Functional.of("a", contract, wrapped) == "a: this torch wraps it in another function"
    assert Functional.of("a", contract, with_keyword_only) == (
        "a: this torch gives it parameters that cannot be passed by position"
    )
    assert Functional.of("a", contract, len) == "a: torch.nn.functional.a is not torch's own Python function here"


def test_every_known_loss_can_be_patched_in_this_torch() -> None:
    with watch() as report:
        pass
    assert report.report().unseen == ()
