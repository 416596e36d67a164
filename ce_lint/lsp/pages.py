"""The pages of the rules as files, for diagnostics to link to: the project has no address on the web."""

from __future__ import annotations

from pathlib import Path

from ce_lint.lsp.addresses import uri_of
from ce_lint.rules.registry import RULES


class Pages:
    """A folder of pages, written when the first of them is linked to."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, which is ours."""
        self._folder = folder
        self._written = False

    def href(self, code: str) -> str | None:
        """Return the address of a rule's page; None where it cannot be written."""
        if not self._written:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                for rule in RULES:
                    (self._folder / f"{rule.code}.md").write_text(rule.page, encoding="utf-8")
            except OSError:
                return None
            self._written = True
        return uri_of(self._folder / f"{code}.md")
