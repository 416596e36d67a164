"""CEL902: a suppression comment of ours that takes nothing back."""

from __future__ import annotations

from ce_lint.findings import Severity
from ce_lint.interpreter.flow import Flow
from ce_lint.ir.kinds import Family
from ce_lint.rules.base import Default, Rule

PAGE = """\
# unused-suppression (CEL902)

## What it does

Names each suppression comment of ce-lint that takes nothing back, and each code in one that is no rule's:
`# noqa: CEL001`, `# ce-lint: ignore[CEL001]`, `# ce-lint: file-ignore[CEL001]`. Off by default: ask for it with
`--extend-select CEL902`.

A bare `# noqa` may be meant for any tool, and in `# noqa: CEL001, E501` only our code is judged. A comment is used when
it stands at either end of a flow, whether its rule is selected or not. Codes that are found at run time only are never
called unused, nor is a prefix that covers one: `CEL1` covers CEL102.

## Why is this bad?

The comment says that something is wrong here and meant to be. When the code was corrected, that is no longer true; and
the comment would hide the mistake when somebody makes it again.

## Example

```python
import torch.nn.functional as F
from torch import nn


def train_step(images, labels):
    net = nn.Linear(784, 10)
    return F.cross_entropy(net(images), labels)  # noqa: CEL001
```

## Use instead

```python
import torch.nn.functional as F
from torch import nn


def train_step(images, labels):
    net = nn.Linear(784, 10)
    return F.cross_entropy(net(images), labels)
```

## When it is right

Where the flow is found only from another folder or with other settings: by a run whose project holds the file at the
other end, or that knows one more library. Say `# noqa: CEL001, CEL902` there.

## References

- https://flake8.pycqa.org/en/stable/user/violations.html
- https://docs.astral.sh/ruff/rules/unused-noqa/
- https://mypy.readthedocs.io/en/stable/config_file.html#confval-warn_unused_ignores
"""


def consequence(flow: Flow) -> str:
    """What a user can do about it."""
    return "which is no flow"


RULE = Rule(
    code="CEL902",
    name="unused-suppression",
    severity=Severity.NOTE,
    default=Default.OFF,
    summary="a suppression comment of ours that takes nothing back",
    page=PAGE,
    # The engine makes these findings from the comments that no finding needed.
    kinds=frozenset(),
    family=Family.OTHER,
    consequence=consequence,
)
