"""The projects of the open files and of the client's folders, each with a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ce_lint.engine.discovery import SUFFIXES, project_root
from ce_lint.engine.workspace import Cancelled
from ce_lint.lsp.addresses import path_of
from ce_lint.lsp.analyst import Analyst, Change, Laid, Reconfigured, Telling, Touched, Unwatched
from ce_lint.lsp.client import Client
from ce_lint.lsp.diagnostics import Answer, Showing
from ce_lint.lsp.documents import OpenFile, OpenFiles
from ce_lint.lsp.fixing import NewPlanner
from ce_lint.lsp.pages import Pages
from ce_lint.lsp.scheduler import Worker
from ce_lint.lsp.settings import ServerSettings
from ce_lint.source.paths import display_path

Found = TypeVar("Found")

_ON_NO_DISK = ("untitled", "inmemory")
"""The schemes of documents that are not saved anywhere: they are analysed alone, as files outside of any project."""


@dataclass(slots=True)
class Project:
    """A project as the event loop knows it."""

    root: Path
    worker: Worker[Change]
    analyst: Analyst
    """Used by the worker's thread alone."""
    answer: Answer = field(default_factory=Answer)
    answered: int = 0
    """The generation that was last answered, or for which it was said that there is no answer."""
    errors: str = ""
    """What was last logged of files that cannot be analysed."""
    told: str = ""
    """What was last said of why there is none."""
    waiting: list[tuple[int, asyncio.Future[None]]] = field(default_factory=list)
    edited: set[str] = field(default_factory=set)
    """The files that the user has changed since the last answer."""

    async def settled(self) -> Answer:
        """Return the answer to all that is known by now."""
        generation = self.worker.generation
        while self.answered < generation:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.waiting.append((generation, future))
            await future
        return self.answer

    async def ask(self, question: Callable[[Analyst], Found]) -> Found:
        """Ask in the project's thread, about all that is known by now."""
        while True:
            await self.settled()
            with contextlib.suppress(Cancelled):  # something has changed meanwhile
                return await asyncio.wrap_future(self.worker.ask(lambda: question(self.analyst)))

    def accept(self, generation: int, answer: Answer | None) -> None:
        """Take an answer, or that there is none."""
        self.answered = max(self.answered, generation)
        self.answer = answer or self.answer
        ready = [future for wanted, future in self.waiting if wanted <= self.answered]
        self.waiting = [(wanted, future) for wanted, future in self.waiting if wanted > self.answered]
        for future in ready:
            if not future.done():
                future.set_result(None)


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told, in the event loop."""

    answered: Callable[[Project], None]
    failed: Callable[[Project, str], None]
    started: Callable[[Project], None]
    """A project is looked at for the first time."""
    removed: Callable[[], None]
    """Some projects are no longer there."""


class Projects:
    """All projects of one client."""

    def __init__(
        self,
        client: Client,
        files: OpenFiles,
        new_planner: NewPlanner,
        listener: Listener,
        scratch: Path,
        settings: ServerSettings,
    ) -> None:
        """Start with none; `scratch` is a folder of ours, for what is on no disk."""
        self._client = client
        self._files = files
        self._new_planner = new_planner
        self._listener = listener
        self._scratch = scratch
        self._pages = Pages(scratch / "rules")
        self._settings = settings
        self._projects: dict[Path, Project] = {}
        self._alone: dict[str, Path] = {}
        """Where the documents that are analysed alone are taken to be."""
        self._numbers = itertools.count(1)
        self._loop = asyncio.get_running_loop()

    def __iter__(self) -> Iterator[Project]:
        """Iterate over them."""
        return iter(tuple(self._projects.values()))

    def path(self, uri: str) -> Path | None:
        """Return the path that a document stands for; None for what is not analysed."""
        return self._alone.get(uri) or path_of(uri)

    def speaker(self, uri: str) -> Project | None:
        """Return the project that says what is shown in a file or cell, of those that there are: the nearest one."""
        path = self.path(self._files.file_of(uri))
        around = [one for one in self if path is not None and path.is_relative_to(one.root)]
        if around:
            return max(around, key=lambda one: len(one.root.parts))
        return next((one for one in self if uri in one.answer.ends), None)

    def add_folder(self, uri: str) -> None:
        """Look at a folder of the client as a whole; not at a home, or what lies above one."""
        path = path_of(uri)
        if path is not None and path.is_dir():
            root = self._asked_root or project_root(path)
            if root not in self._projects and not (_is_too_large(path) or _is_too_large(root)):
                self._new(root)

    def remove_folder(self, uri: str) -> None:
        """Look no longer at a folder that the client has closed, unless a file in it is open."""
        root = path_of(uri)
        in_use = (self._root(path) for path in map(self.path, self._files.uris()) if path is not None)
        if root is not None and root not in set(in_use) and root in self._projects:
            self._remove(root)
            self._listener.removed()

    def lay(self, uri: str) -> None:
        """Tell of a file that was opened, changed or closed."""
        path = self._place(uri)
        if path is None:
            return
        parts = self._files.parts(uri)
        file = None if parts is None else OpenFile(uri, path, parts)
        root = self._root(path)
        if root not in self._projects:
            self._new(root)
        for project in self:
            if path.is_relative_to(project.root):
                project.edited.add(uri)
                project.worker.change(path, Laid(path, file))
        if file is None and uri in self._alone:
            del self._alone[uri]
            self._remove(path.parent)
            self._listener.removed()

    def touch(self, paths: Iterable[Path]) -> None:
        """Tell of files that were made, changed or removed on disk."""
        for project in self:
            # Imports can leave a project, and its configuration can lie above it.
            project.worker.change((Touched, tuple(paths)), Touched(tuple(paths)))

    def look_at_the_disk(self) -> None:
        """Let the files be looked at again, where the client watches none."""
        if not self._client.watches:
            for project in self:
                project.worker.change(Unwatched, Unwatched())

    def configure(self, settings: ServerSettings) -> None:
        """Ask for something else."""
        moved = settings.asked.root != self._settings.asked.root
        self._settings = settings
        if moved:
            self.stop()
            for uri in tuple(self._files.uris()):
                self.lay(uri)
            self._listener.removed()
            return
        for project in self:
            change = Reconfigured(settings.asked, self._showing(project.root))
            project.worker.change(Reconfigured, change)

    def stop(self) -> None:
        """Let all threads end."""
        for root in tuple(self._projects):
            self._remove(root)

    @property
    def only_open_files(self) -> bool:
        """Whether nothing is shown in files that are not open."""
        return self._settings.only_open_files

    @property
    def _asked_root(self) -> Path | None:
        return self._settings.asked.root

    def _place(self, uri: str) -> Path | None:
        """The path of a document; one that is analysed alone gets a folder of its own."""
        path = path_of(uri)
        is_alone = uri.partition(":")[0] in _ON_NO_DISK or (path is not None and _is_too_large(self._root(path)))
        if is_alone and uri not in self._alone:
            folder = self._scratch / str(next(self._numbers))
            folder.mkdir(parents=True)
            name = "".join(one if one.isalnum() or one in "-_." else "-" for one in Path(_name(uri)).name)
            self._alone[uri] = folder / (name if Path(name).suffix in SUFFIXES else f"{name}.py")
        return self.path(uri)

    def _root(self, path: Path) -> Path:
        if path.is_relative_to(self._scratch):
            return path.parent
        if self._asked_root is not None and path.is_relative_to(self._asked_root):
            return self._asked_root
        # Of a folder that is not there yet, the nearest one that is says which project it is in.
        folder = next((one for one in path.parents if one.is_dir()), path.parent)
        return project_root(folder)

    def _new(self, root: Path) -> Project:
        def answered(answer: Answer) -> None:
            self._tell(accept, answer.generation, answer, "")

        def failed(generation: int, reason: str) -> None:
            self._tell(accept, generation, None, reason)

        def accept(generation: int, answer: Answer | None, reason: str) -> None:
            project.accept(generation, answer)
            if self._projects.get(root) is not project:
                return
            if answer is None:
                self._listener.failed(project, reason)
            else:
                self._listener.answered(project)

        analyst = Analyst(root, self._settings.asked, self._showing(root), self._new_planner, Telling(answered, failed))
        project = Project(root, Worker(analyst, f"ce-lint {root.name}"), analyst)
        self._projects[root] = project
        project.worker.change(Touched, Touched(()))  # the first look
        self._listener.started(project)
        for uri in self._files.uris():
            path = self.path(uri)
            parts = self._files.parts(uri)
            if path is not None and parts is not None and path.is_relative_to(root):
                project.worker.change(path, Laid(path, OpenFile(uri, path, parts)))
        return project

    def _tell(self, accept: Callable[..., None], *what: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody listens any more
            self._loop.call_soon_threadsafe(accept, *what)

    def _showing(self, root: Path) -> Showing:
        names = {str(path): _name(uri) for uri, path in self._alone.items() if path.parent == root}

        def readable(text: str) -> str:
            for path, name in names.items():
                text = text.replace(display_path(Path(path)), name)
            return text

        return Showing(self._client, self._settings.report_at, self._pages.href, readable if names else str)

    def _remove(self, root: Path) -> None:
        project = self._projects.pop(root, None)
        if project is not None:
            project.worker.stop()
            project.accept(project.worker.generation, Answer())


def _is_too_large(root: Path) -> bool:
    """Tell whether a folder is no project, whatever lies in it: a home, what lies above one, or all there is."""
    return root == Path(root.anchor) or Path.home().is_relative_to(root)


def _name(uri: str) -> str:
    """What a user calls a document that is analysed alone."""
    path = path_of(uri)
    return (uri.partition(":")[2] or uri) if path is None else display_path(path)
