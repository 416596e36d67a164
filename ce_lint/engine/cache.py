"""What was found out about modules as they are: it holds until they are exchanged for others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from ce_lint.engine.places import Node
from ce_lint.findings import Finding
from ce_lint.frontend.places import Range, locate
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Site
from ce_lint.program.program import Module, Program
from ce_lint.rules.base import Rule
from ce_lint.source.file import SourceFile
from ce_lint.source.suppressions import Suppression, file_is_suppressed, suppressions

_Known: TypeAlias = tuple[Flow, str, tuple["Module | None", ...]]


class Cache:
    """Ranges of nodes, suppression comments, and findings, by the modules that they were read from."""

    def __init__(self) -> None:
        self._ranges: dict[Module, dict[Node, Range]] = {}
        self._comments: dict[Module, tuple[Suppression, ...] | None] = {}
        self._findings: dict[_Known, Finding] = {}

    def ranges(
        self, program: Program, path: Path, wanted: Collection[Node]
    ) -> tuple[SourceFile, Mapping[Node, Range]] | None:
        """Where some nodes of a program's module stand in its text."""
        module = program.module(path)
        if module is None:
            return None
        known = self._ranges.setdefault(module, {})
        missing = [node for node in wanted if node not in known]
        if missing:
            known.update(locate(module.source.text, missing))
        return module.source, known

    def comments(self, module: Module) -> tuple[Suppression, ...] | None:
        """The suppression comments of a module; None for one that is taken back as a whole."""
        if module not in self._comments:
            text = module.source.text
            self._comments[module] = None if file_is_suppressed(text) else suppressions(text)
        return self._comments[module]

    def has_finding(self, program: Program, flow: Flow, rule: Rule) -> bool:
        """Tell whether a flow's finding is known, of the modules as they are."""
        return _key(program, flow, rule) in self._findings

    def finding(self, program: Program, flow: Flow, rule: Rule, make: Callable[[], Finding]) -> Finding:
        """A flow's finding."""
        key = _key(program, flow, rule)
        if key not in self._findings:
            self._findings[key] = make()
        return self._findings[key]

    def keep(self, modules: Collection[Module | None]) -> None:
        """Forget what is known of all but some modules."""
        self._ranges = {module: known for module, known in self._ranges.items() if module in modules}
        self._comments = {module: known for module, known in self._comments.items() if module in modules}
        self._findings = {key: known for key, known in self._findings.items() if all(one in modules for one in key[2])}

    def forget_findings(self, sinks: Collection[Site] | None = None) -> None:
        """Forget all findings, or those at some loss calls: what they hang on is more than the modules they name."""
        kept = {} if sinks is None else self._findings
        self._findings = {key: known for key, known in kept.items() if key[0].sink not in (sinks or ())}


def sites_of(flow: Flow) -> Iterable[Site]:
    """All places that a finding made of a flow names."""
    return flow.origin, flow.sink, flow.argument, *(step.site for step in flow.steps)


def _key(program: Program, flow: Flow, rule: Rule) -> _Known:
    paths = dict.fromkeys(site.path for site in sites_of(flow))
    return flow, rule.code, tuple(program.module(Path(path)) for path in paths)
