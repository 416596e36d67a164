"""What was done to scores, noted on the way and told at the loss with the arguments that are known."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from ce_lint.interpreter import names
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import each
from ce_lint.interpreter.values import (
    Arguments,
    Instance,
    Layer,
    Library,
    LibraryObject,
    Literal,
    Mapping,
    Passed,
    Performed,
    Returner,
    Scores,
    Sequence,
    Thunk,
    Union,
    Unknown,
    Value,
)
from ce_lint.ir import nodes as ir
from ce_lint.ir.recipe import (
    Act,
    Batch,
    Bounds,
    Built,
    Calculation,
    Given,
    Known,
    Missing,
    Name,
    Operation,
    Recipe,
    Size,
)
from ce_lint.knowledge.schema import Argument

MAX_OPERATIONS = 40
"""Past so many the rest is one operation that nobody knows."""

MAX_NESTING = 6
"""Values inside values that are told: a Sequential of Sequentials, a tuple of tuples."""

_TOO_MANY = Performed(Act.METHOD, "one of too many operations", (Passed("", 0, Unknown("too many operations")),))
_INPUT_AND_TARGET = 2
"""How many arguments of a loss function are not options."""

_MOVES = frozenset(["to", "cuda", "cpu", "float", "double"])
"""Methods of a tensor of options that leave its numbers."""


def after(value: Value, performed: Performed) -> Value:
    """Scores after one more operation; any other value as it is."""
    if not isinstance(value, Scores) or (value.performed and value.performed[-1] is _TOO_MANY):
        return value
    done = performed if len(value.performed) < MAX_OPERATIONS else _TOO_MANY
    return replace(value, performed=(*value.performed, done))


def assigned(scores: Scores, frame: int, node: ir.SetItem) -> Value:
    """Scores some of which were replaced."""
    return after(
        scores, Performed(Act.ASSIGNMENT, "", names.passed([Thunk(frame, node.key), Thunk(frame, node.value)]))
    )


def collected(machine: Machine, scores: Scores, frame: int, key: int) -> Value:
    """Scores put into a tensor that was made for them: the items of a stack, where each has an index of its own."""
    node = machine.node(frame, key)
    parts = [machine.node(frame, one) for one in node.items] if isinstance(node, ir.Display) else [node]
    whole = ir.Slice(None, None, None)
    indexed = [position for position, part in enumerate(parts) if part != whole]
    if len(indexed) == 1 and _is_index(machine, frame, parts[indexed[0]]):
        dim = Passed("dim", 0, Literal(indexed[0]))
        return after(scores, Performed(Act.FUNCTION, "torch.stack", (dim,)))
    unknown = Unknown("scores were put into a part of another tensor")
    return after(scores, Performed(Act.ASSIGNMENT, "", names.passed([unknown, unknown])))


def _is_index(machine: Machine, frame: int, part: ir.AnyNode) -> bool:
    """A number, or the variable of a loop over a range."""
    if isinstance(part, ir.Constant):
        return isinstance(part.value, int)
    if not isinstance(part, ir.Element):
        return False
    over = machine.node(frame, part.iterable)
    return isinstance(over, ir.Call) and machine.evaluate(frame, over.function) == Library("builtins.range")


def returned(value: Value, model: Returner) -> Value:
    """What a model returned: scores, or what they will be picked from."""

    def marked(one: Value) -> Value:
        if isinstance(one, Scores):
            return after(one, _of_model(model))
        if isinstance(one, Sequence | Mapping | Instance):
            return replace(one, returned_by=model)
        return one

    return each(value, marked)


def picked(value: Value, holder: Value, key: Thunk | Value) -> Value:
    """One of the values that something holds."""
    model = holder.returned_by if isinstance(holder, Sequence | Mapping | Instance) else None
    pick = Performed(Act.PICK, "", names.passed([key]))

    def taken(one: Value) -> Value:
        if isinstance(one, Sequence | Mapping | Instance) and model is not None and one.returned_by is None:
            # What a model's output holds is picked from in its turn: the way there is not told.
            return one
        return after(after(one, _of_model(model)), pick) if model is not None else after(one, pick)

    return each(value, taken)


def _of_model(model: Returner) -> Performed:
    return Performed(Act.MODEL, "", names.passed([model]))


def without(arguments: Arguments, taken: Argument) -> Arguments:
    """A function's arguments without the one that takes the scores."""
    positional = [one for one in arguments if not one.keyword]
    own = positional[taken.position] if taken.position is not None and taken.position < len(positional) else None
    named = [one for one in arguments if one.keyword and one.keyword == taken.keyword]
    return tuple(one for one in arguments if one is not (named[0] if named else own))


