"""The knowledge of all libraries in one place: found by name, never changed."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import msgspec

from ce_lint.knowledge.schema import (
    Access,
    Activation,
    Base,
    Container,
    Form,
    Hook,
    Join,
    Library,
    Loss,
    Model,
    Operation,
    Reading,
    Wrapper,
)

COMPILED = Path(__file__).with_name("compiled.json")
"""What all .toml files of this folder say, one after the other: read many times faster than they are.

`python -m ce_lint.knowledge.compiling` writes it.
"""

_COLLECTIONS = frozenset(("dict", "list", "tuple", "OrderedDict", "EasyDict", "Namespace", "partial"))
"""Python's own of the kind."""

ALIAS_ROUNDS = 8

_BARE: Mapping[tuple[str, Form | Access | None], str] = {
    ("activations", Form.METHOD): "method_activations",
    ("operations", Form.METHOD): "method_operations",
    ("readings", Access.METHOD): "method_readings",
    ("readings", Access.ATTRIBUTE): "attribute_readings",
}
"""The tables of what is reached by a bare name."""

Tables: TypeAlias = dict[str, dict[str, Any]]
"""The fields of Knowledge while they are filled."""


class Knowledge(msgspec.Struct, frozen=True, dict=True):
    """Everything known of libraries; every lookup takes a canonical name."""

    aliases: Mapping[str, str]
    losses: Mapping[str, Loss]
    activations: Mapping[str, Activation]
    method_activations: Mapping[str, Activation]
    operations: Mapping[str, Operation]
    method_operations: Mapping[str, Operation]
    wrappers: Mapping[str, Wrapper]
    containers: Mapping[str, Container]
    models: Mapping[str, Model]
    bases: Mapping[str, Base]
    hooks_by_base: Mapping[str, tuple[Hook, ...]]
    joins: Mapping[str, Join]
    readings: Mapping[str, Reading]
    method_readings: Mapping[str, Reading]
    attribute_readings: Mapping[str, Reading]
    readers: Mapping[str, str]

    def canonical(self, name: str) -> str:
        """The one spelling of a qualified name that the tables use; a name without alias is itself."""
        for _ in range(ALIAS_ROUNDS):
            rewritten = self.rewritten(name)
            if rewritten == name:
                break
            name = rewritten
        return name

    def rewritten(self, name: str) -> str:
        """The name with its longest aliased beginning replaced, once."""
        end = len(name)
        while end > 0:
            target = self.aliases.get(name[:end])
            if target is not None:
                return target + name[end:]
            end = name.rfind(".", 0, end)
        return name

    @functools.cached_property
    def _names(self) -> frozenset[str]:
        tables = (self.losses, self.activations, self.operations, self.wrappers, self.containers, self.models)
        return frozenset(name for table in (*tables, self.bases, self.joins) for name in table)

    @functools.cached_property
    def _namespaces(self) -> frozenset[str]:
        names = [*self._names, *self.aliases]
        return frozenset(name[:end] for name in names for end in range(len(name)) if name[end] == ".")

    def is_known(self, name: str) -> bool:
        """Does any table have an entry of this canonical name?"""
        return name in self._names

    def is_namespace(self, name: str) -> bool:
        """Is this a module, or a class, out of which a known name comes?"""
        return name in self._namespaces

    def loss(self, name: str) -> Loss | None:
        """The loss of this name: a class, or a function."""
        return self.losses.get(name)

    def activation(self, name: str) -> Activation | None:
        """The activation of this name: a class, or a function."""
        return self.activations.get(name)

    def method_activation(self, name: str) -> Activation | None:
        """The activation that a tensor's method of this bare name is."""
        return self.method_activations.get(name)

    def operation(self, name: str) -> Operation | None:
        """The operation of this name: a layer class, or a function."""
        return self.operations.get(name)

    def method_operation(self, name: str) -> Operation | None:
        """The operation that a tensor's method of this bare name is."""
        return self.method_operations.get(name)

    def wrapper(self, name: str) -> Wrapper | None:
        """The wrapper of this name, which hands back what it is given."""
        return self.wrappers.get(name)

    def container(self, name: str) -> Container | None:
        """The module of this name that holds modules."""
        return self.containers.get(name)

    def model(self, name: str) -> Model | None:
        """The library's model class or model factory of this name."""
        return self.models.get(name)

    def base(self, name: str) -> Base | None:
        """The base class of this name."""
        return self.bases.get(name)

    def reading(self, name: str, form: Access) -> Reading | None:
        """What the operation of this name needs of scores, where that is known."""
        if form is Access.METHOD:
            return self.method_readings.get(name)
        if form is Access.ATTRIBUTE:
            return self.attribute_readings.get(name)
        found = self.readings.get(name)
        return found if found is not None and found.form is form else None

    def reads_values(self, name: str) -> bool:
        """Is this out of a package or module whose functions read the numbers that they are given?"""
        return any(name[:end] in self.readers for end in range(len(name) + 1) if name[end : end + 1] in (".", ""))

    def join(self, name: str) -> Join | None:
        """The call of this name that hands model and loss to a framework."""
        return self.joins.get(name)

    def hooks(self, base: str) -> tuple[Hook, ...]:
        """The methods that a framework calls with arguments of the constructor of this base class."""
        return self.hooks_by_base.get(base, ())

    def marker_words(self) -> frozenset[str]:
        """The words of which a file that calls a loss has one: losses, aliases, joins with a loss of their own."""
        names = set(self.losses)
        names.update(name for name, join in self.joins.items() if join.default_loss)
        names.update(alias for alias in self.aliases if self.canonical(alias) in names)
        return _last_components(names)

    def loss_class_words(self) -> frozenset[str]:
        """The marker words of losses that are built first and called then."""
        classes = {name for name, loss in self.losses.items() if loss.form is Form.CLASS}
        return _last_components([*classes, *(alias for alias in self.aliases if self.canonical(alias) in classes)])

    def join_words(self) -> frozenset[str]:
        """The words of the calls that hand model and loss to a framework."""
        return _last_components(self.joins)

    def wrapper_words(self) -> frozenset[str]:
        """The words of functions and classes whose result is, or holds, one of their arguments."""
        return _last_components([*self.wrappers, *self.containers]) | _COLLECTIONS

    def activation_words(self) -> frozenset[str]:
        """The words of which a file that calls an activation has one, other than through a library's model."""
        names = set(self.activations)
        names.update(alias for alias in self.aliases if self.canonical(alias) in names)
        return _last_components(names) | frozenset(self.method_activations)


