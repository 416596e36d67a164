"""From the numbers of one call to its diagnosis: decisions on the host, no torch."""

from __future__ import annotations

import math
from typing import NamedTuple

from ce_lint.findings import Verdict
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.rules import registry
from ce_lint.runtime.diagnosis import bounds, values
from ce_lint.runtime.diagnosis.calls import LossCall
from ce_lint.runtime.diagnosis.measure import Measured
from ce_lint.runtime.diagnosis.records import Diagnosis, Evidence, Window

EXPECTED = {
    Family.CROSS_ENTROPY: ScoreKind.LOGITS,
    Family.NLL: ScoreKind.LOG_PROBABILITIES,
    Family.BCE_WITH_LOGITS: ScoreKind.LOGITS,
    Family.KL_DIV: ScoreKind.LOG_PROBABILITIES,
}
"""What a loss is for. Plain binary cross-entropy checks itself that its input lies in [0, 1]."""
WRONG_DIM = "CEL401"

EMPTY = "no rows"
ALL_IGNORED = "every row is ignored"
NOT_FINITE = "the scores are not finite"
LOSS_NOT_FINITE = "the loss is not finite"
NO_WEIGHT = "no row has any weight"
ONE_CLASS = "one class: the loss is constant"
SOFT_TARGETS = "soft targets: the window of hard labels does not hold for them"
WEIGHTS_AND_SMOOTHING = "class weights together with label smoothing: the window depends on the labels"
AGREE = "the losses agree"
UNNORMALISED = "the probabilities do not sum to one over the classes"
TARGET_UNNORMALISED = "the target does not sum to one, so the input may be the logarithm of what does not either"
LOG_UNNORMALISED = "the log-probabilities are not normalised"
RENORMALISED = "log-probabilities over another dimension: cross-entropy normalises them over the classes again"
IN_RANGE = "the input lies in [0, 1], as the loss wants it"
ARITHMETIC = "the values are no log-probabilities, but arithmetic on the way may be meant"

LOOSE_SUM = 1e-2
"""How far clamping may move the sum of what the graph says are probabilities."""
AGREEMENT = {"float64": 1e-9, "float32": 1e-5, "float16": 1e-2, "bfloat16": 5e-2}
"""Up to where two losses are the same number, relative to the larger of them and one, by the dtype of the scores."""
HIDDEN_GRAPHS = ("CompiledFunction", "CheckpointFunction", "DifferentiableGraph", "AccumulateGrad")
"""Where the walk ends without having met arithmetic: a compiled, checkpointed or scripted model, a leaf."""


class _Kind(NamedTuple):
    kind: ScoreKind | None
    evidence: Evidence
    reason: str = ""
    """Why there is none."""


class _Judgement(NamedTuple):
    verdict: Verdict
    code: str | None
    reason: str = ""


def conclude(call: LossCall, measured: Measured) -> Diagnosis:
    """The diagnosis of a call from what was read of it."""
    numbers = measured.numbers
    found = _kind(call, measured)
    judgement = _judge(call, measured, found)
    scores, class_dim = call.scores, call.class_dim
    normalised = found.kind in (ScoreKind.PROBABILITIES, ScoreKind.LOG_PROBABILITIES)
    dim = measured.seen.dim if found.evidence is Evidence.GRAPH else measured.dim
    dim = dim if normalised else None
    named = class_dim if class_dim is not None else dim
    reason = judgement.reason
    if measured.sample.positions is not None:
        part = f"measured on {measured.sample.taken} of {measured.sample.total} rows"
        reason = f"{reason}; {part}" if reason else part
    figures = _figures(call, measured, found.kind)
    return Diagnosis(
        verdict=judgement.verdict,
        code=judgement.code,
        reason=reason,
        loss_name=call.name,
        family=call.contract.family,
        kind=found.kind,
        evidence=found.evidence,
        dim=dim,
        class_dim=class_dim,
        classes=scores.shape[named] if named is not None and scores.ndim else None,
        rows=int(numbers.get("rows", 0)),
        loss=numbers.get("result", numbers.get("loss", math.nan)),
        loss_on_logits=figures.loss_on_logits,
        window=figures.window,
        gradient_norm=figures.gradient_norm,
        gradient_norm_on_logits=figures.gradient_norm_on_logits,
    )


def _kind(call: LossCall, measured: Measured) -> _Kind:
    """What the scores are: by the graph, else by their values."""
    seen, numbers = measured.seen, measured.numbers
    if seen.kind is not None:
        return _Kind(seen.kind, Evidence.GRAPH)
    if not numbers.get("rows"):
        return _Kind(None, Evidence.NONE, EMPTY if measured.sample.total == 0 else ALL_IGNORED)
    if numbers["bad"]:
        return _Kind(None, Evidence.NONE, NOT_FINITE)
    judged = values.judge(numbers, values.tolerance_of(numbers, call.scores.dtype), call.contract.family)
    return _Kind(judged.kind, Evidence.VALUES if judged.kind is not None else Evidence.NONE, judged.reason)


