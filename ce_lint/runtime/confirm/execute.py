"""Runs the project's model in a subprocess and watches what its loss receives. No torch here: it is the child's."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ce_lint.findings import Finding, RuntimeCheck
from ce_lint.ir.recipe import Act, Built, Missing, Recipe
from ce_lint.runtime.confirm.judgement import inconclusive
from ce_lint.runtime.confirm.wire import Request, read_answer, write_request

METHOD = "execution"
DEFAULT_TIMEOUT = 60.0
"""Seconds for one finding, in which torch is imported too."""

_GRACE = 5.0
"""Seconds in which a process may end what it has started, before all of its group is killed."""

_CHILD = "ce_lint.runtime.confirm.child"


@dataclass(frozen=True, slots=True)
class ExecuteOptions:
    """How the project's code is run."""

    root: Path
    """The project's folder."""
    timeout: float = DEFAULT_TIMEOUT
    """Seconds."""
    input_shape: tuple[int, ...] = ()
    """The shape of one sample, without the batch dimension; empty where the model's first layer says it."""
    batch: str = ""
    """`package.module:function`, a function of the user's that returns a tensor, or (inputs, target)."""


def execute(finding: Finding, options: ExecuteOptions) -> RuntimeCheck:
    """Import the model's module, build the model, run it on a batch and watch the loss; losses are in nats.

    All of it happens in a process of its own: with a time limit, after which it and what it has started are killed;
    in a folder of its own, which is deleted; without standard input; without the network, as far as
    `ce_lint.runtime.confirm.isolation` can keep it away. Nothing else is kept from the project's code: it can read, and
    write outside its folder, what the user can. The verdict is inconclusive, with the reason in one line, wherever
    the code cannot be run as it is.
    """
    if finding.recipe is None:
        return inconclusive(METHOD, "the way to the loss is not known")
    refusal = _refusal(finding.recipe)
    if refusal:
        return inconclusive(METHOD, refusal)
    request = Request(finding.code, finding.recipe, str(options.root.absolute()), options.input_shape, options.batch)
    # A process that was killed may still hold a file of the folder open, which Windows does not forgive.
    with tempfile.TemporaryDirectory(prefix="ce-lint-", ignore_cleanup_errors=True) as folder:
        return _run(request, Path(folder), options.timeout)


def model_of(recipe: Recipe) -> Built | None:
    """What built the model that returned the scores: the outermost one where models hold models."""
    for operation in reversed((*recipe.before, *recipe.operations)):
        if operation.act is Act.MODEL:
            model = operation.arguments[0].value if operation.arguments else None
            return model if isinstance(model, Built) else None
    return None


def _refusal(recipe: Recipe) -> str:
    """Why there is nothing to run; empty where there is."""
    models = [one for one in (*recipe.before, *recipe.operations) if one.act is Act.MODEL]
    if not models:
        return "no model is on the way"
    if model_of(recipe) is None:
        built = models[-1].arguments[0].value if models[-1].arguments else None
        reason = built.reason if isinstance(built, Missing) else ""
        return f"what builds the model is not known{f': {reason}' if reason else ''}"
    return ""


def _run(request: Request, folder: Path, timeout: float) -> RuntimeCheck:
    scratch = folder / "work"
    scratch.mkdir()
    question, answer = folder / "request.json", folder / "answer.json"
    write_request(request, question)
    # Files, because a pipe stays open as long as any process that the code has started.
    with (folder / "stdout").open("w+b") as stdout, (folder / "stderr").open("w+b") as stderr:
        status = _status(question, answer, scratch, (stdout, stderr), timeout)
        check = read_answer(answer)
        if check is not None:
            return check
        if status is None:
            return inconclusive(METHOD, f"no answer within {timeout:g} s")
        return inconclusive(METHOD, f"the process {_ending(status)} before the loss was computed{_last_line(stderr)}")


def _status(
    question: Path, answer: Path, scratch: Path, output: tuple[IO[bytes], IO[bytes]], timeout: float
) -> int | None:
    """Run the child to its end; its exit status, None where it had to be killed."""
    process = subprocess.Popen(  # noqa: S603 - this Python, on a module of ce-lint
        [sys.executable, "-m", _CHILD, str(question), str(answer)],
        cwd=scratch,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=output[0],
        stderr=output[1],
        start_new_session=True,
    )
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        return None
    finally:
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and what it has started, workers that outlive it too."""
    if process.poll() is None and hasattr(os, "killpg"):
        # On Linux it ends what it has started itself, whatever group that is in (`supervision`).
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
    if hasattr(os, "killpg"):
        # Nobody of the group is left: macOS says it the second way.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.poll() is None:
        process.kill()
    process.wait()


def _environment() -> dict[str, str]:
    """The user's environment, in which the child finds ce-lint from another folder, and opens no windows."""
    package = Path(__file__).parents[3]
    paths = [str(Path(entry).absolute()) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    if package.name not in {"site-packages", "dist-packages"}:
        paths.append(str(package))
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "Agg",
    }


def _ending(status: int) -> str:
    return f"was ended by signal {-status}" if status < 0 else f"ended with exit status {status}"


def _last_line(stderr: IO[bytes]) -> str:
    stderr.seek(0)
    lines = stderr.read().decode("utf-8", "replace").strip().splitlines()
    return f": {lines[-1].strip()}" if lines else ""
