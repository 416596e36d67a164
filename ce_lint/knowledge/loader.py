"""The knowledge of all libraries in one place: found by name, checked once, never changed."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import msgspec

from ce_lint.knowledge.schema import (
    Access,
    Activation,
    Argument,
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
from ce_lint.knowledge.tables import KnowledgeError, converted

COMPILED = Path(__file__).with_name("compiled.json")
"""What all .toml files of this folder say, one after the other: read many times faster than they are.

`python -m ce_lint.knowledge.compiling` writes it.
"""

_COLLECTIONS = frozenset(("dict", "list", "tuple", "OrderedDict", "EasyDict", "Namespace", "partial"))
"""Python's own of the kind."""

ALIAS_ROUNDS = 8
HOLDS = frozenset({"chain", "list", "dict"})


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
            rewritten = self._rewritten(name)
            if rewritten == name:
                break
            name = rewritten
        return name

    def _rewritten(self, name: str) -> str:
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
    """All files of this package, as one."""
    libraries = msgspec.json.decode(COMPILED.read_bytes(), type=tuple[Library, ...])
    return _merged(EMPTY, ((f"{library.library}.toml", library) for library in libraries))


def extend(knowledge: Knowledge, tables: Sequence[Mapping[str, object]]) -> Knowledge:
    """The knowledge with a project's own tables added; a KnowledgeError when one of them cannot be used."""
    if not tables:
        return knowledge
    libraries = []
    for number, table in enumerate(tables, start=1):
        where = f"knowledge table {number}"
        libraries.append((where, converted(where, table)))
    return _merged(knowledge, libraries)


def _merged(knowledge: Knowledge, libraries: Iterable[tuple[str, Library]]) -> Knowledge:
    """The knowledge with the libraries added, all names distinct and every one of them reachable."""
    merging = _Merging(knowledge)
    for where, library in libraries:
        merging.add(where, library)
    return merging.finished()


