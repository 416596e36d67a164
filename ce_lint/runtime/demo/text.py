"""The demonstration as text: the table, the diagnosis, and what came out in words that follow from the figures."""

from __future__ import annotations

from ce_lint.runtime.demo.records import OPTIMIZERS, Comparison

RIGHT_NAME, WRONG_NAME = "logits", "double softmax"

_NEARLY = 0.02
"""Accuracies that differ by less are called nearly the same: on 4000 samples the standard error of a difference can
reach 0.011."""
_LEARNED = 0.1
"""A classifier that has come less than this part of the way from guessing to no error has learned too little."""
_WORSE = 1.1
"""A negative log-likelihood this many times as large is worth a sentence, if it differs by `_VISIBLE` too."""
_VISIBLE = 0.005


def to_text(comparison: Comparison) -> str:
    """Everything that the demonstration prints, with a final newline."""
    steps, seed = comparison.experiment.steps, comparison.experiment.seed
    parts = [
        f"{comparison.setting}.\nTrained twice for {steps} {_plural(steps, 'step')} from the same weights, on the same "
        f"batches (seed {seed}):",
        _table(comparison),
        *(f"What watch() says of the second: {finding.code} {finding.message}" for finding in comparison.findings),
        conclusion(comparison),
    ]
    return "\n\n".join(parts) + "\n"


def conclusion(comparison: Comparison) -> str:
    """What came out, in sentences that the measured figures decide."""
    return " ".join(filter(None, (_on_accuracy(comparison), _on_probabilities(comparison), _on_loss(comparison))))


def _table(comparison: Comparison) -> str:
    right, wrong, window = comparison.right, comparison.wrong, comparison.window
    ratio = f"{wrong.gradient_norm / right.gradient_norm:.4f} of it" if right.gradient_norm else ""
    rows = [
        ("", RIGHT_NAME, WRONG_NAME, ""),
        (f"accuracy on {comparison.held_out} held-out samples", f"{right.accuracy:.3f}", f"{wrong.accuracy:.3f}", ""),
        ("training loss as reported (nats)", f"{right.loss:.3f}", f"{wrong.loss:.3f}", ""),
        ("NLL of the predicted probabilities", f"{right.nll:.3f}", f"{wrong.nll:.3f}", ""),
        ("gradient norm at the first step", f"{right.gradient_norm:.4f}", f"{wrong.gradient_norm:.4f}", ratio),
        ("the loss can be", "0 and above", f"{window.low:.3f} to {window.high:.3f}", ""),
    ]
    return "\n".join(f"  {name:<38}{left:>12}{middle:>18}  {note}".rstrip() for name, left, middle, note in rows)


def _on_accuracy(comparison: Comparison) -> str:
    classes, steps = comparison.experiment.classes, comparison.experiment.steps
    right, wrong = comparison.right.accuracy, comparison.wrong.accuracy
    case = f"{classes} classes and {OPTIMIZERS[comparison.experiment.optimizer].name}"
    guess = 1 / classes
    if max(right, wrong) < guess + _LEARNED * (1 - guess):
        return (
            f"Neither has learned much in {steps} {_plural(steps, 'step')}: accuracy {right:.3f} and {wrong:.3f}, "
            f"a guess has {guess:.3f}. Train longer to compare them."
        )
    if abs(right - wrong) < _NEARLY:
        return (
            f"With {case} the accuracy is nearly the same here, {wrong:.3f} instead of {right:.3f}: it does not show "
            "the double softmax."
        )
    if right > wrong:
        return (
            f"With {case} the double softmax costs {100 * (right - wrong):.1f} points of accuracy here: {wrong:.3f} "
            f"instead of {right:.3f}."
        )
    return (
        f"With {case} the double softmax has the better accuracy here, by {100 * (wrong - right):.1f} points: "
        f"{wrong:.3f} instead of {right:.3f}."
    )


def _on_probabilities(comparison: Comparison) -> str:
    right, wrong = comparison.right.nll, comparison.wrong.nll
    if wrong > max(right * _WORSE, right + _VISIBLE):
        return f"Its probabilities are worse: a negative log-likelihood of {wrong:.3f} instead of {right:.3f}."
    if right > max(wrong * _WORSE, wrong + _VISIBLE):
        return f"Its probabilities are better: a negative log-likelihood of {wrong:.3f} instead of {right:.3f}."
    return ""


def _on_loss(comparison: Comparison) -> str:
    return (
        f"Its reported loss, {comparison.wrong.loss:.3f}, says little: it can never go below "
        f"{comparison.window.low:.3f}, however good the model is."
    )


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"
