"""Names → values: parameters, variables of functions around, globals, imports, members of modules."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ce_lint.interpreter import registries
from ce_lint.interpreter.frames import NEVER
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import join, one_of, without_placeholders
from ce_lint.interpreter.values import (
    Arguments,
    Definition,
    Instance,
    Library,
    Literal,
    Mapping,
    ModuleValue,
    Nothing,
    Open,
    Passed,
    Sequence,
    Thunk,
    Unknown,
    Value,
)
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import FunctionIR, ParameterIR, ParameterKind


def parameter(machine: Machine, frame: int, node: ir.Parameter) -> Value:
    """What a parameter holds in a frame."""
    entered = machine.frames[frame]
    function = machine.function_ir(entered.definition)
    names = [one.name for one in function.parameters]
    found = next((one for one in function.parameters if one.name == node.name), None)
    if found is None:  # a class body's or comprehension's name that belongs to the function around
        return free(machine, frame, ir.Free(node.name))
    receives = entered.receiver is not None
    if receives and names[0] == node.name:
        assert entered.receiver is not None
        return entered.receiver
    if entered.arguments is None:
        if found.kind in (ParameterKind.STAR, ParameterKind.STARS):
            return Unknown(f"{found.name} of {function.qualified_name}")
        return Unknown(f"parameter {node.name} of {function.qualified_name}", _open(machine, frame, node.name))
    value = bind(machine, function, found, entered.arguments, skip=1 if receives else 0)
    if value is not None:
        return value
    if found.default is None or entered.around is None:
        return Unknown(f"parameter {node.name} of {function.qualified_name} is not given")
    return machine.evaluate(entered.around, found.default)


def _open(machine: Machine, frame: int, name: str) -> Open:
    entered = machine.frames[frame]
    receiver = entered.receiver
    built_unseen = isinstance(receiver, Instance) and receiver.arguments is None
    if built_unseen and machine.function_ir(entered.definition).name == "__init__":
        assert isinstance(receiver, Instance)
        return Open(receiver.cls.definition, "")
    return Open(entered.definition, name)


def bind(
    machine: Machine, function: FunctionIR, wanted: ParameterIR, arguments: Arguments, skip: int = 0
) -> Value | None:
    """The argument that a call gives to a parameter; None where it leaves it to the default."""
    positional = [one for one in function.parameters if one.kind is ParameterKind.POSITIONAL][skip:]
    if wanted.kind is ParameterKind.STAR:
        given = expand_positional(machine, arguments)
        return Unknown("*args") if given is None else Sequence(tuple(given[len(positional) :]))
    if wanted.kind is ParameterKind.STARS:
        known = {one.name for one in function.parameters if one.kind is not ParameterKind.STARS}
        entries = tuple((one.keyword, one.value) for one in arguments if one.keyword and one.keyword not in known)
        spread = [machine.force(one.value) for one in arguments if one.stars == 2]
        if not all(isinstance(one, Mapping) for one in spread):
            return Unknown("**kwargs")
        more = [entry for one in spread if isinstance(one, Mapping) for entry in one.entries if entry[0] not in known]
        rest = tuple(value for one in spread if isinstance(one, Mapping) for value in one.rest)
        return Mapping((*entries, *more), rest)
    position = next((i for i, one in enumerate(positional) if one.name == wanted.name), None)
    return argument(machine, arguments, wanted.name, position)


def argument(machine: Machine, arguments: Arguments, keyword: str, position: int | None) -> Value | None:
    """A call's argument by keyword or position; None where it is not given."""
    for one in arguments:
        if keyword and one.keyword == keyword:
            return machine.force(one.value)
    if position is not None:
        given = positional_until_unknown(machine, arguments)
        if position < len(given):
            return machine.force(given[position])
        if any(one.stars == 1 for one in arguments) and expand_positional(machine, arguments) is None:
            return Unknown("an argument out of *args")
    for one in arguments:
        if one.stars == 2:
            mapping = machine.force(one.value)
            if not isinstance(mapping, Mapping):
                return Unknown("an argument out of **kwargs", mapping.open if isinstance(mapping, Unknown) else None)
            value = dict(mapping.entries).get(keyword)
            if value is not None:
                return machine.force(value)
    return None


