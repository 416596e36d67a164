"""torch.toml against the torch that is installed: names, places of arguments, and what activations really make."""

from __future__ import annotations

import importlib
import importlib.resources
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.knowledge.loader import load
from ce_lint.knowledge.schema import Activation, Argument, Form, Library, Loss, Operation, Wrapper
from ce_lint.knowledge.tables import parse

torch = pytest.importorskip("torch")

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]


def library() -> Library:
    file = importlib.resources.files("ce_lint.knowledge") / "torch.toml"
    return parse("torch.toml", file.read_text(encoding="utf-8"))


TORCH = library()


def found(name: str) -> Any:  # noqa: ANN401 - a class, a function or a module
    """The object of a qualified name; where a function and its module share a name, what the package shows."""
    first, *parts = name.split(".")
    thing, path = importlib.import_module(first), first
    for part in parts:
        path = f"{path}.{part}"
        thing = getattr(thing, part) if hasattr(thing, part) else importlib.import_module(path)
    return thing


def module_of(alias: str) -> Any:  # noqa: ANN401 - an attribute of a module
    """What an import of the module itself finds, also when a function hides it in the package."""
    holder, _, last = alias.rpartition(".")
    try:
        return getattr(importlib.import_module(holder), last)
    except (ImportError, AttributeError):
        return found(alias)


def parameters(thing: Callable[..., Any], *, bound: bool) -> list[inspect.Parameter] | None:
    """The parameters of a call, without `self`; of a built-in, those that torch's own override table states."""
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        stated = torch.overrides.get_testing_overrides().get(thing)
        if stated is None:
            return None
        signature = inspect.signature(stated)
    listed = list(signature.parameters.values())
    if any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in listed):
        return None
    return listed[1:] if bound else listed


def agrees(thing: Callable[..., Any], argument: Argument | None, *, bound: bool = False) -> None:
    """The argument is where the file says: by keyword, and by position."""
    listed = parameters(thing, bound=bound)
    if argument is None or listed is None:
        return
    names = ["input" if one.name == "self" else one.name for one in listed]
    if argument.keyword:
        assert argument.keyword in names
        place = names.index(argument.keyword)
        assert argument.position == place
        assert listed[place].kind is not inspect.Parameter.KEYWORD_ONLY


OPERATIONS = [(name, entry) for entry in TORCH.operations for name in entry.names]
WRAPPERS = [(name, entry) for entry in TORCH.wrappers for name in entry.names]
MODULES = [name for entry in TORCH.containers for name in entry.names]
MODULES += [name for entry in TORCH.bases for name in entry.names]


@pytest.mark.parametrize("loss", TORCH.losses, ids=lambda loss: loss.name)
def test_losses(loss: Loss) -> None:
    thing = found(loss.name)
    if loss.form is Form.CLASS:
        agrees(thing.forward, loss.input, bound=True)
    else:
        agrees(thing, loss.input)
    names = inspect.signature(thing).parameters
    assert all(word == "*" or word in names for word in loss.window)


@pytest.mark.parametrize("activation", TORCH.activations, ids=lambda one: f"{one.form.value}-{one.name}")
def test_activations_stand_where_they_should(activation: Activation) -> None:
    if activation.form is Form.METHOD:
        agrees(getattr(torch.Tensor, activation.name), activation.dim, bound=True)
    else:
        agrees(found(activation.name), activation.dim)


