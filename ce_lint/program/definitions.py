"""What a file hands over, calls and defines, by name: of its definitions, only those are looked at that have the name.

The answers hang on the text and on the name, never on what was asked before.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import NamedTuple

from ce_lint.ir import nodes as ir
from ce_lint.ir.records import FunctionIR, ModuleIR, ParameterKind
from ce_lint.program.code import Said, may_be_said
from ce_lint.program.collector import collector_paused
from ce_lint.program.hand_overs import LAMBDA, Edge, HandOvers, Passing, hand_overs
from ce_lint.program.heads import Head
from ce_lint.program.mentions import is_only_called
from ce_lint.program.names import MAX_CALLS, Name, attribute, bare, spellings
from ce_lint.program.words import find_word

# A pattern is ten times as fast where it begins with a word: what has to stand before that is looked back at.
_DEFINED = tuple(re.compile(rb"%b(?<=\b%b)\s+([^\s(:\[]+)" % (word, word)) for word in (b"def", b"class"))
_ALIAS = re.compile(rb"as(?<=\sas)\s+([A-Za-z_\x80-\xff][\w\x80-\xff]*)")
_LAST_WORD = re.compile(rb"([A-Za-z_]\w*)\s*\Z")
_MAX_WORD = 100


_NOTHING = HandOvers({}, {}, frozenset())


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


class Definitions:
    """What one text (in UTF-8) hands over, calls and defines; `lowered` gives its IR, where there is one."""

    def __init__(self, text: bytes, wrappers: frozenset[str], lowered: Callable[[], ModuleIR | None]) -> None:
        self._text = text
        self._wrappers = wrappers
        self._lowered = lowered
        self._known: dict[str, bool] = {}
        """The names that stand in the code, and those that do not."""
        self._only_called: dict[str, bool] = {}

    def has(self, name: str) -> bool:
        """Tell whether a name stands in the code, and not in comments and strings alone."""
        if name not in self._known:
            self._known[name] = self._has(Name(name).word.encode(), bare(name))
        return self._known[name]

    def hands(self, name: str, calls: int = MAX_CALLS) -> tuple[tuple[Edge, ...], tuple[Passing, ...]]:
        """The names that are given what has a name, or what up to so many calls of it give, and the calls that are."""
        if not self.has(name) or (not calls and self._is_only_called(name)):
            return (), ()
        edges, passings = self._handed.edges.get(name, ()), self._handed.passings.get(name, ())
        if calls < MAX_CALLS:
            edges = tuple([edge for edge in edges if edge.calls <= calls])
            passings = tuple([passing for passing in passings if passing.calls <= calls])
        return edges, passings

    def signatures(self, name: str) -> list[Signature]:
        """The parameters of the functions and classes of a name; of an attribute, of methods too."""
        if bare(name) != LAMBDA and bare(name) not in self._defined:
            return []
        return [one for spelling in dict.fromkeys((bare(name), name)) for one in self._signatures.get(spelling, ())]

    def renames(self, name: str) -> bool:
        """Tell whether something is imported under a name: it is defined under another, then."""
        return bare(name).encode() in self._aliases

    def may_call(self, heads: Iterable[Head]) -> bool:
        """Tell whether something may be called that has one of some heads; of what is no Python, nobody can."""
        return any(self.has(head.name) and (self._module is None or head in self._handed.called) for head in heads)

    def _has(self, word: bytes, plain: str) -> bool:
        hit = find_word(self._text, word)
        while hit != -1 and self._is_said(hit):
            hit = find_word(self._text, word, hit + len(word))
        # In the body of its class, a method is named without a dot.
        return hit != -1 or (plain in self._defined and self._is_named(plain.encode()))

    def _is_only_called(self, name: str) -> bool:
        """Tell whether the text shows that a method is called wherever it stands; False where there is IR to say it."""
        if "_module" in self.__dict__:
            return False
        if name not in self._only_called:
            plain = bare(name)
            self._only_called[name] = plain != name and is_only_called(self._text, plain.encode())
        return self._only_called[name]

    def _is_named(self, word: bytes) -> bool:
        """Tell whether a word stands somewhere with no dot before it, and is not defined there."""
        hit = find_word(self._text, word)
        while hit != -1 and self._text.endswith((b".", b"def "), 0, hit):
            hit = find_word(self._text, word, hit + len(word))
        return hit != -1

    def _is_said(self, hit: int) -> bool:
        """Tell whether a place is certainly in a comment or a string; most are seen at once to be in none."""
        is_looked_for = "_said" in self.__dict__ or may_be_said(self._text, hit)
        return is_looked_for and hit in self._said

    @cached_property
    def _said(self) -> Said:
        return Said(self._text)

    @cached_property
    def _handed(self) -> HandOvers:
        with collector_paused():
            return _NOTHING if self._module is None else hand_overs(self._module, self._wrappers)

    @cached_property
    def _module(self) -> ModuleIR | None:
        return self._lowered()

    @cached_property
    def _signatures(self) -> dict[str, list[Signature]]:
        return {} if self._module is None else signatures_of(self._module)

    @cached_property
    def _defined(self) -> frozenset[str]:
        """The names of the functions and classes that are defined."""
        found = itertools.chain.from_iterable(pattern.findall(self._text) for pattern in _DEFINED)
        return frozenset(name.decode("utf-8", "replace") for name in found)

    @cached_property
    def _aliases(self) -> frozenset[bytes]:
        return frozenset(_ALIAS.findall(self._text))


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
        names = [*definition.base_names, *(name for base in definition.bases if (name := _name_of(module, base)))]
        fields = Signature(tuple([attribute(name) for name, _ in definition.fields]), bases=tuple(dict.fromkeys(names)))
        found.setdefault(definition.name, []).extend(inits.get(index, [fields]))
    return found


def _name_of(module: ModuleIR, base: int) -> str:
    """The name under which a base is defined; empty where it is not seen."""
    node = module.nodes[base]
    if isinstance(node, ir.Class):
        return module.classes[node.index].name
    return node.name if isinstance(node, ir.Attribute | ir.Import) else ""


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
