"""The site: what it is built from is complete, and it is built without a warning."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flake8.options.manager import OptionManager

from ce_lint.cli.main import main
from ce_lint.engine.configuration.table import KEYS
from ce_lint.flake8_plugin import Plugin
from ce_lint.report.formats import FORMATS
from ce_lint.rules.registry import RULES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}
README = (ROOT / "README.md").read_text(encoding="utf-8")
FETCHED = re.compile(r"""<(?:script|img|iframe|link)[^>]*(?:src|href)=["']?https?:""")
"""What a browser would load from elsewhere when it shows a page."""


def options_of(command: click.Command) -> Iterator[str]:
    if isinstance(command, click.Group):
        for one in command.commands.values():
            yield from options_of(one)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield from (name for name in (*parameter.opts, *parameter.secondary_opts) if name.startswith("--"))


def names(text: str, word: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


@pytest.mark.parametrize("option", sorted(set(options_of(main)) - {"--help", "--version"}))
def test_every_option_is_explained_on_a_page(option: str) -> None:
    assert [page for page, text in PAGES.items() if names(text, option)] != []


def test_every_option_of_the_flake8_plugin_is_explained() -> None:
    manager = OptionManager(version="", plugin_versions="", parents=[], formatter_names=[])
    Plugin.add_options(manager)
    options = [option.long_option_name or "" for option in manager.options]

    assert len(options) > 2
    assert [option for option in options if not names(PAGES["configuration.md"], option)] == []


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_the_configuration_is_in_its_table(key: str) -> None:
    assert re.search(rf"^\| \[?`{key}`", PAGES["configuration.md"], re.MULTILINE)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_an_example(name: str) -> None:
    section = PAGES["formats.md"].partition(f"\n## {name}\n")[2].partition("\n## ")[0]

    assert f"ce-lint check --format {name} train.py\n" in section
    assert section.count("```") == 4


def test_the_figures_of_the_readme_are_those_of_their_page() -> None:
    rows = re.findall(r"^\| (BUG|REDUNDANT|MISMATCH|OK)\b.*\| (\d+) \| (\d+) \|$", PAGES["measuring.md"], re.MULTILINE)
    measured = {verdict: (found, of) for verdict, of, found in rows}
    claimed = re.findall(r"(\d+) of (\d+)", README)

    assert claimed == [measured[verdict] for verdict in ("BUG", "REDUNDANT", "MISMATCH")]
    assert measured["OK"][0] == "0"
    assert f"of {measured['OK'][1]} places that look wrong and are right it reports none" in " ".join(README.split())
    for figure in re.findall(r"(\d+) real repositories|(\d+) libraries|([\d,]+) files", README):
        assert names(PAGES["measuring.md"], "".join(figure))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    result = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_every_rule_has_the_page_that_explain_prints(site: Path, code: str) -> None:
    text = (site / "rules" / f"{code}.html").read_text(encoding="utf-8")

    assert f"({code})" in text
    assert "Why is this bad?" in text
    assert f'href="{code}.html"' in (site / "rules" / "index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_page_shows_the_program_that_a_limit_is_shown_by(site: Path) -> None:
    assert 'href="files/fixtures/single/limit_queue.py.html"' in (site / "limits.html").read_text(encoding="utf-8")
    shown = (site / "files/fixtures/single/limit_queue.py.html").read_text(encoding="utf-8")
    assert "queue" in shown
    assert "highlight" in shown


@pytest.mark.slow
def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))

    assert len(pages) > 30
    assert [path.name for path in pages if FETCHED.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.slow
def test_the_schema_of_the_configuration_is_published(site: Path) -> None:
    assert (site / "ce-lint.schema.json").read_bytes() == (DOCS / "ce-lint.schema.json").read_bytes()
