"""`ce-lint explain` and `ce-lint rules`."""

from __future__ import annotations

import difflib
import json
import sys

import click

from ce_lint.rules.base import Rule
from ce_lint.rules.registry import RULES


@click.command()
@click.argument("code")
def explain(code: str) -> None:
    """Print the page of a rule, by its code or its name."""
    page = _find(code).page.strip()
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(page))
    else:
        click.echo(page)


@click.command()
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rules(output: str) -> None:
    """List the rules."""
    if output == "json":
        click.echo(json.dumps([_as_json(rule) for rule in RULES], indent=2))
        return
    name_width = max(len(rule.name) for rule in RULES)
    for rule in RULES:
        click.echo(
            f"{rule.code}  {rule.default.value:<7}  {rule.severity.value:<7}  {rule.name:<{name_width}}  {rule.summary}"
        )


def _find(code: str) -> Rule:
    for rule in RULES:
        if code.upper() == rule.code or code.lower() == rule.name:
            return rule
    known = [word for rule in RULES for word in (rule.code, rule.name)]
    nearest = difflib.get_close_matches(code.upper(), known, n=1, cutoff=0)[0]
    raise click.UsageError(f"no rule {code!r}: did you mean {nearest}?")


def _as_json(rule: Rule) -> dict[str, str]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "default": rule.default.value,
        "summary": rule.summary,
    }
