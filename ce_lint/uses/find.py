"""The question: where do the scores of a flow go in the whole project, and what is done with them?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ce_lint.concrete.occurrences import Role
from ce_lint.concrete.reading import Reader
from ce_lint.interpreter import attributes, names
from ce_lint.interpreter.callers import Candidate
from ce_lint.interpreter.contexts import Context
from ce_lint.interpreter.flow import Flow
from ce_lint.interpreter.sinks import Interpreter
from ce_lint.interpreter.targets import targets
from ce_lint.interpreter.unions import alternatives, first_open
from ce_lint.interpreter.values import Definition, Library, LibraryObject, Literal, Scores
from ce_lint.ir import nodes as ir
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.ir.recipe import Act
from ce_lint.knowledge.schema import Access
from ce_lint.program.names import Names
from ce_lint.uses import rising
from ce_lint.uses.consume import consume
from ce_lint.uses.order import CLASS_DIMS
from ce_lint.uses.paths import Made, paths_to
from ce_lint.uses.paths import Path as Place
from ce_lint.uses.records import Use, UseKind, Uses
from ce_lint.uses.search import MAX_TAINTS, Activation, Entry, Flags, Found, Rising, Search, Taint
from ce_lint.uses.settling import settle
from ce_lint.uses.spread import spread
from ce_lint.uses.texts import Texts
from ce_lint.uses.ways import ways

WANTING_LOGITS = frozenset((Family.CROSS_ENTROPY, Family.BCE_WITH_LOGITS))

_ELEMENTWISE = frozenset((ScoreKind.SIGMOID, ScoreKind.LOG_SIGMOID))

_BY_TEXT = ("eval", "exec", "locals")
"""Functions of Python that read variables by their names."""

MAX_RISING = 40
"""Functions that return the scores, on all ways together."""


def uses_of(flow: Flow, interpreter: Interpreter, texts: Texts | None = None) -> Uses:
    """All uses of the scores that a flow begins with; `texts` can be shared by questions about one program.

    Raise UnreadableError where a module through which they may go can be analysed, but not be looked at closely.
    """
    known = texts if texts is not None else Texts(interpreter.machine.program, Reader())
    origin = Definition(Path(flow.origin.path), _function_around(interpreter, flow))
    activation = _activation(interpreter, flow, origin)
    question = activation, WANTING_LOGITS | {flow.family}
    if question not in known.answers:  # flows of the same scores to several losses have the same uses
        search = Search(interpreter, known, *question, hangs_on_mode=_hangs_on_mode(known, origin.path))
        _begin(search, flow, origin)
        _run(search)
        known.answers[question] = settle(search), frozenset(search.sinks)
    uses, sinks = known.answers[question]
    is_followed = (flow.sink.path, flow.sink.node) in sinks
    return uses if is_followed else _with_unknown(uses, f"its way to {flow.loss} is not followed")


def _with_unknown(uses: Uses, why: str) -> Uses:
    """The same, with a use at the origin that is not known."""
    first, *rest = uses.entrances
    use = Use(first.path, first.span, UseKind.UNKNOWN, why, first.is_primary, first.is_mixed)
    others = (one for one in first.uses if (one.path, one.span) != (use.path, use.span))
    whole = replace(first, kinds=first.kinds | {use.kind}, uses=(use, *others))
    return Uses((whole, *rest))


def _function_around(interpreter: Interpreter, flow: Flow) -> int:
    """The function in which the scores are made."""
    module = interpreter.machine.module_ir(Path(flow.origin.path))
    for number, function in enumerate(module.functions):
        if any(one.node == flow.origin.node for one in function.calls):
            return number
    return 0


def _hangs_on_mode(texts: Texts, path: Path) -> bool:
    """Does anything in the module ask whether it is in training?"""
    return any(isinstance(node, ir.Attribute) and node.name == "training" for node in texts[path].nodes)


def _activation(interpreter: Interpreter, flow: Flow, function: Definition) -> Activation:
    machine = interpreter.machine
    dims = set()
    node = machine.module_ir(function.path).nodes[flow.origin.node]
    is_given = True
    context = (Context(function),)
    for way in ways(machine, interpreter.contexts, context, lambda _frame: None).found:
        for frame in way.frames:
            for one in alternatives(machine.evaluate(frame, flow.origin.node)):
                dims.add(_dim(interpreter, one.value))
            is_given = not isinstance(node, ir.Call) or _is_dim_given(interpreter, frame, node)
    is_known = len(dims) == 1 and isinstance(node, ir.Call) and not (is_given and None in dims)
    words = {one.word for one in machine.knowledge.activations.values() if not one.is_increasing}
    return Activation(
        made=Made(flow.origin, flow.kind),
        dim=_class_dim(dims.pop()) if is_known else None,
        is_elementwise=flow.kind in _ELEMENTWISE,
        is_increasing=not any(word in flow.activation.split() for word in words),
        is_flat=_is_flat(interpreter, flow),
    )


def _is_flat(interpreter: Interpreter, flow: Flow) -> bool:
    """Do scores reach their loss with every dimension where the activation saw it?"""
    known = interpreter.machine.knowledge
    for one in flow.recipe.operations[1:] if flow.recipe is not None else ():
        access = {Act.METHOD: Access.METHOD, Act.FUNCTION: Access.FUNCTION}.get(one.act)
        reading = None if access is None else known.reading(one.name, access)
        if one.act not in (Act.PICK, Act.MODEL) and (reading is None or not reading.keeps_dims):
            return False
    return True


def _is_dim_given(interpreter: Interpreter, frame: int, call: ir.Call) -> bool:
    """Is a dimension given to an activation, be it one that cannot be told?"""
    machine = interpreter.machine
    for one in alternatives(attributes.callee(machine, frame, call)):
        callee = one.value
        name = callee.name if isinstance(callee, Library | LibraryObject) else ""
        activation = machine.knowledge.activation(name)
        if activation is None:
            return True
        arguments = callee.arguments if isinstance(callee, LibraryObject) else machine.arguments(frame, call)
        wanted = activation.dim
        given = None if wanted is None else names.argument(machine, arguments, wanted.keyword, wanted.position)
        if given not in (None, Literal(None)):
            return True
    return False


def _class_dim(dim: int | None) -> int:
    """The dimension of an activation; where none is given, and its scores reach a loss, it is that of the classes."""
    return CLASS_DIMS[0] if dim is None else dim


def _dim(interpreter: Interpreter, value: object) -> int | None:
    machine = interpreter.machine
    if isinstance(value, Scores):
        return value.dim
    if isinstance(value, LibraryObject):
        activation = machine.knowledge.activation(value.name)
        if activation is not None and activation.dim is not None:
            given = names.argument(machine, value.arguments, activation.dim.keyword, activation.dim.position)
            return given.value if isinstance(given, Literal) and isinstance(given.value, int) else None
    return None


def _begin(search: Search, flow: Flow, function: Definition) -> None:
    """The first entrance is where the scores are made; a layer makes them where what holds it is called."""
    text = search.texts[function.path]
    one = text.call(function.number, flow.origin.node)
    arena = search.arena(function, (Context(function),), 0)
    if one is None:
        one = text.occurrences.all[0]
    fold = search.fold(None, None)
    search.entries.append(Entry(arena, one, (), Flags(), fold))
    if not _is_layer(search, function, flow.origin.node):
        search.follow(Taint(arena, flow.origin.node, (), fold))
        return
    search.entries[0].is_passed_on = True
    found = False
    for candidate, contexts, paths in _calls_of_layer(search, flow, function):
        found = True
        for path in paths:
            rising.enter(search, candidate, contexts, path, Flags())
    if not found:
        _lost(search, "the layer is called where it cannot be followed")


def _is_layer(search: Search, function: Definition, node: int) -> bool:
    """Is this the making of a layer or model that makes the scores when it is called?"""
    machine = search.interpreter.machine
    frame = machine.root(function)
    return any(isinstance(one.value, LibraryObject) for one in alternatives(machine.evaluate(frame, node)))


def _calls_of_layer(
    search: Search, flow: Flow, function: Definition
) -> Iterator[tuple[Candidate, tuple[Context, ...], tuple[Place, ...]]]:
    """The calls in which a layer makes the scores: of what holds it, and no function of the project's."""
    interpreter = search.interpreter
    machine = interpreter.machine
    call = machine.module_ir(function.path).nodes[flow.origin.node]
    assert isinstance(call, ir.Call)
    callee = machine.module_ir(function.path).nodes[call.function]
    word = callee.name if isinstance(callee, ir.Attribute | ir.Free | ir.Import) else ""
    closure = interpreter.callers.carriers.closure(Names.of_class(word))
    for candidate in interpreter.callers.candidates(closure):
        start = (Context(candidate.function),)
        found = ways(
            machine,
            interpreter.contexts,
            start,
            lambda frame, node=candidate.call: first_open(machine.evaluate(frame, node)),  # type: ignore[misc]
        )
        contexts: dict[Context, None] = {}
        paths: dict[Place, None] = {}
        for way in found.found:
            for frame in way.frames:
                if not _runs_project_code(search, frame, candidate.call):
                    inside = tuple(paths_to(machine, machine.evaluate(frame, candidate.call), search.activation.made))
                    paths.update(dict.fromkeys(inside))
                    contexts.update({way.context: None} if inside else {})
        if contexts:
            yield candidate, tuple(contexts), tuple(paths)


