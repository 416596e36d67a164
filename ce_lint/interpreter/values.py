"""The abstract values.

A value is frozen and knows no syntax. What is not known is `Unknown`, with the reason, and never
reported. A `Union` is a bounded set of alternatives, each with the assumptions under which it holds.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, TypeAlias

import msgspec

from ce_lint.compared import Compared
from ce_lint.interpreter.flow import Step
from ce_lint.ir.kinds import ScoreKind, Site
from ce_lint.ir.recipe import Act


class Thunk(msgspec.Struct, frozen=True, gc=False):
    """A value not looked at yet: a node, and the frame to evaluate it in."""

    frame: int
    node: int


class Passed(msgspec.Struct, frozen=True, gc=False):
    """One argument of a call."""

    keyword: str
    stars: int
    value: Thunk | Value


Arguments: TypeAlias = tuple[Passed, ...]


class Performed(NamedTuple):
    """Something that was done to scores, its arguments not looked at yet (`ir.recipe.Operation` says what they are)."""

    act: Act
    name: str = ""
    arguments: Arguments = ()
    position: int = 0
    keyword: str = ""


class Layer(NamedTuple):
    """A layer of a library, and how many classes it makes scores of."""

    name: str
    classes: int | None


class Definition(NamedTuple):
    """A function or class of the project, by its module and index."""

    path: Path
    number: int
    """Its place among the functions, or the classes, of the module's IR."""


class Open(NamedTuple):
    """What is not known because a function is entered from nowhere: a parameter of it, or how `self` was built."""

    definition: Definition
    """The function whose parameter is open; the class, where it is `self`."""
    parameter: str
    """Empty for `self`."""


class Unknown(msgspec.Struct, frozen=True, gc=False):
    """Nothing is known, and why."""

    reason: str
    open: Open | None = None


class Nothing(msgspec.Struct, frozen=True, gc=False):
    """No value at all: an unbound variable, a recursion's own result."""


class Fresh(msgspec.Struct, frozen=True, gc=False):
    """A tensor of fillers, waiting for its items to be assigned: zeros, empty."""


class Literal(msgspec.Struct, frozen=True, gc=False):
    """A constant."""

    value: str | int | float | bool | None


class Scores(Compared, frozen=True):
    """A tensor of scores of one kind, where that was made, and its way since."""

    kind: ScoreKind
    activation: str = ""
    origin: Site | None = None
    owner: str = ""
    dim: int | None = None
    """The dimension of the activation, where it is known and still in its place."""
    classes: int | None = None
    before: Thunk | None = None
    """What the activation was applied to."""
    steps: tuple[Step, ...] = ()
    layer: Layer | None = None
    """What made logits; kept by an activation that is applied in a chain."""
    performed: tuple[Performed, ...] = ()
    """What was done to them, for whoever wants to repeat it: the same scores are the same by whichever way."""

    def _compared(self) -> tuple[object, ...]:
        return self.kind, self.activation, self.origin, self.owner, self.dim, self.classes, self.before, self.steps


class Sequence(Compared, frozen=True):
    """A tuple or list; an item of the set `many` stands for any number of its like."""

    items: tuple[Thunk | Value, ...]
    many: frozenset[int] = frozenset()
    kind: str = ""
    """`tuple`, `list` or `set`, where that is known."""
    returned_by: Returner | None = None
    """The model whose output it is."""

    def _compared(self) -> tuple[object, ...]:
        return self.items, self.many, self.kind


class Mapping(Compared, frozen=True):
    """A dict with constant keys; `rest` are values under keys that are not known, none of them one of those."""

    entries: tuple[tuple[str | int | float | bool | None, Thunk | Value], ...]
    rest: tuple[Thunk | Value, ...] = ()
    returned_by: Returner | None = None

    def _compared(self) -> tuple[object, ...]:
        return self.entries, self.rest

    def blurred(self, *values: Thunk | Value) -> Mapping:
        """The dict after entries under unknown keys were added: each of them may have replaced any other."""
        return Mapping((), (*(value for _, value in self.entries), *self.rest, *values))


class ModuleValue(msgspec.Struct, frozen=True, gc=False):
    """A module of the project."""

    path: Path


class Library(msgspec.Struct, frozen=True, gc=False):
    """A name of a library: a module, class or function that is not seen."""

    name: str


class FunctionValue(msgspec.Struct, frozen=True, gc=False):
    """A function with the frame around it."""

    definition: Definition
    frame: int


class ClassValue(msgspec.Struct, frozen=True, gc=False):
    """A class with the frame around it."""

    definition: Definition
    frame: int


class Instance(Compared, frozen=True):
    """An object of a project's class; `arguments` is None where its construction is not seen."""

    cls: ClassValue
    arguments: Arguments | None
    site: Site | None = None
    training: bool | None = None
    overrides: tuple[tuple[str, Thunk], ...] = ()
    """Attributes assigned from outside, on this object: `net.fc = …`."""
    returned_by: Returner | None = None

    def _compared(self) -> tuple[object, ...]:
        return self.cls, self.arguments, self.site, self.training, self.overrides


class LibraryObject(msgspec.Struct, frozen=True):
    """What calling a library's class or function gave."""

    name: str
    arguments: Arguments
    site: Site
    training: bool | None = None
    overrides: tuple[tuple[str, Thunk], ...] = ()


class Bound(msgspec.Struct, frozen=True, gc=False):
    """A method: of an instance (a project's function), or by name of anything else."""

    receiver: Value
    name: str
    function: FunctionValue | None = None


class Super(msgspec.Struct, frozen=True, gc=False):
    """`super()` in a method of `after`."""

    instance: Instance
    after: Definition


class Partial(msgspec.Struct, frozen=True, gc=False):
    """`functools.partial(function, …)`."""

    function: Value
    arguments: Arguments


class Assumption(NamedTuple):
    """An undecided condition taken to hold, or not."""

    frame: int
    condition: int
    holds: bool


class Alternative(msgspec.Struct, frozen=True, gc=False):
    """One value that a union can be."""

    value: Value
    assumptions: frozenset[Assumption] = frozenset()
    flags: frozenset[Assumption] = frozenset()
    """Those of the assumptions that choose between scores, or inside a model: flags, not models."""


class Union(msgspec.Struct, frozen=True, gc=False):
    """One of several values."""

    alternatives: tuple[Alternative, ...] = ()


Value: TypeAlias = (
    Unknown | Nothing | Fresh | Literal | Scores | Sequence | Mapping | ModuleValue | Library | FunctionValue
    | ClassValue | Instance | LibraryObject | Bound | Super | Partial | Union
)  # fmt: skip

Returner: TypeAlias = Instance | LibraryObject