def options_of_function(arguments: Arguments) -> Arguments:
    """What a loss function is given besides input and target."""
    positional = 0
    kept = []
    for one in arguments:
        if not one.keyword and not one.stars and positional < _INPUT_AND_TARGET:
            positional += 1
        elif one.keyword not in ("input", "target", "log_probs", "targets"):
            kept.append(one)
    return tuple(kept)


def recipe(machine: Machine, scores: Scores, loss: str, options: Arguments) -> Recipe:
    """The way of scores to a loss; `options` are those of its construction, or of the function's call."""
    layer = _layer(machine, scores)
    behind = machine.force(scores.before) if scores.before is not None else None
    told = _Telling(machine, scores)
    return Recipe(
        layer=layer.name if layer is not None else "",
        classes=layer.classes if layer is not None else None,
        before=told.operations(behind.performed) if isinstance(behind, Scores) else (),
        operations=told.operations(scores.performed),
        loss=loss,
        loss_arguments=told.given(options),
    )


def _layer(machine: Machine, scores: Scores) -> Layer | None:
    """The layer that made the logits under the activations."""
    value: Value = scores
    for _ in range(MAX_NESTING):
        if not isinstance(value, Scores) or value.before is None or value.layer is not None:
            break
        value = machine.force(value.before)
    return value.layer if isinstance(value, Scores) else None


