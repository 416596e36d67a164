"""What a file hands over, calls and defines, by name: of its definitions, only those are looked at that have the name.

The answers hang on the text and on the name, never on what was asked before.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from ce_lint.ir import nodes as ir
from ce_lint.ir.records import FunctionIR, ModuleIR, ParameterKind
from ce_lint.program.code import Said, may_be_said
from ce_lint.program.collector import collector_paused
from ce_lint.program.heads import LAMBDA, Edge, HandOvers, Head, Passing, hand_overs
from ce_lint.program.names import Name, attribute, bare, spellings
from ce_lint.program.segments import Segments
from ce_lint.program.words import find_word

# A pattern is ten times as fast where it begins with a word: what has to stand before that is looked back at.
_DEFINED = tuple(re.compile(rb"%b(?<=\b%b)\s+([^\s(:\[]+)" % (word, word)) for word in (b"def", b"class"))
_ALIAS = re.compile(rb"as(?<=\sas)\s+([A-Za-z_\x80-\xff][\w\x80-\xff]*)")
_LAST_WORD = re.compile(rb"([A-Za-z_]\w*)\s*\Z")
_MAX_WORD = 100


class Signature(NamedTuple):
    """What something that is called calls its parameters, without `self`; a class's fields are spelt as attributes."""

    positional: tuple[str, ...]
    keywords: frozenset[str] = frozenset()
    is_open: bool = False
    """Does it take any keyword?"""
    bases: tuple[str, ...] = ()
    """Of a class without a constructor of its own: it is built as these are, where its fields do not say how."""

    def names(self, argument: int | str) -> tuple[str, ...]:
        """The names under which it receives an argument, given by position or keyword."""
        if isinstance(argument, int):
            return self.positional[argument : argument + 1]
        return tuple([one for one in spellings(argument) if one in self.positional or one in self.keywords])

    def hands_on(self, argument: int | str) -> bool:
        """Tell whether it takes a keyword for something else that has a parameter of that name."""
        return self.is_open and isinstance(argument, str) and not self.names(argument)


_NOTHING = HandOvers({}, {}, frozenset(), frozenset())


class Definitions:
    """What one text (in UTF-8) hands over, calls and defines; `lowered` gives its IR, where there is one."""

    def __init__(self, text: bytes, wrappers: frozenset[str], lowered: Callable[[], ModuleIR | None]) -> None:
        self._text = text
        self._wrappers = wrappers
        self._lowered = lowered
        self._parts: dict[int, HandOvers] = {}
        self._standing: dict[str, tuple[int, ...]] = {}

    def has(self, name: str) -> bool:
        """Tell whether a name stands in the code, and not in comments and strings alone."""
        return bool(self._numbers(name))

    def hands(self, name: str) -> tuple[list[Edge], list[Passing]]:
        """The names that are given what has a name, and the calls that are."""
        parts = self._parts_with(name)
        edges = [edge for part in parts for edge in part.edges.get(name, ())]
        return edges, [passing for part in parts for passing in part.passings.get(name, ())]

    def signatures(self, name: str) -> list[Signature]:
        """The parameters of the functions and classes of a name; of an attribute, of methods too."""
        if name != LAMBDA and bare(name) not in self._defined:
            return []
        return [one for spelling in dict.fromkeys((bare(name), name)) for one in self._signatures.get(spelling, ())]

    def renames(self, name: str) -> bool:
        """Tell whether something is imported under a name: it is defined under another, then."""
        return bare(name).encode() in self._aliases

    def may_call(self, heads: Iterable[Head]) -> bool:
        """Tell whether something may be called that has one of some heads."""
        return any(self._may_call(head) for head in heads)

    def _may_call(self, head: Head) -> bool:
        return any(
            head in part.called
            or (self._calls_bases and head.calls > 0 and Head(head.name, head.calls - 1) in part.bases)
            for part in self._parts_with(head.name)
        )

    @cached_property
    def _calls_bases(self) -> bool:
        """May `super()` be called in a way that can run any base of any class, whichever part that stands in?"""
        return b"super" in self._text and (b"forward" in self._text or b"__call__" in self._text)

    def _parts_with(self, name: str) -> list[HandOvers]:
        return [self._part(number) for number in self._numbers(name)]

    def _numbers(self, name: str) -> tuple[int, ...]:
        """The parts in whose code a name may stand: where it does in any, it may in what is none of a definition."""
        if name not in self._standing:
            inside = self._named_inside(bare(name)) if name != bare(name) else ()
            places = [*self._hits(Name(name).word.encode()), *inside]
            self._standing[name] = tuple(sorted({0, *map(self._segments.part, places)})) if places else ()
        return self._standing[name]

    def _named_inside(self, name: str) -> Iterator[int]:
        """Where a method is defined whose name stands without a dot beside, as in the body of its class."""
        for place in self._defined.get(name, ()):
            start, end = self._segments.around(place, len(self._text))
            if self._stands_plain(name.encode(), start, end):
                yield place

    def _stands_plain(self, word: bytes, start: int, end: int) -> bool:
        """Tell whether a word stands between two places with no dot before it, and is not defined there."""
        while -1 < (hit := find_word(self._text, word, start)) < end:
            if not self._text.endswith((b".", b"def "), 0, hit):
                return True
            start = hit + len(word)
        return False

    def _hits(self, word: bytes) -> Iterator[int]:
        """Where a word stands, at most once a segment: in code, where what that hands over is not known yet."""
        size = len(self._text)
        hit = find_word(self._text, word)
        while hit != -1:
            start, end = self._segments.around(hit, size)
            if self._segments.part(hit) in self._parts or not self._is_said(hit, start):
                yield hit
            else:
                end = hit + 1
            hit = find_word(self._text, word, end) if end < size else -1

    def _is_said(self, hit: int, start: int) -> bool:
        """Tell whether a place is certainly in a comment or a string; most are seen at once to be in none."""
        return may_be_said(self._text, hit, start) and hit in self._said

    @cached_property
    def _said(self) -> Said:
        return Said(self._text)

    def _part(self, number: int) -> HandOvers:
        """What the code of a definition does; of number 0, that of the module and of all else."""
        if number not in self._parts:
            module = self._module
            with collector_paused():
                self._parts[number] = (
                    _NOTHING if module is None else hand_overs(module, self._all_wrappers, self._functions(number))
                )
        return self._parts[number]

    def _functions(self, number: int) -> Collection[int]:
        """The functions of a part."""
        if number:
            return self._extents.get(number, ())
        inside = {function for one in self._extents.values() for function in one}
        return frozenset(range(len(self._module.functions if self._module else ()))) - inside

    @cached_property
    def _extents(self) -> dict[int, range]:
        """The functions of each definition; of none, where the text is not taken apart as Python does."""
        extents = () if self._module is None else self._module.extents
        names = self._segments.names(self._text)
        if [one.name for one in extents] != [name.decode("utf-8", "replace") for name in names.values()]:
            return {}
        return {number: range(one.first, one.end) for number, one in zip(names, extents, strict=True)}

    @cached_property
    def _module(self) -> ModuleIR | None:
        return self._lowered()

    @cached_property
    def _signatures(self) -> dict[str, list[Signature]]:
        return {} if self._module is None else signatures_of(self._module)

    @cached_property
    def _segments(self) -> Segments:
        return Segments.of(self._text)

    @cached_property
    def _defined(self) -> dict[str, list[int]]:
        """Where functions and classes are defined, by name."""
        found: dict[str, list[int]] = {}
        for hit in itertools.chain.from_iterable(pattern.finditer(self._text) for pattern in _DEFINED):
            found.setdefault(hit[1].decode("utf-8", "replace"), []).append(hit.start())
        return found

    @cached_property
    def _aliases(self) -> frozenset[bytes]:
        return frozenset(_ALIAS.findall(self._text))

    @cached_property
    def _all_wrappers(self) -> frozenset[str]:
        """The wrappers, under the names too under which they are imported: `DistributedDataParallel as DDP`."""
        return self._wrappers | aliases_of(self._text, self._wrappers)


