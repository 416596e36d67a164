"""The first look at a project, which can take a while, as something that is under way."""

from __future__ import annotations

import asyncio
import uuid

from lsprotocol import types
from pygls.progress import Progress

from ce_lint.lsp.projects import Project

_SHORT = 1.0
"""Seconds that nobody needs to be told of."""


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
