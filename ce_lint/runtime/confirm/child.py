"""`python -m ce_lint.runtime.confirm.child REQUEST ANSWER`: the process in which the project's code runs.

It writes its verdict to a file, and never returns to the project's code afterwards.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from ce_lint.runtime.confirm.isolation import refuse_network
from ce_lint.runtime.confirm.supervision import supervise
from ce_lint.runtime.confirm.wire import read_request, write_answer


def main(arguments: list[str]) -> None:
    """Answer one request; `arguments` are the paths of the request and of the answer."""
    question, answer = map(Path, arguments)
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    # Both before torch: a process with threads can neither be forked safely nor have a namespace of its own.
    supervise()
    refuse_network()
    from ce_lint.runtime.confirm.run import run

    write_answer(run(read_request(question)), answer)
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads and exit handlers of the project's code could keep the process for ever.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
