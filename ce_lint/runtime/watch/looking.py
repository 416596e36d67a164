"""One look at one call: by the autograd graph where that proves the call right, else by the kernel's numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import FrameType
from typing import NamedTuple

import torch

from ce_lint.findings import Verdict
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.runtime.diagnosis.contracts import Contract
from ce_lint.runtime.diagnosis.graph import LAYERS, GraphEvidence, evidence
from ce_lint.runtime.diagnosis.kernel import diagnose_call
from ce_lint.runtime.diagnosis.records import Diagnosis, Evidence
from ce_lint.runtime.watch.patch import Functional
from ce_lint.runtime.watch.series import Seen, number

_RIGHT: Mapping[Family, ScoreKind] = {
    Family.CROSS_ENTROPY: ScoreKind.LOGITS,
    Family.BCE_WITH_LOGITS: ScoreKind.LOGITS,
    Family.NLL: ScoreKind.LOG_PROBABILITIES,
    Family.BCE: ScoreKind.SIGMOID,
}
"""What a loss of a family is made for. Not for KL divergence: whether its target is right is not told by its scores."""


class Call(NamedTuple):
    """A call of a loss, after the loss was computed."""

    functional: Functional
    arguments: tuple[object, ...]
    """In the order of the functional's parameters, the scores first."""
    result: object
    caller: FrameType
    """The frame that called the functional."""
    user: FrameType
    """The innermost frame of the user."""
    node: str
    """The last node of the autograd graph that leads to the scores."""


class Found(NamedTuple):
    """What a look found."""

    diagnosis: Diagnosis | None
    """None where the one that is known already says the same."""
    seen: Seen
    has_waited: bool
    """Whether numbers were computed."""


def obstacle(call: Call) -> str | None:
    """Why a call cannot be looked at, in a few words, or None."""
    if torch._C._get_tracing_state() is not None:
        return "inside torch.jit.trace, which would record what is computed to look"
    return None if isinstance(call.result, torch.Tensor) else "its result is no tensor"


def is_right_by_node(call: Call) -> bool:
    """Whether the last node of the graph alone proves the call right, and its loss is a number in the host's memory.

    The node does where it is a layer and the loss takes logits.
    """
    result = call.result
    return (
        call.node in LAYERS
        and _RIGHT.get(call.functional.contract.family) is ScoreKind.LOGITS
        and isinstance(result, torch.Tensor)
        and result.is_cpu
        and not result.ndim
    )


def examine(call: Call, loss: str, count: int, known: Diagnosis | None, *, may_wait: bool) -> Found | None:
    """Look at a call; None where that would have to wait for a device, and may not.

    `loss` is its name as the user knows it, `count` the call's number at its site, `known` what is known of the site. A
    call that the graph proves right costs no numbers: its loss stays on its device until a report is asked for.
    """
    scores, result = call.arguments[0], call.result
    assert isinstance(scores, torch.Tensor)
    assert isinstance(result, torch.Tensor)
    contract = call.functional.contract
    graph = evidence(scores, contract.class_dim_of(scores.ndim))
    if _is_right(graph, contract, scores):
        value = number(result) if result.is_cpu else result.detach()
        diagnosis = None if known is not None else _right(graph, contract, loss, scores, value)
        return Found(diagnosis, Seen(count, value, value), has_waited=False)
    if not (may_wait or scores.is_cpu):
        return None
    diagnosis = _computed(call, loss, result)
    return Found(diagnosis, Seen(count, diagnosis.loss, diagnosis.loss_on_logits), has_waited=True)


def _is_right(graph: GraphEvidence, contract: Contract, scores: torch.Tensor) -> bool:
    if graph.kind is None or graph.kind is not _RIGHT.get(contract.family) or type(scores) is not torch.Tensor:
        return False
    return graph.kind is not ScoreKind.LOG_PROBABILITIES or graph.dim == contract.class_dim_of(scores.ndim)


def _right(
    graph: GraphEvidence, contract: Contract, loss: str, scores: torch.Tensor, value: float | torch.Tensor
) -> Diagnosis:
    class_dim = contract.class_dim_of(scores.ndim)
    assert graph.kind is not None
    return Diagnosis(
        verdict=Verdict.REFUTED,
        code=None,
        reason=f"the autograd graph shows {graph.kind.value}",
        loss_name=loss,
        family=contract.family,
        kind=graph.kind,
        evidence=Evidence.GRAPH,
        dim=graph.dim,
        class_dim=class_dim,
        classes=None if class_dim is None or not scores.ndim else scores.shape[class_dim],
        loss=value if isinstance(value, float) else math.nan,
        loss_on_logits=value if isinstance(value, float) else None,
    )


def _computed(call: Call, loss: str, result: torch.Tensor) -> Diagnosis:
    functional = call.functional
    arguments = dict(zip(functional.parameters, call.arguments, strict=True))
    return diagnose_call(functional.name, loss, arguments, result)