@pytest.mark.parametrize("by_position", [True, False], ids=["position", "keyword"])
@pytest.mark.parametrize("activation", TORCH.activations, ids=lambda one: f"{one.form.value}-{one.name}")
def test_activations_make_their_kind(activation: Activation, by_position: bool) -> None:
    scores = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    dim = {} if activation.dim is None or by_position else {activation.dim.keyword: 1}
    place = [1] if activation.dim is not None and by_position else []
    if activation.name.startswith("torch.sparse."):
        scores = scores.to_sparse()
    if activation.form is Form.METHOD:
        made = getattr(scores.clone(), activation.name)(*place, **dim)
    elif activation.form is Form.CLASS:
        made = found(activation.name)(*place, **dim)(scores)
    else:
        made = found(activation.name)(scores.clone(), *place, **dim)
    made = made.to_dense() if made.is_sparse else made
    is_log = activation.kind in (ScoreKind.LOG_PROBABILITIES, ScoreKind.LOG_SIGMOID)
    made = made.exp() if is_log else made
    assert ((made > 0) & (made < 1)).all()
    sums = made.sum(1)
    of_softmax = activation.kind in (ScoreKind.PROBABILITIES, ScoreKind.LOG_PROBABILITIES)
    assert torch.allclose(sums, torch.ones_like(sums)) == of_softmax
    assert activation.word in ("softmax", "softmin", "log_softmax", "sigmoid", "logsigmoid")


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_operations(name: str, operation: Operation) -> None:
    if operation.form is Form.METHOD:
        assert callable(getattr(torch.Tensor, name))
        return
    thing = found(name)
    if operation.form is Form.FUNCTION:
        assert callable(thing)
        agrees(thing, operation.input if name != "torch.autograd.Variable" else None)
        return
    assert issubclass(thing, torch.nn.Module)
    agrees(thing, operation.classes)


@pytest.mark.parametrize(("name", "wrapper"), WRAPPERS)
def test_wrappers(name: str, wrapper: Wrapper) -> None:
    agrees(found(name), wrapper.input)


@pytest.mark.parametrize("name", MODULES)
def test_containers_and_bases(name: str) -> None:
    assert issubclass(found(name), torch.nn.Module)


@pytest.mark.parametrize("alias", TORCH.aliases)
def test_aliases_lead_to_the_same_thing(alias: str) -> None:
    """An alias of one object is that object or a kind of it; of a module, what we know of is in both."""
    target = TORCH.aliases[alias]
    there, here = found(target), module_of(alias)
    if not inspect.ismodule(here):
        assert issubclass(here, there) if inspect.isclass(here) else here is there
        return
    known = load()
    names = {*known.losses, *known.activations, *known.operations, *known.wrappers, *known.containers, *known.bases}
    shared = [one.rpartition(".")[2] for one in names if one.rpartition(".")[0] == target]
    same = [one for one in shared if hasattr(here, one) and getattr(here, one) is getattr(there, one)]
    other = [one for one in shared if hasattr(here, one) and getattr(here, one) is not getattr(there, one)]
    assert same
    assert not other


@pytest.mark.parametrize("loss", [one for one in TORCH.losses if one.form is Form.FUNCTION], ids=lambda one: one.name)
def test_families_are_what_the_functions_do(loss: Loss) -> None:
    scores = torch.randn(6, 4, dtype=torch.float64)
    classes = torch.randint(0, 4, (6,))
    marks = torch.randint(0, 2, (6, 4)).double()
    function = found(loss.name)
    if loss.family is Family.CROSS_ENTROPY:
        assert torch.allclose(function(scores, classes), function(scores.log_softmax(1), classes))
    elif loss.family is Family.BCE_WITH_LOGITS:
        plain = torch.nn.functional.binary_cross_entropy(scores.sigmoid(), marks)
        assert torch.allclose(function(scores, marks), plain)
    elif loss.name.endswith("nll_loss"):
        wanted = torch.nn.functional.cross_entropy(scores, classes)
        assert torch.allclose(function(scores.log_softmax(1), classes), wanted)
        assert function(scores.softmax(1), classes) < 0
    elif loss.name.endswith("ctc_loss"):
        steps = torch.randn(9, 1, 4, dtype=torch.float64)
        lengths = (torch.tensor([[1, 2]]), torch.tensor([9]), torch.tensor([2]))
        assert function(steps.softmax(-1), *lengths) < 0 < function(steps.log_softmax(-1), *lengths)
    elif loss.family is Family.KL_DIV:
        same = function(scores.log_softmax(1), scores.softmax(1))
        assert torch.allclose(same, torch.zeros_like(same))
    else:
        assert loss.family is Family.BCE
        assert torch.allclose(
            function(torch.full_like(marks, 0.5), marks), torch.full_like(marks, 0.5).log().neg().mean()
        )
