"""Questions that hang on the order of the scores only: the largest one, the first five."""

from __future__ import annotations

from ce_lint.concrete.occurrences import Occurrence
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.values import Literal
from ce_lint.ir import nodes as ir
from ce_lint.knowledge.schema import Argument, Reading
from ce_lint.uses.records import UseKind
from ce_lint.uses.search import Activation, Flags, Found, Search, Taint

CLASS_DIMS = (1, -1)
"""Two names of the class dimension of what a loss takes: batch first, classes second."""

_NOT_TOLD = object()


def asked(
    search: Search,
    taint: Taint,
    one: Occurrence,
    call: int,
    node: ir.Call,
    reading: Reading,
    frame: int,
    word: str,
) -> None:
    """A call asks for the order of the scores: do logits give the same answer?"""
    dim: object
    if reading.is_along_classes:
        dim = 1
    else:
        given = None if reading.dim is None else dimension(search.interpreter.machine, frame, node, reading.dim)
        dim = reading.default_dim if given is None else given
    is_value = bool(reading.ranks) and dim is None
    if is_value or not _is_kept(search.activation, taint.flags, dim):
        search.report(taint, one, UseKind.VALUES, f"{word} of them is taken")
    elif not reading.ranks:
        search.report(taint, one, UseKind.CLASSES, f"{word} of them is taken")
    else:
        place = Found(taint.arena, one, UseKind.CLASSES, f"{word} of them is taken", taint.flags, True)
        fold = search.fold(taint.fold, place)
        for key in (0, "values"):
            search.follow(taint._replace(node=call, path=(key,), fold=fold, name="", is_derived=True))


def _is_kept(activation: Activation, flags: Flags, dim: object) -> bool:
    """Does the activation leave the order of the scores along a dimension?"""
    if not activation.is_increasing:
        return False
    if activation.is_elementwise:
        return dim is not _NOT_TOLD
    if flags.is_moved or activation.dim is None:
        return False
    is_same = activation.is_flat and dim in CLASS_DIMS and activation.dim in CLASS_DIMS
    return is_same or dim == activation.dim


def dimension(machine: Machine, frame: int, node: ir.Call, wanted: Argument) -> object:
    """The dimension that a call is given; None where it is given none."""
    if any(one.stars for one in node.arguments):
        return _NOT_TOLD
    positional = [one.value for one in node.arguments if not one.keyword]
    given = [one.value for one in node.arguments if one.keyword in (wanted.keyword, "dim", "axis")]
    if wanted.position is not None and wanted.position < len(positional):
        given.append(positional[wanted.position])
    if not given:
        return None
    value = machine.evaluate(frame, given[0])
    if isinstance(value, Literal) and (value.value is None or type(value.value) is int):
        return value.value
    return _NOT_TOLD
