"""Node numbers → ranges of text: a module is read again, with positions, only when something in it is reported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from ce_lint.frontend.lowering import SyntaxFailure, lower_module, parse


class Range(NamedTuple):
    """A range of text: lines from 1, columns from 0, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


START = Range(1, 0, 1, 0, "")
"""Stands in for a node without syntax of its own."""


def locate(text: str, wanted: Iterable[tuple[int, int | None]]) -> dict[tuple[int, int | None], Range]:
    """Where nodes, or arguments of calls, stand in a module's text."""
    requests = sorted(set(wanted), key=str)
    module = parse(text)
    if isinstance(module, SyntaxFailure):
        return dict.fromkeys(requests, START)
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    syntax = lower_module(wrapper.module).syntax
    positions = wrapper.resolve(PositionProvider)
    found = {}
    for node, argument in requests:
        place = _chosen(syntax[node], argument)
        if place is None or place not in positions:
            found[node, argument] = START
            continue
        span = positions[place]
        code = " ".join(wrapper.module.code_for_node(place).split())
        found[node, argument] = Range(span.start.line, span.start.column, span.end.line, span.end.column, code)
    return found


def _chosen(syntax: cst.CSTNode | None, argument: int | None) -> cst.CSTNode | None:
    if argument is None or not isinstance(syntax, cst.Call) or argument >= len(syntax.args):
        return syntax
    return syntax.args[argument].value
