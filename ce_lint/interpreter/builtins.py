"""Python's own functions, and the methods of lists, dicts and strings, as far as they carry values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ce_lint.interpreter import attributes, conditions, containers, items, names, recipes
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import alternatives, each, join, one_of
from ce_lint.interpreter.values import (
    Arguments,
    Definition,
    Instance,
    LibraryObject,
    Literal,
    Mapping,
    Partial,
    Sequence,
    Super,
    Thunk,
    Unknown,
    Value,
)
from ce_lint.ir.kinds import Site

Apply: TypeAlias = Callable[[Machine, Value, Arguments, int, Site], Value]

_COPIES = frozenset(("list", "tuple", "set", "sorted", "reversed", "iter", "frozenset"))


def function(machine: Machine, name: str, arguments: Arguments, frame: int, site: Site, apply: Apply) -> Value:
    """What a builtin function gives."""
    given = names.positional_until_unknown(machine, arguments)
    first = machine.force(given[0]) if given else None
    if name == "super":
        return _super(machine, frame)
    if name == "dict":
        return _dict(machine, first, arguments)
    if name in _COPIES:
        return Sequence(()) if first is None else each(first, lambda one: _copied(machine, name, one))
    if name == "isinstance" and len(given) == 2 and first is not None:
        return _isinstance(machine, first, machine.force(given[1]))
    if name in ("getattr", "hasattr") and len(given) >= 2 and first is not None:
        return _getattr(machine, name, first, given)
    if name in ("zip", "enumerate", "map", "filter") and first is not None:
        return _iterated(machine, name, first, given, frame, site, apply)
    if name == "next" and first is not None:
        return each(first, lambda one: items.any_item(machine, one))
    if name == "len" and isinstance(first, Sequence) and not first.many:
        return Literal(len(first.items))
    if name in ("str", "int", "float", "bool") and isinstance(first, Literal):
        return first if type(first.value).__name__ == name else Unknown(f"the result of {name}")
    if name == "type" and isinstance(first, Instance):
        return first.cls
    opened = first.open if isinstance(first, Unknown) else None
    return Unknown(f"the result of {name}", opened)


def library_function(
    machine: Machine, name: str, arguments: Arguments, frame: int, site: Site, apply: Apply
) -> Value | None:
    """What a function of the standard library gives; None for those that are not known."""
    if name in ("collections.OrderedDict", "easydict.EasyDict", "argparse.Namespace", "types.SimpleNamespace"):
        given = names.positional_until_unknown(machine, arguments)
        return _dict(machine, machine.force(given[0]) if given else None, arguments)
    if name == "collections.defaultdict":
        return Mapping(())
    if name == "functools.partial":
        given = names.positional_until_unknown(machine, arguments)
        if not given:
            return Unknown("partial of nothing")
        rest = names.passed(given[1:]) + tuple(one for one in arguments if one.keyword)
        return each(machine.force(given[0]), lambda one: Partial(one, rest))
    if name == "itertools.chain":
        parts = names.positional_until_unknown(machine, arguments)
        return join(_spread(machine, machine.force(one)) for one in parts) if parts else Sequence(())
    return None


def _spread(machine: Machine, value: Value) -> Value:
    return Sequence((items.any_item(machine, value),), frozenset({0}))


def _super(machine: Machine, frame: int) -> Value:
    """`super()`: in a method, or in a function inside one."""
    current: int | None = frame
    while current is not None:
        entered = machine.frames[current]
        record = machine.function_ir(entered.definition)
        if record.owner is not None and isinstance(entered.receiver, Instance):
            return Super(entered.receiver, Definition(entered.definition.path, record.owner))
        current = entered.around
    return Unknown("super()")


def _dict(machine: Machine, first: Value | None, arguments: Arguments) -> Value:
    built = Mapping(())
    if isinstance(first, Sequence):
        for item in first.items:
            built = _with_pair(machine, built, machine.force(item), many=bool(first.many))
    elif first is not None:
        built = containers.updated(built, first)
    for one in arguments:
        if one.keyword:
            built = containers.updated(built, Mapping(((one.keyword, one.value),)))
        elif one.stars == 2:
            built = containers.updated(built, machine.force(one.value))
    return built


def _with_pair(machine: Machine, built: Mapping, pair: Value, *, many: bool) -> Mapping:
    if not isinstance(pair, Sequence) or len(pair.items) != 2 or pair.many:
        return built.blurred(Unknown("entries of a dict"))
    key = machine.force(pair.items[0])
    if isinstance(key, Literal) and not many:
        return containers.updated(built, Mapping(((key.value, pair.items[1]),)))
    return built.blurred(pair.items[1])


def _copied(machine: Machine, name: str, value: Value) -> Value:
    if isinstance(value, Sequence):
        if name == "reversed":
            last = len(value.items) - 1
            return Sequence(value.items[::-1], frozenset(last - one for one in value.many))
        return value if name != "sorted" else Sequence(value.items, frozenset(range(len(value.items))))
    if isinstance(value, Mapping):
        return Sequence(tuple(Literal(key) for key, _ in value.entries), frozenset())
    if isinstance(value, Unknown):
        return value
    if isinstance(value, LibraryObject):
        inside = containers.held(machine, value)
        if isinstance(inside, Sequence):
            return inside
    return Sequence((items.any_item(machine, value),), frozenset({0}))


def _isinstance(machine: Machine, value: Value, wanted: Value) -> Value:
    answers = {
        conditions.is_instance(machine, one.value, other.value)
        for one in alternatives(value)
        for other in alternatives(wanted)
    }
    answer = answers.pop() if len(answers) == 1 else None
    opened = next((one.value.open for one in alternatives(value) if isinstance(one.value, Unknown)), None)
    return Unknown("isinstance", opened) if answer is None else Literal(answer)


def _getattr(machine: Machine, name: str, value: Value, given: list[Thunk | Value]) -> Value:
    key = machine.force(given[1])
    if not (isinstance(key, Literal) and isinstance(key.value, str)):
        return Unknown(f"{name} by a name that is not known", key.open if isinstance(key, Unknown) else None)
    text = key.value
    if name == "hasattr":
        return Unknown("hasattr")
    return each(value, lambda one: attributes.read(machine, one, text))


def _iterated(
    machine: Machine, name: str, first: Value, given: list[Thunk | Value], frame: int, site: Site, apply: Apply
) -> Value:
    if name == "enumerate":
        pairs = each(first, lambda one: Sequence((Unknown("a position"), items.any_item(machine, one))))
        return Sequence((pairs,), frozenset({0}))
    if name == "zip":
        values = [machine.force(one) for one in given]
        return Sequence(
            (Sequence(tuple(each(one, lambda x: items.any_item(machine, x)) for one in values)),), frozenset({0})
        )
    if len(given) < 2:
        return Unknown(f"the result of {name}")
    element = each(machine.force(given[1]), lambda one: items.any_item(machine, one))
    if name == "filter":
        return Sequence((element,), frozenset({0}))
    mapped = each(first, lambda one: apply(machine, one, names.passed([element]), frame, site))
    return Sequence((mapped,), frozenset({0}))


def method(machine: Machine, receiver: Sequence | Mapping | Literal, name: str, arguments: Arguments) -> Value:
    """What a method of a list, dict or string gives."""
    if isinstance(receiver, Mapping):
        return _dict_method(machine, receiver, name, arguments)
    if isinstance(receiver, Sequence):
        if name == "pop" and receiver.items:
            return machine.force(receiver.items[-1])
        return receiver if name == "copy" else Unknown(f"the result of {name}")
    if isinstance(receiver.value, str) and name in ("lower", "upper", "strip") and not arguments:
        return Literal(getattr(receiver.value, name)())
    return Unknown(f"the result of {name}")


def _dict_method(machine: Machine, receiver: Mapping, name: str, arguments: Arguments) -> Value:
    values = [*(one for _, one in receiver.entries), *receiver.rest]
    many = frozenset(range(len(receiver.entries), len(values)))
    if name == "values":
        return Sequence(tuple(values), many)
    if name == "items":
        keys: list[Value] = [Literal(key) for key, _ in receiver.entries]
        keys += [Unknown("a key")] * len(receiver.rest)
        return Sequence(tuple(Sequence((key, one)) for key, one in zip(keys, values, strict=True)), many)
    if name == "keys":
        return Sequence(tuple(Literal(key) for key, _ in receiver.entries), frozenset())
    if name in ("get", "pop", "setdefault"):
        found = _get(machine, receiver, arguments)
        return recipes.picked(found, receiver, arguments[0].value) if arguments else found
    return receiver if name == "copy" else Unknown(f"the result of {name}")


def _get(machine: Machine, receiver: Mapping, arguments: Arguments) -> Value:
    given = names.positional_until_unknown(machine, arguments)
    key = machine.force(given[0]) if given else Unknown("a key")
    if isinstance(key, Literal):
        entry = dict(receiver.entries).get(key.value)
        if entry is not None:
            return machine.force(entry)
        if not receiver.rest:
            return machine.force(given[1]) if len(given) > 1 else Literal(None)
    everything = [*(one for _, one in receiver.entries), *receiver.rest]
    return one_of(machine.force(one) for one in everything) if everything else Unknown("an item of an empty dict")
