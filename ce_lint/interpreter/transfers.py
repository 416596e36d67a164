"""Transfers: what an operation that is known does to scores."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from ce_lint.interpreter import names, recipes
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import alternatives, each
from ce_lint.interpreter.values import (
    Arguments,
    Fresh,
    Layer,
    LibraryObject,
    Literal,
    Nothing,
    Passed,
    Performed,
    Scores,
    Sequence,
    Thunk,
    Unknown,
    Value,
)
from ce_lint.ir.kinds import ScoreKind, Site
from ce_lint.ir.recipe import Act
from ce_lint.knowledge.schema import Activation, Argument, Effect, Form, Operation

NEGLIGIBLE = 1e-2
"""A constant up to this size, added to scores, is there for the logarithm's sake."""

_LOG = {
    ScoreKind.PROBABILITIES: ScoreKind.LOG_PROBABILITIES,
    ScoreKind.SIGMOID: ScoreKind.LOG_SIGMOID,
}
_ACTIVATED = Argument("input", 0)
_EXP = {kind: source for source, kind in _LOG.items()}
_RESHAPING = frozenset(
    {"view", "reshape", "resize", "flatten", "unflatten", "permute", "transpose", "view_as", "reshape_as"}
)
_RESIZING = frozenset(
    "narrow narrow_copy index_select select masked_select repeat repeat_interleave tile expand expand_as broadcast_to "
    "unfold".split()
)
"""What may leave another number of classes."""


def activate(
    machine: Machine, activation: Activation, before: Thunk | Value | None, arguments: Arguments, site: Site
) -> Scores:
    """The scores that an activation makes; `arguments` are those that say its dimension."""
    dim = None
    if activation.dim is not None:
        given = names.argument(machine, arguments, activation.dim.keyword, activation.dim.position)
        if isinstance(given, Literal) and isinstance(given.value, int):
            dim = given.value
    return Scores(
        activation.kind,
        activation.word,
        site,
        dim=dim,
        before=before if isinstance(before, Thunk) else None,
        performed=(performed(activation.form, activation.name, _ACTIVATED, arguments, arguments),),
    )


def performed(form: Form, name: str, taken: Argument, given: Arguments, constructed: Arguments) -> Performed:
    """What a call of an activation or operation does, for whoever repeats it."""
    if form is Form.CLASS:
        return Performed(Act.LAYER, name, constructed)
    if form is Form.METHOD:
        return Performed(Act.METHOD, name, given)
    keyword = taken.keyword if any(one.keyword == taken.keyword for one in given if one.keyword) else ""
    return Performed(Act.FUNCTION, name, recipes.without(given, taken), taken.position or 0, keyword)


def given(machine: Machine, arguments: Arguments, wanted: Argument) -> Thunk | Value | None:
    """An argument that is not looked at yet, None where it is not given."""
    for one in arguments:
        if wanted.keyword and one.keyword == wanted.keyword:
            return one.value
    if wanted.position is not None:
        positional = names.positional_until_unknown(machine, arguments)
        if wanted.position < len(positional):
            return positional[wanted.position]
    return None


def operate(
    machine: Machine,
    operation: Operation,
    name: str,
    operand: Callable[[], Value],
    arguments: Arguments,
    owner: LibraryObject | None = None,
) -> Value:
    """The result of an operation on its input; `name` is its full name, `owner` the layer whose call it is."""
    word = name.rpartition(".")[2]
    if operation.effect is Effect.LOGITS:
        classes = _classes(machine, operation, owner)
        layer = Layer(owner.name, classes) if owner is not None else None
        return Scores(ScoreKind.LOGITS, classes=classes, layer=layer)
    if operation.effect is Effect.UNKNOWN:
        return Unknown(f"the result of {word}")
    done = performed(operation.form, name, operation.input, arguments, owner.arguments if owner is not None else ())
    # What a layer makes logits of is not looked at: that may be the whole model before it.
    value = operand()
    if operation.effect is Effect.JOIN:
        return each(value, lambda one: recipes.after(_joined(machine, one, arguments), done))
    effect = _EFFECTS[operation.effect](word)
    return each(value, lambda one: effect(recipes.after(one, done)))


def _preserve(word: str) -> Callable[[Value], Value]:
    def preserved(value: Value) -> Value:
        if isinstance(value, Scores):
            value = resized(value) if word in _RESIZING else value
            return replace(value, dim=None, classes=None) if word in _RESHAPING else value
        return value if isinstance(value, Fresh | Unknown | Nothing) else Unknown(f"the result of {word}")

    return preserved


