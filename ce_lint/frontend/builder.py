"""The growing IR of one module, and the scope of the function that is being lowered."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Callable, Iterable

import msgspec

from ce_lint.ir import nodes as ir
from ce_lint.ir.records import Binding, CallSite, ClassIR, FunctionIR, Guard, ParameterIR, Return, StarImport

MAX_DEPTH = 300
"""Levels of expressions and blocks in each other; code written by hand has fewer than 40."""

_SITES = frozenset((ir.Call, ir.Opaque, ir.Loop, ir.Collect, ir.Matches))
"""Nodes that are never shared, though their operands are equal."""


_COMMON = 2**14
"""The nodes of most modules, and more."""


@functools.cache
def _numbers() -> tuple[int, ...]:
    """The numbers that all modules have in common: an int for each node of each of them is a sixth of their memory."""
    return tuple(range(_COMMON))


class NestedTooDeeplyError(Exception):
    """Syntax that nests more deeply than the functions that lower it can follow."""


class ModuleBuilder:
    """The node array of a module, with equal nodes shared, and the syntax each node came from."""

    def __init__(self, observer: Callable[[Scope, ast.expr, int], None] | None = None) -> None:
        self.observer = observer
        """Told of every expression when its node is known; adds no node."""
        self.nodes: list[ir.AnyNode] = []
        self.syntax: list[ast.AST | None] = []
        self.functions: list[FunctionIR | None] = []
        self.classes: list[ClassIR | None] = []
        self.star_imports: list[StarImport] = []
        self.depth = 0
        """The levels of expressions and blocks around what is being lowered."""
        self._shared: dict[ir.AnyNode | tuple[str, ir.AnyNode], int] = {}
        # Of what stands in a text again and again, no second node is made to find the first one.
        self._constants: dict[tuple[type, object], int] = {}
        self._free: dict[str, int] = {}
        self._attributes: dict[tuple[int, str], int] = {}
        self._serial = 0
        self._numbers = _numbers()

    @property
    def count(self) -> int:
        """The number of nodes so far."""
        number = len(self.nodes)
        return self._numbers[number] if number < _COMMON else number

    def deepen(self) -> None:
        """Go one level down; raise NestedTooDeeplyError."""
        if self.depth == MAX_DEPTH:
            raise NestedTooDeeplyError
        self.depth += 1

    def rise(self) -> None:
        """Come back from it."""
        self.depth -= 1

    def add(self, node: ir.AnyNode, syntax: ast.AST | None = None) -> int:
        """The index of a node; an equal one that is there already is used again."""
        number = self.count
        if type(node) not in _SITES:
            # 1, 1.0 and True are equal and hash alike, but are different constants.
            key = (type(node.value).__name__, node) if type(node) is ir.Constant else node
            index = self._shared.setdefault(key, number)
            if index != number:
                return index
        self.nodes.append(node)
        self.syntax.append(syntax)
        return number

    def constant(self, value: str | int | float | bool | None) -> int:
        """The index of a literal."""
        key = type(value), value
        index = self._constants.get(key)
        if index is None:
            index = self._constants[key] = self.add(ir.Constant(value))
        return index

    def free(self, name: str) -> int:
        """The index of a name that is bound elsewhere."""
        index = self._free.get(name)
        if index is None:
            index = self._free[name] = self.add(ir.Free(name))
        return index

    def attribute(self, base: int, name: str) -> int:
        """The index of an attribute of a node, read."""
        key = base, name
        index = self._attributes.get(key)
        if index is None:
            index = self._attributes[key] = self.add(ir.Attribute(base, sys.intern(name)))
        return index

    def find(self, node: ir.AnyNode) -> int | None:
        """The index of a node that may be shared, where it is there."""
        return self._shared.get(node)

    def serial(self) -> int:
        """A number that no other node of the module has."""
        self._serial += 1
        return self._serial

    def opaque(self, why: str) -> int:
        """A value of which nothing is known."""
        return self.add(ir.Opaque(why, self.serial()))

    def replace(self, index: int, node: ir.AnyNode) -> None:
        """Complete a node whose operands were not known when it was made."""
        self.nodes[index] = node


class LoopExits(msgspec.Struct):
    """The environments with which a loop's rounds end early."""

    continues: list[dict[str, int]] = []
    breaks: list[dict[str, int]] = []


