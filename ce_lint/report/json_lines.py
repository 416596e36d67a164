"""JSON Lines (jsonlines.org): each finding is a line with the fields that it has in `--format json`, and no more."""

from __future__ import annotations

import json

from ce_lint.report.json import finding_fields
from ce_lint.report.view import View


def to_json_lines(view: View) -> str:
    """Render the findings; what could not be analysed has no line."""
    return "".join(f"{json.dumps(finding_fields(shown))}\n" for shown in view.shown())
