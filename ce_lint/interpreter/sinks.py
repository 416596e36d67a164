"""Loss calls → flows: every way on which scores reach one, over all contexts that say more."""

from __future__ import annotations

from collections import deque

import msgspec

from ce_lint.interpreter import losses, recipes, results
from ce_lint.interpreter.callers import Candidate, ProjectCallers
from ce_lint.interpreter.contexts import Context, Contexts
from ce_lint.interpreter.entries import EntryTables
from ce_lint.interpreter.flow import Flow, Step
from ce_lint.interpreter.handlers import HANDLERS
from ce_lint.interpreter.machine import Machine
from ce_lint.interpreter.unions import alternatives, consistent, first_open
from ce_lint.interpreter.values import Alternative, Assumption, Definition, Literal, Nothing, Open, Scores, Unknown
from ce_lint.ir.kinds import ScoreKind, Site
from ce_lint.knowledge.loader import Knowledge
from ce_lint.program.marks import Marks
from ce_lint.program.names import Names, Start, spelt
from ce_lint.program.program import Program

MAX_CONTEXTS = 40
"""Ways that are looked at for one loss call."""
PER_CALLER = 3
"""How many more for each call of the function on the way that most call: many jobs may share one trainer."""
STEPS_A_CONTEXT = 1_000
"""What may be spent on each way beside what is spent on the loss call."""
STEPS_PAST_THEM = 100
"""The same for each of those past the first, and for finding longer ones."""
CLASS_DIMS = (None, 1, -1)
"""Dimensions over which an activation makes what the loss takes for classes; None where it is not known."""


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """One alternative that reaches a loss in one context."""

    received: losses.Received
    value: Alternative
    granted: frozenset[Assumption]
    """What holds anyway where the loss is called."""

    @property
    def is_flagged(self) -> bool:
        """Does this alternative need a flag that nothing decides?"""
        return not self.value.flags <= self.granted


class SinkReport(msgspec.Struct):
    """What is known of one loss call."""

    site: Site
    loss: str = ""
    flows: list[Flow] = msgspec.field(default_factory=list)
    right: int = 0
    reasons: list[str] = msgspec.field(default_factory=list)
    in_evaluation: bool = False
    """Does a framework run the function around in evaluation only?"""
    made_of: int = 0
    """The marks of all that was looked at for it."""

    @property
    def is_loss(self) -> bool:
        """Was the callee a loss in any context?"""
        return bool(self.loss)


class Interpreter:
    """Answers, for the loss calls of a program, what reaches them."""

    def __init__(
        self,
        program: Program,
        knowledge: Knowledge,
        marks: Marks | None = None,
        callers: ProjectCallers | None = None,
        tables: EntryTables | None = None,
    ) -> None:
        self._knowledge = knowledge
        self._marks = marks
        self.callers = callers or ProjectCallers(program, knowledge.wrapper_words())
        self.tables = tables or EntryTables(self.callers)
        self.machine, self.contexts = self._machine(program, always_training=False)
        # The same program with every module in training mode: what reaches a loss there is wrong in training too.
        self._in_training = self._machine(program, always_training=True)

    def _machine(self, program: Program, *, always_training: bool) -> tuple[Machine, Contexts]:
        machine = Machine(
            program, self._knowledge, HANDLERS, self.callers, always_training=always_training, marks=self._marks
        )
        return machine, Contexts(machine, self.callers, self.tables)

    def candidates(self) -> tuple[Candidate, ...]:
        """The calls that may be loss calls."""
        carriers, start = self.callers.carriers, Start(loss_names(self._knowledge))
        carriers.lower_ahead(start)
        return self.callers.candidates(carriers.called(start), self._knowledge.join_words())

    def report(self, candidate: Candidate) -> SinkReport:
        """What reaches one call, if it is a loss call."""
        site = candidate.site
        for machine in (self.machine, self._in_training[0]):
            machine.begin()
        report = SinkReport(site, in_evaluation=self.contexts.is_evaluation_hook(candidate.function))
        pending = deque([Context(candidate.function)])
        seen, most = 0, 0
        while pending and seen < MAX_CONTEXTS + PER_CALLER * most:
            context = pending.popleft()
            seen += 1
            if seen > 1:
                # What one way took is not taken from the next.
                for machine in (self.machine, self._in_training[0]):
                    machine.grant(STEPS_A_CONTEXT if seen <= MAX_CONTEXTS else STEPS_PAST_THEM)
            arrivals, opened = _arrivals(self.machine, self.contexts, context, candidate.call)
            if opened is not None:
                self.machine.grant(STEPS_PAST_THEM)
            longer = self.contexts.lengthen(context, opened) if opened is not None else ()
            if opened is None and any(_is_made(one) for one in arrivals):
                # Whether this is what arrives may hang on a caller; where none is seen, defaults say nothing of it.
                opened = self._open_condition(arrivals)
                found = self.contexts.lengthen(context, opened) if opened is not None else ()
                longer = tuple(one for one in found if not one.root.closed and self.contexts.enter(one).frames)
            if longer:
                most = max(most, len(longer))
                pending += longer
                continue
            self._conclude(report, context, arrivals)
        if pending:
            report.reasons.append("it is reached in too many ways")
        if not report.is_loss:
            # No way into the function could be followed to its end: what can be said without one.
            context = Context(candidate.function, closed=True)
            self._conclude(report, context, _arrivals(self.machine, self.contexts, context, candidate.call)[0])
        report.made_of = self.machine.seen | self._in_training[0].seen
        return report

    def _open_condition(self, arrivals: list[Arrival]) -> Open | None:
        """What is open in the conditions under which something arrives."""
        assumed = {one for arrival in arrivals for one in arrival.granted | arrival.value.assumptions}
        for one in sorted((one for one in assumed if one.frame >= 0), key=self._rank):
            opened = first_open(self.machine.evaluate(one.frame, one.condition))
            if opened is not None:
                return opened
        return None

    def _rank(self, assumption: Assumption) -> tuple[Definition, int, Assumption]:
        """By what the code says first: the numbers of frames tell what was evaluated first."""
        return self.machine.frames[assumption.frame].definition, assumption.condition, assumption

    def _conclude(self, report: SinkReport, context: Context, arrivals: list[Arrival]) -> None:
        """Flows out of what arrives in one context."""
        known = [one for one in arrivals if one.value.value not in (Literal(None), Nothing())]
        for one in known:
            report.loss = min(filter(None, (report.loss, one.received.name)), default="")
        kinds = {one.value.value.kind if isinstance(one.value.value, Scores) else None for one in known}
        agreed = len(kinds) == 1
        for one in known:
            scores = one.value.value
            if isinstance(scores, Unknown):
                report.reasons.append(scores.reason)
            elif not isinstance(scores, Scores):
                report.reasons.append("its input is no tensor that is understood")
            elif scores.origin is None or scores.kind is ScoreKind.LOGITS:
                report.right += 1
            elif one.is_flagged and not agreed:
                report.reasons.append("a flag decides what reaches it")
            else:
                report.flows.append(self._flow(report.site, context, one, scores, agreed))

    def _flow(self, site: Site, context: Context, arrival: Arrival, scores: Scores, definite: bool) -> Flow:
        received = arrival.received
        assert scores.origin is not None
        steps = (Step(scores.origin, f"{scores.kind.value} made here"), *scores.steps)
        return Flow(
            kind=scores.kind,
            activation=scores.activation,
            owner=scores.owner,
            origin=scores.origin,
            steps=(*steps, Step(site, f"given to {received.name} here")),
            sink=site,
            argument=Site(site.path, site.node, received.argument),
            loss=received.name,
            family=received.family,
            definite=definite,
            evaluation_only=self._is_in_evaluation_only(context, site.node, scores.origin),
            classes=losses.classes_of(self.machine, scores),
            recipe=recipes.recipe(self.machine, scores, received.contract, received.options),
            plain_window=received.plain_window and scores.dim in CLASS_DIMS,
        )

    def _is_in_evaluation_only(self, context: Context, call: int, origin: Site) -> bool:
        """Does something else reach the loss when the same modules are in training mode?"""
        arrivals, _ = _arrivals(*self._in_training, context, call)
        values = [one.value.value for one in arrivals]
        scores = [value for value in values if isinstance(value, Scores)]
        return bool(scores) and len(scores) == len(values) and all(one.origin != origin for one in scores)


