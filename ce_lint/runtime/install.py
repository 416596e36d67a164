"""How to get what the runtime checker needs. No torch here."""

from __future__ import annotations

INSTALL = 'python -m pip install "ce-lint[runtime]"'
"""How to get torch and matplotlib."""
NEEDS_TORCH = f"ce_lint.runtime needs torch: {INSTALL}"
