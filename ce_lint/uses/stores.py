"""Scores that are put into a container."""

from __future__ import annotations

from collections.abc import Iterator

from ce_lint.concrete.occurrences import Occurrence
from ce_lint.ir import nodes as ir
from ce_lint.uses.paths import Key, Path
from ce_lint.uses.records import UseKind
from ce_lint.uses.search import Search, Taint
from ce_lint.uses.texts import Text

ADDING = frozenset("append appendleft add extend insert update setdefault".split())

_MAKERS = frozenset(("list", "dict", "set", "OrderedDict", "defaultdict", "deque"))
"""What makes an empty container, by its bare name."""


def put_into(search: Search, taint: Taint, one: Occurrence, path: str, version: int, key: Key) -> None:
    """Scores are put into the container that a variable holds: what is done with that is done with them."""
    text = search.text(taint.arena)
    leaves = set(_leaves(text, version))
    if not path or not all(_is_made_here(text, leaf) for leaf in leaves):
        search.report(taint, one, UseKind.UNKNOWN, f"stored in {path}" if path else "stored in a container")
        return
    fold = search.behind(taint, one, f"stored in {path}")
    held: Path = (key, *taint.path)
    search.follow(taint._replace(node=version, path=held, fold=fold, name=""))
    for leaf in leaves:
        search.follow(taint._replace(node=leaf, path=held, fold=fold, name=path))


def _leaves(text: Text, version: int) -> Iterator[int]:
    """What a container was made as, before things were put into it."""
    seen: set[int] = set()
    pending = [version]
    while pending:
        number = pending.pop()
        if number in seen:
            continue
        seen.add(number)
        node = text.nodes[number]
        if isinstance(node, ir.SetItem | ir.SetAttribute | ir.Mutate):
            pending.append(node.object)
        elif isinstance(node, ir.Loop):
            pending += [node.before, *node.after]
        elif isinstance(node, ir.Choice):
            pending += [node.then, node.other]
        else:
            yield number


def _is_made_here(text: Text, number: int) -> bool:
    """Is this the making of a container?"""
    node = text.nodes[number]
    if isinstance(node, ir.Call):
        function = text.nodes[node.function]
        name = function.name if isinstance(function, ir.Free | ir.Import | ir.Attribute) else ""
        return name in _MAKERS
    if isinstance(node, ir.Item):  # one of those that are made in `scores, targets = [], []`
        held, key = text.nodes[node.object], text.nodes[node.key]
        if not isinstance(held, ir.Display) or not isinstance(key, ir.Constant) or not isinstance(key.value, int):
            return False
        return not held.starred and key.value < len(held.items) and _is_made_here(text, held.items[key.value])
    return isinstance(node, ir.Display | ir.Dictionary | ir.Collect)