class _Merging:
    """Tables being filled, with what an error has to name."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.tables: dict[str, dict[str, object]] = {
            name: dict(getattr(knowledge, name)) for name in Knowledge.__struct_fields__
        }
        self.places: dict[str, str] = {}
        """Where each qualified name that was added comes from."""
        self.callables: set[str] = set()
        for table in ("losses", "activations", "operations", "wrappers", "containers", "models", "joins"):
            self.callables.update(self.tables[table])
        self.default_losses: list[tuple[str, str]] = []

    def add(self, where: str, library: Library) -> None:
        """Adds one library's entries."""
        for alias, target in library.aliases.items():
            _check_name(f"{where}: aliases: {alias}", target)
            self._put("aliases", f"{where}: aliases", alias, target)
        for loss in library.losses:
            _check(loss.form is not Form.METHOD, where, loss.name, "a loss is a class or a function")
            self._put_callable("losses", where, loss.name, loss)
            _check_arguments(where, loss.name, loss.input, *(switch.argument for switch in loss.switches))
        for activation in library.activations:
            self._put_formed("activations", where, activation.name, activation.form, activation)
            _check_arguments(where, activation.name, activation.dim)
        for operation in library.operations:
            for name in operation.names:
                self._put_formed("operations", where, name, operation.form, operation)
                _check_arguments(where, name, operation.input, operation.classes)
        self._add_modules(where, library)
        self._add_frameworks(where, library)
        self._add_readings(where, library)

    def _add_readings(self, where: str, library: Library) -> None:
        tables = {Access.METHOD: "method_readings", Access.ATTRIBUTE: "attribute_readings"}
        for reading in library.readings:
            for name in reading.names:
                is_bare = reading.form in tables
                _check(not is_bare or "." not in name, where, name, "a method's or attribute's name has no dot")
                self._put(tables.get(reading.form, "readings"), where, name, reading)
                _check_arguments(where, name, reading.input, reading.dim, *(one.argument for one in reading.only))
        for name in library.readers:
            self._put("readers", where, name, library.library)

    def _add_modules(self, where: str, library: Library) -> None:
        for wrapper in library.wrappers:
            for name in wrapper.names:
                self._put_callable("wrappers", where, name, wrapper)
        for container in library.containers:
            for name in container.names:
                _check(container.holds in HOLDS, where, name, f"holds is one of {', '.join(sorted(HOLDS))}")
                self._put_callable("containers", where, name, container)
        for model in library.models:
            for name in model.names:
                self._put_callable("models", where, name, model)
                _check_arguments(where, name, *(switch.argument for switch in model.switches))

    def _add_frameworks(self, where: str, library: Library) -> None:
        for base in library.bases:
            for name in base.names:
                self._put("bases", f"{where}: bases", name, base)
        for hook in library.hooks:
            for name in hook.base:
                _check_arguments(where, name, hook.source)
                known = self.tables["hooks_by_base"].get(name, ())
                assert isinstance(known, tuple)
                same = [one for one in known if (one.method, one.parameter) == (hook.method, hook.parameter)]
                _check(not same, where, name, f"a second hook for {hook.method}({hook.parameter})")
                self.tables["hooks_by_base"][name] = (*known, hook)
                self.places[name] = where
        for join in library.joins:
            for name in join.names:
                self._put_callable("joins", where, name, join)
                _check_arguments(where, name, join.model, join.loss)
                if join.default_loss:
                    self.default_losses.append((f"{where}: {name}", join.default_loss))

    def _put_formed(self, table: str, where: str, name: str, form: Form, entry: object) -> None:
        if form is not Form.METHOD:
            self._put_callable(table, where, name, entry)
            return
        _check("." not in name, where, name, "a method's name has no dot")
        for other in ("method_activations", "method_operations"):
            _check(name not in self.tables[other], where, name, "a second entry for this method")
        self.tables[f"method_{table}"][name] = entry

    def _put_callable(self, table: str, where: str, name: str, entry: object) -> None:
        _check(name not in self.callables, where, name, "a second entry of this name")
        self.callables.add(name)
        self._put(table, where, name, entry)

    def _put(self, table: str, where: str, name: str, entry: object) -> None:
        _check_name(where, name)
        _check(name not in self.tables[table], where, name, "a second entry of this name")
        self.tables[table][name] = entry
        if table != "aliases":
            self.places[name] = where

    def finished(self) -> Knowledge:
        """The knowledge; a KnowledgeError where an alias hides an entry, or leads nowhere."""
        mappings = {name: MappingProxyType(table) for name, table in self.tables.items()}
        knowledge = Knowledge(**mappings)  # type: ignore[arg-type]
        for alias in knowledge.aliases:
            last = knowledge.canonical(alias)
            _check(knowledge._rewritten(last) == last, "aliases", alias, "does not come to an end")
        checked = self.callables.union(*(self.tables[one] for one in ("bases", "hooks_by_base", "readings", "readers")))
        for name in checked:
            spelling = knowledge.canonical(name)
            where = self.places.get(name, "aliases")
            _check(spelling == name, where, name, f"only another spelling of {spelling}: use that")
        for where, name in self.default_losses:
            _check(name in knowledge.losses, where, name, "the default loss is not known as a loss")
        return knowledge


def _check(holds: bool, where: str, name: str, reason: str) -> None:
    if not holds:
        raise KnowledgeError(f"{where}: {name}: {reason}")


def _check_name(where: str, name: str) -> None:
    _check(all(part.isidentifier() for part in name.split(".")), where, repr(name), "not a qualified name")


def _check_arguments(where: str, name: str, *arguments: Argument | None) -> None:
    """An argument is named, or has a position, or both."""
    for argument in arguments:
        named = argument is None or argument.keyword or argument.position is not None
        _check(bool(named), where, name, "an argument needs a keyword or a position")
        placed = argument is None or argument.position is None or argument.position >= 0
        _check(placed, where, name, "positions count from 0")


def _last_components(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in names)
