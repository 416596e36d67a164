"""The operations of the IR: what carries values, and nothing else.

A function's body is in static single assignment form: a variable is no node, its values are. A node
names its operands by their index in the module's node array. Branches meet in `Choice`, loops in
`Loop`. Nodes without a side effect and with equal operands are one node, so that two tests of the
same condition are the same condition.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Node(msgspec.Struct, frozen=True, tag=True, array_like=True, gc=False):
    """An operation; its subclasses are all there are."""


class Constant(Node, frozen=True):
    """A literal."""

    value: str | int | float | bool | None


class Opaque(Node, frozen=True):
    """A value of which nothing is known, and why; each is a value of its own."""

    why: str
    serial: int


class Unbound(Node, frozen=True):
    """A variable on a way on which it was not assigned."""


class Parameter(Node, frozen=True):
    """A parameter of the function around."""

    name: str


class Free(Node, frozen=True):
    """A name that the function does not bind: of a function around it, of the module, or a builtin."""

    name: str


class Import(Node, frozen=True):
    """A module (`name` empty) or a name out of one; `level` counts the dots of a relative import."""

    module: str
    name: str
    level: int


class Attribute(Node, frozen=True):
    """`object.name`, read."""

    object: int
    name: str


class Item(Node, frozen=True):
    """`object[key]`, read; unpacking gives constant keys."""

    object: int
    key: int


class Slice(Node, frozen=True):
    """`lower:upper:step` as a key; None where left out."""

    lower: int | None
    upper: int | None
    step: int | None


class Argument(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One argument of a call; `stars` is 1 for `*a` and 2 for `**a`."""

    value: int
    keyword: str = ""
    stars: int = 0


class Call(Node, frozen=True):
    """A call; each is a site of its own."""

    function: int
    arguments: tuple[Argument, ...]
    serial: int


class Display(Node, frozen=True):
    """A tuple, list or set display; `starred` holds the indices of `*items`."""

    kind: str
    items: tuple[int, ...]
    starred: tuple[int, ...] = ()


class Dictionary(Node, frozen=True):
    """A dict display; a key of None is `**value`."""

    keys: tuple[int | None, ...]
    values: tuple[int, ...]


class Collect(Node, frozen=True):
    """A comprehension: any number of `element`; `key` for a dict."""

    kind: str
    element: int
    key: int | None
    serial: int


class Element(Node, frozen=True):
    """Any item of an iterable: a loop's variable."""

    iterable: int


class Enter(Node, frozen=True):
    """What `with manager as name` binds."""

    manager: int


class Choice(Node, frozen=True):
    """`then` where the condition holds, `other` where not."""

    condition: int
    then: int
    other: int


class Loop(Node, frozen=True):
    """A variable at the head of a loop: from before it, or from the end of one of its rounds."""

    before: int
    after: tuple[int, ...]
    serial: int


class Binary(Node, frozen=True):
    """An arithmetic operation."""

    operator: str
    left: int
    right: int


class Unary(Node, frozen=True):
    """`-x`, `+x`, `~x`."""

    operator: str
    operand: int


class Not(Node, frozen=True):
    """`not x`."""

    operand: int


class Boolean(Node, frozen=True):
    """`left and right`, `left or right`."""

    operator: str
    left: int
    right: int


class Compare(Node, frozen=True):
    """A comparison of two values."""

    operator: str
    left: int
    right: int


class Matches(Node, frozen=True):
    """Whether a match statement's subject has a pattern that is no plain value."""

    subject: int
    serial: int


class SetAttribute(Node, frozen=True):
    """The object after `object.name = value`."""

    object: int
    name: str
    value: int


class SetItem(Node, frozen=True):
    """The object after `object[key] = value`."""

    object: int
    key: int
    value: int


class Mutate(Node, frozen=True):
    """The object after a method call made for its effect: `layers.append(x)`, `net.add_module(name, x)`."""

    object: int
    method: str
    call: int


class Function(Node, frozen=True):
    """A function or lambda, by its index in the module."""

    index: int


class Class(Node, frozen=True):
    """A class, by its index in the module."""

    index: int


AnyNode: TypeAlias = (
    Constant | Opaque | Unbound | Parameter | Free | Import | Attribute | Item | Slice | Call | Display | Dictionary
    | Collect | Element | Enter | Choice | Loop | Binary | Unary | Not | Boolean | Compare | Matches | SetAttribute
    | SetItem | Mutate | Function | Class
)  # fmt: skip
