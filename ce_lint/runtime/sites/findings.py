"""A call site that was proved wrong, as a finding. No torch here."""

from __future__ import annotations

import hashlib
import linecache
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from ce_lint.findings import Confidence, Finding, Place
from ce_lint.ir.kinds import Family, ScoreKind
from ce_lint.rules.registry import rule
from ce_lint.runtime.diagnosis.records import Diagnosis, Evidence
from ce_lint.runtime.sites.records import CallSite, SiteReport
from ce_lint.source.paths import display_path

_MADE_BY: Mapping[ScoreKind, str] = MappingProxyType(
    {
        ScoreKind.PROBABILITIES: "softmax output",
        ScoreKind.LOG_PROBABILITIES: "log-softmax output",
        ScoreKind.SIGMOID: "sigmoid output",
        ScoreKind.LOG_SIGMOID: "log-sigmoid output",
    }
)

_EXPECTS: Mapping[Family, str] = MappingProxyType(
    {
        Family.CROSS_ENTROPY: "which applies log-softmax itself",
        Family.NLL: "which expects log-probabilities",
        Family.BCE: "which expects probabilities",
        Family.BCE_WITH_LOGITS: "which applies the sigmoid itself",
        Family.KL_DIV: "which expects log-probabilities",
        Family.OTHER: "which expects scores of another kind",
    }
)


def to_finding(site: SiteReport) -> Finding | None:
    """Return the finding of a call site that was proved wrong, None for any other.

    Its source, its argument and its sink are the same place, the line of the call: where the scores were made is not
    known at run time.
    """
    diagnosis = site.diagnosis
    broken = rule(diagnosis.code) if diagnosis is not None and diagnosis.code is not None else None
    if diagnosis is None or broken is None or not site.is_confirmed:
        return None
    place = to_place(site.site)
    text = explain(diagnosis)
    return Finding(
        code=broken.code,
        name=broken.name,
        severity=broken.severity,
        confidence=Confidence.DEFINITE,
        message=text,
        message_at_source=text,
        message_between=text,
        argument=place,
        source=place,
        sink=place,
        classes=diagnosis.classes,
        fingerprint=_fingerprint(broken.code, place, site.site),
        runtime=diagnosis.check("watch"),
    )


def to_place(site: CallSite) -> Place:
    """Return the line of a call site, without its indentation; column 1 where the source cannot be read."""
    line = linecache.getline(site.path, site.line).rstrip()
    text = line.lstrip()
    column = len(line) - len(text) + 1
    return Place(
        path=shown_path(site.path),
        line=site.line,
        column=column,
        end_line=site.line,
        end_column=column + len(text),
        text=" ".join(text.split()),
    )


def shown_path(path: str) -> str:
    """Return a code object's file name as users see it; `<stdin>` and its like are no files, and stay as they are."""
    return path if path.startswith("<") else display_path(Path(path))


def explain(diagnosis: Diagnosis) -> str:
    """Say in one line what the loss received, why that is wrong, and what both losses are, in nats."""
    received = "an input of unknown kind"
    if diagnosis.kind is not None:
        received = diagnosis.kind.value
        if diagnosis.evidence is Evidence.GRAPH:
            received = _MADE_BY.get(diagnosis.kind, received)
    verb = "is" if received in _MADE_BY.values() else "are"
    claim = f"{received} {verb} the input of {diagnosis.loss_name}, {_EXPECTS[diagnosis.family]}"
    numbers = f"{claim}: this loss is {diagnosis.loss:.3f}"
    if diagnosis.loss_on_logits is not None:
        numbers += f", on the logits {diagnosis.loss_on_logits:.3f}"
    consequence = " and ".join(_consequences(diagnosis))
    return f"{numbers}; {consequence}" if consequence else numbers


def _consequences(diagnosis: Diagnosis) -> list[str]:
    found = []
    if diagnosis.window is not None:
        classes = f"with {diagnosis.classes} classes " if diagnosis.classes is not None else ""
        found.append(f"{classes}it can never be below {diagnosis.window.low:.3f}")
    if diagnosis.gradient_ratio is not None:
        found.append(f"the gradient is {diagnosis.gradient_ratio:.2g} of the right one")
    return found


def _fingerprint(code: str, place: Place, site: CallSite) -> str:
    """The same for the same call wherever its line has moved to."""
    parts = ("watch", code, place.path, place.text, site.function, site.loss)
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
