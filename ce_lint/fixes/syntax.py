"""The syntax of a project's modules, with the IR's nodes in it and the text under it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import libcst as cst

from ce_lint.concrete.reading import Concrete, Reader
from ce_lint.fixes.text import Ruler, Span
from ce_lint.interpreter.frames import Frame
from ce_lint.interpreter.sinks import Interpreter
from ce_lint.interpreter.values import Definition
from ce_lint.ir.kinds import Site
from ce_lint.ir.records import ModuleIR, ParameterKind
from ce_lint.program.program import Module

_Node = TypeVar("_Node", bound=cst.CSTNode)


class ModuleSyntax:
    """One module's tree: what stands where, and in what."""

    def __init__(self, module: Module, concrete: Concrete) -> None:
        self.path = module.path
        self.ir: ModuleIR = module.ir
        self.tree = concrete.module
        self.ruler = Ruler(module.source)
        self.text = module.source.text
        self._syntax = concrete.syntax
        self._positions = concrete.positions
        self._parents: dict[cst.CSTNode, cst.CSTNode] = {}
        pending: list[cst.CSTNode] = [self.tree]
        while pending:
            node = pending.pop()
            for child in node.children:
                self._parents[child] = node
                pending.append(child)

    def node(self, index: int) -> cst.CSTNode | None:
        """The syntax of a node of the IR."""
        return self._syntax[index]

    def indices(self, syntax: cst.CSTNode) -> tuple[int, ...]:
        """The nodes of the IR whose syntax this is."""
        return tuple(index for index, one in enumerate(self._syntax) if one is syntax)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """What a node stands in."""
        return self._parents.get(node)

    def above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """What a node stands in, from inside out."""
        current = self._parents.get(node)
        while current is not None:
            yield current
            current = self._parents.get(current)

    def first_above(self, node: cst.CSTNode, kind: type[_Node]) -> _Node | None:
        """The innermost node of a kind around another."""
        return next((one for one in self.above(node) if isinstance(one, kind)), None)

    def each(self, kind: type[_Node]) -> Iterator[_Node]:
        """All nodes of a kind."""
        return (one for one in self._parents if isinstance(one, kind))

    def inside(self, outer: cst.CSTNode, kind: type[_Node]) -> Iterator[_Node]:
        """The nodes of a kind in another, itself included, in the order of the text."""
        pending = [outer]
        while pending:
            node = pending.pop()
            if isinstance(node, kind):
                yield node
            pending.extend(reversed(node.children))

    def span(self, node: cst.CSTNode) -> Span:
        """Where a node stands, without parentheses of its own."""
        found = self._positions[node]
        return Span(
            self.ruler.offset(found.start.line, found.start.column), self.ruler.offset(found.end.line, found.end.column)
        )

    def full_span(self, node: cst.BaseExpression) -> Span:
        """Where an expression stands, with parentheses of its own."""
        own = self.span(node)
        start = self.span(node.lpar[0]).start if node.lpar else own.start
        end = self.span(node.rpar[-1]).end if node.rpar else own.end
        return Span(start, end)

    def source(self, node: cst.BaseExpression) -> str:
        """An expression's text, with its parentheses."""
        span = self.full_span(node)
        return self.text[span.start : span.end]


class ProjectSyntax:
    """The syntax of the modules of an analysed program; each is read once.

    Where a module can be analysed, but not be edited, what asks for it raises UnreadableError.
    """

    def __init__(self, interpreter: Interpreter, reader: Reader) -> None:
        self.interpreter = interpreter
        self.machine = interpreter.machine
        self._reader = reader
        self._modules: dict[Path, ModuleSyntax | None] = {}
        self._frames: dict[Definition, list[int]] = {}
        self._frames_seen = 0
        self._answers: dict[str, bool] = {}

    def module(self, path: Path) -> ModuleSyntax | None:
        """A module's syntax; None where it cannot be parsed, and so is not analysed."""
        if path not in self._modules:
            self._modules[path] = self._read(path)
        return self._modules[path]

    def _read(self, path: Path) -> ModuleSyntax | None:
        module = self.machine.program.module(path)
        return None if module is None else ModuleSyntax(module, self._reader.read(module.source.text))

    def once(self, question: str, answer: Callable[[], bool]) -> bool:
        """The answer to a question about the whole project, found once."""
        if question not in self._answers:
            self._answers[question] = answer()
        return self._answers[question]

    def mentioning(self, word: str) -> Iterator[ModuleSyntax]:
        """The modules in whose text a word occurs."""
        for module in self.machine.program.mentioning(word):
            found = self.module(module.path)
            if found is not None:
                yield found

    def at(self, site: Site) -> tuple[ModuleSyntax, cst.CSTNode] | None:
        """A site's module and syntax."""
        module = self.module(Path(site.path))
        node = None if module is None else module.node(site.node)
        return None if module is None or node is None else (module, node)

    def call_at(self, site: Site) -> tuple[ModuleSyntax, cst.Call] | None:
        """A site's module and syntax, where that is a call."""
        found = self.at(site)
        return (found[0], found[1]) if found is not None and isinstance(found[1], cst.Call) else None

    def frames(self, definition: Definition) -> list[int]:
        """The frames of a function: entered from nowhere, and from where the analysis came."""
        root = self.machine.root(definition)
        table = self.machine.frames
        for number in range(self._frames_seen, len(table)):
            if not self._lacks_arguments(table[number]):
                self._frames.setdefault(table[number].definition, []).append(number)
        self._frames_seen = len(table)
        return list(dict.fromkeys((root, *self._frames.get(definition, ()))))

    def _lacks_arguments(self, frame: Frame) -> bool:
        """Is a function run from outside, as it cannot be: with nothing for a parameter that has to be given?"""
        record = self.machine.function_ir(frame.definition)
        wanted = (ParameterKind.POSITIONAL, ParameterKind.KEYWORD)
        needed = [one for one in record.parameters if one.kind in wanted and one.default is None]
        return frame.arguments == () and len(needed) > (frame.receiver is not None)

    def function_of(self, site: Site) -> Definition | None:
        """The function in which a call stands."""
        module = self.machine.program.module(Path(site.path))
        if module is None:
            return None
        for number, function in enumerate(module.ir.functions):
            if any(call.node == site.node for call in function.calls):
                return Definition(module.path, number)
        return None