def positional_until_unknown(machine: Machine, arguments: Arguments) -> list[Thunk | Value]:
    """The positional arguments before the first `*args` whose length is not known."""
    given: list[Thunk | Value] = []
    for one in arguments:
        if one.keyword or one.stars == 2:
            continue
        if one.stars == 0:
            given.append(one.value)
            continue
        spread = machine.force(one.value)
        if not isinstance(spread, Sequence) or spread.many:
            break
        given.extend(spread.items)
    return given


def expand_positional(machine: Machine, arguments: Arguments) -> list[Thunk | Value] | None:
    """All positional arguments, None where a `*args` is of unknown length."""
    given: list[Thunk | Value] = []
    for one in arguments:
        if one.keyword or one.stars == 2:
            continue
        if one.stars == 0:
            given.append(one.value)
            continue
        spread = machine.force(one.value)
        if not isinstance(spread, Sequence) or spread.many:
            return None
        given.extend(spread.items)
    return given


def passed(values: list[Thunk | Value]) -> Arguments:
    """Values as positional arguments."""
    return tuple(Passed("", 0, value) for value in values)


def free(machine: Machine, frame: int, node: ir.Free) -> Value:
    """What a name holds that the function does not bind: seen from inside out."""
    entered = machine.frames[frame]
    path = entered.definition.path
    if entered.definition.number == 0:
        return _unassigned(machine, path, node.name)
    current = entered.around
    while current is not None:
        scope = machine.frames[current]
        function = machine.function_ir(scope.definition)
        if scope.definition.number == 0:
            break
        if node.name in function.exits and node.name not in function.global_names:
            if machine.is_rebound(scope.definition, node.name):
                return Unknown(f"{node.name}, which the function around assigns more than once")
            return machine.evaluate(current, function.exits[node.name])
        current = scope.around
    moment = entered.moment
    here = moment is not None and moment.path == path
    if machine.is_rebound(Definition(path, 0), node.name) and (moment is None or moment.time == NEVER):
        # What it holds depends on when the function is called.
        opened = Open(entered.definition, node.name) if moment is None else None
        return Unknown(f"{node.name}, which is assigned more than once", opened)
    return module_name(machine, path, node.name, moment.time if moment is not None and here else None)


def module_name(machine: Machine, path: Path, name: str, time: int | None = None) -> Value:
    """What a module's global holds: at a point of its body, or at its end."""
    body = machine.module_ir(path).functions[0]
    if time is not None:
        before = [one for one in body.bindings if one.path == name and one.time <= time]
        if before:
            return machine.evaluate(machine.body(path), before[-1].value)
    if name in body.exits:
        value = machine.evaluate(machine.body(path), body.exits[name])
        assigned = _assigned_by_functions(machine, path, name)
        if assigned is not None:
            return without_placeholders(one_of([value, assigned]))
        return registries.with_entries(machine, path, name, value)
    return _unassigned(machine, path, name)


def _unassigned(machine: Machine, path: Path, name: str) -> Value:
    """A global that the module's body does not assign: of a function, a star import, or Python."""
    assigned = _assigned_by_functions(machine, path, name)
    if assigned is not None:
        return assigned
    found = machine.answer(
        machine.star_members,
        (path, name),
        Nothing(),
        lambda: _star_member(machine, path, name, _Stars({path}, set())) or Nothing(),
    )
    if not isinstance(found, Nothing):
        return found
    if name == "__name__":
        return Literal("__main__")
    return Library(f"builtins.{name}")


