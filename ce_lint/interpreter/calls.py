"""Calls → values: what calling each kind of value gives."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from ce_lint.interpreter import attributes, builtins, classes, containers, names, recipes, results, transfers
from ce_lint.interpreter.flow import Step
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import each
from ce_lint.interpreter.values import (
    Arguments,
    Bound,
    ClassValue,
    Fresh,
    FunctionValue,
    Instance,
    Library,
    LibraryObject,
    Literal,
    Mapping,
    Nothing,
    Partial,
    Performed,
    Scores,
    Sequence,
    Thunk,
    Unknown,
    Value,
)
from ce_lint.ir import nodes as ir
from ce_lint.ir.kinds import ScoreKind, Site
from ce_lint.ir.recipe import Act
from ce_lint.knowledge.schema import Argument, Form, Model, Switch

MAX_STATIONS = 10

IDENTITIES = frozenset(
    "to cuda cpu xpu float double half bfloat16 type apply requires_grad_ share_memory to_empty "
    "compile train eval unwrap_model get_model".split()
)
"""Methods of a module that give the module back."""

FRESH = frozenset(
    "torch.zeros torch.empty torch.ones torch.full torch.zeros_like torch.empty_like torch.ones_like "
    "torch.full_like".split()
)
FRESH_METHODS = frozenset(["new_zeros", "new_empty", "new_ones", "new_full"])


def call(machine: Machine, frame: int, index: int, node: ir.Call) -> Value:
    """The value of a call."""
    arguments = machine.arguments(frame, node)
    site = machine.site(frame, index)
    callee = attributes.callee(machine, frame, node)
    return each(callee, lambda one: apply(machine, one, arguments, frame, site))


def apply(machine: Machine, callee: Value, arguments: Arguments, frame: int, site: Site) -> Value:
    """What calling one alternative gives."""
    if isinstance(callee, FunctionValue):
        return _function(machine, callee, None, arguments, frame, site)
    if isinstance(callee, Bound):
        return _bound(machine, callee, arguments, frame, site)
    if isinstance(callee, ClassValue):
        return Instance(callee, arguments, site)
    if isinstance(callee, Instance):
        return _instance(machine, callee, arguments, frame, site)
    if isinstance(callee, Library):
        return _library(machine, machine.knowledge.canonical(callee.name), arguments, frame, site)
    if isinstance(callee, LibraryObject):
        return _library_object(machine, callee, arguments, frame, site)
    if isinstance(callee, Partial):
        given = {one.keyword for one in arguments if one.keyword}
        joined = (*(one for one in callee.arguments if one.keyword not in given), *arguments)
        return each(callee.function, lambda one: apply(machine, one, joined, frame, site))
    if isinstance(callee, Unknown | Nothing):
        return Unknown(f"the result of {callee.reason}", callee.open) if isinstance(callee, Unknown) else callee
    return Unknown("the result of a call that is not understood")


def _function(
    machine: Machine, function: FunctionValue, receiver: Value | None, arguments: Arguments, frame: int, site: Site
) -> Value:
    entered = machine.enter(function, arguments, receiver, frame, site.node)
    if entered is None:
        return Unknown("calls nested too deeply")
    record = machine.function_ir(function.definition)
    owner = _owner(machine, receiver) or record.qualified_name
    return each(results.result(machine, entered), lambda value: _returned(value, owner, record.name, site))


def _owner(machine: Machine, receiver: Value | None) -> str:
    cls = receiver.cls if isinstance(receiver, Instance) else receiver
    return machine.class_ir(cls).name if isinstance(cls, ClassValue) else ""


def _returned(value: Value, owner: str, function: str, site: Site) -> Value:
    """Scores that leave a function: who made them, and one station more on their way."""
    if not isinstance(value, Scores) or value.origin is None:
        return value
    note = f"returned by {owner}" if function in ("forward", "__call__") else f"returned by {function}"
    return replace(value, owner=value.owner or owner, steps=(*value.steps, Step(site, note))[-MAX_STATIONS:])


def _instance(machine: Machine, instance: Instance, arguments: Arguments, frame: int, site: Site) -> Value:
    if attributes.replaces_forward(machine, instance):
        return Unknown("the result of a forward that was replaced")
    for name in ("__call__", "forward"):
        method = classes.method(machine, instance.cls, name)
        if method is not None:
            return recipes.returned(_function(machine, method, instance, arguments, frame, site), instance)
    base = attributes.library_self(machine, instance)
    if base is not None:
        return _library_object(machine, base, arguments, frame, site)
    return Unknown(f"calling {machine.class_ir(instance.cls).name}, whose forward is not seen")


def _bound(machine: Machine, callee: Bound, arguments: Arguments, frame: int, site: Site) -> Value:
    receiver, name = callee.receiver, callee.name
    if callee.function is not None:
        result = _function(machine, callee.function, receiver, arguments, frame, site)
        if name in ("forward", "__call__") and isinstance(receiver, Instance):
            return recipes.returned(result, receiver)
        return result
    if isinstance(receiver, Instance | LibraryObject):
        return _method_of_object(machine, receiver, name, arguments, frame, site)
    if isinstance(receiver, Sequence | Mapping | Literal):
        return builtins.method(machine, receiver, name, arguments)
    if isinstance(receiver, ClassValue) and name == "apply":
        return Unknown("the result of a custom autograd function")
    return _method_of_tensor(machine, receiver, name, arguments, frame, site)


def _method_of_object(
    machine: Machine, receiver: Instance | LibraryObject, name: str, arguments: Arguments, frame: int, site: Site
) -> Value:
    if name in ("forward", "__call__"):
        return apply(machine, receiver, arguments, frame, site)
    if name in ("train", "eval"):
        return in_mode(machine, receiver, name, arguments)
    if isinstance(receiver, LibraryObject):
        qualified = machine.knowledge.canonical(f"{receiver.name}.{name}")
        if machine.knowledge.is_known(qualified):
            return _library(machine, qualified, arguments, frame, site)
        held = containers.held(machine, receiver)
        if held is not None and name in ("values", "items", "keys", "children"):
            return builtins.method(machine, held, "values" if name == "children" else name, arguments)
    if name in IDENTITIES:
        first = names.argument(machine, arguments, "", 0) if name in ("unwrap_model", "get_model") else None
        return first if first is not None else receiver
    return Unknown(f"the result of {name}")


def in_mode(machine: Machine, receiver: Instance | LibraryObject, method: str, arguments: Arguments) -> Value:
    """A module after `train()` or `eval()`."""
    mode = names.argument(machine, arguments, "mode", 0) if method == "train" else Literal(False)
    return replace(receiver, training=mode != Literal(False))


def _method_of_tensor(
    machine: Machine, receiver: Value, name: str, arguments: Arguments, frame: int, site: Site
) -> Value:
    known = machine.knowledge
    if (activation := known.method_activation(name)) is not None and isinstance(receiver, Scores | Unknown | Fresh):
        node = machine.node(frame, site.node)
        before = _receiver_thunk(machine, frame, node)
        return transfers.activate(machine, activation, before, arguments, site)
    if (operation := known.method_operation(name)) is not None:
        return transfers.operate(machine, operation, name, lambda: receiver, arguments)
    if name in FRESH_METHODS:
        return Fresh()
    opened = receiver.open if isinstance(receiver, Unknown) else None
    if name in IDENTITIES and isinstance(receiver, Unknown):
        return receiver
    return Unknown(f"the result of {name}", opened)


def _receiver_thunk(machine: Machine, frame: int, node: ir.AnyNode) -> Thunk | None:
    if isinstance(node, ir.Call) and isinstance(function := machine.node(frame, node.function), ir.Attribute):
        return Thunk(frame, function.object)
    return None


def _operand(machine: Machine, arguments: Arguments, wanted: Argument, missing: str) -> Callable[[], Value]:
    """An operation's input, which is evaluated when it is called; unknown, for some reason, where it is not given."""

    def evaluated() -> Value:
        value = names.argument(machine, arguments, wanted.keyword, wanted.position)
        return Unknown(missing) if value is None else value

    return evaluated