def loss_names(knowledge: Knowledge) -> Names:
    """The names under which losses start."""
    classes = knowledge.loss_class_words()
    return Names(spelt(classes), spelt(knowledge.marker_words() - classes))


def _is_made(arrival: Arrival) -> bool:
    """Are these scores that an activation made?"""
    scores = arrival.value.value
    return isinstance(scores, Scores) and scores.origin is not None and scores.kind is not ScoreKind.LOGITS


def _arrivals(machine: Machine, contexts: Contexts, context: Context, call: int) -> tuple[list[Arrival], Open | None]:
    """What reaches a call in a context, where it is a loss call, and what is open."""
    entered = contexts.enter(context)
    opened = entered.open
    function = machine.function_ir(context.function)
    guards = next(one.guards for one in function.calls if one.node == call)
    arrivals: list[Arrival] = []
    for frame in entered.frames:
        granted = results.assume(machine, frame, guards, call)
        if granted is None:
            continue
        for callee in losses.callees(machine, frame, call):
            received = losses.received(machine, frame, call, callee.value)
            if received is None:
                opened = opened or first_open(callee.value)
                continue
            for one in alternatives(received.input):
                if consistent(granted | callee.assumptions | one.assumptions):
                    opened = opened or first_open(one.value)
                    arrivals.append(Arrival(received, one, granted | callee.assumptions))
    return arrivals, opened


def settled(reports: list[SinkReport]) -> list[SinkReport]:
    """What reaches losses in a framework's evaluation hooks alone is wrong in evaluation only."""
    in_training = {flow.origin for report in reports if not report.in_evaluation for flow in report.flows}
    for report in reports:
        if report.in_evaluation:
            report.flows = [
                flow if flow.origin in in_training else msgspec.structs.replace(flow, evaluation_only=True)
                for flow in report.flows
            ]
    return reports


def merged(report: SinkReport) -> list[Flow]:
    """One flow for each origin and kind; definite only where nothing else reaches the loss in any context.

    Of several the loss that comes first by its name is named: callers may change their order in the file.
    """
    found: dict[tuple[Site, ScoreKind], Flow] = {}
    alone = not report.right and not report.reasons and len({flow.kind for flow in report.flows}) == 1
    for flow in sorted(report.flows, key=lambda one: (one.evaluation_only, one.loss)):
        definite = flow.definite and alone
        known = found.setdefault((flow.origin, flow.kind), msgspec.structs.replace(flow, definite=definite))
        if known.definite and not definite:
            found[flow.origin, flow.kind] = msgspec.structs.replace(known, definite=False)
    return list(found.values())