def _judge(call: LossCall, measured: Measured, found: _Kind) -> _Judgement:
    """Is the call right, and if not, is that proved?"""
    numbers, family, kind = measured.numbers, call.contract.family, found.kind
    if numbers.get("outside"):
        raise ValueError(f"{int(numbers['outside'])} targets are no class of the scores")
    if family is Family.BCE:
        return _judge_probabilities(call, measured)
    if kind is not None and kind is EXPECTED.get(family) and not _is_wrong_dim(call, measured):
        return _Judgement(Verdict.REFUTED, None, f"the input is {_words(kind)}")
    if kind is None:
        if family is not Family.KL_DIV and _has_one_class(call) and found.reason not in (EMPTY, ALL_IGNORED):
            return _Judgement(Verdict.INCONCLUSIVE, None, ONE_CLASS)
        return _Judgement(Verdict.INCONCLUSIVE, None, found.reason)
    rule = registry.broken(kind, family)
    code = WRONG_DIM if _is_wrong_dim(call, measured) else rule.code if rule else None
    reason = _unmeasurable(call, measured)
    if reason:
        return _Judgement(Verdict.INCONCLUSIVE, code, reason)
    if code is None:
        return _Judgement(Verdict.INCONCLUSIVE, None, f"no rule speaks of {_words(kind)} before {call.name}")
    if code == WRONG_DIM:
        harmless = kind is ScoreKind.LOG_PROBABILITIES and family is Family.CROSS_ENTROPY
        return _Judgement(Verdict.INCONCLUSIVE, code, RENORMALISED) if harmless else _Judgement(Verdict.CONFIRMED, code)
    return _compare(call, measured, found, code)


def _compare(call: LossCall, measured: Measured, found: _Kind, code: str) -> _Judgement:
    """A rule is broken: do the losses show it?"""
    kind = found.kind
    assert kind is not None
    numbers = measured.numbers
    # Of probabilities the two are different functions, which meet by chance only.
    if kind in (ScoreKind.LOGITS, ScoreKind.LOG_PROBABILITIES) and _agree(call, measured, kind):
        return _Judgement(Verdict.REFUTED, code, AGREE)
    if kind is ScoreKind.LOG_PROBABILITIES:
        return _Judgement(Verdict.INCONCLUSIVE, code, LOG_UNNORMALISED)
    if kind is ScoreKind.PROBABILITIES:
        if numbers["exactly_one_hot"] >= numbers["rows"]:
            return _Judgement(Verdict.INCONCLUSIVE, code, values.ONE_HOT)
        # An elementwise loss takes any part of a softmax output for something else.
        if numbers["off_one"] > LOOSE_SUM and call.class_dim is not None:
            return _Judgement(Verdict.INCONCLUSIVE, code, UNNORMALISED)
    if kind is ScoreKind.LOGITS and found.evidence is Evidence.VALUES:
        node = measured.seen.stopped_at
        if node and not any(hidden in node for hidden in HIDDEN_GRAPHS):
            return _Judgement(Verdict.INCONCLUSIVE, code, ARITHMETIC)
        if numbers.get("target_off_one", 0) > LOOSE_SUM:
            return _Judgement(Verdict.INCONCLUSIVE, code, TARGET_UNNORMALISED)
    if numbers.get("soft"):
        return _Judgement(Verdict.INCONCLUSIVE, code, SOFT_TARGETS)
    if call.label_smoothing > 0 and call.weight is not None:
        return _Judgement(Verdict.INCONCLUSIVE, code, WEIGHTS_AND_SMOOTHING)
    return _Judgement(Verdict.CONFIRMED, code)


def _judge_probabilities(call: LossCall, measured: Measured) -> _Judgement:
    """Plain binary cross-entropy, which raises an error itself where its input is no probability."""
    if measured.numbers.get("smallest", 0) < 0 or measured.numbers.get("largest", 1) > 1:
        raise ValueError(f"{call.name} takes numbers between 0 and 1 only")
    reason = _unmeasurable(call, measured)
    return _Judgement(Verdict.INCONCLUSIVE if reason else Verdict.REFUTED, None, reason or IN_RANGE)


def _unmeasurable(call: LossCall, measured: Measured) -> str:
    """Why nothing can be proved with these scores, whatever they are."""
    numbers = measured.numbers
    if not numbers.get("rows"):
        return EMPTY if measured.sample.total == 0 or not call.scores.numel() else ALL_IGNORED
    if numbers["bad"]:
        return NOT_FINITE
    if numbers.get("scale", numbers.get("positive", 1) + numbers.get("negative", 0)) == 0:
        return NO_WEIGHT
    if not math.isfinite(numbers["loss"]):
        return LOSS_NOT_FINITE
    return ONE_CLASS if _has_one_class(call) else ""


