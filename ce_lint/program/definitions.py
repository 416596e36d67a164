"""What a file hands over, calls and defines, by name: of its definitions, only those are looked at that have the name.

The answers hang on the text and on the name, never on what was asked before.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from ce_lint.ir import nodes as ir
from ce_lint.ir.records import FunctionIR, ModuleIR, ParameterKind
from ce_lint.program.code import Said, may_be_said
from ce_lint.program.collector import collector_paused
from ce_lint.program.hand_overs import LAMBDA, Edge, HandingOver, HandOvers, Passing
from ce_lint.program.heads import Head
from ce_lint.program.names import Name, attribute, bare, spellings
from ce_lint.program.spans import Spans
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
        self._known: dict[str, bool] = {}
        """The names that stand in the code, and those that do not."""
        self._standing: dict[str, tuple[int, ...]] = {}

    def has(self, name: str) -> bool:
        """Tell whether a name stands in the code, and not in comments and strings alone."""
        if name not in self._known:
            self._known[name] = self._has(Name(name).word.encode(), bare(name))
        return self._known[name]

    def _has(self, word: bytes, plain: str) -> bool:
        hit = find_word(self._text, word)
        while hit != -1 and self._is_said(hit, 0):
            hit = find_word(self._text, word, hit + len(word))
        # In the body of its class, a method is named without a dot.
        return hit != -1 or (plain in self._defined and self._is_named(plain.encode(), 0, len(self._text)))

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
        inherited = {head, Head(head.name, head.calls - 1)} if self._calls_bases else frozenset()
        return any(head in part.called or not part.bases.isdisjoint(inherited) for part in self._parts_with(head.name))

    @cached_property
    def _calls_bases(self) -> bool:
        """May `super()` be called in a way that can run any base of any class, whichever part that stands in?"""
        return b"super" in self._text and (b"forward" in self._text or b"__call__" in self._text)

    def _parts_with(self, name: str) -> list[HandOvers]:
        return [self._part(number) for number in self._numbers(name)]

    def _numbers(self, name: str) -> tuple[int, ...]:
        """The parts in whose code a name may stand: where it does in any, it may in what is none of a definition."""
        if name not in self._standing:
            self._standing[name] = tuple(sorted({0, *self._naming(name)})) if self.has(name) else ()
        return self._standing[name]

    def _naming(self, name: str) -> Iterator[int]:
        word, plain = Name(name).word.encode(), bare(name)
        hit = find_word(self._text, word)
        while hit != -1:
            number, start, end = self._spans.around(hit)
            if self._is_said(hit, start):
                end = hit + 1
            else:
                yield number
            hit = find_word(self._text, word, end) if end < len(self._text) else -1
        for place in self._defined.get(plain, ()) if name != plain else ():
            number, start, end = self._spans.around(place)
            if self._is_named(plain.encode(), start, end):
                yield number

    def _is_named(self, word: bytes, start: int, end: int) -> bool:
        """Tell whether a word stands between two places with no dot before it, and is not defined there."""
        while -1 < (hit := find_word(self._text, word, start)) < end:
            if not self._text.endswith((b".", b"def "), 0, hit):
                return True
            start = hit + len(word)
        return False

    def _is_said(self, hit: int, start: int) -> bool:
        """Tell whether a place is certainly in a comment or a string; most are seen at once to be in none."""
        is_looked_for = "_said" in self.__dict__ or may_be_said(self._text, hit, start)
        return is_looked_for and hit in self._said

    @cached_property
    def _said(self) -> Said:
        return Said(self._text)

    def _part(self, number: int) -> HandOvers:
        if number not in self._parts:
            with collector_paused():
                self._parts[number] = _NOTHING if self._handing_over is None else self._handing_over.part(number)
        return self._parts[number]

    @cached_property
    def _handing_over(self) -> HandingOver | None:
        return None if self._module is None else HandingOver(self._module, self._all_wrappers)

    @cached_property
    def _spans(self) -> Spans:
        return Spans(self._text, () if self._module is None else self._module.extents)

    @cached_property
    def _module(self) -> ModuleIR | None:
        return self._lowered()

    @cached_property
    def _signatures(self) -> dict[str, list[Signature]]:
        return {} if self._module is None else signatures_of(self._module)

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