def _runs_project_code(search: Search, frame: int, call: int) -> bool:
    machine = search.interpreter.machine
    node = machine.node(frame, call)
    assert isinstance(node, ir.Call)
    callee = attributes.callee(machine, frame, node)
    return any(True for _ in targets(machine, callee, machine.arguments(frame, node)))


def _run(search: Search) -> None:
    """Follow everything to its end, or to a bound."""
    risen: set[Rising] = set()
    while True:
        while search.pending:
            if len(search.seen) > MAX_TAINTS:
                search.pending.clear()
                _lost(search, "they are used in too many ways")
                return
            taint = search.pending.pop()
            _look_at(search, taint)
        higher = [one for one in search.rising if one not in risen]
        if not higher:
            return
        if len(risen) > MAX_RISING:
            _lost(search, "they are returned by too many functions")
            return
        risen.add(higher[0])
        rising.rise(search, higher[0])


def _look_at(search: Search, taint: Taint) -> None:
    """Where the value of a node is read, and what is made of it."""
    arena = search.arenas[taint.arena]
    text = search.text(taint.arena)
    for one in text.at(arena.function.number, taint.node):
        if not taint.name or one.path == taint.name:
            consume(search, taint, one)
    for further in spread(search, taint):
        search.follow(further)
    _overlooked(search, taint)


