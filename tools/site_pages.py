"""The pages of the site that are not files in docs/: a hook of MkDocs (see `hooks` in mkdocs.yml).

Each rule has the page that `ce-lint explain` prints, the change log its own, and every other file of the project that a
page links to, such as a program in fixtures/, one that shows it.
"""

from __future__ import annotations

import json
import os.path
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from ce_lint.rules.registry import RULES

RULES_INDEX = "rules/index.md"
CHANGELOG = "changelog.md"
_SHOWN = "files"
"""The folder of the pages that show a file of the project."""
_LINK_OUT = re.compile(r"(?<=\]\()(?:\.\./)+[^)#\s]+")
"""The target of a link that leaves docs/."""
_INDEX = """\
# The rules

One code, one meaning, for ever: a code is never given to another rule. Every rule that is **on** reports without being
asked. One that is **off** or a **preview** is asked for by its code, `--extend-select CEL002`, here and in flake8; a
preview may still change in what it reports. `ce-lint rules` prints this table, `ce-lint explain CEL001` a rule's page.

| code | name | default | severity | what it reports |
|---|---|---|---|---|
"""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put a page for each rule below the one that lists them."""
    rules = [{"The rules": RULES_INDEX}, *({rule.code: f"rules/{rule.code}.md"} for rule in RULES)]
    config.nav = [{"Rules": rules} if entry == {"Rules": RULES_INDEX} else entry for entry in config.nav or ()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    project = Path(config.config_file_path).parent
    made = {RULES_INDEX: rules_index(), CHANGELOG: (project / "CHANGELOG.md").read_text(encoding="utf-8")}
    made.update((f"rules/{rule.code}.md", rule.page) for rule in RULES)
    for page in files.documentation_pages():
        made.update((_page_of(path), _shown(project, path)) for path in _links_out(page.src_uri, page.content_string))
    for uri, text in made.items():
        files.append(File.generated(config, uri, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead the links that leave docs/ to the pages that show what they name."""

    def target(match: re.Match[str]) -> str:
        shown = _page_of(_in_project(page.file.src_uri, match[0]))
        return os.path.relpath(shown, PurePosixPath(page.file.src_uri).parent).replace(os.sep, "/")

    return _LINK_OUT.sub(target, markdown)


def rules_index() -> str:
    """Return the page that lists the rules."""
    return _INDEX + "".join(
        f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.default.value} | {rule.severity.value} "
        f"| {rule.summary} |\n"
        for rule in RULES
    )


def _links_out(page: str, markdown: str) -> Iterator[str]:
    return (path for match in _LINK_OUT.finditer(markdown) if (path := _in_project(page, match[0])))


def _in_project(page: str, target: str) -> str:
    """Return the path, from the project's folder, of what a page in docs/ links to."""
    return os.path.normpath(f"docs/{PurePosixPath(page).parent}/{target}").replace(os.sep, "/")


def _page_of(path: str) -> str:
    return f"{_SHOWN}/{path}.md"


def _shown(project: Path, path: str) -> str:
    """Return a page with the text of a file; of a notebook, its code cells."""
    text = (project / path).read_text(encoding="utf-8")
    if path.endswith(".ipynb"):
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        text = "\n\n".join("".join(cell["source"]) for cell in cells)
    return f"---\nsearch:\n  exclude: true\n---\n\n# {path}\n\n``` python\n{text.rstrip()}\n```\n"
