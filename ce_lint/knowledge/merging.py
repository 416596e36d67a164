"""Knowledge that others bring: all names distinct, and every one of them reachable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ce_lint.knowledge.loader import Knowledge, entries, of_tables, put, tables_of
from ce_lint.knowledge.schema import Activation, Argument, Container, Form, Hook, Join, Loss, Model, Operation, Reading
from ce_lint.knowledge.tables import KnowledgeError, converted

_HOLDS = frozenset({"chain", "list", "dict"})
_CALLABLES = ("losses", "activations", "operations", "wrappers", "containers", "models", "joins")
"""The tables of which one at most has an entry of a name."""
_METHODS = ("method_activations", "method_operations")
"""The same of bare names."""
_BARE = ("method_readings", "attribute_readings")
_OF_SPELLINGS = ("bases", "hooks_by_base", "readings", "readers")
"""The other tables in which a name is found by its one spelling only."""


def extend(knowledge: Knowledge, tables: Sequence[Mapping[str, object]]) -> Knowledge:
    """The knowledge with a project's own tables added; a KnowledgeError when one of them cannot be used."""
    if not tables:
        return knowledge
    libraries = []
    for number, table in enumerate(tables, start=1):
        where = f"knowledge table {number}"
        libraries.append((where, converted(where, table)))
    merging = _Merging(knowledge)
    for where, library in libraries:
        for name_of_table, name, entry in entries(library):
            merging.add(where, name_of_table, name, entry)
    return merging.finished()


class _Merging:
    """Tables being filled, with what an error has to name."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.tables = tables_of(knowledge)
        self.places: dict[str, str] = {}
        """Where each qualified name that was added comes from."""
        self.default_losses: list[tuple[str, str]] = []

    def add(self, where: str, table: str, name: str, entry: object) -> None:
        """Add an entry; a KnowledgeError where it cannot be used."""
        if table in ("aliases", "bases"):
            where = f"{where}: {table}"
        if table == "aliases":
            _check_name(f"{where}: {name}", str(entry))
        if isinstance(entry, Loss):
            _check(entry.form is not Form.METHOD, where, name, "a loss is a class or a function")
        if isinstance(entry, Container):
            _check(entry.holds in _HOLDS, where, name, f"holds is one of {', '.join(sorted(_HOLDS))}")
        self._check_name(where, table, name, entry)
        for argument in _arguments(entry):
            _check_argument(where, name, argument)
        if isinstance(entry, Join) and entry.default_loss:
            self.default_losses.append((f"{where}: {name}", entry.default_loss))
        if table != "aliases":
            self.places[name] = where
        put(self.tables, table, name, entry)

    def _check_name(self, where: str, table: str, name: str, entry: object) -> None:
        if table in _METHODS:
            _check("." not in name, where, name, "a method's name has no dot")
            self._check_is_new(_METHODS, where, name, "a second entry for this method")
        elif isinstance(entry, Hook):
            same = [one for one in self.tables[table].get(name, ()) if _overrides(one) == _overrides(entry)]
            _check(not same, where, name, f"a second hook for {entry.method}({entry.parameter})")
        else:
            _check(table not in _BARE or "." not in name, where, name, "a method's or attribute's name has no dot")
            others = _CALLABLES if table in _CALLABLES else (table,)
            self._check_is_new(others, where, name, "a second entry of this name")
            _check_name(where, name)

    def _check_is_new(self, tables: Sequence[str], where: str, name: str, reason: str) -> None:
        _check(not any(name in self.tables[table] for table in tables), where, name, reason)

    def finished(self) -> Knowledge:
        """The knowledge; a KnowledgeError where an alias hides an entry, or leads nowhere."""
        knowledge = of_tables(self.tables)
        for alias in knowledge.aliases:
            last = knowledge.canonical(alias)
            _check(knowledge.rewritten(last) == last, "aliases", alias, "does not come to an end")
        for name in dict.fromkeys(name for table in (*_CALLABLES, *_OF_SPELLINGS) for name in self.tables[table]):
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


def _check_argument(where: str, name: str, argument: Argument) -> None:
    """An argument is named, or has a position, or both."""
    _check(
        bool(argument.keyword) or argument.position is not None,
        where,
        name,
        "an argument needs a keyword or a position",
    )
    _check(argument.position is None or argument.position >= 0, where, name, "positions count from 0")


def _arguments(entry: object) -> Iterator[Argument]:
    """The arguments that an entry names."""
    if isinstance(entry, Loss | Operation | Reading):
        yield entry.input
    if isinstance(entry, Activation | Reading) and entry.dim is not None:
        yield entry.dim
    if isinstance(entry, Operation) and entry.classes is not None:
        yield entry.classes
    if isinstance(entry, Hook):
        yield entry.source
    if isinstance(entry, Join):
        yield from (entry.model, entry.loss)
    if isinstance(entry, Loss | Model):
        yield from (switch.argument for switch in entry.switches)
    if isinstance(entry, Reading):
        yield from (switch.argument for switch in entry.only)


def _overrides(hook: Hook) -> tuple[str, str]:
    return hook.method, hook.parameter
