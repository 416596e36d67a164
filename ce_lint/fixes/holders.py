"""Who reads what an object holds: attributes by name, containers by index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import libcst as cst

from ce_lint.fixes.spelling import imported
from ce_lint.fixes.syntax import ModuleSyntax, ProjectSyntax
from ce_lint.interpreter import classes
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import alternatives
from ce_lint.interpreter.values import Definition, Fresh, Literal, Mapping, Scores, Sequence
from ce_lint.ir import nodes as ir
from ce_lint.ir.kinds import Site
from ce_lint.ir.operands import made_of
from ce_lint.ir.records import FunctionIR
from ce_lint.program.heads import Head, Heads
from ce_lint.program.names import Names, NamesHere
from ce_lint.program.program import Module

_LISTING = frozenset(["children", "named_children", "_modules"])
"""Attributes of a module through which another one is made of what it holds."""

_BY_NAME = frozenset(
    "getattr hasattr delattr attrgetter get_submodule _modules named_modules return_nodes __constants__".split()
)
"""What reaches an attribute by a string."""

_COUNTING = frozenset("len enumerate list tuple zip reversed iter next sorted range map filter".split())
_POSITIONAL = frozenset(
    "append extend insert pop __getitem__ __len__ children named_children _modules get_submodule".split()
)
"""Attributes of a container that say, or change, which layer stands where."""


def is_listed(project: ProjectSyntax) -> bool:
    """Does anything in the project reach modules without their names?"""
    return project.once("modules are listed", lambda: _is_listed(project))


def _is_listed(project: ProjectSyntax) -> bool:
    return any(
        isinstance(node, ir.Attribute) and node.name in _LISTING
        for word in sorted(_LISTING)
        for module in project.machine.program.mentioning(word)
        for node in module.ir.nodes
    )


def reads_of(project: ProjectSyntax, attribute: str, ignored: cst.CSTNode, built: Site) -> Iterator[cst.CSTNode]:
    """Where an attribute may be read, or is named in a string for whoever reads attributes by name.

    Not where it is one of a module, of a tensor, or of the `self` of a class that has nothing to do with the one that
    builds what it holds; `ignored` is a read that somebody else looks after.
    """
    yield from (read for _, read in _reads(project, attribute, ignored, built))
    if not any(project.machine.program.mentioning(word) for word in sorted(_BY_NAME)):
        return
    for module in project.mentioning(attribute):
        for text in module.each(cst.SimpleString):
            value = text.evaluated_value
            if isinstance(value, str) and attribute in value.split("."):
                yield text


def is_given_away(project: ProjectSyntax, attribute: str, ignored: cst.CSTNode, built: Site) -> bool:
    """Is a layer read for anything but to call it: for a hook, for what looks at its inputs and outputs?"""
    for module, read in _reads(project, attribute, ignored, built):
        parent = module.parent(read)
        if not isinstance(parent, cst.Call) or parent.func is not read:
            return True
    return False


def _reads(
    project: ProjectSyntax, attribute: str, ignored: cst.CSTNode, built: Site
) -> Iterator[tuple[ModuleSyntax, cst.Attribute]]:
    owner = _owner(project, built)
    for module in project.mentioning(attribute):
        for read in module.each(cst.Attribute):
            if read.attr.value != attribute or read is ignored or _is_other(project, module, read):
                continue
            reader = _class_of_self(module, read)
            if owner is None or reader is None or are_kin(project.machine, owner, (module.path, reader)):
                yield module, read


def _owner(project: ProjectSyntax, built: Site) -> tuple[Path, int] | None:
    """The class one of whose methods a call stands in."""
    function = project.function_of(built)
    number = None if function is None else project.machine.function_ir(function).owner
    return None if function is None or number is None else (function.path, number)


def _class_of_self(module: ModuleSyntax, read: cst.Attribute) -> int | None:
    """The class of whose `self` an attribute is read; None where it is not one of a method's `self`."""
    method = module.first_above(read, cst.FunctionDef)
    body = None if method is None else module.first_above(method, cst.ClassDef)
    if method is None or body is None or not isinstance(read.value, cst.Name) or not method.params.params:
        return None
    if module.parent(method) is not body.body or method.params.params[0].name.value != read.value.value:
        return None
    nodes = (module.ir.nodes[index] for index in module.indices(body))
    return next((node.index for node in nodes if isinstance(node, ir.Class)), None)


