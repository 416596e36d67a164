"""Builds the model of a finding from the call that the analyser found."""

from __future__ import annotations

import importlib
import inspect
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from torch import nn

from ce_lint.ir.recipe import Batch, Built, Calculation, Given, Known, Name, Size
from ce_lint.runtime.confirm.modules import class_of
from ce_lint.runtime.confirm.values import NO_SIZES, CannotRepeatError, calculated, value


def build(built: Built, root: Path) -> nn.Module:
    """Construct a model; what its module and its constructor raise is passed on.

    Raise CannotRepeatError where the call is not known, or makes no module.
    """
    made = _constructed(built, root)
    if not isinstance(made, nn.Module):
        raise CannotRepeatError(f"{built.name} makes {type(made).__name__}, which is no torch.nn.Module")
    return made


def _constructed(built: Built, root: Path) -> object:
    if not built.is_complete:
        raise CannotRepeatError(f"{built.name} is changed after its construction")
    constructor = class_of(root, Path(built.path), built.name) if built.path else _of_library(built.name)
    if not callable(constructor):
        raise CannotRepeatError(f"{built.name} cannot be called")
    if built.arguments is None:
        _check_that_nothing_is_needed(constructor, built.name)
        return constructor()
    positional = []
    keywords = {}
    names = parameters(constructor)
    for position, given in enumerate(built.arguments):
        name = given.keyword or (names[position] if position < len(names) else str(position + 1))
        converted = _converted(given.value, root, f"constructor argument `{name}` of {built.name}")
        if given.keyword:
            keywords[given.keyword] = converted
        else:
            positional.append(converted)
    return constructor(*positional, **keywords)


def _converted(known: Known, root: Path, what: str) -> object:
    match known:
        case Built(name="builtins.dict", arguments=(Given(value=tuple() as pairs),)):
            # It may have been an OrderedDict, the only one that a Sequential takes.
            return OrderedDict((pair[0], _converted(pair[1], root, what)) for pair in pairs if isinstance(pair, tuple))
        case Built():
            return _constructed(known, root)
        case tuple():
            return tuple(_converted(item, root, what) for item in known)
        case Calculation(operator=operator, left=left, right=right):
            return calculated(operator, _converted(left, root, what), _converted(right, root, what), what)
        case Name(name=name):
            return _of_library(name)
        case Batch() | Size():
            raise CannotRepeatError(f"{what} is the size of a tensor")
        case _:
            return value(known, NO_SIZES, what)


def _of_library(name: str) -> object:
    """What a library has under a full name. The project's code runs here anyway: any library will do."""
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError as error:
            if error.name is not None and ".".join(parts[:end]).startswith(error.name) and end > 1:
                continue
            raise
        for part in parts[end:]:
            if not hasattr(found, part):
                raise CannotRepeatError(f"{parts[0]} has no {name}")
            found = getattr(found, part)
        return found
    raise CannotRepeatError(f"{name} is not known")


def _check_that_nothing_is_needed(constructor: Callable[..., object], name: str) -> None:
    needed = required_parameters(constructor)
    if needed:
        raise CannotRepeatError(f"no call that constructs {name} is seen, and it needs {', '.join(needed)}")


def parameters(function: Callable[..., object]) -> list[str]:
    """The names of a function's parameters, in their order."""
    return [parameter.name for parameter in _signature(function)]


def required_parameters(function: Callable[..., object]) -> list[str]:
    """The names of the parameters without which a function cannot be called."""
    return [
        parameter.name
        for parameter in _signature(function)
        if parameter.default is parameter.empty
        and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
    ]


def _signature(function: Callable[..., object]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except ValueError:
        # A class that is written in C says nothing of its parameters.
        return []
