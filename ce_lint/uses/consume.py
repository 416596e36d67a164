"""What the code around an expression does with the scores that the expression is, or holds."""

from __future__ import annotations

from ce_lint.concrete.occurrences import Occurrence, Role
from ce_lint.ir import nodes as ir
from ce_lint.knowledge.schema import Access, Need
from ce_lint.uses import called, methods
from ce_lint.uses.paths import Any, Path, constant_key
from ce_lint.uses.records import UseKind
from ce_lint.uses.search import Flags, Return, Rising, Search, Taint
from ce_lint.uses.spread import displayed, rows
from ce_lint.uses.stores import put_into

_SPREADS = frozenset(
    (Role.SUBSCRIPTED, Role.ITERATED, Role.ITEM, Role.ELEMENT, Role.BRANCH, Role.ASSIGNED, Role.NAMED, Role.AWAITED)
)
"""Roles in which the value is part of another node, or known under a name: what is made of it is looked at there."""

_ALIASING = frozenset((Role.ASSIGNED, Role.NAMED, Role.ITEM, Role.ELEMENT, Role.BRANCH))

_HARMLESS = frozenset((Role.STATEMENT, Role.DELETED))

_WORDS = {
    Role.FORMATTED: "formatted as text",
    Role.COMPARED: "compared",
    Role.OPERAND: "calculated with",
    Role.CONDITION: "tested for truth",
    Role.KEY: "used as an index",
    Role.AUGMENTED: "changed in place",
    Role.ITEM_SET: "changed in place",
}


def consume(search: Search, taint: Taint, one: Occurrence) -> None:
    """Follow, or report, one occurrence of a node."""
    search.note(taint, one)
    role = one.role
    if taint.name and role in _ALIASING:
        search.report(taint, one, UseKind.UNKNOWN, f"{taint.name} is known by another name, too")
    elif role in _HARMLESS:
        return
    elif role in _SPREADS:
        _spread(search, taint, one)
    elif role in (Role.RETURNED, Role.YIELDED):
        _returned(search, taint, one)
    elif role is Role.OBJECT:
        _object(search, taint, one)
    elif role is Role.ARGUMENT:
        called.given(search, taint, one)
    else:
        _read(search, taint, one)


def _read(search: Search, taint: Taint, one: Occurrence) -> None:
    """A role in which a tensor's numbers are read; most of them only ask whether a container is empty."""
    role = one.role
    if role is Role.COMPARED and one.key in ("Is", "IsNot"):
        return
    if taint.path and role in (Role.CONDITION, Role.ITEM_SET, Role.ATTRIBUTE_SET):
        return
    if taint.path and role is Role.COMPARED and one.key in ("In", "NotIn"):
        return
    if taint.path and role in (Role.OPERAND, Role.AUGMENTED) and one.key in ("And", "Or", "Not", "Add", None):
        return  # what an addition gives is looked at there
    word = _WORDS.get(role)
    if word is None or taint.path:
        search.report(taint, one, UseKind.UNKNOWN, role.value if word is None else f"a container of them is {word}")
        return
    in_place = role in (Role.AUGMENTED, Role.ITEM_SET)
    changed = taint._replace(flags=taint.flags._replace(is_mixed=True)) if in_place else taint
    search.report(changed, one, UseKind.VALUES, word)


def _spread(search: Search, taint: Taint, one: Occurrence) -> None:
    text = search.text(taint.arena)
    if one.role is Role.BRANCH or (one.role is Role.SUBSCRIPTED and not taint.path):
        search.carry(taint, one, one.parent)
    if taint.is_derived and one.role is not Role.ASSIGNED:
        _derived(search, taint, one)
        return
    if one.role in (Role.ITEM, Role.ELEMENT):
        _displayed(search, taint, one)
    elif one.role in (Role.SUBSCRIPTED, Role.ITERATED) and not taint.path:
        fold = search.behind(taint, one, one.role.value)
        for further in rows(text, taint, one):
            search.follow(further._replace(fold=fold if further.flags.is_moved else taint.fold))
    for target in one.targets:
        if target.kind == "attribute":
            _stored_in_attribute(search, taint, one, target.path)
        elif target.kind == "item":
            for user in text.users.get(taint.node, ()):
                node = text.nodes[user]
                if isinstance(node, ir.SetItem) and node.value == taint.node:
                    key = constant_key(text.nodes[node.key])
                    put_into(search, taint, one, target.path, user, Any.ENTRY if key is None else key)
            if not target.path:
                search.report(taint, one, UseKind.UNKNOWN, "stored in an item")


