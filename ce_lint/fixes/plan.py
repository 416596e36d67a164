"""Findings → fixes: what can be done, what it asks of others, and whether it may be done without being looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ce_lint.concrete.reading import Reader, UnreadableError
from ce_lint.engine.limits import deeply
from ce_lint.engine.places import place_of
from ce_lint.engine.results import Evidence
from ce_lint.findings import Applicability, Edit, Finding, Fix, Place, TraceStep
from ce_lint.fixes.criterion import change_criterion
from ce_lint.fixes.existing import pass_existing
from ce_lint.fixes.reapply import Reapply, wrapping
from ce_lint.fixes.removal import removal
from ce_lint.fixes.rename import take_log
from ce_lint.fixes.syntax import ProjectSyntax
from ce_lint.fixes.text import RangeEdit, Span
from ce_lint.frontend.places import Range
from ce_lint.interpreter.flow import Flow
from ce_lint.interpreter.sinks import Interpreter
from ce_lint.program.names import Names, bare
from ce_lint.source.paths import display_path
from ce_lint.uses.find import uses_of
from ce_lint.uses.records import Use, UseKind, Uses
from ce_lint.uses.texts import Texts


@dataclass(frozen=True)
class Case:
    """One finding, and what can be asked about it."""

    finding: Finding
    evidence: Evidence
    project: ProjectSyntax
    """The syntax of the modules around it."""
    texts: Texts

    @property
    def flow(self) -> Flow:
        """The flow that was judged."""
        return self.evidence.flow

    @cached_property
    def uses(self) -> Uses:
        """Who uses the scores that the activation makes."""
        return uses_of(self.flow, self.evidence.interpreter, self.texts)

    @cached_property
    def unread(self) -> tuple[TraceStep, ...]:
        """The files, or cells, that name what makes the scores and cannot be parsed: nobody knows what they do."""
        interpreter = self.evidence.interpreter
        files = interpreter.machine.program.files
        owner = self.flow.owner
        names = interpreter.callers.carriers.closure(Names.of_class(owner)) if owner else None
        words = {bare(maker.spelling) for maker in names.makers} if names else set()
        steps = {}
        for word in sorted(words):
            for path in files.having(word):
                for failure in files.loaded(path).failures[:1]:
                    place = Place(display_path(path), failure.line or 1, 1, failure.line or 1, 1)
                    steps[path] = TraceStep(place, f"names {word}, and cannot be parsed")
        return tuple(steps[path] for path in sorted(steps))

    def to_check(self, uses: Iterable[Use]) -> tuple[TraceStep, ...]:
        """Uses as users see them."""
        program = self.evidence.interpreter.machine.program
        steps = []
        for use in uses:
            module = program.module(use.path)
            assert module is not None, use.path
            steps.append(TraceStep(place_of(module.source, use.span), use.why))
        return tuple(steps)

    def fix(
        self,
        name: str,
        title: str,
        applicability: Applicability,
        edits: Iterable[RangeEdit],
        to_check: Iterable[TraceStep] = (),
    ) -> Fix:
        """A fix out of edits of joined texts."""
        program = self.evidence.interpreter.machine.program
        placed = []
        for edit in dict.fromkeys(edits):
            module = program.module(edit.path)
            assert module is not None, edit.path
            placed.append(Edit(place_of(module.source, edit.span), edit.new_text))
        steps = sorted(to_check, key=lambda step: step.place)
        return Fix(name, title, applicability, tuple(sorted(placed)), tuple(steps))


Plan = Callable[[Case], "Fix | None"]


class Planner:
    """Plans fixes; what it reads of a project is read once, as long as findings of one analysis are asked about.

    `check` is called now and then: what it raises ends the planning of a fix.
    """

    def __init__(self, check: Callable[[], None] = lambda: None) -> None:
        self._check = check
        self._known: tuple[Interpreter, ProjectSyntax, Texts] | None = None

    def plan(self, finding: Finding, evidence: Evidence) -> tuple[Fix, ...]:
        """Return what can be done about a finding: the safe fixes first, else in the order in which they are tried."""
        interpreter = evidence.interpreter
        if self._known is None or self._known[0] is not interpreter:
            reader = Reader()
            texts = Texts(interpreter.machine.program, reader, self._check)
            self._known = interpreter, ProjectSyntax(interpreter, reader), texts
        _, project, texts = self._known
        return deeply(lambda: _planned(Case(finding, evidence, project, texts)))


def plan(finding: Finding, evidence: Evidence) -> tuple[Fix, ...]:
    """Return what can be done about one finding."""
    return Planner().plan(finding, evidence)


def _planned(case: Case) -> tuple[Fix, ...]:
    found: dict[tuple[Edit, ...], Fix] = {}
    for make in PLANS.get(case.finding.code, ()):
        try:
            fix = make(case)
        except UnreadableError:
            continue  # what stands in that file may be another use
        if fix is not None:
            found.setdefault(fix.edits, fix)
        if make is _return_logits and any(one.applicability is Applicability.SAFE for one in found.values()):
            break  # the probabilities need not stay
    return tuple(sorted(found.values(), key=lambda one: one.applicability is not Applicability.SAFE))


def _pass_logits(case: Case) -> Fix | None:
    """The loss gets the logits that are at hand; nobody else notices."""
    edits = pass_existing(case.project, case.flow)
    if edits is None:
        return None
    return case.fix("pass-logits", f"Pass the logits to {case.flow.loss}", Applicability.SAFE, edits)


def _return_logits(case: Case) -> Fix | None:
    """The activation goes, and comes back where its values are used."""
    taken = removal(case.project, case.flow)
    if taken is None:
        return None
    put_back = _put_back(case, taken.applied)
    if put_back is None:
        return None
    places, edits = put_back
    unknown = (*case.to_check(case.uses.of(UseKind.UNKNOWN)), *case.unread)
    notes = [
        *taken.doubts,
        *([f"{case.flow.activation} put back at {_counted(places, 'place')}"] if places else []),
        *([f"{_counted(len(unknown), 'use')} not understood"] if unknown else []),
    ]
    title = f"{_removal_title(case)} ({'; '.join(notes)})" if notes else _removal_title(case)
    applicability = Applicability.UNSAFE if notes else Applicability.SAFE
    return case.fix("return-logits", title, applicability, (*taken.edits, *edits), unknown)


def _put_back(case: Case, applied: Reapply | None) -> tuple[int, tuple[RangeEdit, ...]] | None:
    """At how many places an activation is put back, and how; None where one of them cannot take it."""
    made = case.uses.entrances[0]
    if made.holds_activation and UseKind.VALUES in made.kinds:
        return None  # where it was taken away
    wrapped: list[tuple[Path, Range, bool]] = []
    for entrance in case.uses.entrances:
        if UseKind.VALUES not in entrance.kinds:
            continue
        if entrance.holds_activation:
            wrapped.append((entrance.path, entrance.span, entrance.is_primary))
            continue
        values = [use for use in entrance.uses if use.kind is UseKind.VALUES]
        if any(use.is_mixed for use in values):
            return None
        wrapped += [(use.path, use.span, use.is_primary) for use in values]
    if wrapped and applied is None:
        return None
    edits: list[RangeEdit] = []
    for path, span, is_primary in dict.fromkeys(wrapped):
        module = case.project.module(path)
        if module is None or applied is None:
            return None
        start, end = module.ruler.offset(span.line, span.column), module.ruler.offset(span.end_line, span.end_column)
        edits += module.ruler.edits(wrapping(Span(start, end), applied, is_primary=is_primary))
    return len(set(wrapped)), tuple(edits)


def _removal_title(case: Case) -> str:
    flow = case.flow
    if flow.activation == "log_softmax":
        return "Drop the log_softmax, which the loss applies itself"
    made_in, used_in = case.project.function_of(flow.origin), case.project.function_of(flow.sink)
    if made_in is None or made_in == used_in:
        return f"Drop the {flow.activation} before {flow.loss}"
    if not flow.owner:
        name = case.project.machine.function_ir(made_in).qualified_name
        return f"Drop the {flow.activation} in {name}" if name else f"Drop the {flow.activation} before {flow.loss}"
    return f"Return logits from {flow.owner}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _take_log(case: Case) -> Fix | None:
    """The activation becomes its logarithm; who uses the values gets other ones."""
    edits = take_log(case.project, case.flow)
    if edits is None:
        return None
    others = (*case.to_check((*case.uses.of(UseKind.VALUES), *case.uses.of(UseKind.UNKNOWN))), *case.unread)
    title = f"Take the log_softmax for {case.flow.loss}"
    if others:
        title += f" ({_counted(len(others), 'other use')} of the {case.flow.activation} will get it, too)"
    return case.fix("take-log", title, Applicability.UNSAFE if others else Applicability.SAFE, edits, others)


def _change_criterion(case: Case) -> Fix | None:
    """The probabilities stay what they are, and the loss takes their logarithm."""
    edits = change_criterion(case.project, case.flow)
    if edits is None:
        return None
    title = "Keep the probabilities: NLLLoss over their logarithm"
    return case.fix("change-criterion", title, Applicability.UNSAFE, edits)


PLANS: Mapping[str, tuple[Plan, ...]] = {
    "CEL001": (_pass_logits, _return_logits, _change_criterion),
    "CEL002": (_return_logits,),
    "CEL003": (_pass_logits, _return_logits),
    "CEL101": (_take_log,),
    "CEL201": (_pass_logits, _return_logits),
    "CEL202": (_pass_logits, _return_logits),
}
"""What is tried for each rule, the best first."""
