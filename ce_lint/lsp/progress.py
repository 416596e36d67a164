"""The first look at a project, which can take a while, as something that is under way."""

from __future__ import annotations

import asyncio
import uuid
from typing import Protocol

from lsprotocol import types

from ce_lint.lsp.projects import Project

_SHORT = 1.0
"""Seconds that nobody needs to be told of."""


class Progress(Protocol):
    """The client's progress bars, as pygls has them."""

    async def create_async(self, token: str) -> object:
        """Make one."""

    def begin(self, token: str, value: types.WorkDoneProgressBegin) -> None:
        """Show it."""

    def end(self, token: str, value: types.WorkDoneProgressEnd) -> None:
        """Take it away."""


async def show_first_look(progress: Progress, project: Project) -> None:
    """Show that a project is looked at, until there is an answer."""
    await asyncio.sleep(_SHORT)
    if project.answered:
        return
    token = str(uuid.uuid4())
    await progress.create_async(token)
    progress.begin(token, types.WorkDoneProgressBegin(title=f"ce-lint: {project.root.name}"))
    await project.settled()
    progress.end(token, types.WorkDoneProgressEnd())
