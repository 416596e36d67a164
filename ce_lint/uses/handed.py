"""A function or model that is handed to code which is not seen: that may call it, and use what it returns."""

from __future__ import annotations

from collections.abc import Iterator

from ce_lint.interpreter import attributes, classes
from ce_lint.interpreter.callers import Candidate
from ce_lint.interpreter.contexts import Context
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.targets import targets
from ce_lint.interpreter.unions import alternatives, first_open
from ce_lint.interpreter.values import (
    Bound,
    ClassValue,
    Definition,
    FunctionValue,
    Instance,
    Library,
    LibraryObject,
    Mapping,
    Sequence,
    Unknown,
    Value,
)
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import FunctionIR, ParameterKind
from ce_lint.knowledge.schema import Access, Need
from ce_lint.program.heads import Heads
from ce_lint.program.names import Names
from ce_lint.uses.search import Search
from ce_lint.uses.stores import ADDING
from ce_lint.uses.ways import ways

SEQUENTIAL = "torch.nn.Sequential"
MAX_DEPTH = 2
"""Containers in each other in which a model is looked for."""

_CALLING = frozenset(("map", "filter", "max", "min"))
"""Functions of Python that call one of their arguments."""

_QUIET = (
    "torch.save",
    "torch.nn.",
    "torch.optim.",
    "torch.no_grad",
    "torch.inference_mode",
    "torch.utils.data.",
    "copy.",
    "functools.partial",
    "functools.update_wrapper",
    "functools.wraps",
)
"""Beginnings of names of what keeps, changes or wraps a model, and does not use what it returns."""


def handed_over(search: Search, function: Definition) -> Iterator[tuple[Candidate, str]]:
    """The calls that hand a function, or the model whose forward it is, to something that is not seen; and to what."""
    interpreter = search.interpreter
    machine = interpreter.machine
    start = _names(machine, function)
    closure = interpreter.callers.carriers.closure(start)
    wrappers = machine.knowledge.wrapper_words()
    for module in interpreter.callers.carriers.modules(closure):
        heads, here = Heads(module.ir, wrappers), closure.at(module.path)
        for number, record in enumerate(module.ir.functions):
            around = Definition(module.path, number)
            for site in record.calls:
                call = module.ir.nodes[site.node]
                assert isinstance(call, ir.Call)
                for taken in _taken(module.ir.nodes, call):
                    known = heads.of(taken)
                    if not any(here.leads(one.name, one.calls) for one in known):
                        continue
                    word = _handed_to(search, around, call, taken, function)
                    if word:
                        yield Candidate(around, site.node), word


def _handed_to(search: Search, around: Definition, call: ir.Call, taken: int, function: Definition) -> str:
    """What a call hands a function to, in any of the ways that lead to the call; empty where that is not seen."""
    machine, contexts = search.interpreter.machine, search.interpreter.contexts
    machine.begin()
    if not _may_take(machine, machine.root(around), call, taken, function):
        return ""
    start = (Context(around),)
    for way in ways(machine, contexts, start, lambda frame: first_open(machine.evaluate(frame, taken))).found:
        for frame in way.frames:
            is_it = _is_it(machine, machine.evaluate(frame, taken), function)
            word = _taker(machine, frame, call, taken, function) if is_it else ""
            if word:
                return word
    return ""


def _may_take(machine: Machine, root: int, call: ir.Call, taken: int, function: Definition) -> bool:
    """May a call hand an argument to what is not seen, whatever the argument is?"""
    callee = attributes.callee(machine, root, call)
    names = [one.value.name for one in alternatives(callee) if isinstance(one.value, Library)]
    is_chain = any(machine.knowledge.canonical(name) == SEQUENTIAL for name in names)
    return is_chain or first_open(callee) is not None or bool(_taker(machine, root, call, taken, function))


def _taken(nodes: tuple[ir.AnyNode, ...], call: ir.Call) -> Iterator[int]:
    """What a call may keep and call later: its arguments, and the model whose outputs are handed to a hook."""
    yield from (one.value for one in call.arguments)
    function = nodes[call.function]
    if isinstance(function, ir.Attribute) and function.name == "register_forward_hook":
        yield function.object


def is_cut_short(search: Search, function: Definition) -> bool:
    """Does a function, or the model whose forward it is, travel under more names than are looked for?"""
    return search.interpreter.callers.carriers.is_cut(_names(search.interpreter.machine, function))


