"""`diagnose`: what a loss received, both losses, and whether that is right."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from ce_lint.runtime.diagnosis import canonical
from ce_lint.runtime.diagnosis.calls import LossCall, from_arguments, from_loss, is_traced, obstacle
from ce_lint.runtime.diagnosis.contracts import CONTRACTS
from ce_lint.runtime.diagnosis.measure import measure, undisturbed
from ce_lint.runtime.diagnosis.records import Diagnosis
from ce_lint.runtime.diagnosis.verdict import conclude


def diagnose(scores: Tensor, target: Tensor, loss: object, **call_arguments: object) -> Diagnosis:
    """What `loss(scores, target)` receives, what it returns, and what it would return on the logits.

    scores: the tensor that the loss receives: floating point, (batch, classes, ...) or (classes,) for cross-entropy and
    NLL, (frames, batch, classes) for CTC, any shape for the elementwise losses. Its kind is read from its autograd
    graph, and where there is none, or an opaque one, from its values.
    target: as the loss takes it.
    loss: an instance of a loss module of `torch.nn`, one of its functions (`F.cross_entropy`), or a `functools.partial`
    of one; call_arguments: the function's other arguments by keyword (`weight=`, `input_lengths=`), which win over the
    module's.

    Losses are in nats, in float32 (float64 for float64 scores). Nothing is changed: no result, no grad, no state of the
    random generators; no forward runs again, and the host waits for the device once. Of more than 2**22 scores evenly
    spaced rows are measured, and the reason says so.

    Raises TypeError where the loss is not known or the numbers cannot be read (inside torch.vmap or torch.compile, on
    the meta device); ValueError where shapes or labels do not fit.
    """
    _check_here()
    with undisturbed():
        return _diagnose(from_loss(scores, target, loss, call_arguments), None)


def diagnose_call(
    functional_name: str,
    loss_name: str,
    arguments: Mapping[str, object],
    result: Tensor | None,
) -> Diagnosis:
    """The diagnosis of a call that was seen while it happened.

    functional_name: its name in `torch.nn.functional`; loss_name: the loss as the user called it; arguments: all of the
    function's, by name; result: what it returned, taken for the loss instead of computing it again. Errors are those of
    `diagnose`. No loss of `torch.nn.functional` is called here, because a watch may have replaced it.
    """
    contract = CONTRACTS.get(functional_name)
    if contract is None:
        raise TypeError(f"{functional_name} is no loss that ce-lint knows: {', '.join(CONTRACTS)}")
    _check_here()
    rest = {key: value for key, value in arguments.items() if key not in (contract.scores, contract.target)}
    with undisturbed():
        scores, target = arguments.get(contract.scores), arguments.get(contract.target)
        return _diagnose(from_arguments(contract, loss_name, scores, target, rest), result)


def _check_here() -> None:
    """TypeError where the step is being traced; asked before anything else, because no guard may be traced."""
    if is_traced():
        raise _unreadable("the step is being compiled or traced")


def _unreadable(reason: str) -> TypeError:
    return TypeError(f"the numbers of a tensor cannot be read: {reason}")


def _diagnose(call: LossCall, result: Tensor | None) -> Diagnosis:
    for tensor in (call.scores, call.target, call.weight, call.pos_weight):
        reason = obstacle(tensor) if tensor is not None else ""
        if reason:
            raise _unreadable(reason)
    canonical.check_shapes(call)
    return conclude(call, measure(call, result))
