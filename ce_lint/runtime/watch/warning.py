"""The warning that a watch gives."""

from __future__ import annotations


class DoubleSoftmaxWarning(UserWarning):
    """A loss received scores of the wrong kind, proved by computing both losses.

    Given once for each call site, with the user's file and line. `-W error::ce_lint.runtime.DoubleSoftmaxWarning`
    makes it an error.
    """
