"""What a user may ask of a run."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Settings(msgspec.Struct, frozen=True):
    """One run's choices; the same for every front-end."""

    select: tuple[str, ...] | None = None
    """Code prefixes that are reported instead of the rules that are on by default."""
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    root: Path | None = None
    """The project folder; None: the nearest one above each file that says so."""
    exclude: tuple[str, ...] = ()
    jobs: int = 1
    show_unresolved: bool = False
    respect_noqa: bool = True
    """Whether `# noqa` comments take findings back."""
    strict: bool = False
    """Raise what the analyser meets instead of listing it: for the project's own tests."""