def _assigned_by_functions(machine: Machine, path: Path, name: str) -> Value | None:
    """What functions of the module give to a name that they declare global."""
    functions = machine.module_ir(path).functions
    if path not in machine.global_setters:
        setters = machine.global_setters[path] = dict[str, list[int]]()
        for index, function in enumerate(functions):
            for one in function.global_names:
                if one in function.exits:
                    setters.setdefault(one, []).append(index)
    values = [
        machine.evaluate(machine.root(Definition(path, index)), functions[index].exits[name])
        for index in machine.global_setters[path].get(name, ())
    ]
    return join(values) if values else None


class _Stars(NamedTuple):
    """What is known of the modules that star imports lead to, on the way to one name."""

    seen: set[Path]
    """Those that bring it nowhere, or that somebody looks into already."""
    leading: set[Path]
    """Those that may have it, or lead to one that may."""


def _star_member(machine: Machine, path: Path, name: str, stars: _Stars) -> Value | None:
    """A name that a module's star imports bring, through those of the modules they name; None where they do not."""
    module = machine.find_module(path)
    for star in reversed(module.ir.star_imports if module is not None else ()):
        target = machine.resolve(path, star.module, star.level)
        if target is None:
            of_library = _library_member(machine, star.module, name)
            if of_library is not None:
                return of_library
            continue
        if target in stars.seen or target.suffix != ".py":
            continue
        stars.seen.add(target)
        if not _may_give(machine, target, name, stars):
            continue
        inner = machine.find_module(target)
        if inner is not None and name in inner.ir.functions[0].exits:
            return module_name(machine, target, name)
        found = _star_member(machine, target, name, stars)
        if found is not None:
            return found
    return None


def _library_member(machine: Machine, module: str, name: str) -> Library | None:
    """A name that the star of a library brings: it is not seen, so only those that the knowledge has are believed."""
    qualified = machine.knowledge.canonical(f"{module}.{name}")
    is_known = machine.knowledge.is_known(qualified) or machine.knowledge.is_namespace(qualified)
    return Library(qualified) if is_known else None


def _may_give(machine: Machine, path: Path, name: str, stars: _Stars) -> bool:
    """Tell by texts alone whether a module may bind a global of a name, itself or by star imports.

    Where it does not, neither does any that they lead to: those are seen then.
    """
    if path in stars.leading:
        return True
    came_from: dict[Path, Path | None] = {path: None}
    pending = [path]
    while pending:
        one = pending.pop()
        targets = machine.star_targets(one)
        is_there = targets is None or machine.may_bind(one, name)
        if is_there or any(
            _library_member(machine, module, name) for module, target in targets or () if target is None
        ):
            step: Path | None = one
            while step is not None:
                stars.leading.add(step)
                step = came_from[step]
            return True
        for _, target in targets or ():
            if target is not None and target.suffix == ".py" and target not in stars.seen and target not in came_from:
                came_from[target] = one
                pending.append(target)
    stars.seen.update(came_from)
    return False


def imported(machine: Machine, frame: int, node: ir.Import) -> Value:
    """What an import statement binds."""
    path = machine.frames[frame].definition.path
    target = machine.resolve(path, node.module, node.level)
    if target is None or (target == path and not node.name):
        if node.level:
            return Unknown(f"import of {node.module or '.'}, which is not there")
        return Library(f"{node.module}.{node.name}" if node.name else node.module)
    if not node.name:
        return ModuleValue(target)
    value = member(machine, target, node.name)
    if isinstance(value, Nothing):
        return Unknown(f"{node.name} out of {node.module}, which does not define it")
    return value


def member(machine: Machine, path: Path, name: str, submodules: bool = True) -> Value:
    """A module's attribute: a global of it, else a module inside it; Nothing where there is none."""
    inside = machine.submodule(path, name) if submodules else None
    if path.suffix == ".py":
        module = machine.find_module(path)
        if module is None:
            return Unknown(f"{path.name} cannot be parsed")
        if name in module.ir.functions[0].exits or module.ir.star_imports or inside is None:
            value = module_name(machine, path, name)
            if not (isinstance(value, Library) and value.name.startswith("builtins.")):
                return value
    return Nothing() if inside is None else ModuleValue(inside)