def are_kin(machine: Machine, one: tuple[Path, int], other: tuple[Path, int]) -> bool:
    """Is one of two classes the other, or below it?"""
    left, right = machine.class_value(*one), machine.class_value(*other)
    above_left = {cls.definition for cls in classes.ancestry(machine, left)}
    above_right = {cls.definition for cls in classes.ancestry(machine, right)}
    return left.definition in above_right or right.definition in above_left


def _is_other(project: ProjectSyntax, module: ModuleSyntax, read: cst.Attribute) -> bool:
    """Is an attribute assigned here, or one of a module or of a tensor?"""
    parent = module.parent(read)
    if isinstance(parent, cst.AssignTarget) or (isinstance(parent, cst.AnnAssign) and parent.target is read):
        return True
    root = read.value
    while isinstance(root, cst.Attribute):
        root = root.value
    if isinstance(root, cst.Name) and imported(project, module, root.value, read) is not None:
        return True
    # A layer is called with a tensor, a tensor's method with a dimension.
    if not isinstance(parent, cst.Call) or parent.func is not read or not parent.args:
        return False
    first = parent.args[0]
    number = first.value.expression if isinstance(first.value, cst.UnaryOperation) else first.value
    return (first.keyword is not None and first.keyword.value == "dim") or isinstance(number, cst.Integer)


def is_indexed(project: ProjectSyntax, kind: str) -> bool:
    """Is any container of a kind asked for its layers by position, or does one grow after it was built?"""
    return project.once(f"{kind} is indexed", lambda: _Search(project, kind).found())


class _Search:
    """For what asks a container for its layers by position."""

    def __init__(self, project: ProjectSyntax, kind: str) -> None:
        self._machine = project.machine
        self._carriers = project.interpreter.callers.carriers
        self._names = self._carriers.closure(Names.of_class(kind))

    def found(self) -> bool:
        return any(
            self._may_hold(module, node)
            for module in self._carriers.modules(self._names)
            for node in self._asked(module)
        )

    def _asked(self, module: Module) -> Iterator[int]:
        heads = Heads(module.ir, self._machine.knowledge.wrapper_words())
        here = self._names.at(module.path)
        for node in module.ir.nodes:
            for asked in _by_position(module.ir.nodes, node):
                if any(_is_container(here, head) for head in heads.of(asked)):
                    yield asked

    def _may_hold(self, module: Module, asked: int) -> bool:
        """Names say that a node may be a container: can it be, by its values?"""
        self._machine.begin()
        inside = [number for number, one in enumerate(module.ir.functions) if asked in _nodes_of(module.ir.nodes, one)]
        frames = [self._machine.root(Definition(module.path, number)) for number in inside]
        values = [one.value for frame in frames for one in alternatives(self._machine.evaluate(frame, asked))]
        return not values or not all(isinstance(value, _NO_MODULES) for value in values)


def _is_container(here: NamesHere, head: Head) -> bool:
    """May a name stand for a container: one that a call of it makes, or one that is there?"""
    if head.calls:
        return here.leads(head.name, head.calls)
    return here.is_object(head.name) and not here.is_maker(head.name)


_NO_MODULES = (Sequence, Mapping, Scores, Fresh, Literal)
"""Values that are no container of layers, whatever they are called."""


def _nodes_of(nodes: tuple[ir.AnyNode, ...], function: FunctionIR) -> frozenset[int]:
    """The nodes that a function's statements are made of."""
    starts = {
        *(one.node for one in function.calls),
        *(one.value for one in function.returns),
        *(one.value for one in function.bindings),
    }
    found: set[int] = set()
    for start in starts - found:
        found |= made_of(nodes, start)
    return frozenset(found)


def _by_position(nodes: tuple[ir.AnyNode, ...], node: ir.AnyNode) -> Iterator[int]:
    """The nodes that one asks for something by its position."""
    if isinstance(node, ir.Item):
        if not isinstance(key := nodes[node.key], ir.Constant) or not isinstance(key.value, str):
            yield node.object
    elif isinstance(node, ir.Attribute):
        if node.name in _POSITIONAL:
            yield node.object
    elif isinstance(node, ir.Call):
        function = nodes[node.function]
        counts = isinstance(function, ir.Free) and function.name in _COUNTING
        yield from (one.value for one in node.arguments if counts or one.stars == 1)