def _library(machine: Machine, name: str, arguments: Arguments, frame: int, site: Site) -> Value:
    known = machine.knowledge
    if name.startswith("builtins."):
        return builtins.function(machine, name.removeprefix("builtins."), arguments, frame, site, apply)
    if (activation := known.activation(name)) is not None and activation.form is Form.FUNCTION:
        before = transfers.given(machine, arguments, _INPUT)
        return transfers.activate(machine, activation, before, arguments, site)
    if (operation := known.operation(name)) is not None and operation.form is Form.FUNCTION:
        operand = _operand(machine, arguments, operation.input, f"the input of {name.rpartition('.')[2]}")
        return transfers.operate(machine, operation, name, operand, arguments)
    if (wrapper := known.wrapper(name)) is not None:
        return _wrapped(
            machine,
            wrapper.all_arguments,
            names.argument(machine, arguments, wrapper.input.keyword, wrapper.input.position),
            arguments,
        )
    if known.loss(name) is not None and known.losses[name].form is Form.FUNCTION:
        return Unknown("the value of a loss")
    if name in FRESH:
        return Fresh()
    if (special := builtins.library_function(machine, name, arguments, frame, site, apply)) is not None:
        return special
    last = name.rpartition(".")[2]
    if known.is_known(name) or last[:1].isupper():
        return LibraryObject(name, arguments, site)
    return Unknown(f"the result of {last}")


