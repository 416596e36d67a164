"""The runtime checker: what a loss receives, proved by computing both losses.

- `diagnose(scores, target, loss)`: one tensor and one loss.
- `with watch() as report:` around any training code.

The only part of ce-lint that needs torch, which the extra `ce-lint[runtime]` installs. It is imported when one of those
two is first asked for; without it, that is an ImportError.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

# Importing the package `watch` binds it to this module's attribute of that name, once. Done before anything else
# does it and taken away again below, so that the name is always the function.
import ce_lint.runtime.watch  # noqa: F401
from ce_lint.runtime.install import NEEDS_TORCH

if TYPE_CHECKING:
    from ce_lint.findings import Verdict as Verdict
    from ce_lint.runtime.diagnosis.kernel import diagnose as diagnose
    from ce_lint.runtime.diagnosis.records import Diagnosis as Diagnosis
    from ce_lint.runtime.watch.report import WatchReport as WatchReport
    from ce_lint.runtime.watch.warning import DoubleSoftmaxWarning as DoubleSoftmaxWarning
    from ce_lint.runtime.watch.watching import watch as watch

__all__ = ["Diagnosis", "DoubleSoftmaxWarning", "Verdict", "WatchReport", "diagnose", "watch"]

_HOMES = {
    "Diagnosis": "ce_lint.runtime.diagnosis.records",
    "DoubleSoftmaxWarning": "ce_lint.runtime.watch.warning",
    "Verdict": "ce_lint.findings",
    "WatchReport": "ce_lint.runtime.watch.report",
    "diagnose": "ce_lint.runtime.diagnosis.kernel",
    "watch": "ce_lint.runtime.watch.watching",
}


def __getattr__(name: str) -> object:
    """Return a public name, imported now. Raise ImportError where it needs torch and there is none."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ImportError(NEEDS_TORCH, name="torch") from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


del globals()["watch"]
