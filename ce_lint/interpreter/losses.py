"""Values → contracts: which loss a callee is, and what it is given."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ce_lint.interpreter import attributes, calls, classes, names, recipes, transfers
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import alternatives, each
from ce_lint.interpreter.values import (
    Alternative,
    Arguments,
    Bound,
    ClassValue,
    Instance,
    Library,
    LibraryObject,
    Literal,
    Partial,
    Scores,
    Unknown,
    Value,
)
from ce_lint.ir import nodes as ir
from ce_lint.ir.kinds import Family
from ce_lint.knowledge.schema import Argument, Form, Join, Loss

MAX_ACTIVATIONS = 4
"""Activations on top of each other that are looked through for the layer below."""

ANY_ARGUMENT = "*"
"""In `window`: no window can be promised for this loss."""


class Received(msgspec.Struct, frozen=True, gc=False):
    """A loss, and the argument that it takes scores from."""

    name: str
    family: Family
    input: Value
    argument: int
    """The position among the call's arguments as they are written."""
    plain_window: bool
    contract: str
    """The loss by its full name."""
    options: Arguments
    """Those of its construction, or of the function's call."""


def received(machine: Machine, frame: int, index: int, callee: Value) -> Received | None:
    """What a call gives to a loss, where this alternative of its callee is one."""
    call = machine.node(frame, index)
    assert isinstance(call, ir.Call)
    given = machine.arguments(frame, call)
    if isinstance(callee, Library | ClassValue) and (join := _join(machine, callee)) is not None:
        return _joined(machine, join, given, frame, index)
    found = _loss(machine, callee)
    if found is None:
        return None
    loss, constructed, partial = found
    position = _position(machine, given, loss.input, len([one for one in partial if not one.keyword]))
    if position is None:
        return None
    family, plain = _contract(machine, loss, constructed, partial + given)
    display = loss.name.rpartition(".")[2]
    value = machine.force(given[position].value)
    options = constructed if loss.form is Form.CLASS else recipes.options_of_function(partial + given)
    return Received(display, family, value, position, plain, loss.name, options)


def _loss(machine: Machine, callee: Value) -> tuple[Loss, Arguments, Arguments] | None:
    """The loss that a value is, the arguments it was built with, and those given in advance."""
    if isinstance(callee, Bound) and callee.function is None and callee.name in ("forward", "__call__"):
        callee = callee.receiver
    if isinstance(callee, Partial):
        for one in alternatives(callee.function):
            if (found := _loss(machine, one.value)) is not None:
                return found[0], found[1], callee.arguments
        return None
    if isinstance(callee, Library):
        loss = machine.knowledge.loss(machine.knowledge.canonical(callee.name))
        return (loss, (), ()) if loss is not None and loss.form is Form.FUNCTION else None
    if isinstance(callee, Instance):
        base = attributes.library_self(machine, callee)
        if base is None or classes.method(machine, callee.cls, "forward") is not None:
            return None
        callee = base
    if isinstance(callee, LibraryObject):
        loss = machine.knowledge.loss(callee.name)
        return (loss, callee.arguments, ()) if loss is not None and loss.form is Form.CLASS else None
    return None


def _position(machine: Machine, given: Arguments, wanted: Argument, in_advance: int) -> int | None:
    for position, one in enumerate(given):
        if wanted.keyword and one.keyword == wanted.keyword:
            return position
    if wanted.position is None:
        return None
    position = wanted.position - in_advance
    before = given[: position + 1]
    if 0 <= position < len(given) and not any(one.keyword or one.stars for one in before):
        return position
    return None


def _contract(machine: Machine, loss: Loss, constructed: Arguments, called: Arguments) -> tuple[Family, bool]:
    """The family that the arguments leave, and whether the window is the plain one."""
    deciding = constructed if loss.form is Form.CLASS else called
    family = loss.family
    for switch in loss.switches:
        value = names.argument(machine, deciding, switch.argument.keyword, switch.argument.position)
        if value is None:
            continue
        if not isinstance(value, Literal):
            family = Family.OTHER
        elif calls.is_switched(switch, value) and switch.family is not None:
            family = switch.family
    expected = 0 if loss.form is Form.CLASS else 2
    moved = sum(not one.keyword for one in deciding) > expected or any(one.stars for one in deciding)
    named = any(one.keyword in loss.window for one in deciding)
    return family, not (moved or named or ANY_ARGUMENT in loss.window)


def _join(machine: Machine, callee: Library | ClassValue) -> Join | None:
    if isinstance(callee, Library):
        return machine.knowledge.join(machine.knowledge.canonical(callee.name))
    if classes.method(machine, callee, "__init__") is not None:
        return None
    for base in classes.library_bases(machine, callee):
        if (join := machine.knowledge.join(base)) is not None:
            return join
    return None


def _joined(machine: Machine, join: Join, given: Arguments, frame: int, index: int) -> Received | None:
    """A framework's call that hands model and loss to each other."""
    model = transfers.given(machine, given, join.model)
    if model is None:
        return None
    wanted = transfers.given(machine, given, join.loss)
    loss = _default(machine, join) if wanted is None else machine.force(wanted)
    found = _loss(machine, _built(machine, loss, frame, index))
    if found is None:
        return None
    contract, constructed, _ = found
    family, plain = _contract(machine, contract, constructed, ())
    if join.takes_log and family is Family.NLL:
        family = Family.OTHER
    site = machine.site(frame, index)
    built = each(machine.force(model), lambda one: _built(machine, one, frame, index))
    scores = each(built, lambda one: calls.apply(machine, one, names.passed([Unknown("a batch")]), frame, site))
    position = next((i for i, one in enumerate(given) if one.value == model), 0)
    return Received(contract.name.rpartition(".")[2], family, scores, position, plain, contract.name, constructed)


def _default(machine: Machine, join: Join) -> Value:
    return Library(join.default_loss) if join.default_loss else Unknown("no loss is given")


def _built(machine: Machine, value: Value, frame: int, index: int) -> Value:
    """A class as an object of it, an object as itself."""
    if isinstance(value, ClassValue):
        return Instance(value, (), machine.site(frame, index))
    if isinstance(value, Library):
        name = machine.knowledge.canonical(value.name)
        loss = machine.knowledge.loss(name)
        if loss is not None and loss.form is Form.CLASS:
            return LibraryObject(name, (), machine.site(frame, index))
    return value


def callees(machine: Machine, frame: int, index: int) -> Iterator[Alternative]:
    """The alternatives of what a call calls."""
    call = machine.node(frame, index)
    assert isinstance(call, ir.Call)
    yield from alternatives(attributes.callee(machine, frame, call))


def classes_of(machine: Machine, value: Value) -> int | None:
    """The number of classes that scores have: from the layer that made them, through the activation."""
    for _ in range(MAX_ACTIVATIONS):
        if not isinstance(value, Scores) or value.classes is not None:
            break
        if value.before is None:
            return None
        value = machine.force(value.before)
    return value.classes if isinstance(value, Scores) else None
