"""Attributes → values: what an object holds under a name, set by its class, its methods, or from outside."""

from __future__ import annotations

from msgspec.structs import replace

from ce_lint.interpreter import classes, names, recipes, results
from ce_lint.interpreter.frames import Moment
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import alternatives, each, join, undecided, without_placeholders
from ce_lint.interpreter.values import (
    Arguments,
    Bound,
    ClassValue,
    Definition,
    FunctionValue,
    Instance,
    Library,
    LibraryObject,
    Literal,
    Mapping,
    ModuleValue,
    Nothing,
    Partial,
    Super,
    Unknown,
    Value,
)
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ANY_ATTRIBUTE

WRAPPED = ("module", "_orig_mod")
"""Where DataParallel and torch.compile keep the model; a wrapper is its model here."""


def attribute(machine: Machine, frame: int, node: ir.Attribute) -> Value:
    """`object.name`, as a value: a method of something unknown is unknown."""
    return each(machine.evaluate(frame, node.object), lambda value: read(machine, value, node.name))


def read(machine: Machine, value: Value, name: str) -> Value:
    """An attribute of one alternative, as a value."""
    found = each(lookup(machine, value, name), _without_methods)
    if isinstance(value, Instance | Mapping) and value.returned_by is not None:
        return recipes.picked(found, value, Literal(name))
    return found


def _without_methods(value: Value) -> Value:
    if not isinstance(value, Bound) or value.function is not None:
        return value
    receiver = value.receiver
    if isinstance(receiver, Unknown):
        return Unknown(f"{value.name} of {receiver.reason}", receiver.open)
    return Nothing() if isinstance(receiver, Nothing) else Unknown(f"{value.name} of something unknown")


def callee(machine: Machine, frame: int, call: ir.Call) -> Value:
    """What a call calls: of an attribute, also a method of a tensor, a list or a library's object."""
    function = machine.node(frame, call.function)
    if not isinstance(function, ir.Attribute):
        return machine.evaluate(frame, call.function)
    return each(machine.evaluate(frame, function.object), lambda value: lookup(machine, value, function.name))


def lookup(machine: Machine, value: Value, name: str) -> Value:
    """An attribute of one alternative."""
    if isinstance(value, Instance):
        return _in_mode(value, instance_attribute(machine, value, name))
    if isinstance(value, LibraryObject):
        return _in_mode(value, _library_attribute(machine, value, name))
    if isinstance(value, ModuleValue):
        found = names.member(machine, value.path, name)
        return Unknown(f"{name} of a module without it") if isinstance(found, Nothing) else found
    if isinstance(value, Library):
        return Library(f"{value.name}.{name}")
    if isinstance(value, ClassValue):
        return _class_attribute(machine, value, name)
    if isinstance(value, Super):
        return _super_attribute(machine, value, name)
    if isinstance(value, Partial | FunctionValue):
        return Unknown(f"{name} of a function")
    if isinstance(value, Mapping) and (entry := dict(value.entries).get(name)) is not None:
        return machine.force(entry)  # argparse.Namespace(**d), easydict, ModelOutput
    return Bound(value, name)


def _in_mode(owner: Instance | LibraryObject, value: Value) -> Value:
    """A submodule is in the mode of the module that holds it."""
    if owner.training is None:
        return value

    def moved(one: Value) -> Value:
        if isinstance(one, Instance | LibraryObject) and one.training is None:
            return replace(one, training=owner.training)
        return one

    return each(value, moved)


def instance_attribute(machine: Machine, instance: Instance, name: str) -> Value:
    """What an object of a project's class holds under a name."""
    for key, thunk in reversed(instance.overrides):
        if key == name:
            return machine.force(thunk)
    if name == "training":
        return Literal(machine.always_training or instance.training is not False)
    if name == "__class__":
        return instance.cls
    stored = _stored(machine, instance, name)
    if isinstance(stored, Literal) and _is_dynamic(machine, instance):
        return Unknown(f"{name} of an object whose attributes are set by name")
    if stored is not None:
        return stored
    member = classes.class_member(machine, instance.cls, name)
    if isinstance(member, FunctionValue):
        return bind_method(machine, member, instance, name)
    field = _field(machine, instance, name)
    if field is not None:
        return field
    if isinstance(member, Literal) and _is_dynamic(machine, instance):
        return Unknown(f"{name} of an object whose attributes are set by name")
    if member is not None:
        return member
    base = library_self(machine, instance)
    if base is not None:
        return _library_attribute(machine, base, name)
    return instance if name in WRAPPED else Bound(instance, name)


def replaces_forward(machine: Machine, instance: Instance) -> bool:
    """Is `forward` set on the object, from outside or by one of its methods?"""
    if any(name == "forward" for name, _ in instance.overrides):
        return True
    line = classes.ancestry(machine, instance.cls)
    return any(True for cls in line for _ in classes.methods_storing(machine, cls, "forward"))


