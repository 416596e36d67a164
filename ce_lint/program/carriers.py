"""Names under which a thing may travel through a project.

Before values are looked at, names say where looking is worth it: a loss built as `criterion`, passed on as
`loss_fn` and kept as `self.loss` can only be called through one of these. A name proves nothing; it only
makes a place a candidate.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from ce_lint.program.definitions import Definitions
from ce_lint.program.files import Files
from ce_lint.program.hand_overs import UNSEEN, NamedNodes, Passing, named_nodes
from ce_lint.program.heads import Head
from ce_lint.program.names import MAX_CALLS, WHOLE, Name, Names, Start, Vicinity, attribute, bare, spellings, spelt
from ce_lint.program.program import Module, Program, definitions_of
from ce_lint.source.file import SourceError, source_from_bytes

MAX_NAMES = 150
"""Up to how many names are followed, however common they are."""
MENTIONS = 3
"""Past that, how many of the names may stand in a file, on average over the project's files: they have to be rare.

A parameter, or a variable of a function, stands in one file.
"""


class Closure(msgspec.Struct, frozen=True):
    """Names that were closed, and what of the project was asked on the way."""

    names: Names
    """Those that lead to it by calls are among the objects, whether they may be it or not."""
    called: Names
    """The same, but for that: an object is what may be it."""
    heard: frozenset[Name]
    """The names whose hand-overs were looked for."""
    callees: frozenset[str]
    """The functions and classes whose parameters were."""
    is_cut: bool
    """Are there more names than were followed?"""


class Received(NamedTuple):
    """What receives an argument, and the functions and classes whose parameters were asked for that."""

    names: tuple[Name, ...]
    callees: frozenset[str]


_NOWHERE = Received((), frozenset())


class Given(NamedTuple):
    """What is given what a name stands for."""

    targets: tuple[tuple[Name, int], ...]
    """The names that are, each with how many calls lie between it and the thing."""
    callees: frozenset[str]
    """The functions and classes whose parameters were asked for that."""
    mentions: int
    """In how many files the name stands."""


class Carriers:
    """Closes sets of names over the assignments, calls and returns of a project."""

    def __init__(self, program: Program, wrappers: frozenset[str]) -> None:
        self._program = program
        self._wrappers = wrappers
        self._closed: dict[Start, Closure] = {}
        self._names: dict[Path, tuple[Module, NamedNodes]] = {}
        self._definitions: dict[Path, Definitions] = {}
        self._parameters: dict[tuple[str, int | str, Vicinity], Received] = {}
        self._known_given: dict[tuple[Name, int, Vicinity], Given] = {}

    def names(self, module: Module) -> NamedNodes:
        """Where a module calls something under some name, and sets attributes."""
        known = self._names.get(module.path)
        if known is None or known[0] is not module:
            known = self._names[module.path] = module, named_nodes(module.ir, self._wrappers)
        return known[1]

    def definitions(self, path: Path) -> Definitions:
        """What a file hands over under which names, as far as somebody asks."""
        if path not in self._definitions:
            self._definitions[path] = definitions_in(self._program.files, path, self._wrappers)
        return self._definitions[path]

    def closure(self, names: Names, within: Vicinity = WHOLE) -> Names:
        """All names under which something that starts under some names may travel."""
        start = Start(names, within)
        if start not in self._closed:
            self._closed[start] = self._close(start)
        return self._closed[start].names

    def called(self, start: Start) -> Names:
        """The same, where calls of it are looked for: what only leads to it by calls is no object."""
        self.closure(*start)
        return self._closed[start].called

    def is_cut(self, names: Names, within: Vicinity = WHOLE) -> bool:
        """Tell whether there are more names than were followed under which something may travel."""
        self.closure(names, within)
        return self._closed[Start(names, within)].is_cut

    def lower_ahead(self, start: Start) -> None:
        """Lower, together, the files in whose code a name stands with which a closure is going to begin.

        Only where that is many: several processes can do it, which takes memory.
        """
        names = frozenset().union(*start.names.by_calls)
        found = {
            path
            for name in names
            for path in self._having(name, start.within)
            if self.definitions(path).has(name.spelling)
        }
        self._program.files.lower_ahead(self._program.files.in_order(found))

    def keep(self, starts: Collection[Start]) -> None:
        """Forget the closures of all but some starts."""
        self._closed = {start: closed for start, closed in self._closed.items() if start in starts}

    def asked(self, start: Start) -> Iterator[str]:
        """The words of which a closure asked where they stand, so that those files were parsed for it."""
        self.closure(*start)
        closed = self._closed[start]
        # Where a name of one file's functions stands was not asked: that file was.
        yield from (word for name in closed.heard | closed.names.objects if not name.home for word in _words(name))
        for callee in closed.callees:
            yield from definitions_of(callee)

    def modules(self, names: Names, within: Vicinity = WHOLE) -> tuple[Module, ...]:
        """The modules in which one of the names occurs."""
        having = {path for name in names.objects for path in self._having(name, within)}
        return self._program.modules(sorted(having))

    def _having(self, name: Name, within: Vicinity) -> tuple[Path, ...]:
        """The files in which a name may stand."""
        if name.home:
            return (Path(name.home),)
        words = _words(name)
        if len(words) == 1:
            return self._program.having(words[0], within)
        return self._program.files.in_order({path for word in words for path in self._program.having(word, within)})

    def calling(
        self,
        names: Names,
        more: frozenset[str] = frozenset(),
        within: Vicinity = WHOLE,
        among: Collection[Path] | None = None,
    ) -> Iterator[Path]:
        """The files, in order, in which one of the names occurs, and one of them or of `more` may be called."""
        standing: dict[Path, set[str]] = {}
        for name in sorted(frozenset().union(*names.by_calls)):
            if among is None:
                having: Iterable[Path] = self._having(name, within)
            elif name.home:
                having = [path for path in among if str(path) == name.home]
            else:
                has = self._program.files.has
                having = [path for path in among if any(has(path, word, within) for word in _words(name))]
            for path in having:
                standing.setdefault(path, set()).add(name.spelling)
        wanted = [Head(one.spelling) for one in spelt(more)]
        for path, found in sorted(standing.items()):
            leads = names.at(path).leads
            heads = [Head(one, calls) for one in sorted(found) for calls in range(MAX_CALLS + 1) if leads(one, calls)]
            if self.definitions(path).may_call((*heads, *wanted)):
                yield path

    def renewed(self, program: Program, exchanged: Collection[Path]) -> Carriers:
        """The same for a program of which some files were exchanged; closures that hear nothing of that are kept."""
        renewed = Carriers(program, self._wrappers)
        renewed._names = {path: known for path, known in self._names.items() if path not in exchanged}
        renewed._definitions = {path: known for path, known in self._definitions.items() if path not in exchanged}
        heard, callees = set[Name](), set[str]()
        every = frozenset().union(*(closed.heard for closed in self._closed.values()))
        defined = frozenset().union(*(closed.callees for closed in self._closed.values()))
        words = [
            *(word for one in every for word in _words(one)),
            *(text for one in defined for text in definitions_of(one)),
        ]
        for path in exchanged:
            old = self._definitions.get(path, _nothing())
            new = renewed.definitions(path) if any(program.files.has(path, word) for word in words) else _nothing()
            here = {name for name in every if name.home in ("", str(path))}
            heard |= {name for name in here if old.hands(name.spelling) != new.hands(name.spelling)}
            callees |= {
                name
                for name in defined
                if old.signatures(attribute(name)) != new.signatures(attribute(name))
                or old.renames(name) != new.renames(name)
            }
        renewed._closed = {
            start: closed
            for start, closed in self._closed.items()
            # Whether a file is near can hang on what stands in it.
            if start.within == WHOLE
            # Where many are followed, it counts how often they are mentioned.
            and len(set(map(_counted, closed.names.objects))) <= MAX_NAMES
            and not (closed.heard & heard or closed.callees & callees)
        }
        return renewed

    def _close(self, start: Start) -> Closure:
        by_calls = [set(names) for names in start.names.by_calls]
        heard, callees = set[Name](), set[str]()
        words = {_counted(name) for names in by_calls for name in names}
        pending = deque(sorted((name, calls) for calls, names in enumerate(by_calls) for name in names))
        mentions, enough = 0, MENTIONS * len(self._program.files.paths)
        while pending and (len(words) <= MAX_NAMES or mentions <= enough):
            name, calls = pending.popleft()
            given = self._given(name, calls, start.within)
            mentions += 0 if name in heard else given.mentions
            heard.add(name)
            callees |= given.callees
            for target, between in given.targets:
                words.add(_counted(target))
                if target not in by_calls[between]:
                    by_calls[between].add(target)
                    pending.append((target, between))
        self._program.files.is_crowded |= len(words) > MAX_NAMES
        objects, makers, finders = map(frozenset, by_calls)
        return Closure(
            Names(makers, objects | makers | finders, finders),
            Names(makers, objects, finders),
            frozenset(heard),
            frozenset(callees),
            bool(pending),
        )

    def _given(self, name: Name, calls: int, within: Vicinity) -> Given:
        """What is given what so many calls of a name give: the same, whatever it was that came to be called so."""
        key = (name, calls, within)
        if key not in self._known_given:
            having = self._having(name, within)
            callees = set[str]()
            targets = dict.fromkeys(self._targets(name, calls, having, callees, within))
            self._known_given[key] = Given(tuple(targets), frozenset(callees), len(having))
        return self._known_given[key]

    def _targets(
        self, name: Name, calls: int, having: Iterable[Path], callees: set[str], within: Vicinity
    ) -> Iterator[tuple[Name, int]]:
        for path in having:
            edges, passings = self.definitions(path).hands(name.spelling, calls)
            for edge in edges:
                between = calls - edge.calls + edge.maker
                if between <= MAX_CALLS:
                    yield Name(edge.target, str(path) if edge.is_local else ""), between
            for passing in passings:
                callees.add(bare(passing.callee))
                for receiver in self._receivers(name, path, passing, callees, within):
                    yield receiver, calls - passing.calls

    def _receivers(
        self, name: Name, caller: Path, passing: Passing, callees: set[str], within: Vicinity
    ) -> tuple[Name, ...]:
        """The names under which an argument is received.

        They are the parameters of what the callee's name defines: in the caller's own file, where it must be that, else
        in all of the project. Where nobody is seen to define it, the argument keeps its keyword, or its word, and any
        file may have a parameter of that name.
        """
        callee, argument = passing.callee, passing.argument
        found: tuple[Name, ...] = ()
        if callee != UNSEEN and not self.definitions(caller).renames(callee):
            own = () if passing.is_elsewhere else self._parameters_in(caller, callee, argument, within).names
            received = self._parameters_of(callee, argument, within)
            callees |= received.callees
            found = own or received.names
        if found:
            return found
        if isinstance(argument, str):
            return tuple(map(Name, spellings(argument)))
        return () if passing.calls or passing.is_elsewhere else tuple(map(Name, spellings(bare(name.spelling))))

    def _parameters_of(self, callee: str, argument: int | str, within: Vicinity) -> Received:
        """What receives an argument of a call of a name, in all of the project."""
        key = (callee, argument, within)
        if key not in self._parameters:
            self._parameters[key] = _NOWHERE  # a class is none of its own bases
            defining = self._program.defining(bare(callee), within)
            found = [self._parameters_in(path, callee, argument, within) for path in defining]
            names = dict.fromkeys(name for one in found for name in one.names)
            asked = frozenset((bare(callee),)).union(*(one.callees for one in found))
            self._parameters[key] = Received(tuple(names), asked)
        return self._parameters[key]

    def _parameters_in(self, path: Path, callee: str, argument: int | str, within: Vicinity) -> Received:
        """What receives an argument of a call of what one file defines under a name."""
        names: dict[Name, None] = {}
        callees: set[str] = set()
        for signature in self.definitions(path).signatures(callee):
            found = signature.names(argument)
            names |= dict.fromkeys(Name(one, "" if one.startswith(".") else str(path)) for one in found)
            if signature.hands_on(argument):
                names |= dict.fromkeys(map(Name, spellings(str(argument))))
            for base in signature.bases if not found else ():
                inherited = self._parameters_of(base, argument, within)
                names |= dict.fromkeys(inherited.names)
                callees |= inherited.callees
        return Received(tuple(names), frozenset(callees))


def _words(name: Name) -> tuple[str, ...]:
    """What stands in a text where a name may: in the body of its class, a method has no dot."""
    plain = bare(name.spelling)
    return (name.word,) if plain == name.spelling else (name.word, f"def {plain}")


def _counted(name: Name) -> str:
    """What a name counts as, however it is spelt, and of whichever file it is."""
    return bare(name.spelling)


def words_of(names: Names) -> list[str]:
    """The words by which modules are found in which one of the names may occur."""
    return sorted(name.word for name in names.objects)


def definitions_in(files: Files, path: Path, wrappers: frozenset[str]) -> Definitions:
    """What a file hands over, by what it holds: of one that cannot be read, nothing."""
    content = files.content(path)
    try:
        source = content.laid or source_from_bytes(path, content.data)
    except SourceError:
        return _nothing()
    text = source.text.encode("utf-8", "surrogatepass")
    text = content.data if text == content.data else text  # most files need not be held twice
    return Definitions(text, wrappers, lambda: files.ir(path, content))


def _nothing() -> Definitions:
    return Definitions(b"", frozenset(), lambda: None)
