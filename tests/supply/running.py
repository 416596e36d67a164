"""A dask cluster with two worker processes, which tells what it does; to be run as a program.

    python running.py WORKERS [worker|cluster]

prints the scheduler's address, ends a worker or the whole cluster when some tasks are finished, and, when its standard
input is closed, says how many tasks were finished.
"""

from __future__ import annotations

import os
import signal
import sys

from distributed import LocalCluster
from distributed.diagnostics.plugin import SchedulerPlugin

KILL_AFTER = 5


class Counter(SchedulerPlugin):  # type: ignore[misc]
    """Counts finished tasks, and ends what is to be ended in the middle of the work."""

    def __init__(self, cluster: LocalCluster, victim: str) -> None:
        self._cluster = cluster
        self._victim = victim
        self.finished = 0

    def transition(self, key: str, start: str, finish: str, *_arguments: object, **_others: object) -> None:
        if (start, finish) != ("processing", "memory"):
            return
        self.finished += 1
        if self.finished == KILL_AFTER and self._victim == "worker":
            os.kill(next(iter(self._cluster.workers.values())).pid, signal.SIGKILL)
            say("killed")
        elif self.finished == KILL_AFTER and self._victim == "cluster":
            for worker in self._cluster.workers.values():
                os.kill(worker.pid, signal.SIGKILL)
            os._exit(0)


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main(workers: int, victim: str) -> None:
    """Run until standard input is closed."""
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        counter = Counter(cluster, victim)
        cluster.scheduler.add_plugin(counter)
        say(cluster.scheduler_address)
        sys.stdin.read()
        say(counter.finished)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
