"""The functional losses of torch, each with its code exchanged while something watches.

A module's `forward`, a from-import, a `functools.partial`, a default argument: each of them holds, or looks up, the one
function object of `torch.nn.functional`. Exchanging that object's `__code__` therefore reaches all of them, and putting
the code object back undoes it exactly. Pickling goes by the function's name and is not touched.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FunctionType

import torch.nn.functional as F  # noqa: N812 - the name by which everybody knows it

from ce_lint.runtime.diagnosis.contracts import CONTRACTS, Contract

Hook = Callable[..., object]
"""Is called with the arguments of a loss in the order of its parameters, defaults filled in."""

_PLACE_OF_HOOK = "the hook stands here"
_NAME_OF_HOOK = "_ce_lint_hook"
_SIMPLE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True, slots=True, eq=False)
class Functional:
    """One function of `torch.nn.functional` whose code can be exchanged."""

    name: str
    contract: Contract
    function: FunctionType
    """The one object that every alias refers to."""
    original: FunctionType
    """Does what the function did before its code was exchanged."""
    parameters: tuple[str, ...]
    """The names of the parameters, the scores first."""

    @classmethod
    def of(cls, name: str, contract: Contract, function: object) -> Functional | str:
        """Return the functional, or why its code cannot be exchanged, in one line."""
        if not isinstance(function, FunctionType) or function.__module__ != F.__name__:
            return f"{name}: torch.nn.functional.{name} is not torch's own Python function here"
        if function.__code__.co_freevars:
            return f"{name}: this torch wraps it in another function"
        parameters = inspect.signature(function).parameters.values()
        if not all(parameter.kind in _SIMPLE for parameter in parameters):
            return f"{name}: this torch gives it parameters that cannot be passed by position"
        original = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
        original.__kwdefaults__ = function.__kwdefaults__
        return cls(name, contract, function, original, tuple(parameter.name for parameter in parameters))


@dataclass(frozen=True, slots=True)
class Patch:
    """A functional, and the code that takes the place of its own."""

    functional: Functional
    code: CodeType

    @classmethod
    def make(cls, functional: Functional, hook: Hook) -> Patch:
        """Prepare code that calls the hook."""
        return cls(functional, _wrapper(functional, hook))

    def install(self) -> None:
        """Exchange the code."""
        self.functional.function.__code__ = self.code

    def remove(self) -> None:
        """Put the original code object back, unless somebody else has exchanged the code since."""
        function = self.functional.function
        if function.__code__ is self.code:
            function.__code__ = self.functional.original.__code__


def functionals(known: tuple[Functional, ...] = ()) -> tuple[tuple[Functional, ...], tuple[str, ...]]:
    """Return the losses of `torch.nn.functional` that can be watched, and a line for each that cannot.

    One that is `known` and has not changed since is returned as the same object.
    """
    before = {(functional.function, functional.original.__code__): functional for functional in known}
    found: list[Functional | str] = []
    for name, contract in CONTRACTS.items():
        function = getattr(F, name, None)
        same = before.get((function, getattr(function, "__code__", None)))  # type: ignore[arg-type]
        found.append(Functional.of(name, contract, function) if same is None else same)
    return (
        tuple(item for item in found if isinstance(item, Functional)),
        tuple(item for item in found if isinstance(item, str)),
    )


def _wrapper(functional: Functional, hook: Hook) -> CodeType:
    """The code of a function of the same parameters that calls the hook.

    The hook is a constant of the code, so that nothing is added to any namespace, and a function that was made from
    this code keeps working when nothing watches any more. File and first line are the original's: `inspect.getsource`,
    which `torch.jit.script` reads a function by, shows the original's text.
    """
    parameters = ", ".join(functional.parameters)
    # One line, so that every instruction is on the line that becomes the original's first.
    source = (
        f"def {functional.name}({parameters}): "
        f"{_NAME_OF_HOOK} = {_PLACE_OF_HOOK!r}; return {_NAME_OF_HOOK}({parameters})"
    )
    module = compile(source, "<ce-lint>", "exec", dont_inherit=True)
    code = next(constant for constant in module.co_consts if isinstance(constant, CodeType))
    original = functional.original.__code__
    return code.replace(
        co_consts=tuple(hook if constant == _PLACE_OF_HOOK else constant for constant in code.co_consts),
        co_filename=original.co_filename,
        co_firstlineno=original.co_firstlineno,
    )
