"""What a watch costs: the time of a training step with and without one, from interleaved rounds.

    python benchmarks/watch_overhead.py

A step is one of SGD on a two-layer perceptron, batch 32, on the CPU with one thread. The cases take turns in blocks of
a few steps within one process, so that whatever else the machine does reaches all of them alike; of each block the time
of one step is kept, and the medians are compared. With `--verbose` the spread of the ratio is printed, too. The last
case has the three looks at a wrong call, in which both losses and their gradients are computed, in every block.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

import torch
from torch import nn

from ce_lint.runtime import watch
from ce_lint.runtime.watch.watching import Watch

FEATURES, HIDDEN, CLASSES, BATCH = 64, 128, 10, 32

WARM_UP = 60

Step = Callable[[], None]


@dataclass
class Case:
    """One way of running the step."""

    name: str
    step: Step
    watched: Callable[[], AbstractContextManager[Watch | None]]
    warm_up: int
    """Steps in a block before those that are measured: Python needs some to adapt to code that was exchanged."""
    baseline: str = ""
    """The case that it is compared with; empty for one that is compared with nothing."""
    times: list[float] = field(default_factory=list)
    """Of one step, in seconds, one for each round."""


def make_step(*, softmax: bool) -> Step:
    """Return one step of training, on the same batch every time."""
    torch.manual_seed(0)
    layers = [nn.Linear(FEATURES, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CLASSES)]
    net = nn.Sequential(*layers, nn.Softmax(dim=1)) if softmax else nn.Sequential(*layers)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    images, labels = torch.randn(BATCH, FEATURES), torch.randint(CLASSES, (BATCH,))

    def step() -> None:
        optimizer.zero_grad()
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()

    return step


def measure(case: Case, steps: int) -> float:
    """Return the seconds of one step, from a block of steps."""
    with case.watched():
        for _ in range(case.warm_up):
            case.step()
        start = time.perf_counter()
        for _ in range(steps):
            case.step()
        return (time.perf_counter() - start) / steps


def run(cases: list[Case], rounds: int, steps: int) -> None:
    """Measure every case once a round, in an order that is turned by one from round to round."""
    for number in range(rounds + 1):
        turn = number % len(cases)
        for case in cases[turn:] + cases[:turn]:
            seconds = measure(case, steps)
            # The first round warms up the machine.
            if number:
                case.times.append(seconds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=60, help="rounds, each of one block a case (default: 60)")
    parser.add_argument("--steps", type=int, default=200, help="steps in a block (default: 200)")
    parser.add_argument("--verbose", action="store_true", help="print the quartiles of the ratios of single rounds")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")

    right, double = make_step(softmax=False), make_step(softmax=True)
    cases = [
        Case("right, no watch", right, nullcontext, WARM_UP),
        Case("right, looking at every call", right, lambda: watch(looks=None), WARM_UP, baseline="right, no watch"),
        Case("right, past its looks", right, watch, WARM_UP, baseline="right, no watch"),
        Case("double softmax, no watch", double, nullcontext, WARM_UP),
        Case("double softmax, past its looks", double, watch, WARM_UP, baseline="double softmax, no watch"),
        Case("double softmax, its looks too", double, watch, 0, baseline="double softmax, no watch"),
    ]
    run(cases, options.rounds, options.steps)
    report(cases, verbose=options.verbose)


def report(cases: list[Case], *, verbose: bool) -> None:
    """Print a line for each case: the median of a step, and its ratio to the case without a watch."""
    by_name = {case.name: case for case in cases}
    for case in cases:
        line = f"{case.name:32} {statistics.median(case.times) * 1e6:8.1f} us a step"
        if case.baseline:
            base = by_name[case.baseline].times
            line += f"   ratio of medians {statistics.median(case.times) / statistics.median(base):.3f}"
            if verbose:
                low, middle, high = statistics.quantiles(
                    [mine / other for mine, other in zip(case.times, base, strict=True)], n=4
                )
                line += f"   of single rounds {low:.3f} {middle:.3f} {high:.3f}"
        print(line)  # noqa: T201


if __name__ == "__main__":
    main()
