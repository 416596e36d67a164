"""`watch()`: what every loss receives, around any training code.

What it does to the program that it watches:

- Each result is computed by torch's own function first and returned unchanged. Nothing is computed that takes part in
  the autograd graph, and random numbers are not drawn.
- The first calls of each call site are looked at, afterwards calls are only counted. Scores of another origin (another
  last node of the autograd graph: another head, `no_grad`) are looked at anew.
- Where torch has `torch.compiler.set_stance` (2.6 and newer), compiled code runs eagerly until every call site seen so
  far has had its looks: the loss of a step that is compiled as a whole cannot be seen otherwise. Until then such a
  program computes what it would compute without torch.compile, which may differ in the last digits. What runs compiled
  while a watch is on is compiled once more, since its losses have other code. A step that was compiled with
  `fullgraph=True` is compiled again after the next step of an optimizer, or where there is none when the watch ends.
  A watch that is entered within a compiled function does not see the losses of that function, and says so.
- Threads are seen. Child processes are not: what a forked one does to its copy of the watch stays there.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

import torch

from ce_lint.findings import Finding
from ce_lint.runtime.sites.findings import explain, shown_path
from ce_lint.runtime.sites.records import SiteReport
from ce_lint.runtime.watch.frames import call_site
from ce_lint.runtime.watch.looking import Call, examine, is_right_by_node, obstacle
from ce_lint.runtime.watch.registry import REGISTRY
from ce_lint.runtime.watch.report import WatchReport
from ce_lint.runtime.watch.site import Site
from ce_lint.runtime.watch.warning import DoubleSoftmaxWarning

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LOG = logging.getLogger("ce_lint")

DEFAULT_LOOKS = 3


def watch(
    *,
    looks: int | None = DEFAULT_LOOKS,
    warn: bool = True,
    on_look: Callable[[SiteReport], None] | None = None,
    on_call: Callable[[int], None] | None = None,
) -> Watch:
    """Return a context manager that sees every call of a loss of torch while it is on, in every thread.

    `looks` is how many calls of each call site are looked at, None for all of them; the others are counted. `warn`
    gives a `DoubleSoftmaxWarning` once for each call site that is proved wrong. `on_look` is called with the state of
    the call site after each look, `on_call` with the running number of loss calls, from 1, both in the thread of the
    call and after the loss was computed; what they raise goes through to the code that called the loss.
    Raise ValueError where `looks` is negative.
    """
    if looks is not None and looks < 0:
        raise ValueError(f"looks is the number of calls to look at, or None for all: {looks}")
    return Watch(looks, warn, on_look, on_call)


class Watch:
    """A watch that is on, or was: its report can be had at any time. Made by `watch()`."""

    def __init__(
        self,
        looks: int | None,
        warn: bool,
        on_look: Callable[[SiteReport], None] | None,
        on_call: Callable[[int], None] | None,
    ) -> None:
        self._looks = looks
        self._warn = warn
        self._on_look = on_look
        self._on_call = on_call
        # Reentrant: a signal's handler may ask for the report in the middle of a call.
        self._lock = threading.RLock()
        self._is_entered = False
        self._running = 0
        """How many calls were seen by `saw`: all of them where there is `on_call`."""
        # By file, function, line, instruction and functional: code that is made again and again, such as a cell of a
        # notebook, has the same call sites each time.
        self._sites: dict[tuple[str, str, int, int, str], Site] = {}
        self._pending = 0
        """How many pairs of a call site and an origin of scores have looks left."""
        self._unseen: dict[str, None] = {}

    def __enter__(self) -> Watch:
        if self._is_entered:
            raise RuntimeError("a watch is entered once: make another with watch()")
        self._is_entered = True
        _turn_on(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _turn_off(self)

    def note(self, *lines: str) -> bool:
        """Remember why something may be unseen; whether any of it is new."""
        with self._lock:
            new = [line for line in lines if line not in self._unseen]
            self._unseen.update(dict.fromkeys(new))
        return bool(new)

    @property
    def is_looking(self) -> bool:
        """Whether a call may still be looked at that is not the first of a new call site."""
        if self._looks is None:
            return True
        return self._looks > 0 and (self._pending > 0 or not self._sites)

    def report(self) -> WatchReport:
        """Return what was seen so far, as a snapshot."""
        with self._lock:
            return WatchReport(tuple(site.report() for site in self._sites.values()), tuple(self._unseen))

    @property
    def sites(self) -> tuple[SiteReport, ...]:
        """The call sites seen so far, in the order in which they were first called."""
        return self.report().sites

    @property
    def calls(self) -> int:
        """How many loss calls were seen so far."""
        with self._lock:
            return sum(site.calls for site in self._sites.values())

    @property
    def is_empty(self) -> bool:
        """Was no loss call seen so far?"""
        return not self._sites

    def findings(self) -> tuple[Finding, ...]:
        """Return one finding for each call site that was proved wrong so far."""
        return self.report().findings()

    def summary(self) -> str:
        """Say in a few lines what was seen so far."""
        return self.report().summary()

    def plot(self, file: str | Path | None = None) -> Figure:
        """Draw what was seen so far, and write it to a file (`.png`, `.svg`) where one is named."""
        return self.report().plot(file)

    def __str__(self) -> str:
        return self.summary()

    def after_fork(self) -> None:
        """Make the lock anew in a child process, where the thread that held it is gone."""
        self._lock = threading.RLock()

    def saw(self, call: Call) -> Callable[[], None] | None:
        """Count one call of a loss, and look at it if it is due; return what is to be told to the user, if anything.

        Raises nothing.
        """
        site = self._site_of(call)
        with self._lock:
            site.flush()
            site.counted.add()
            number = site.calls
            self._running = running = self._running + 1
            is_due = self._looks is None or self._take(site, call.node)
        looked = is_due and self._look(site, call, number)
        if not (looked or self._on_call):
            return None
        return partial(self._tell, running, site, call.user, looked)

    def count_of(self, call: Call) -> Callable[[], None] | None:
        """Return what is left to do for the next calls like this one where that is to count them, else None."""
        site = self._site_of(call)
        if self._looks is None or self._on_call is not None or site.taken.get(call.node, 0) < self._looks:
            return None
        return site.counted.add

    def losses_of(self, call: Call) -> list[float] | None:
        """Return where to put the losses of the next calls like this one, where all of them are right, else None."""
        site = self._site_of(call)
        if self._looks is not None or self._on_call or self._on_look or site.diagnosis is None:
            return None
        return site.right if is_right_by_node(call) and obstacle(call) is None else None

    def _site_of(self, call: Call) -> Site:
        user, functional = call.user, call.functional.name
        key = (user.f_code.co_filename, user.f_code.co_name, user.f_lineno, user.f_lasti, functional)
        site = self._sites.get(key)
        if site is None:
            new = Site(call_site(functional, call.caller, user))
            with self._lock:
                site = self._sites.setdefault(key, new)
        return site

    def _take(self, site: Site, node: str) -> bool:
        """Take one of the looks that scores with this last node have at this site, if there is one left."""
        taken = site.taken.get(node, 0)
        assert self._looks is not None
        if taken >= self._looks:
            return False
        site.taken[node] = taken + 1
        self._pending += (taken == 0) - (taken + 1 == self._looks)
        return True

    def _look(self, site: Site, call: Call, number: int) -> bool:
        """Look at one call; whether that was possible. This is an edge: the user's program must not notice."""
        try:
            hindrance = obstacle(call)
            if hindrance is not None:
                self.note(f"{_label(site)}: {hindrance}")
                return False
            may_wait = self._looks is None or not site.has_waited
            found = examine(call, site.place.loss, number, site.diagnosis, may_wait=may_wait)
        except Exception as error:  # noqa: BLE001 - what goes wrong in looking is ours, and no reason to stop training
            line = f"{_label(site)}: {type(error).__name__}: {error}"
            if self.note(line):
                _LOG.warning("a loss could not be looked at: %s", line, exc_info=True)
            return False
        finally:
            if not self.is_looking:
                self._settle()
        if found is None:
            return False
        with self._lock:
            site.record(found.diagnosis, found.seen)
            site.has_waited |= found.has_waited
        return True

    def _report(self, site: Site) -> SiteReport:
        with self._lock:
            return site.report()

    def _settle(self) -> None:
        left = REGISTRY.update_stance()
        if left is not None:
            self.note(left)

    def _tell(self, running: int, site: Site, user: FrameType, looked: bool) -> None:
        """Warn and call back; whatever is raised goes to the user."""
        if looked:
            self._warn_once(site, user)
            if self._on_look is not None:
                self._on_look(self._report(site))
        if self._on_call is not None:
            self._on_call(running)

    def _warn_once(self, site: Site, user: FrameType) -> None:
        if not self._warn or site.has_warned or not site.is_wrong or site.diagnosis is None:
            return
        site.has_warned = True
        warnings.warn_explicit(
            f"{site.diagnosis.code} {explain(site.diagnosis)}",
            DoubleSoftmaxWarning,
            filename=site.place.path,
            lineno=site.place.line,
            module=user.f_globals.get("__name__"),
            registry=user.f_globals.setdefault("__warningregistry__", {}),
        )


@torch.compiler.disable  # type: ignore[untyped-decorator]
def _turn_on(watch: Watch) -> None:
    """Enter a watch; within a compiled function too, where this much is not compiled."""
    watch.note(*REGISTRY.enter(watch))


@torch.compiler.disable  # type: ignore[untyped-decorator]
def _turn_off(watch: Watch) -> None:
    left = REGISTRY.leave(watch)
    if left is not None:
        watch.note(left)


def _label(site: Site) -> str:
    return f"{site.place.loss} at {shown_path(site.place.path)}:{site.place.line}"
