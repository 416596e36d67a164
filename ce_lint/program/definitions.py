"""A file's text, taken apart into its top-level definitions: what it hands over under a name is known of few of them.

To learn where a name leads, a file need not be lowered: it is enough to lower the definitions in which the name stands,
each alone. The answers hang on the text and on the name, never on what was asked before.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

import msgspec

from ce_lint.frontend.guard import refusal
from ce_lint.frontend.lowering import SyntaxFailure, lower_text
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import FunctionIR, ModuleIR, ParameterKind
from ce_lint.program.code import Said, may_be_said
from ce_lint.program.collector import collector_paused
from ce_lint.program.heads import LAMBDA, Edge, Head, Passing, hand_overs
from ce_lint.program.loading import LARGE
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


class Part(msgspec.Struct, frozen=True):
    """What a part of a file hands over, calls and defines, by name."""

    edges: dict[str, list[Edge]]
    passings: dict[str, list[Passing]]
    called: frozenset[Head]
    """The heads of the callees."""
    bases: frozenset[Head]
    """The heads of the bases of its classes."""
    signatures: dict[str, list[Signature]]
    """Of the functions, methods and classes of a name."""


_EMPTY = Part({}, {}, frozenset(), frozenset(), {})


class Definitions:
    """What one text (in UTF-8) hands over, calls and defines; `whole` lowers it where a part of it cannot be alone."""

    def __init__(self, text: bytes, wrappers: frozenset[str], whole: Callable[[], ModuleIR | None]) -> None:
        self._text = text
        self._wrappers = wrappers
        self._whole = whole
        self._known: dict[int, Part | None] = {}
        self._standing: dict[str, tuple[Part, ...]] = {}

    def hands(self, name: str) -> tuple[list[Edge], list[Passing]]:
        """The names that are given what has a name, and the calls that are."""
        parts = self._parts_with(name)
        edges = [edge for part in parts for edge in part.edges.get(name, ())]
        return edges, [passing for part in parts for passing in part.passings.get(name, ())]

    def signatures(self, name: str) -> list[Signature]:
        """The parameters of the functions and classes of a name; of an attribute, of methods too."""
        names = dict.fromkeys((bare(name), name))
        parts = self._parts_defining(bare(name))
        return [one for part in parts for spelling in names for one in part.signatures.get(spelling, ())]

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

    def _parts_with(self, name: str) -> tuple[Part, ...]:
        """The parts in whose code a name stands."""
        if name not in self._standing:
            inside = self._named_inside(bare(name)) if name != bare(name) else ()
            self._standing[name] = self._parts_at((*self._hits(Name(name).word.encode()), *inside))
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

    def _parts_defining(self, name: str) -> tuple[Part, ...]:
        """The parts in which functions or classes of a name may be defined."""
        return self._parts_with(name) if name == LAMBDA else self._parts_at(self._defined.get(name, ()))

    def _hits(self, word: bytes) -> Iterator[int]:
        """Where a word stands, at most once a segment: in code, where the segment is not lowered yet."""
        size = len(self._text)
        hit = find_word(self._text, word)
        while hit != -1:
            start, end = self._segments.around(hit, size)
            if self._known.get(self._segments.part(hit)) or not self._is_said(hit, start):
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

    def _parts_at(self, places: Iterable[int]) -> tuple[Part, ...]:
        found = [self._part(number) for number in sorted({self._segments.part(place) for place in places})]
        parts = tuple(part for part in found if part is not None)
        # Where one of them is nothing by itself, the whole text is the part.
        return parts if len(parts) == len(found) else (self._in_one,)

    def _part(self, number: int) -> Part | None:
        if number not in self._known:
            self._known[number] = None if self._is_refused else self._alone(number)
        return self._known[number]

    def _alone(self, number: int) -> Part | None:
        with collector_paused():
            lowered = lower_text(self._segments.text(self._text, number).decode("utf-8", "surrogatepass"))
            return None if isinstance(lowered, SyntaxFailure) else part_of(lowered, self._all_wrappers)

    @cached_property
    def _is_refused(self) -> bool:
        return len(self._text) >= LARGE or refusal(self._text.decode("utf-8", "surrogatepass")) is not None

    @cached_property
    def _in_one(self) -> Part:
        module = self._whole()
        return _EMPTY if module is None else part_of(module, self._all_wrappers)

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


def part_of(module: ModuleIR, wrappers: frozenset[str]) -> Part:
    """What a part of a file comes to, lowered alone."""
    names = hand_overs(module, wrappers)
    return Part(names.edges, names.passings, names.called, names.bases, _signatures(module))


def _signatures(module: ModuleIR) -> dict[str, list[Signature]]:
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