def _overlooked(search: Search, taint: Taint) -> None:
    """A name that holds the scores where they are not followed: in code of which no nodes are made, in others."""
    arena = search.arenas[taint.arena]
    text = search.text(taint.arena)
    function = search.interpreter.machine.function_ir(arena.function)
    names_of = {one.path for one in function.bindings if one.value == taint.node}
    node = text.nodes[taint.node]
    names_of |= {node.name} if isinstance(node, ir.Parameter) else set()
    by_text = [name for name in _BY_TEXT if text.reads(arena.function.number, name)]
    for name in sorted(names_of):
        one = next(iter(text.at(arena.function.number, taint.node)), search.entries[arena.entrance].occurrence)
        if (arena.function.number, name) in text.occurrences.outer:
            search.report(taint, one, UseKind.UNKNOWN, f"stored in {name}, which other functions read")
        if by_text:
            search.report(taint, one, UseKind.UNKNOWN, f"stored in {name}, which {by_text[0]} may read")
        for one in text.occurrences.by_path.get((arena.function.number, name), ()):
            if one.node is None and one.is_reached and one.role not in (Role.DELETED, Role.ATTRIBUTE_SET):
                search.report(taint, one, UseKind.UNKNOWN, "read where it cannot be followed")


def _lost(search: Search, why: str) -> None:
    """Report at the origin that not all is known."""
    entry = search.entries[0]
    found = Found(entry.arena, entry.occurrence, UseKind.UNKNOWN, why, entry.flags, not entry.path)
    search.folds[entry.fold].found.append(found)
