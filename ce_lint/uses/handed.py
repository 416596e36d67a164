"""A function or model that is handed to code which is not seen: that may call it, and use what it returns."""

from __future__ import annotations

from collections.abc import Iterator

from ce_lint.interpreter import attributes, classes
from ce_lint.interpreter.callers import Candidate
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.targets import targets
from ce_lint.interpreter.unions import alternatives
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
from ce_lint.knowledge.schema import Access, Need
from ce_lint.program.carriers import MAX_NAMES, Names
from ce_lint.program.heads import Heads
from ce_lint.uses.search import Search
from ce_lint.uses.stores import ADDING

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
        heads = Heads(module.ir, wrappers)
        for number, record in enumerate(module.ir.functions):
            around = Definition(module.path, number)
            for site in record.calls:
                call = module.ir.nodes[site.node]
                assert isinstance(call, ir.Call)
                for taken in _taken(module.ir.nodes, call):
                    known = heads.of(taken)
                    if not any(one.name in (closure.makers if one.called else closure.objects) for one in known):
                        continue
                    machine.begin()
                    frame = machine.root(around)
                    if _is_it(machine, machine.evaluate(frame, taken), function):
                        word = _taker(machine, frame, call)
                        if word:
                            yield Candidate(around, site.node), word


def _taken(nodes: tuple[ir.AnyNode, ...], call: ir.Call) -> Iterator[int]:
    """What a call may keep and call later: its arguments, and the model whose outputs are handed to a hook."""
    yield from (one.value for one in call.arguments)
    function = nodes[call.function]
    if isinstance(function, ir.Attribute) and function.name == "register_forward_hook":
        yield function.object


def is_cut_short(search: Search, function: Definition) -> bool:
    """Does a function, or the model whose forward it is, travel under more names than are looked for?"""
    closure = search.interpreter.callers.carriers.closure(_names(search.interpreter.machine, function))
    return len(closure.objects) > MAX_NAMES


def _names(machine: Machine, function: Definition) -> Names:
    record = machine.function_ir(function)
    if record.owner is not None and record.name in ("forward", "__call__"):
        return Names.of_class(machine.module_ir(function.path).classes[record.owner].name)
    return Names.of_function(record.name)


def _is_it(machine: Machine, value: Value, function: Definition) -> bool:
    """Is a value the function, or a model that runs it when it is called?"""
    for one in alternatives(value):
        inner = one.value
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


def _taker(machine: Machine, frame: int, call: ir.Call) -> str:
    """What a call hands its arguments to, where that may call them unseen; empty where it does not."""
    for one in alternatives(attributes.callee(machine, frame, call)):
        callee = one.value
        if any(True for _ in targets(machine, callee, machine.arguments(frame, call))):
            continue  # under the name of a parameter it is looked for there
        if isinstance(callee, Library):
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
    return "" if is_kept or name.startswith(_QUIET) or name == "functools.partial" else last
