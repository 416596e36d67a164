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
    src: tuple[Path, ...] = ()
    """Folders that absolute imports are looked for in, before all but the importing file's own."""
    exclude: tuple[str, ...] = ()
    """Patterns of files and folders that are not looked at (see `globs`); from the current folder unless absolute."""
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Anchored patterns of files, `!` for all others, each with the code prefixes that are not reported there."""
    respect_gitignore: bool = True
    """Whether files that git ignores are left out."""
    force_exclude: bool = False
    """Whether files that are named themselves can be left out, too."""
    jobs: int = 1
    show_unresolved: bool = False
    """Whether the calls that could not be decided are listed; else they are only counted."""
    respect_noqa: bool = True
    """Whether suppression comments, flake8's and ours, take findings back."""
    baseline: Path | None = None
    """The file of findings that are already known, and so not reported."""
    respect_baseline: bool = True
    """Whether known findings are left out."""
    strict: bool = False
    """Raise what the analyser meets instead of listing it: for the project's own tests."""