def _names(machine: Machine, function: Definition) -> Names:
    record = machine.function_ir(function)
    if record.owner is not None and record.name in ("forward", "__call__"):
        return Names.of_class(machine.module_ir(function.path).classes[record.owner].name)
    return Names.of_function(record.name)


def _is_it(machine: Machine, value: Value, function: Definition, depth: int = 0) -> bool:
    """Is a value the function, a model that runs it when it is called, or a container of one?"""
    for one in alternatives(value):
        inner = one.value
        if depth < MAX_DEPTH and any(_is_it(machine, item, function, depth + 1) for item in _items(machine, inner)):
            return True
        if isinstance(inner, FunctionValue) and inner.definition == function:
            return True
        if isinstance(inner, Bound) and inner.function is not None and inner.function.definition == function:
            return True
        if isinstance(inner, Instance | ClassValue):
            cls = inner.cls if isinstance(inner, Instance) else inner
            for name in ("__call__", "forward"):
                method = classes.method(machine, cls, name)
                if method is not None and method.definition == function:
                    return True
    return False


def _items(machine: Machine, value: Value) -> Iterator[Value]:
    """What a container holds, in order."""
    if isinstance(value, Sequence):
        yield from (machine.force(item) for item in value.items)
    elif isinstance(value, Mapping):
        yield from (machine.force(item) for item in (*(entry for _, entry in value.entries), *value.rest))


def _taker(machine: Machine, frame: int, call: ir.Call, taken: int, function: Definition) -> str:
    """What a call hands an argument to, where that may call it unseen; empty where it does not."""
    for one in alternatives(attributes.callee(machine, frame, call)):
        callee = one.value
        entered = [one.function.definition for one in targets(machine, callee, machine.arguments(frame, call))]
        if entered:
            # Under the name of a parameter it is looked for there.
            records = [machine.function_ir(definition) for definition in entered]
            word = next((one.qualified_name for one in records if not _is_named(one, call, taken)), "")
        elif isinstance(callee, Library) and machine.knowledge.canonical(callee.name) == SEQUENTIAL:
            word = "Sequential" if _is_followed(machine, frame, call, function) else ""
        elif isinstance(callee, Library):
            word = _library(machine, machine.knowledge.canonical(callee.name))
        elif isinstance(callee, Bound) and isinstance(callee.receiver, LibraryObject):
            word = _library(machine, machine.knowledge.canonical(f"{callee.receiver.name}.{callee.name}"))
        elif isinstance(callee, Bound) and isinstance(callee.receiver, Sequence | Mapping):
            word = ""
        elif isinstance(callee, Bound):
            word = "" if callee.name in ADDING | {"add_module", "register_module"} else callee.name
        elif isinstance(callee, Unknown):
            word = _written(machine.node(frame, call.function))
        elif isinstance(callee, LibraryObject):
            word = callee.name.rpartition(".")[2]
        else:
            word = ""
        if word:
            return word
    return ""


def _is_named(record: FunctionIR, call: ir.Call, taken: int) -> bool:
    """Is an argument of a call known under one name in the function that is called?"""
    names = [one.name for one in record.parameters if one.kind in (ParameterKind.POSITIONAL, ParameterKind.KEYWORD)]
    positional = sum(one.kind is ParameterKind.POSITIONAL for one in record.parameters) - (record.owner is not None)
    for position, one in enumerate(call.arguments):
        if one.value == taken and one.keyword:
            return one.keyword in names
        if one.value == taken and (one.stars or position >= positional):
            return False
    return True


def _is_followed(machine: Machine, frame: int, call: ir.Call, function: Definition) -> bool:
    """Is a model put before another layer, which gets what it returns?"""
    layers: list[Value] = []
    for one in call.arguments:
        value = machine.evaluate(frame, one.value)
        held = [item for alternative in alternatives(value) for item in _items(machine, alternative.value)]
        layers += held or [value]
    return any(_is_it(machine, layer, function) for layer in layers[:-1])


def _written(node: ir.AnyNode) -> str:
    return node.name if isinstance(node, ir.Attribute | ir.Free | ir.Parameter) and node.name else "a function"


def _library(machine: Machine, name: str) -> str:
    known = machine.knowledge
    last = name.rpartition(".")[2]
    if name.startswith("builtins."):
        return last if last in _CALLING else ""
    reading = known.reading(name, Access.FUNCTION)
    if reading is not None and reading.need is Need.NOTHING:
        return ""
    is_kept = known.wrapper(name) is not None or known.container(name) is not None
    return "" if is_kept or name.startswith(_QUIET) else last
