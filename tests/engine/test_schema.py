"""The published schema of `[tool.ce-lint]` says of every table what the loader says of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ce_lint.engine.configuration.pyproject import load_configuration
from ce_lint.engine.configuration.table import KEYS, configuration_schema, descriptions
from ce_lint.engine.errors import UsageError
from ce_lint.knowledge.loader import load
from ce_lint.knowledge.merging import extend
from ce_lint.knowledge.tables import KnowledgeError
from ce_lint.rules.registry import RULES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PUBLISHED = Path(__file__).parents[2] / "docs" / "ce-lint.schema.json"

KNOWLEDGE = "[[knowledge]]\nlibrary = 'mine'\n"

GOOD = [
    "",
    "select = ['CEL', 'CEL0', 'CEL001']",
    "select = []",
    "extend-select = ['CEL901']\nignore = ['C']",
    "[per-file-ignores]\n'tests/*' = ['CEL001']\n'!*.py' = []",
    "src = ['.']\nexclude = ['third_party', 'a/**/b']\nbaseline = 'ci/known.json'\nrespect-gitignore = false",
    KNOWLEDGE,
    KNOWLEDGE + "losses = [{ name = 'mine.Loss', form = 'class', family = 'cross-entropy' }]",
    KNOWLEDGE
    + "operations = [{ names = ['mine.op'], form = 'function', effect = 'preserve', input = { position = 1 } }]",
    KNOWLEDGE + "aliases = { 'mine.Other' = 'mine.Loss' }",
    KNOWLEDGE + "models = [{ names = ['mine.net'], kind = 'probabilities', word = 'softmax' }]",
]
BAD = [
    "selct = []",
    "extend_select = []",
    "select = 'CEL'",
    "select = [1]",
    "select = ['E501']",
    "select = ['CEL777']",
    "ignore = ['cel001']",
    "ignore = { a = 1 }",
    "per-file-ignores = []",
    "per-file-ignores.a = 'CEL'",
    "per-file-ignores.a = ['CLE']",
    "src = 'lib'",
    "exclude = [['a']]",
    "baseline = 1",
    "baseline = ['a']",
    "respect-gitignore = 'yes'",
    "respect-gitignore = 1",
    "knowledge = ['mine']",
    "knowledge = { library = 'mine' }",
    "[[knowledge]]\nlosses = []",
    KNOWLEDGE + "loses = []",
    KNOWLEDGE + "losses = [{ name = 'mine.Loss', form = 'class' }]",
    KNOWLEDGE + "losses = [{ name = 'mine.Loss', form = 'klass', family = 'cross-entropy' }]",
    KNOWLEDGE + "losses = [{ name = 'mine.Loss', form = 'class', family = 'cross-entropy', size = 3 }]",
    KNOWLEDGE + "operations = [{ names = 'mine.op', form = 'function', effect = 'preserve' }]",
]


def as_the_loader_says(folder: Path, text: str) -> bool:
    text = text.replace("[[knowledge]]", "[[tool.ce-lint.knowledge]]")
    text = text.replace("[per-file-ignores]", "[tool.ce-lint.per-file-ignores]")
    (folder / "pyproject.toml").write_text(f"[tool.ce-lint]\n{text}\n")
    try:
        extend(load(), load_configuration(folder).knowledge)
    except (UsageError, KnowledgeError):
        return False
    return True


@pytest.fixture(scope="module")
def validator() -> Any:  # noqa: ANN401 - jsonschema makes the class
    return jsonschema.Draft7Validator(configuration_schema())


@pytest.mark.parametrize(("text", "is_good"), [*((one, True) for one in GOOD), *((one, False) for one in BAD)])
def test_both_accept_the_same(tmp_path: Path, validator: Any, text: str, is_good: bool) -> None:  # noqa: ANN401
    assert (as_the_loader_says(tmp_path, text), validator.is_valid(tomllib.loads(text))) == (is_good, is_good)


def test_it_is_a_schema_of_draft_7() -> None:
    schema = configuration_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$schema"] == jsonschema.Draft7Validator.META_SCHEMA["$schema"]


def test_what_is_published_is_up_to_date() -> None:
    """Where it is not: `ce-lint config --schema > docs/ce-lint.schema.json`."""
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == configuration_schema()


def test_every_key_is_described_and_every_code_listed() -> None:
    schema = configuration_schema()
    assert {key: value["description"] for key, value in schema["properties"].items()} == descriptions()
    assert all(descriptions()[key].endswith(".") for key in KEYS)
    assert {rule.code for rule in RULES} <= set(schema["definitions"]["Code"]["enum"])


def test_every_reference_leads_somewhere() -> None:
    schema = configuration_schema()
    text = json.dumps(schema)
    assert text.count('"$ref"') > 20
    assert {f"#/definitions/{name}" for name in schema["definitions"]} >= {
        part.split('"')[0] for part in text.split('"$ref": "')[1:]
    }
