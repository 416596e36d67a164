"""What a process does that analyses projects for another one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection

import msgspec

from ce_lint.engine.inquiry import Inquiry
from ce_lint.engine.keeping import Keeping
from ce_lint.engine.kept import KeptAnalysis, kept, restored
from ce_lint.engine.results import Analysis
from ce_lint.program.collector import collected_between
from ce_lint.supply.crew import Ended, Task

BEHIND = 10
"""How much less of a processor a process may want that nobody waits for longest, as Unix counts it."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(KeptAnalysis).decode


def answer_inquiries(connection: Connection, keeping: Keeping, inquiries: Sequence[Inquiry]) -> None:
    """Answer with what is known of the project of each number, in order, until nobody asks any more.

    The inquiries come with the memory of the process that was forked: not all of what they hold can be sent.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked is interrupted, too, and ends this process
    half = sum(inquiry.size for inquiry in inquiries) / 2
    # All others are waited for less long than one that is larger than all of them together.
    longest = next((number for number, inquiry in enumerate(inquiries) if inquiry.size > half), None)
    helped = keeping.alone(jobs=2)
    is_first = True
    try:
        for task in collected_between(_received(connection)):
            is_longest = task.number == longest
            if is_first and longest is not None and not is_longest:
                with suppress(OSError):  # where that is not allowed, the small ones do not step back
                    os.nice(BEHIND)
            is_first = False
            found = inquiries[task.number].answered(helped if is_longest else keeping)
            connection.send_bytes(_encode(kept(found)))
            del found  # nobody waits for what it was made of to be let go
    except (EOFError, OSError):
        return
    finally:
        keeping.close()
        helped.close()


def _received(connection: Connection) -> Iterator[Task]:
    while True:
        tasks: list[Task] = connection.recv()
        yield from tasks


def answered(keeping: Keeping, inquiries: Sequence[Inquiry], number: int) -> bytes:
    """What is known of the project of a number, encoded; one that is most of all the others gets all processes."""
    inquiry = inquiries[number]
    is_most = 2 * inquiry.size > sum(one.size for one in inquiries)
    own = keeping.alone(keeping.jobs if is_most else 1)
    try:
        return _encode(kept(inquiry.answered(own)))
    finally:
        own.close()


def decoded(answer: bytes | Ended | None) -> Analysis | None:
    """The analysis that an answer holds; None where its process ended."""
    return None if answer is None or isinstance(answer, Ended) else restored(_decode(answer))
