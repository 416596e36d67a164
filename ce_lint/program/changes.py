"""What came to a text since it was analysed, and whether that can matter to anything that was found out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ce_lint.frontend.guard import refusal
from ce_lint.frontend.lowering import SyntaxFailure, lower_text
from ce_lint.ir import nodes as ir
from ce_lint.ir.records import ModuleIR
from ce_lint.program.definitions import aliases_of, signatures_of
from ce_lint.program.hand_overs import hand_overs, named_nodes
from ce_lint.program.names import Name, bare, spellings
from ce_lint.program.program import STAR, definitions_of
from ce_lint.program.segments import segments
from ce_lint.program.words import find_word, has_word, words_of

_QUOTES = re.compile(rb"(\"{3}|'{3})")
_STORES = (ir.SetItem, ir.SetAttribute)


class Addition(NamedTuple):
    """A definition that came to a text."""

    text: bytes
    rest: bytes
    """The text without all that came."""
    is_last: bool
    """Does nothing stand behind it that was there before?"""


class _Counting(NamedTuple):
    """What counts of a segment."""

    plain: bytes
    is_definition: bool


def additions(
    before: bytes, text: bytes, wrappers: frozenset[str], words: frozenset[str] | None = None
) -> list[Addition] | None:
    """The definitions that came to a text; None where it changed in any other way.

    With words, only the definitions count in which one of them stands, and what the module itself does.
    """
    if _head(before, wrappers) != _head(text, wrappers):
        return None
    known = [counting for _, counting in _asked(before, words)]
    came: list[tuple[bytes, bool]] = []
    at = 0
    for segment, counting in _asked(text, words):
        if at < len(known) and counting == known[at]:
            at += 1
        elif counting.is_definition:
            came.append((segment, at == len(known)))
        else:
            return None
    if at < len(known):
        return None
    rest = text
    for segment, _ in came:
        rest = rest.replace(segment, b"\n", 1)
    return [Addition(segment, rest, is_last) for segment, is_last in came]


def is_harmless(addition: Addition, asked: frozenset[str], wrappers: frozenset[str], others: Iterable[bytes]) -> bool:
    """Tell whether a definition changes no answer to a question about some words; `others` are all other texts.

    It does not where nobody can have looked for its name, where it answers none of the words, and where it changes
    nothing but variables of its own.
    """
    try:
        lowered = lower_text(addition.text.decode())
    except UnicodeDecodeError:
        return False
    if isinstance(lowered, SyntaxFailure) or b"global" in addition.text or lowered.star_imports:
        return False
    names = [name.encode() for name in lowered.functions[0].exits]
    if any(find_word(text, name) != -1 for name in names for text in (addition.rest, *others)):
        return False
    if named_nodes(lowered, wrappers).stores or any(isinstance(node, _STORES) for node in lowered.nodes):
        return False
    return asked.isdisjoint(_answered(lowered, wrappers))


def _answered(module: ModuleIR, wrappers: frozenset[str]) -> Iterator[str]:
    """The words for which a definition, lowered alone, has an answer."""
    names = hand_overs(module, wrappers)
    heads = {head.name for head in names.called}
    for name in (*heads, *names.edges, *names.passings):
        yield Name(name).word
    for name in signatures_of(module):
        yield from (*spellings(bare(name)), *definitions_of(bare(name)))


def _asked(text: bytes, words: frozenset[str] | None) -> Iterator[tuple[bytes, _Counting]]:
    """Each segment with what counts of it; with words, no definition in which none of them stands."""
    tokens = {part.removeprefix(".").encode() for word in words or () for part in word.split()[-1:]}
    strange = [token for token in tokens if not token.isascii()]
    for segment, is_definition in segments(text):
        # What the module itself does can change what any definition hands over, or end the module before it.
        stands = words is None or not is_definition or not tokens.isdisjoint(words_of(segment))
        if stands or any(has_word(segment, token) for token in strange):
            yield segment, _Counting(_without_idle(segment), is_definition)


def _without_idle(segment: bytes) -> bytes:
    """A text without the lines that are empty or a comment alone, and part of no string and no line before them."""
    if b"\\\n" in segment or b"\r" in segment.replace(b"\r\n", b"\n"):
        return segment
    pieces, quotes = [], b""
    for piece in _QUOTES.split(segment):
        if _QUOTES.fullmatch(piece):
            quotes = b"" if piece == quotes else quotes or piece
            pieces.append(piece)
        else:
            pieces.append(piece if quotes else _without_idle_lines(piece))
    return b"".join(pieces)


def _without_idle_lines(text: bytes) -> bytes:
    return b"\n".join([line for line in text.split(b"\n") if (plain := line.strip()) and not _is_comment(plain)])


def _is_comment(line: bytes) -> bool:
    return line.startswith(b"#") and not (b"'" in line or b'"' in line or b"coding" in line)


def _head(text: bytes, wrappers: frozenset[str]) -> tuple[object, ...]:
    """What counts wherever it stands: what can run the base of a class, star imports, names of wrappers."""
    marks = [word in text for word in (b"super", b"forward", b"__call__")]
    lines = {text.rfind(b"\n", 0, hit.start()) + 1: hit.end() for hit in STAR.finditer(text)}
    stars = [text[start:end] for start, end in lines.items()]
    return marks, stars, sorted(aliases_of(text, wrappers)), refusal(text.decode("latin-1"))