class _Telling(msgspec.Struct, frozen=True):
    """Abstract values → values of a recipe, as far as they can be told."""

    machine: Machine
    scores: Scores
    """Those whose way is told."""

    def operations(self, performed: tuple[Performed, ...]) -> tuple[Operation, ...]:
        return tuple(
            Operation(one.act, one.name, self.given(one.arguments), one.position, one.keyword) for one in performed
        )

    def given(self, arguments: Arguments, depth: int = 0) -> tuple[Given, ...]:
        given: list[Given] = []
        for one in arguments:
            if not one.stars:
                given.append(Given(self.known(one.value, depth), one.keyword))
                continue
            spread = self.machine.force(one.value)
            if one.stars == 1 and isinstance(spread, Sequence) and not spread.many:
                given += [Given(self.known(item, depth)) for item in spread.items]
            elif one.stars == 2 and isinstance(spread, Mapping) and not spread.rest:
                given += [Given(self.known(value, depth), str(key)) for key, value in spread.entries]
            else:
                given.append(Given(Missing("what a star spreads"), "" if one.stars == 1 else "**"))
        return tuple(given)

    def known(self, value: Thunk | Value, depth: int) -> Known:
        if depth > MAX_NESTING:
            return Missing("values nested too deeply")
        if isinstance(value, Thunk):
            spelt = self._spelt(value.frame, self.machine.node(value.frame, value.node), depth + 1)
            if not isinstance(spelt, Missing):
                return spelt
            value = self.machine.force(value)
        if isinstance(value, Literal):
            return value.value
        if isinstance(value, Sequence) and not value.many:
            return tuple(self.known(one, depth + 1) for one in value.items)
        if isinstance(value, Mapping) and not value.rest:
            pairs = tuple((key, self.known(one, depth + 1)) for key, one in value.entries)
            return Built("builtins.dict", "", (Given(pairs),))
        if isinstance(value, Library):
            return Name(self.machine.knowledge.canonical(value.name))
        if isinstance(value, Instance | LibraryObject):
            return self._built(value, depth)
        if isinstance(value, Unknown):
            return Missing(value.reason)
        return Missing("one of several values" if isinstance(value, Union) else "no plain value")

    def _built(self, value: Returner, depth: int) -> Built:
        arguments = None if value.arguments is None else self.given(value.arguments, depth + 1)
        if isinstance(value, LibraryObject):
            return Built(value.name, "", arguments, is_complete=not value.overrides)
        name = self.machine.class_ir(value.cls).name
        return Built(name, str(value.cls.definition.path), arguments, is_complete=not value.overrides)

    def _spelt(self, frame: int, syntax: ir.AnyNode, depth: int) -> Known:
        """What the syntax says and the abstract value does not."""
        if isinstance(syntax, ir.Slice):
            ends = (syntax.lower, syntax.upper, syntax.step)
            return Bounds(*(None if one is None else self.known(Thunk(frame, one), depth) for one in ends))
        if isinstance(syntax, ir.Display) and not syntax.starred:
            return tuple(self.known(Thunk(frame, one), depth) for one in syntax.items)
        if isinstance(syntax, ir.Item):
            return self._size(frame, syntax.object, syntax.key)
        if isinstance(syntax, ir.Binary):
            left, right = (self.known(Thunk(frame, one), depth) for one in (syntax.left, syntax.right))
            is_known = not isinstance(left, Missing) and not isinstance(right, Missing)
            return Calculation(syntax.operator, left, right) if is_known else Missing()
        if isinstance(syntax, ir.Call):
            return self._called(frame, syntax, depth)
        return Missing()

    def _called(self, frame: int, call: ir.Call, depth: int) -> Known:
        """A size, or a tensor: `x.size(1)`, `len(x)`, `torch.ones(3)`, `weights.to(device)`."""
        function = self.machine.node(frame, call.function)
        if isinstance(function, ir.Attribute):
            if function.name == "size" and len(call.arguments) == 1:
                return self._size_of(frame, function.object, call.arguments[0].value)
            if function.name in _MOVES:
                return self.known(Thunk(frame, function.object), depth)
        callee = self.machine.evaluate(frame, call.function)
        if not isinstance(callee, Library):
            return Missing()
        name = self.machine.knowledge.canonical(callee.name)
        if name == "builtins.len" and len(call.arguments) == 1:
            size = self._size_of(frame, call.arguments[0].value, None)
            # Of anything but the scores: a batch, or the words of a vocabulary.
            return size if isinstance(size, Size) else Missing()
        if not name.startswith("torch.") or name.rpartition(".")[2][:1].isupper():
            return Missing()
        return Built(name, "", self.given(self.machine.arguments(frame, call), depth))

    def _size(self, frame: int, shape: int, key: int) -> Known:
        """`x.shape[1]`, `x.size()[1]`, and what unpacking either gives."""
        asked = self.machine.node(frame, shape)
        if isinstance(asked, ir.Call) and not asked.arguments:
            asked = self.machine.node(frame, asked.function)
            is_shape = isinstance(asked, ir.Attribute) and asked.name == "size"
        else:
            is_shape = isinstance(asked, ir.Attribute) and asked.name == "shape"
        return self._size_of(frame, asked.object, key) if is_shape and isinstance(asked, ir.Attribute) else Missing()

    def _size_of(self, frame: int, tensor: int, dim: int | None) -> Known:
        """A size of the scores on their way; of any other tensor the first one, the number of samples."""
        asked = Literal(0) if dim is None else self.machine.evaluate(frame, dim)
        if not isinstance(asked, Literal) or not isinstance(asked.value, int):
            return Missing()
        value = self.machine.evaluate(frame, tensor)
        if isinstance(value, Scores) and value.origin == self.scores.origin:
            so_far = len(value.performed)
            if value.performed == self.scores.performed[:so_far]:
                return Size(so_far, asked.value)
        return Batch() if asked.value == 0 else Missing()
