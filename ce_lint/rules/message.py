"""The one line of a finding: where the wrong kind comes from, where it goes, why that is wrong and what to do."""

from __future__ import annotations

from ce_lint.interpreter.flow import Flow
from ce_lint.rules.base import Rule


def message(flow: Flow, rule: Rule, source_label: str) -> str:
    """The finding read at its sink: it names the source, `model.py:41`."""
    return _sentence(flow, rule, f"{_output(flow)} ({source_label})", flow.loss)


def message_at_source(flow: Flow, rule: Rule, sink_label: str) -> str:
    """The finding read at its source: it names the sink, `train.py:58`."""
    return _sentence(flow, rule, _output(flow), f"{flow.loss} ({sink_label})")


def message_between(flow: Flow, rule: Rule, source_label: str, sink_label: str) -> str:
    """The finding read anywhere else on its way: it names both."""
    return _sentence(flow, rule, f"{_output(flow)} ({source_label})", f"{flow.loss} ({sink_label})")


def _output(flow: Flow) -> str:
    """The value: `softmax output of Net`, or `softmax output` of a script."""
    return f"{flow.activation} output of {flow.owner}" if flow.owner else f"{flow.activation} output"


def _sentence(flow: Flow, rule: Rule, value: str, loss: str) -> str:
    verb = "is" if flow.definite else "can be"
    return f"{value} {verb} the input of {loss}, {rule.consequence(flow)}"