def _is_dynamic(machine: Machine, instance: Instance) -> bool:
    """Does a method set attributes under names that are made at run time?"""
    line = classes.ancestry(machine, instance.cls)
    return any(True for cls in line for _ in classes.methods_storing(machine, cls, ANY_ATTRIBUTE))


def bind_method(machine: Machine, function: FunctionValue, receiver: Instance | ClassValue, name: str) -> Value:
    """A function found in a class, as the attribute of an object or of the class."""
    decorators = classes.decorator_names(machine, function.definition)
    if "staticmethod" in decorators:
        return function
    if "classmethod" in decorators:
        return Bound(receiver.cls if isinstance(receiver, Instance) else receiver, name, function)
    if isinstance(receiver, ClassValue):
        return function
    if decorators & {"property", "cached_property"}:
        entered = machine.enter(function, (), receiver, None, 0)
        return Unknown("nested too deeply") if entered is None else results.result(machine, entered)
    return Bound(receiver, name, function)


def _stored(machine: Machine, instance: Instance, name: str) -> Value | None:
    """What methods leave in `self.name`: the constructors first; others where those leave nothing or None."""
    placeholder: Value | None = None
    others: list[tuple[FunctionValue, int]] = []
    for cls in classes.ancestry(machine, instance.cls):
        for function, node in classes.methods_storing(machine, cls, name):
            record = machine.function_ir(function.definition)
            if record.name != "__init__":
                found = classes.method(machine, instance.cls, record.name)
                if found is not None and found.definition == function.definition:
                    others.append((function, node))
                continue
            if placeholder is not None:
                continue  # a class below set it to None after this one
            frame = constructor_frame(machine, instance, cls, function)
            value = without_placeholders(machine.evaluate(frame, node))
            if isinstance(value, Nothing) or value == Literal(None):
                placeholder = value
            else:
                return _unless_replaced(machine, instance, name, value)
    values = [without_placeholders(_left_by_method(machine, instance, *one)) for one in others]
    known = [value for value in values if not isinstance(value, Nothing) and value != Literal(None)]
    return join(known) if known else placeholder


def _unless_replaced(machine: Machine, instance: Instance, name: str, value: Value) -> Value:
    """What a constructor left in an attribute, beside what may be put there later: then nobody can tell which."""
    later: list[Value] = []
    for cls in classes.ancestry(machine, instance.cls):
        for function, node in classes.methods_storing(machine, cls, name):
            record = machine.function_ir(function.definition)
            found = classes.method(machine, instance.cls, record.name)
            if record.name != "__init__" and found is not None and found.definition == function.definition:
                later.append(_left_by_method(machine, instance, function, node))
    later += [one for one in machine.stored_from_outside(instance.cls.definition, name) if _is_alike(value, one)]
    later = [one for one in map(without_placeholders, later) if not isinstance(one, Nothing)]
    return undecided([value, *later]) if later else value


def _is_alike(value: Value, stored: Value) -> bool:
    """May what is set on some object be meant for this attribute: a module for a module, a flag for a flag?"""
    kinds = {type(one.value) for one in alternatives(value)}
    found = {type(one.value) for one in alternatives(stored)}
    modules = {Instance, LibraryObject}
    return bool(kinds & modules and found & modules) or bool(Literal in kinds and Literal in found)


def _left_by_method(machine: Machine, instance: Instance, function: FunctionValue, node: int) -> Value:
    """What a method leaves in an attribute, over all calls of it that the project makes."""
    open_frame = machine.enter(function, None, instance, None, 0)
    assert open_frame is not None
    value = machine.evaluate(open_frame, node)
    if not _may_be_told_by_calls(value, function.definition):
        return value
    frames = [
        frame
        for arguments in machine.callers.arguments_of(machine, function.definition, instance)
        if (frame := machine.enter(function, arguments, instance, None, 0)) is not None
    ]
    return join(machine.evaluate(frame, node) for frame in frames) if frames else value


def _may_be_told_by_calls(value: Value, function: Definition) -> bool:
    """May the arguments of a function's calls say what a value is that is open without them, or which of several?"""
    found = alternatives(value)
    opened = [one.value.open for one in found if isinstance(one.value, Unknown) and one.value.open]
    return bool(opened) if len(found) > 1 else any(one.definition == function for one in opened)


def constructor_frame(machine: Machine, instance: Instance, cls: ClassValue, init: FunctionValue) -> int:
    """The frame of one class's `__init__` while an object of a class below it is built."""
    arguments = _constructor_arguments(machine, instance, cls)
    entered = machine.enter(init, arguments, instance, None, 0)
    assert entered is not None
    site = instance.site
    if site is None or site.path != str(init.definition.path):
        return entered
    # Built in its class's own module: the globals are those of that moment.
    moment = Moment(init.definition.path, site.node)
    return machine.frames.number(replace(machine.frames[entered], moment=moment))