EMPTY = Knowledge(**{name: MappingProxyType({}) for name in Knowledge.__struct_fields__})


@functools.cache
def load() -> Knowledge:
    """All files of this package, as one: they were checked when they were compiled."""
    tables = tables_of(EMPTY)
    for library in msgspec.json.decode(COMPILED.read_bytes(), type=tuple[Library, ...]):
        for table, name, entry in entries(library):
            put(tables, table, name, entry)
    return of_tables(tables)


def entries(library: Library) -> Iterator[tuple[str, str, object]]:
    """What a library's file says: each entry under each of its names, with the table of Knowledge that it is for."""
    for alias, target in library.aliases.items():
        yield "aliases", alias, target
    for table in ("losses", "activations"):
        for entry in getattr(library, table):
            yield _BARE.get((table, entry.form), table), entry.name, entry
    for table in ("operations", "wrappers", "containers", "models", "bases", "joins", "readings"):
        for entry in getattr(library, table):
            for name in entry.names:
                yield _BARE.get((table, getattr(entry, "form", None)), table), name, entry
    for hook in library.hooks:
        for name in hook.base:
            yield "hooks_by_base", name, hook
    for name in library.readers:
        yield "readers", name, library.library


def tables_of(knowledge: Knowledge) -> Tables:
    """The tables of some knowledge, to add to them."""
    return {name: dict(getattr(knowledge, name)) for name in Knowledge.__struct_fields__}


def put(tables: Tables, table: str, name: str, entry: object) -> None:
    """Add an entry; a base class has several hooks."""
    tables[table][name] = (*tables[table].get(name, ()), entry) if table == "hooks_by_base" else entry


def of_tables(tables: Tables) -> Knowledge:
    """Tables as knowledge, which cannot be changed any more."""
    return Knowledge(**{name: MappingProxyType(table) for name, table in tables.items()})


def _last_components(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in names)
