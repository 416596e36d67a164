"""Write what is known of libraries in the form that is read at each start: `python -m ce_lint.knowledge.compiling`."""

from __future__ import annotations

import sys

import msgspec

from ce_lint.knowledge.loader import COMPILED, EMPTY
from ce_lint.knowledge.merging import extend
from ce_lint.knowledge.tables import parse

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def compiled() -> bytes:
    """Return all .toml files of this package as one document; raise KnowledgeError for one that cannot be used."""
    tables = []
    for file in sorted(COMPILED.parent.glob("*.toml")):
        text = file.read_text(encoding="utf-8")
        parse(file.name, text)
        tables.append(tomllib.loads(text))
    extend(EMPTY, tables)
    return msgspec.json.format(msgspec.json.encode(tables), indent=1) + b"\n"


if __name__ == "__main__":
    COMPILED.write_bytes(compiled())
