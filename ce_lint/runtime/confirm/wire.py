"""What goes between `confirm --execute` and its subprocess: two files of JSON. No torch here, and no pickle.

Recipes hold values of several classes side by side; each is an object with its class's name as the only key.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeAlias, Union

import msgspec

from ce_lint.findings import RuntimeCheck
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

Json: TypeAlias = Union["dict[str, Json]", "list[Json]", str, int, float, bool, None]


class Request(msgspec.Struct, frozen=True):
    """What the subprocess is to do."""

    code: str
    """The rule that the finding breaks."""
    recipe: Recipe
    root: str
    """The project's folder."""
    input_shape: tuple[int, ...] = ()
    """The shape of one sample; empty where the first layer says it."""
    batch: str = ""
    """`package.module:function` of the user that returns a batch; empty where there is none."""


def write_request(request: Request, file: Path) -> None:
    """Write a request."""
    document = {
        "code": request.code,
        "recipe": _recipe_out(request.recipe),
        "root": request.root,
        "input_shape": list(request.input_shape),
        "batch": request.batch,
    }
    file.write_text(json.dumps(document), encoding="utf-8")


def read_request(file: Path) -> Request:
    """Read what `write_request` wrote."""
    document = json.loads(file.read_text(encoding="utf-8"))
    return Request(
        code=document["code"],
        recipe=_recipe_in(document["recipe"]),
        root=document["root"],
        input_shape=tuple(document["input_shape"]),
        batch=document["batch"],
    )


def write_answer(check: RuntimeCheck, file: Path) -> None:
    """Write the answer, whole or not at all."""
    partial = file.with_suffix(".part")
    partial.write_bytes(msgspec.json.encode(check))
    partial.replace(file)


def read_answer(file: Path) -> RuntimeCheck | None:
    """Read the answer; None where there is none."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=RuntimeCheck)
    except FileNotFoundError:
        return None


def _recipe_out(recipe: Recipe) -> Json:
    return {
        "layer": recipe.layer,
        "classes": recipe.classes,
        "before": [_operation_out(one) for one in recipe.before],
        "operations": [_operation_out(one) for one in recipe.operations],
        "loss": recipe.loss,
        "loss_arguments": [_given_out(one) for one in recipe.loss_arguments],
    }


def _recipe_in(document: dict[str, object]) -> Recipe:
    raw = msgspec.convert(document, _RawRecipe)
    return Recipe(
        layer=raw.layer,
        classes=raw.classes,
        before=tuple(_operation_in(one) for one in raw.before),
        operations=tuple(_operation_in(one) for one in raw.operations),
        loss=raw.loss,
        loss_arguments=tuple(_given_in(given) for given in raw.loss_arguments),
    )


class _RawGiven(msgspec.Struct):
    value: object
    keyword: str


class _RawOperation(msgspec.Struct):
    act: str
    name: str
    arguments: list[_RawGiven]
    position: int
    keyword: str


class _RawRecipe(msgspec.Struct):
    layer: str
    classes: int | None
    before: list[_RawOperation]
    operations: list[_RawOperation]
    loss: str
    loss_arguments: list[_RawGiven]


def _operation_out(operation: Operation) -> Json:
    return {
        "act": operation.act.value,
        "name": operation.name,
        "arguments": [_given_out(one) for one in operation.arguments],
        "position": operation.position,
        "keyword": operation.keyword,
    }


def _operation_in(raw: _RawOperation) -> Operation:
    given = tuple(_given_in(one) for one in raw.arguments)
    return Operation(Act(raw.act), raw.name, given, raw.position, raw.keyword)


def _given_out(given: Given) -> Json:
    return {"value": _out(given.value), "keyword": given.keyword}


def _given_in(raw: _RawGiven) -> Given:
    return Given(_in(raw.value), raw.keyword)


def _out(value: Known) -> Json:
    match value:
        case tuple():
            return [_out(item) for item in value]
        case Missing():
            return {"Missing": value.reason}
        case Batch():
            return {"Batch": None}
        case Size():
            return {"Size": [value.operations, value.dim]}
        case Calculation():
            return {"Calculation": [value.operator, _out(value.left), _out(value.right)]}
        case Name():
            return {"Name": value.name}
        case Bounds():
            return {"Bounds": [_out(value.lower), _out(value.upper), _out(value.step)]}
        case Built():
            given = None if value.arguments is None else [_given_out(one) for one in value.arguments]
            return {"Built": [value.name, value.path, given, value.is_complete]}
        case None | bool() | int() | float() | str():
            return value
    raise TypeError(f"no value of a recipe: {value!r}")


def _in(raw: object) -> Known:
    match raw:
        case [*items]:
            return tuple(_in(item) for item in items)
        case {"Missing": str() as reason}:
            return Missing(reason)
        case {"Batch": None}:
            return Batch()
        case {"Size": [int() as operations, int() as dim]}:
            return Size(operations, dim)
        case {"Calculation": [str() as operator, left, right]}:
            return Calculation(operator, _in(left), _in(right))
        case {"Name": str() as name}:
            return Name(name)
        case {"Bounds": [lower, upper, step]}:
            return Bounds(_in(lower), _in(upper), _in(step))
        case {"Built": [str() as name, str() as path, given, bool() as is_complete]}:
            arguments = None if given is None else tuple(map(_given_in, msgspec.convert(given, list[_RawGiven])))
            return Built(name, path, arguments, is_complete)
        case None | bool() | int() | float() | str():
            return raw
    raise ValueError(f"no value of a recipe: {raw!r}")