def _wrapped(machine: Machine, every: bool, one: Value | None, arguments: Arguments) -> Value:
    if every:
        values = names.positional_until_unknown(machine, arguments)
        return machine.force(values[0]) if len(values) == 1 else Sequence(tuple(values))
    return one if one is not None else Unknown("a wrapper of nothing")


def _library_object(machine: Machine, callee: LibraryObject, arguments: Arguments, frame: int, site: Site) -> Value:
    known = machine.knowledge
    if (activation := known.activation(callee.name)) is not None:
        before = transfers.given(machine, arguments, _INPUT)
        return transfers.activate(machine, activation, before, callee.arguments, site)
    if (operation := known.operation(callee.name)) is not None:
        operand = _operand(machine, arguments, _INPUT, f"the result of {callee.name.rpartition('.')[2]}")
        return transfers.operate(machine, operation, callee.name, operand, arguments, callee)
    if known.loss(callee.name) is not None:
        return Unknown("the value of a loss")
    held = containers.held(machine, callee)
    if held is not None and callee.overrides:
        return Unknown("the result of a container with a layer set by name")
    if isinstance(held, Sequence) and known.containers[callee.name].holds == "chain":
        return recipes.returned(chain(machine, held, arguments[0].value if arguments else None, frame, site), callee)
    if (model := known.model(callee.name)) is not None:
        heads = [thunk for name, thunk in callee.overrides if name in model.heads]
        if heads:
            output = each(machine.force(heads[-1]), lambda one: apply(machine, one, arguments, frame, site))
        else:
            output = _model(machine, model, callee)
        return recipes.returned(output, callee)
    return Unknown(f"the result of {callee.name.rpartition('.')[2]}")


def chain(machine: Machine, held: Sequence, before: Thunk | Value | None, frame: int, site: Site) -> Value:
    """Layers called one after the other; the place of an activation is where it was built."""
    value: Value = Unknown("the input of a Sequential")
    for position, link in enumerate(held.items):
        module = machine.force(link)
        made_at = module.site if isinstance(module, LibraryObject) else site
        passed = names.passed([before if before is not None and position == 0 else value])
        result = each(module, lambda one, passed=passed, made_at=made_at: apply(machine, one, passed, frame, made_at))  # type: ignore[misc]
        result = each(result, lambda one, value=value: _after_layers(value, one))  # type: ignore[misc]
        value = (
            Unknown("layers of unknown number") if position in held.many and not _same_kind(value, result) else result
        )
    return value


def _after_layers(before: Value, value: Value) -> Value:
    if not isinstance(value, Scores) or not isinstance(before, Scores) or value.kind is ScoreKind.LOGITS:
        return value
    if value.before is not None or value.classes is not None:
        return value
    return replace(value, classes=before.classes, layer=before.layer)


def _same_kind(one: Value, other: Value) -> bool:
    return isinstance(one, Scores) and isinstance(other, Scores) and one.kind is other.kind


def _model(machine: Machine, model: Model, callee: LibraryObject) -> Value:
    """The output of a library's model, as its constructor's arguments say."""
    for switch in model.switches:
        value = names.argument(machine, callee.arguments, switch.argument.keyword, switch.argument.position)
        if value is None:
            continue
        if not isinstance(value, Literal):
            return Unknown(f"the output of {callee.name.rpartition('.')[2]}, which an argument decides")
        if is_switched(switch, value):
            if switch.kind is None:
                return Unknown(f"the output of {callee.name.rpartition('.')[2]}")
            owner = callee.name.rpartition(".")[2]
            inside = Performed(Act.LAYER, callee.name, callee.arguments)
            return Scores(switch.kind, switch.word, callee.site, owner=owner, performed=(inside,))
    return Scores(model.kind, "" if model.kind is ScoreKind.LOGITS else model.word, callee.site)


def is_switched(switch: Switch, value: Literal) -> bool:
    """Does an argument's constant throw a switch? 0 is not False here."""
    return value.value == switch.equals and type(value.value) is type(switch.equals)


_INPUT = Argument("input", 0)