def resized(scores: Scores) -> Scores:
    """Scores after what may have left some of the classes only, or the same ones several times."""
    layer = scores.layer._replace(classes=None) if scores.layer is not None else None
    return replace(scores, classes=None, layer=layer)


def _converted(table: dict[ScoreKind, ScoreKind]) -> Callable[[str], Callable[[Value], Value]]:
    def effect(word: str) -> Callable[[Value], Value]:
        def converted(value: Value) -> Value:
            if isinstance(value, Scores) and value.kind in table:
                return replace(value, kind=table[value.kind], activation=f"{word} of {value.activation}")
            return value if isinstance(value, Unknown | Nothing) else Unknown(f"the result of {word}")

        return converted

    return effect


def _pieces(word: str) -> Callable[[Value], Value]:
    def pieces(value: Value) -> Value:
        if isinstance(value, Scores):
            return Sequence((resized(value),), frozenset({0}))
        return value if isinstance(value, Unknown | Nothing) else Unknown(f"the result of {word}")

    return pieces


_EFFECTS: dict[Effect, Callable[[str], Callable[[Value], Value]]] = {
    Effect.PRESERVE: _preserve,
    Effect.LOG: _converted(_LOG),
    Effect.EXP: _converted(_EXP),
    Effect.EACH: _pieces,
}


def _joined(machine: Machine, value: Value, arguments: Arguments) -> Value:
    """One tensor out of several: of their kind where all agree and the class dimension is not the joined one."""
    if not isinstance(value, Sequence):
        return value if isinstance(value, Scores | Unknown | Nothing) else Unknown("a tensor out of several")
    parts = [one.value for item in value.items for one in alternatives(machine.force(item))]
    scores = [part for part in parts if isinstance(part, Scores)]
    if not scores or len({part.kind for part in scores}) > 1 or len(scores) < len(parts):
        return next(
            (part for part in parts if isinstance(part, Unknown) and part.open), Unknown("a tensor out of several")
        )
    dim = names.argument(machine, arguments, "dim", 1)
    along_classes = isinstance(dim, Literal) and dim.value in (1, -1) and len(value.items) > 1
    return Unknown("scores joined along their classes") if along_classes else scores[0]


def _classes(machine: Machine, operation: Operation, owner: LibraryObject | None) -> int | None:
    if operation.classes is None or owner is None:
        return None
    value = names.argument(machine, owner.arguments, operation.classes.keyword, operation.classes.position)
    return value.value if isinstance(value, Literal) and isinstance(value.value, int) else None


def binary(operator: str, left: Value, right: Value) -> Value:
    """Arithmetic on one alternative of each side."""
    if isinstance(left, Literal) and isinstance(right, Literal):
        return _constant(operator, left, right)
    if isinstance(left, Sequence) and isinstance(right, Sequence) and operator == "Add":
        shifted = frozenset(position + len(left.items) for position in right.many)
        return Sequence(left.items + right.items, left.many | shifted)
    opened = next((one.open for one in (left, right) if isinstance(one, Unknown) and one.open), None)
    for scores, other in ((left, right), (right, left)):
        if isinstance(scores, Scores):
            return _shifted(operator, scores, other, scores_first=scores is left)
    return Unknown("the result of arithmetic", opened)


def _shifted(operator: str, scores: Scores, other: Value, *, scores_first: bool) -> Value:
    small = isinstance(other, Literal) and isinstance(other.value, int | float) and abs(other.value) <= NEGLIGIBLE
    if small and (operator == "Add" or (operator == "Subtract" and scores_first)):
        return recipes.after(scores, Performed(Act.ARITHMETIC, operator, (Passed("", 0, other),)))
    if scores.kind is ScoreKind.LOGITS and not (isinstance(other, Scores) and other.kind is not ScoreKind.LOGITS):
        return Scores(ScoreKind.LOGITS, classes=scores.classes)
    if isinstance(other, Fresh) and operator == "Add":
        filled = Unknown("a tensor made to be added to")
        return recipes.after(scores, Performed(Act.ARITHMETIC, operator, names.passed([filled])))
    return Unknown(f"arithmetic on {scores.kind.value}")


def _constant(operator: str, left: Literal, right: Literal) -> Value:
    one, other = left.value, right.value
    if isinstance(one, str) and isinstance(other, str) and operator == "Add":
        return Literal(one + other)
    if isinstance(one, int) and isinstance(other, int):
        if operator == "Add":
            return Literal(one + other)
        if operator == "Subtract":
            return Literal(one - other)
        if operator == "Multiply":
            return Literal(one * other)
        if operator == "FloorDivide" and other:
            return Literal(one // other)
    return Unknown("arithmetic")