def _constructor_arguments(machine: Machine, instance: Instance, cls: ClassValue) -> Arguments | None:
    """The arguments with which a class's `__init__` is reached: given, or handed on by `super().__init__`."""
    line = classes.ancestry(machine, instance.cls)
    with_init = [one for one in line if "__init__" in machine.class_ir(one).members]
    if not with_init or with_init[0].definition == cls.definition:
        return instance.arguments
    below = with_init[[one.definition for one in with_init].index(cls.definition) - 1]
    init = classes.method(machine, below, "__init__")
    if init is None:
        return None
    frame = constructor_frame(machine, instance, below, init)
    return handed_on(machine, frame, init, cls)


def handed_on(machine: Machine, frame: int, init: FunctionValue, wanted: ClassValue | None = None) -> Arguments | None:
    """The arguments that an `__init__` hands to the one above it, or to that of one wanted class."""
    for site in machine.function_ir(init.definition).calls:
        call = machine.node(frame, site.node)
        assert isinstance(call, ir.Call)
        function = machine.node(frame, call.function)
        if not isinstance(function, ir.Attribute) or function.name != "__init__":
            continue
        arguments = machine.arguments(frame, call)
        target = machine.evaluate(frame, function.object)
        if wanted is not None and isinstance(target, ClassValue) and target.definition != wanted.definition:
            continue
        # `Base.__init__(self, …)` hands `self` over by hand, `super().__init__(…)` does not.
        return arguments if isinstance(target, Super) else arguments[1:]
    return ()


def library_self(machine: Machine, instance: Instance) -> LibraryObject | None:
    """The object as one of the known library class it derives from: a loss, a container, an activation."""
    known = machine.knowledge
    for name in classes.library_bases(machine, instance.cls):
        if (
            known.loss(name)
            or known.container(name)
            or known.activation(name)
            or known.model(name)
            or known.operation(name)
        ):
            return LibraryObject(
                name, _library_arguments(machine, instance), instance.site or machine.nowhere, instance.training
            )
    return None


def _library_arguments(machine: Machine, instance: Instance) -> Arguments:
    line = classes.ancestry(machine, instance.cls)
    with_init = [one for one in line if "__init__" in machine.class_ir(one).members]
    if not with_init:
        return instance.arguments or ()
    init = classes.method(machine, with_init[-1], "__init__")
    if init is None:
        return ()
    return handed_on(machine, constructor_frame(machine, instance, with_init[-1], init), init) or ()


def _field(machine: Machine, instance: Instance, name: str) -> Value | None:
    """An annotated field of a dataclass or NamedTuple, from the constructor's arguments."""
    fields = [
        (cls, field)
        for cls in reversed(classes.ancestry(machine, instance.cls))
        for field in machine.class_ir(cls).fields
    ]
    order = list(dict.fromkeys(field[0] for _, field in fields))
    if name not in order or classes.method(machine, instance.cls, "__init__") is not None:
        return None
    if instance.arguments is None:
        return Unknown(f"field {name} of an object that is not seen built")
    given = names.argument(machine, instance.arguments, name, order.index(name))
    if given is not None:
        return given
    default = [(cls, field[1]) for cls, field in fields if field[0] == name and field[1] is not None]
    if not default:
        return None
    cls, node = default[-1]
    assert node is not None
    return machine.evaluate(cls.frame, node)


def _class_attribute(machine: Machine, cls: ClassValue, name: str) -> Value:
    if name == "__name__":
        return Literal(machine.class_ir(cls).name)
    found = classes.class_member(machine, cls, name)
    if isinstance(found, FunctionValue):
        return bind_method(machine, found, cls, name)
    return found if found is not None else Bound(cls, name)


def _super_attribute(machine: Machine, value: Super, name: str) -> Value:
    found = classes.class_member(machine, value.instance.cls, name, value.after)
    if isinstance(found, FunctionValue):
        return bind_method(machine, found, value.instance, name)
    if found is not None:
        return found
    base = library_self(machine, value.instance)
    return Bound(base, name) if base is not None else Unknown(f"{name} of a base class that is not seen")


def _library_attribute(machine: Machine, value: LibraryObject, name: str) -> Value:
    for key, thunk in reversed(value.overrides):
        if key == name:
            return machine.force(thunk)
    if name == "training":
        return Literal(machine.always_training or value.training is not False)
    for one in value.arguments:
        if one.keyword == name and machine.knowledge.loss(value.name) is None:
            return machine.force(one.value)  # SequenceClassifierOutput(logits=…).logits
    return Bound(value, name)