class Scope:
    """A function, class or module body while it is lowered: what each name and dotted path holds now."""

    def __init__(self, module: ModuleBuilder, parent: Scope | None, name: str, owner: int | None = None) -> None:
        self.module = module
        self.parent = parent
        self.owner = owner
        self.qualified_name = name
        self.index = -1
        self.env: dict[str, int] = {}
        self.guards: tuple[Guard, ...] = ()
        self.loops: list[LoopExits] = []
        self.returns: list[Return] = []
        self.yields: list[int] = []
        self.calls: list[CallSite] = []
        self.bindings: list[Binding] = []
        self.global_names: set[str] = set()
        self.fields: list[tuple[str, int | None]] = []
        self.is_class = False
        self.self_name = ""
        self._bases: set[str] = set()
        """The paths that an attribute was ever bound of."""

    def is_self(self, name: str) -> bool:
        """Is this the object whose method is being lowered, here or around here?"""
        scope: Scope | None = self
        while scope is not None:
            if scope.self_name == name:
                return bool(name)
            scope = scope.parent
        return False

    def open_function(self) -> None:
        """Take the next function index, so that enclosing functions come before the ones inside."""
        self.index = len(self.module.functions)
        self.module.functions.append(None)

    def close_function(
        self, name: str, parameters: tuple[ParameterIR, ...] = (), decorators: tuple[int, ...] = ()
    ) -> int:
        """Freeze the scope into the function that was opened."""
        parent = self.parent
        while parent is not None and parent.is_class:
            parent = parent.parent
        self.module.functions[self.index] = FunctionIR(
            name=name,
            qualified_name=self.qualified_name,
            parent=None if parent is None else parent.index,
            owner=self.owner,
            parameters=parameters,
            decorators=decorators,
            returns=tuple(self.returns),
            yields=tuple(self.yields),
            calls=tuple(self.calls),
            bindings=tuple(self.bindings),
            exits=dict(self.env),
            global_names=tuple(sorted(self.global_names)),
        )
        return self.index

    def child_name(self, name: str) -> str:
        """The qualified name of a definition in this scope."""
        return f"{self.qualified_name}.{name}" if self.qualified_name else name

    def function_scope(self) -> Scope:
        """The scope that runs the statements: a class body's calls belong to the function around it."""
        scope = self
        while scope.is_class and scope.parent is not None:
            scope = scope.parent
        return scope

    def call(self, node: ir.Call, syntax: ast.AST) -> int:
        """Record a call site."""
        index = self.module.add(node, syntax)
        self.function_scope().calls.append(CallSite(index, self.guards))
        return index

    def bind(self, path: str, value: int) -> None:
        """Give a name or dotted path a value; what was known of its attributes is gone."""
        if path in self._bases:
            prefix = path + "."
            for stale in [key for key in self.env if key.startswith(prefix)]:
                del self.env[stale]
        base, dot, _ = path.rpartition(".")
        if dot:
            path = sys.intern(path)
        while dot and base not in self._bases:
            self._bases.add(base)
            base, dot, _ = base.rpartition(".")
        self.env[path] = value
        self.bindings.append(Binding(path, value, self.module.count))

    def update(self, path: str, value: int) -> None:
        """Rebind a path whose object was changed in place; what was known of its attributes stays."""
        prefix = path + "."
        kept = {key: node for key, node in self.env.items() if key.startswith(prefix)} if path in self._bases else {}
        self.bind(path, value)
        self.env.update(kept)

    def read(self, path: str) -> int:
        """The value of a name or dotted path here."""
        known = self.env.get(path)
        if known is not None:
            return known
        if "." in path:
            base, _, attribute = path.rpartition(".")
            return self.module.attribute(self.read(base), attribute)
        if self.is_class and self.parent is not None:
            return self.parent.read(path)
        return self.module.free(path)

    def peek(self, path: str) -> int | None:
        """What `read` gives, where no node has to be made for it."""
        known = self.env.get(path)
        if known is not None:
            return known
        base, dot, attribute = path.rpartition(".")
        if dot:
            inner = self.peek(base)
            return None if inner is None else self.module.find(ir.Attribute(inner, attribute))
        if self.is_class and self.parent is not None:
            return self.parent.peek(path)
        return self.module.find(ir.Free(path))

    def under(self, *guards: Guard) -> _Under:
        """Lower something that runs only when the guards hold."""
        return _Under(self, guards)

    def merge(self, condition: int, then: dict[str, int], other: dict[str, int]) -> None:
        """Make `then` and `other` the two sides of a choice, and that the environment."""
        merged: dict[str, int] = {}
        changed = []
        for path in dict.fromkeys([*then, *other]):
            left = then.get(path)
            right = other.get(path)
            if left is not None and left == right:
                merged[path] = left
                continue
            first = self._value(then, path) if left is None else left
            second = self._value(other, path) if right is None else right
            if first is None or second is None:
                continue
            merged[path] = first if first == second else self.module.add(ir.Choice(condition, first, second))
            if merged[path] not in (left, right):
                changed.append(path)
        self.env = merged
        self.bindings.extend(Binding(path, merged[path], self.module.count) for path in changed)

    def _value(self, env: dict[str, int], path: str) -> int | None:
        """A path's value in an environment: where only a part of it is known there, an attribute of that."""
        if path in env:
            return env[path]
        base, dot, attribute = path.rpartition(".")
        if not dot:
            return self.module.free(path) if path in self.global_names else self.module.add(ir.Unbound())
        value = self._value(env, base)
        return None if value is None else self.module.attribute(value, attribute)

    def loop_paths(self, paths: Iterable[str]) -> dict[str, int]:
        """A `Loop` node for each path that the loop's body assigns; completed by `close_loop`."""
        opened = {}
        for path in sorted(set(paths)):
            if self.is_self(path):
                continue  # what is set on it is kept under its attributes
            if "." in path and path.partition(".")[0] not in self.env:
                continue
            before = self._value(self.env, path)
            if before is not None:
                opened[path] = self.module.add(ir.Loop(before, (), self.module.serial()))
        for path, node in opened.items():
            self.bind(path, node)
        return opened

    def close_loop(self, opened: dict[str, int], ends: list[dict[str, int]]) -> None:
        """Complete the `Loop` nodes with the values that the rounds end with."""
        for path, index in opened.items():
            node = self.module.nodes[index]
            assert isinstance(node, ir.Loop)
            after = [self._value(env, path) for env in ends]
            distinct = tuple(dict.fromkeys(value for value in after if value is not None))
            # A round that leaves the variable alone says something only beside others: it may be left early.
            if distinct == (index,):
                distinct = ()
            self.module.replace(index, ir.Loop(node.before, distinct, node.serial))


class _Under:
    """The time in which a scope's statements run only when some guards hold."""

    __slots__ = ("_before", "_guards", "_scope")

    def __init__(self, scope: Scope, guards: tuple[Guard, ...]) -> None:
        self._scope = scope
        self._guards = guards
        self._before = scope.guards

    def __enter__(self) -> None:
        self._before = self._scope.guards
        self._scope.guards = self._before + self._guards

    def __exit__(self, *_: object) -> None:
        self._scope.guards = self._before