def _has_one_class(call: LossCall) -> bool:
    dim = call.class_dim
    return dim is not None and call.scores.ndim > 0 and call.scores.shape[dim] == 1


def _is_wrong_dim(call: LossCall, measured: Measured) -> bool:
    """Does the graph say that the scores are normalised over another dimension than the loss's class dim?"""
    dim = measured.seen.dim
    return dim is not None and call.class_dim is not None and dim != call.class_dim


def _agree(call: LossCall, measured: Measured, kind: ScoreKind) -> bool:
    """Are the two losses and the two gradients the same, as far as the dtype tells?"""
    loss, right = measured.numbers.get("loss"), measured.of(kind, "loss_on_logits")
    if loss is None or right is None:
        return False
    tolerance = AGREEMENT[str(call.scores.dtype).removeprefix("torch.")]
    norm, right_norm = measured.of(kind, "gradient_norm"), measured.of(kind, "gradient_norm_on_logits")
    # The norms relative to each other only: of a large batch's mean both are small. They tell scores that are
    # normalised from those that happen to be, as the weights stand now.
    norms_agree = norm is None or right_norm is None or math.isclose(norm, right_norm, rel_tol=1e-2)
    return norms_agree and abs(loss - right) <= tolerance * max(1.0, abs(loss), abs(right))


def _words(kind: ScoreKind) -> str:
    return "sigmoid outputs" if kind is ScoreKind.SIGMOID else kind.value


class _Figures(NamedTuple):
    loss_on_logits: float | None = None
    window: Window | None = None
    gradient_norm: float | None = None
    gradient_norm_on_logits: float | None = None


def _figures(call: LossCall, measured: Measured, kind: ScoreKind | None) -> _Figures:
    """The numbers for scores of this kind, those that are finite."""
    if call.contract.family is Family.BCE:
        return _Figures(loss_on_logits=_finite(measured.numbers.get("loss")))
    if kind is None or not measured.numbers or _are_logits_lost(call, measured, kind):
        return _Figures()
    has_rows = _are_rows_whole(call, measured, kind)
    return _Figures(
        _finite(measured.of(kind, "loss_on_logits")),
        _window(call, measured, kind),
        _finite(measured.of(kind, "gradient_norm")) if has_rows else None,
        _finite(measured.of(kind, "gradient_norm_on_logits")) if has_rows else None,
    )


def _are_logits_lost(call: LossCall, measured: Measured, kind: ScoreKind) -> bool:
    """Does the loss on the logits depend on the number a row up to which they are known, or on rows not known?"""
    if call.contract.family is Family.BCE_WITH_LOGITS:
        return kind in (ScoreKind.LOG_PROBABILITIES, ScoreKind.LOG_SIGMOID)
    return _is_wrong_dim(call, measured) or not _are_rows_whole(call, measured, kind)


def _are_rows_whole(call: LossCall, measured: Measured, kind: ScoreKind) -> bool:
    """Do the rows hold what is normalised together? An elementwise loss does not say along which dimension that is."""
    if call.class_dim is None and kind is ScoreKind.PROBABILITIES:
        return measured.dim is not None and measured.numbers["off_one"] <= LOOSE_SUM
    return kind is not ScoreKind.LOGITS or measured.numbers.get("target_off_one", 0) <= LOOSE_SUM


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _window(call: LossCall, measured: Measured, kind: ScoreKind) -> Window | None:
    """What the loss can never leave; None where no formula holds."""
    numbers, family = measured.numbers, call.contract.family
    if kind not in (ScoreKind.PROBABILITIES, ScoreKind.SIGMOID) or not numbers.get("rows"):
        return None
    if family is Family.BCE_WITH_LOGITS:
        return bounds.binary_window(numbers["positive"], numbers["negative"])
    if kind is ScoreKind.PROBABILITIES and numbers["off_one"] > LOOSE_SUM:
        return None
    if family is Family.KL_DIV:
        return Window(numbers["low"], numbers["high"]) if kind is ScoreKind.PROBABILITIES else None
    scale = numbers.get("scale")
    if scale is None or not math.isfinite(scale) or numbers.get("soft") or _has_one_class(call):
        return None
    if family is Family.NLL:
        return bounds.negative_probability(scale) if kind is ScoreKind.PROBABILITIES else None
    if call.label_smoothing > 0 and call.weight is not None:
        return None
    dim = call.class_dim
    assert dim is not None
    of_kind = bounds.softmax_window if kind is ScoreKind.PROBABILITIES else bounds.sigmoid_window
    return bounds.scaled(of_kind(call.scores.shape[dim], call.label_smoothing), scale)
