"""A call of a loss, whatever it was spelt with: module, function or partial, brought to one record."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from ce_lint.runtime.diagnosis.contracts import BY_MODULE, CONTRACTS, LEGACY, Contract


class LossCall(NamedTuple):
    """One call of a loss with everything that decides its value."""

    contract: Contract
    name: str
    """The loss as a user knows it."""
    scores: Tensor
    target: Tensor
    weight: Tensor | None = None
    """One number a class; of the elementwise losses, anything that broadcasts to the scores."""
    pos_weight: Tensor | None = None
    ignore_index: int = -100
    reduction: str = "mean"
    label_smoothing: float = 0.0
    log_target: bool = False
    input_lengths: object = None
    target_lengths: object = None
    blank: int = 0
    zero_infinity: bool = False

    @property
    def class_dim(self) -> int | None:
        """The class dimension of the scores; None for an elementwise loss."""
        return self.contract.class_dim_of(self.scores.ndim)


def from_loss(scores: Tensor, target: Tensor, loss: object, arguments: Mapping[str, object]) -> LossCall:
    """The call `loss(scores, target, **arguments)`; TypeError for a loss that is not known."""
    bound = dict(arguments)
    while isinstance(loss, functools.partial):
        if loss.args:
            raise TypeError("a partial loss must bind its arguments by keyword")
        bound = {**loss.keywords, **bound}
        loss = loss.func
    if isinstance(loss, nn.Module):
        contract, name = _module_contract(loss), type(loss).__name__
        held = {option: getattr(loss, option) for option in contract.options if hasattr(loss, option)}
        return from_arguments(contract, name, scores, target, {**held, **bound})
    contract = _functional_contract(loss)
    return from_arguments(contract, contract.functional, scores, target, bound)


def from_arguments(
    contract: Contract, name: str, scores: object, target: object, arguments: Mapping[str, object]
) -> LossCall:
    """The call of a functional with these keyword arguments; TypeError for one that it does not take."""
    if not isinstance(scores, Tensor) or not isinstance(target, Tensor):
        raise TypeError(f"{name} needs scores and target as tensors")
    known = set(contract.options) | set(LEGACY)
    unknown = sorted(set(arguments) - known)
    if unknown:
        raise TypeError(f"{contract.functional} takes no argument {unknown[0]!r}")
    options = {key: value for key, value in arguments.items() if key in contract.options}
    legacy = [arguments.get(key) for key in LEGACY]
    if any(value is not None for value in legacy):
        options["reduction"] = _legacy_reduction(*legacy)
    return LossCall(contract, name, scores, target, **options)  # type: ignore[arg-type]


def _module_contract(loss: nn.Module) -> Contract:
    """The contract of a loss module: that of the torch class that it is, or extends."""
    for base in type(loss).__mro__:
        contract = BY_MODULE.get(base.__name__)
        if contract is not None and base is getattr(nn, base.__name__, None):
            return contract
    raise TypeError(f"{type(loss).__name__} is no loss that ce-lint knows: {', '.join(BY_MODULE)}")


def _functional_contract(loss: object) -> Contract:
    """The contract of a function of `torch.nn.functional`, also of one that something else stands in for now."""
    contract = CONTRACTS.get(getattr(loss, "__name__", ""))
    if contract is not None:
        current = getattr(functional, contract.functional)
        if loss is current or getattr(loss, "__module__", None) == functional.__name__:
            return contract
    raise TypeError(f"{loss!r} is no loss that ce-lint knows: {', '.join(CONTRACTS)}, or a module that calls one")


def _legacy_reduction(size_average: object, reduce: object) -> str:
    """What `size_average` and `reduce` meant; both default to True."""
    if reduce is not None and not reduce:
        return "none"
    return "sum" if size_average is not None and not size_average else "mean"


def obstacle(tensor: Tensor) -> str:
    """Why the numbers of this tensor cannot be read here and now; empty where they can."""
    if type(tensor).__torch_dispatch__ is not Tensor.__torch_dispatch__:
        return f"a {type(tensor).__name__} holds no plain numbers"
    if tensor.is_meta:
        return "a tensor on the meta device has none"
    if tensor.layout is not torch.strided or tensor.is_quantized or tensor.is_nested:
        return "it is sparse, quantised or nested"
    if _is_batched(tensor):
        return "it is one for many, inside torch.vmap"
    if tensor.is_cuda and torch.cuda.is_current_stream_capturing():
        return "a CUDA graph is being captured"
    return ""


def is_traced() -> bool:
    """Is what runs here and now a trace, whose tensors have no numbers yet?"""
    is_compiling = getattr(torch.compiler, "is_compiling", None)  # since torch 2.3
    return (is_compiling is not None and bool(is_compiling())) or torch._C._get_tracing_state() is not None


def _is_batched(tensor: Tensor) -> bool:
    """Is this one tensor for many, as torch.vmap makes them? The wrappers of torch.func.grad can be read."""
    functorch = torch._C._functorch
    while functorch.is_gradtrackingtensor(tensor):
        tensor = functorch.get_unwrapped(tensor)
    return bool(functorch.is_batchedtensor(tensor) or functorch.is_functionaltensor(tensor))
