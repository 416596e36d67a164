"""The records of the IR: a module, its functions and its classes."""

from __future__ import annotations

import enum

import msgspec

from ce_lint.ir.nodes import AnyNode

ANY_ATTRIBUTE = "*"
"""Stands, in a dotted path, for the attributes that are set under names made at run time."""


class Guard(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A condition under which a statement runs."""

    condition: int
    holds: bool


class ParameterKind(enum.Enum):
    """How an argument reaches a parameter."""

    POSITIONAL = "positional"
    STAR = "*"
    KEYWORD = "keyword"
    STARS = "**"


class ParameterIR(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One parameter; the default is a node of the function around."""

    name: str
    kind: ParameterKind
    default: int | None = None


class Return(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A return statement and what must hold for it to be reached."""

    value: int
    guards: tuple[Guard, ...]


class CallSite(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A call and what must hold for it to be reached."""

    node: int
    guards: tuple[Guard, ...]


class Binding(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A name, or a dotted path, given a value; `time` is the number of nodes made before it."""

    path: str
    value: int
    time: int


class FunctionIR(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A function; the first of a module is the module's body."""

    name: str
    qualified_name: str
    parent: int | None
    """The function around, through which free names are looked up."""
    owner: int | None
    """The class whose method this is."""
    parameters: tuple[ParameterIR, ...]
    decorators: tuple[int, ...]
    returns: tuple[Return, ...]
    yields: tuple[int, ...]
    calls: tuple[CallSite, ...]
    bindings: tuple[Binding, ...]
    exits: dict[str, int]
    """Each name's and dotted path's last value."""
    global_names: tuple[str, ...]
    """Names that `global` hands to the module."""


class ClassIR(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A class; methods are among the members, as functions."""

    name: str
    bases: tuple[int, ...]
    base_names: tuple[str, ...]
    """The last names of the bases as they are written, of those that have one."""
    decorators: tuple[int, ...]
    members: dict[str, int]
    fields: tuple[tuple[str, int | None], ...]
    """Annotated names in order, with their defaults: what a dataclass or NamedTuple holds."""
    parent: int
    """The function in whose body it stands."""
    node: int


class StarImport(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`from module import *`."""

    module: str
    level: int
    time: int


class ModuleIR(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A module without its syntax."""

    nodes: tuple[AnyNode, ...]
    functions: tuple[FunctionIR, ...]
    classes: tuple[ClassIR, ...]
    star_imports: tuple[StarImport, ...]


def encode(module: ModuleIR) -> bytes:
    """The module as bytes; `decode` is its inverse."""
    return msgspec.msgpack.encode(module)


def decode(data: bytes) -> ModuleIR:
    """The module that `encode` wrote; msgspec.ValidationError where it did not."""
    return msgspec.msgpack.decode(data, type=ModuleIR)
