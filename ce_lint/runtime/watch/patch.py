"""The functional losses of torch, each with its code exchanged while something watches.

A module's `forward`, a from-import, a `functools.partial`, a default argument: each of them holds, or looks up, the one
function object of `torch.nn.functional`. Exchanging that object's `__code__` therefore reaches all of them, and putting
the code object back undoes it exactly. Pickling goes by the function's name and is not touched.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType

import torch.nn.functional as F  # noqa: N812 - the name by which everybody knows it

from ce_lint.runtime.diagnosis.contracts import CONTRACTS, Contract

Hook = Callable[..., object]
"""Is called with the arguments of a loss in the order of its parameters, defaults filled in."""

_PLACE_OF_HOOK = "the hook stands here"
_NAME_OF_HOOK = "_ce_lint_hook"
_SIMPLE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True, slots=True)
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
    """A functional while its code is exchanged."""

    functional: Functional
    code: CodeType

    @classmethod
    def install(cls, functional: Functional, hook: Hook) -> Patch:
        """Exchange the functional's code for one that calls the hook."""
        patch = cls(functional, _wrapper(functional, hook))
        functional.function.__code__ = patch.code
        return patch

    def remove(self) -> None:
        """Put the original code object back, unless somebody else has exchanged the code since."""
        function = self.functional.function
        if function.__code__ is self.code:
            function.__code__ = self.functional.original.__code__


def functionals(contracts: Mapping[str, Contract] = CONTRACTS) -> tuple[tuple[Functional, ...], tuple[str, ...]]:
    """Return the losses of `torch.nn.functional` that can be watched, and a line for each that cannot."""
    found = [
        Functional.of(name, contract, getattr(F, name)) for name, contract in contracts.items() if hasattr(F, name)
    ]
    return _all_of(found, Functional), _all_of(found, str)


def _all_of(found: Iterable[object], kind: type) -> tuple:  # type: ignore[type-arg]
    return tuple(item for item in found if isinstance(item, kind))


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