def _displayed(search: Search, taint: Taint, one: Occurrence) -> None:
    """An item of a display: what is done with the whole is done with it."""
    text = search.text(taint.arena)
    whole = text.occurrences.all[one.parent].node if one.parent is not None else None
    if whole is None:
        search.report(taint, one, UseKind.UNKNOWN, "an item of something that is not followed")
        return
    fold = search.behind(taint, one, "put into a container")
    for path, flags in displayed(text, taint, text.nodes[whole]):
        search.follow(taint._replace(node=whole, path=path, flags=flags, fold=fold, name=""))


def _derived(search: Search, taint: Taint, one: Occurrence) -> None:
    """`pair = x.max(1)`: reading an item of it is looked at there; anything else needs the values."""
    if not taint.path or one.role not in (Role.SUBSCRIPTED, Role.AWAITED):
        search.report(taint, one, UseKind.VALUES, "its largest values are read")


def _stored_in_attribute(search: Search, taint: Taint, one: Occurrence, path: str) -> None:
    """An attribute that nothing else reads is a variable; what else reads it cannot be told."""
    name = path.rpartition(".")[2]
    readers = (
        node
        for module in search.interpreter.machine.program.mentioning(name)
        for node in module.ir.nodes
        if (isinstance(node, ir.Attribute) and node.name == name) or node == ir.Constant(name)
    )
    if not path.startswith("self.") or path.count(".") > 1 or any(True for _ in readers):
        search.report(taint, one, UseKind.UNKNOWN, f"stored in {path}" if path else "stored in an attribute")


def _returned(search: Search, taint: Taint, one: Occurrence) -> None:
    if taint.is_derived:
        search.report(taint, one, UseKind.VALUES, "its largest values are returned")
        return
    arena = search.arenas[taint.arena]
    path: Path = (Any.ITEM, *taint.path) if one.role is Role.YIELDED else taint.path
    search.pass_on(taint.fold)
    if arena.link is not None:
        link = arena.link
        search.follow(Taint(link.arena, link.call, path, link.outer, _in_caller(taint.flags)))
        return
    search.entries[arena.entrance].is_passed_on = True
    search.returned[arena.function][Return(taint, one)] = None
    search.rising[Rising(arena.function, path, _in_caller(taint.flags))] = None


def _in_caller(flags: Flags) -> Flags:
    return flags._replace(meets=frozenset())


def _object(search: Search, taint: Taint, one: Occurrence) -> None:
    """An attribute or method of the scores, or of what holds them."""
    text = search.text(taint.arena)
    attribute = text.occurrences.all[one.parent] if one.parent is not None else None
    is_called = attribute is not None and attribute.role is Role.CALLEE
    name = str(one.key)
    if attribute is None:
        search.report(taint, one, UseKind.UNKNOWN, f"its attribute {name} is read")
    elif taint.path:
        if is_called:
            methods.container_method(search, taint, one, attribute, name)
    elif is_called:
        methods.method(search, taint, one, attribute, name)
    else:
        reading = search.interpreter.machine.knowledge.reading(name, Access.ATTRIBUTE)
        if reading is None or reading.need is Need.VALUES:
            search.report(taint, one, UseKind.UNKNOWN, f"its attribute {name} is read")
        elif reading.need is Need.SAME:
            search.carry(taint, one, attribute.number)