def aliases_of(text: bytes, names: frozenset[str]) -> frozenset[str]:
    """The names under which a text imports what has some names."""
    found = set()
    for hit in _ALIAS.finditer(text):
        before = _LAST_WORD.search(text[max(hit.start() - _MAX_WORD, 0) : hit.start()])
        if before is not None and before[1].decode() in names:
            found.add(hit[1].decode("utf-8", "replace"))
    return frozenset(found)


def signatures_of(module: ModuleIR) -> dict[str, list[Signature]]:
    """The parameters of the functions, methods and classes of a module, by name."""
    found: dict[str, list[Signature]] = {}
    inits: dict[int, list[Signature]] = {}
    for function in module.functions[1:]:
        signature = _signature(module, function)
        spelling = function.name if function.owner is None else attribute(function.name)
        found.setdefault(spelling, []).append(signature)
        if function.name == "__init__" and function.owner is not None:
            inits.setdefault(function.owner, []).append(signature)
    for index, definition in enumerate(module.classes):
        bases = tuple([name for base in definition.bases if (name := _name_of(module, base))])
        fields = Signature(tuple([attribute(name) for name, _ in definition.fields]), bases=bases)
        found.setdefault(definition.name, []).extend(inits.get(index, [fields]))
    return found


def _name_of(module: ModuleIR, base: int) -> str:
    """The name under which a base is defined; "" where it has none."""
    node = module.nodes[base]
    if isinstance(node, ir.Class):
        return module.classes[node.index].name
    return node.name if isinstance(node, ir.Free | ir.Attribute | ir.Import) else ""


def _signature(module: ModuleIR, function: FunctionIR) -> Signature:
    is_static = any(module.nodes[one] == ir.Free("staticmethod") for one in function.decorators)
    by_kind: dict[ParameterKind, list[str]] = {kind: [] for kind in ParameterKind}
    for one in function.parameters:
        by_kind[one.kind].append(one.name)
    return Signature(
        tuple(by_kind[ParameterKind.POSITIONAL][function.owner is not None and not is_static :]),
        frozenset(by_kind[ParameterKind.KEYWORD]),
        bool(by_kind[ParameterKind.STARS]),
    )
