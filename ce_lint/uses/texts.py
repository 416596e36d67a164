"""The modules of a program as occurrences, read once each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path

from ce_lint.concrete.occurrences import Occurrence, Occurrences, Role, occurrences
from ce_lint.concrete.reading import Reader
from ce_lint.ir import nodes as ir
from ce_lint.ir.operands import operands
from ce_lint.program.program import Program
from ce_lint.uses.records import Uses


@dataclass(frozen=True, slots=True)
class Text:
    """One module: its occurrences, and which nodes are made of which."""

    path: Path
    nodes: tuple[ir.AnyNode, ...]
    occurrences: Occurrences
    users: dict[int, tuple[int, ...]]
    numbers: dict[ir.AnyNode, int]
    """The number of each node that is shared."""

    def at(self, function: int, node: int) -> tuple[Occurrence, ...]:
        """Where a node is evaluated in a function."""
        return self.occurrences.by_node.get((function, node), ())

    def number(self, node: ir.AnyNode) -> int | None:
        """The number of a node that is shared by all that are equal to it."""
        return self.numbers.get(node)

    def reads(self, function: int, name: str) -> bool:
        """Does a function read a name that it does not bind?"""
        node = self.number(ir.Free(name))
        return node is not None and bool(self.at(function, node))

    def functions_reading(self, node: int) -> tuple[int, ...]:
        """The functions in which a node is evaluated."""
        return tuple(sorted({function for function, one in self.occurrences.by_node if one == node}))

    def call(self, function: int, node: int) -> Occurrence | None:
        """The expression that a call is, with the `await` before it."""
        for one in self.at(function, node):
            behind = self.occurrences.all[one.number + 1 : one.number + 2]
            if behind and behind[0].role is Role.CALLEE and behind[0].parent == one.number:
                is_awaited = one.role is Role.AWAITED and one.parent is not None
                return self.occurrences.all[one.parent] if is_awaited and one.parent is not None else one
        return None


class Texts:
    """The texts of one program; for several questions about the same program they can be shared.

    `check` is called whenever one is asked for: what it raises ends the question. So does UnreadableError.
    """

    def __init__(self, program: Program, reader: Reader, check: Callable[[], None] = lambda: None) -> None:
        self._program = program
        self._reader = reader
        self._check = check
        self._texts: dict[Path, Text] = {}
        self.answers: dict[Hashable, tuple[Uses, frozenset[tuple[str, int]]]] = {}
        """What was found by earlier questions: the uses of some scores, and the loss calls that those reach."""

    def __getitem__(self, path: Path) -> Text:
        self._check()
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def _read(self, path: Path) -> Text:
        module = self._program.module(path)
        assert module is not None, path
        users: defaultdict[int, list[int]] = defaultdict(list)
        for number, node in enumerate(module.ir.nodes):
            for operand in dict.fromkeys(operands(node)):
                users[operand].append(number)
        return Text(
            path,
            module.ir.nodes,
            occurrences(self._reader.read(module.source.text)),
            {node: tuple(numbers) for node, numbers in users.items()},
            {node: number for number, node in enumerate(module.ir.nodes) if isinstance(node, ir.Free | ir.Parameter)},
        )
