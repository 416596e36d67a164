"""One small file: what a start costs."""

from __future__ import annotations

from pathlib import Path

from benchmarks.records import Figure, Run, Setting, medians, ratio
from benchmarks.running import interleaved, run

ROUNDS = 15
_LOOP = """\
from torch import nn

net = nn.Sequential(nn.Linear(784, 10){activation})
criterion = nn.CrossEntropyLoss()
for x, y in loader:
    loss = criterion(net(x), y)
"""
RIGHT = _LOOP.format(activation="")
WRONG = _LOOP.format(activation=", nn.Softmax(dim=1)")


def start(setting: Setting) -> list[Figure]:
    """Without a finding, and with one; as it is typed, so with the cache of the runs before, where there is one."""
    return [
        _figure(setting, "right", RIGHT, "without a finding", status=0),
        _figure(setting, "wrong", WRONG, "with a finding", status=1),
    ]


def _figure(setting: Setting, name: str, text: str, said: str, *, status: int) -> Figure:
    folder = setting.scratch / f"start {name}"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    path = folder / "train.py"
    path.write_text(text, encoding="utf-8")

    def mine(_number: int) -> Run:
        return run([setting.ce_lint, "check", Path(path.name)], folder, statuses=(status,))

    def other(_number: int) -> Run:
        return run([setting.python, "-c", "pass"], folder, statuses=(0,))

    interleaved(f"start, {said}, not counted", [mine, other], 1)
    runs, others = interleaved(f"start, {said}", [mine, other], setting.rounds_or(ROUNDS, quick=5))
    figure = ratio(runs, others, setting.clock)
    what = f"ce-lint check of one small file, {said}"
    return Figure("start", what, "python -c pass", figure, 10, evidence=medians(runs, others))
