"""`ce-lint check --dask`: a real cluster, of which parts are ended while it works."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

import ce_lint
from ce_lint.engine.keeping import version
from ce_lint.program.loading import lower_content
from ce_lint.supply.cluster import CHUNK, Cluster, ClusterError, Unlowered, lower_chunk
from ce_lint.supply.index_files import packed
from ce_lint.supply.stored import encoded

pytest.importorskip("distributed")

pytestmark = pytest.mark.slow

RUNNING = Path(__file__).with_name("running.py")
MODEL = """\
import torch.nn.functional as F
from torch import nn


class Net{n}(nn.Module):
    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)


def train{n}(loader):
    net, criterion = Net{n}(), nn.CrossEntropyLoss()
    for x, y in loader:
        loss = criterion(net(x), y)
"""
STEP = "    x_{n}_{k} = previous.take({k}, of=[{n}, {k}])\n"


class Answer(NamedTuple):
    """What a check has said."""

    status: int
    report: str
    told: list[str]
    seconds: float


def check(*arguments: str, cwd: Path) -> Answer:
    since = time.monotonic()
    result = subprocess.run(
        [sys.executable, "-m", "ce_lint", "check", "--no-cache", *arguments],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Answer(result.returncode, result.stdout, result.stderr.splitlines(), time.monotonic() - since)


@contextlib.contextmanager
def cluster(
    workers: int = 2, victim: str = "", environment: Mapping[str, str] | None = None
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with subprocess.Popen(
        [sys.executable, str(RUNNING), str(workers), victim],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, **(environment or {})},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process
        finally:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=20)
            process.kill()


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten projects of more than 6 MB in all, with a few files that are no Python."""
    folder = tmp_path_factory.mktemp("projects")
    for n in range(200):
        project = folder / f"project_{n % 10}"
        project.mkdir(exist_ok=True)
        (project / "pyproject.toml").touch()
        steps = "".join(STEP.format(n=n, k=k) for k in range(600))
        (project / f"model_{n}.py").write_text(f"{MODEL.format(n=n)}\n\ndef pad(previous):\n{steps}")
    (folder / "project_3" / "broken.py").write_text("import torch\nF.softmax(x\n" + "# padding\n" * 50)
    (folder / "project_4" / "latin.py").write_bytes(b"import torch\nF.softmax(x)\n# \xe9\n" + b"# padding\n" * 50)
    return folder


@pytest.fixture(scope="module")
def plain(projects: Path) -> Answer:
    found = check(".", cwd=projects)
    assert (found.status, found.report.count("CEL001 softmax output")) == (3, 200)
    assert any(line.startswith("project_3/broken.py") for line in found.told)
    return found


@pytest.fixture(scope="module")
def tasks(projects: Path) -> int:
    """How many tasks there have to be at least."""
    count = sum(file.stat().st_size for file in projects.rglob("*.py")) // (CHUNK + 40_000)
    assert count > 12
    return count


def test_a_killed_worker_loses_nothing(projects: Path, plain: Answer, tasks: int) -> None:
    with cluster(victim="worker") as (address, process):
        found = check("--dask", address, ".", cwd=projects)
        said, _ = process.communicate(timeout=60)
    assert found[:3] == plain[:3]
    killed, finished = said.split()
    assert (killed, int(finished) >= tasks) == ("killed", True), said


def test_each_path_is_a_project(projects: Path, plain: Answer, tasks: int) -> None:
    with cluster() as (address, process):
        found = check("--dask", address, *(path.name for path in sorted(projects.iterdir())), cwd=projects)
        said, _ = process.communicate(timeout=60)
    assert found[:3] == plain[:3]
    assert tasks <= int(said) <= tasks + 5, "contents of several projects are one task"


def test_a_cluster_that_goes_away_costs_time_only(projects: Path, plain: Answer) -> None:
    with cluster(victim="cluster") as (address, process):
        found = check("--dask", address, ".", cwd=projects)
        assert process.wait(timeout=60) == 0
    assert found[:2] == plain[:2]
    (told,) = [line for line in found.told if line not in plain.told]
    assert told.startswith(f"{address}: the cluster ")
    assert told.endswith(": what is left is done here")


def test_no_scheduler(projects: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for address in ("127.0.0.1:1", "nonsense", f"127.0.0.1:{silent.getsockname()[1]}"):
            found = check("--dask", address, ".", cwd=projects)
            assert (found.status, found.report) == (2, "")
            (line,) = found.told
            assert line.startswith(f"Error: {address}: there is no ")
            assert found.seconds < 20


def test_workers_with_another_ce_lint(projects: Path, tmp_path: Path) -> None:
    package = tmp_path / "ce_lint"
    shutil.copytree(Path(ce_lint.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    with (package / "engine" / "errors.py").open("a") as file:
        file.write("# another one\n")
    with cluster(1, environment={"PYTHONPATH": str(tmp_path)}) as (address, _):
        found = check("--dask", address, ".", cwd=projects)
    assert (found.status, found.report, len(found.told)) == (2, "", 1)
    assert found.told[0].startswith(f"Error: {address}: a worker has ce-lint {ce_lint.__version__}-")
    assert found.told[0].endswith(f", and this is {version().decode()}")


def test_workers_without_ce_lint(projects: Path, tmp_path: Path) -> None:
    (tmp_path / "ce_lint").mkdir()
    (tmp_path / "ce_lint" / "__init__.py").touch()
    with cluster(1, environment={"PYTHONPATH": str(tmp_path)}) as (address, _):
        found = check("--dask", address, ".", cwd=projects)
    assert (found.status, found.report, len(found.told)) == (2, "", 1)
    assert "the workers need ce-lint of the same version: No module named 'ce_lint." in found.told[0]


def test_a_cluster_without_workers_is_not_waited_for() -> None:
    taken: list[bytes] = []
    data = MODEL.format(n=1).encode()
    with cluster(0) as (address, _):
        client = Cluster(address, version, lambda key, _value: taken.append(key), silence_seconds=1.0)
        told = client.lower([Unlowered(b"k", ".py", data)])
    assert told == f"{address}: the cluster gave no answer for 1 s: what is left is done here"
    assert taken == []


def test_what_is_wrong_with_all_tasks_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def answer(*_: object) -> list[bytes | None]:
        raise ClusterError("no such cluster")

    monkeypatch.setattr(Cluster, "_answer", answer)
    contents = [Unlowered(b"%d" % n, ".py", b"x" * CHUNK) for n in range(9)]
    with cluster(0) as (address, _):
        with pytest.raises(ClusterError, match="no such cluster") as error:
            Cluster(address, version, lambda *_: None).lower(contents)
        del error
        gc.collect()
    assert caplog.messages == []


def test_dask_is_not_installed(projects: Path) -> None:
    code = "import sys; sys.modules['distributed'] = None; from ce_lint.cli.main import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", code, "check", "--dask", "127.0.0.1:1", "."],
        cwd=projects, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == 'Error: --dask needs dask.distributed: python -m pip install "ce-lint[dask]"\n'


def test_standard_input_is_not_for_others(projects: Path) -> None:
    found = check("--dask", "127.0.0.1:1", "-", cwd=projects)
    assert (found.status, found.told) == (2, ["Error: --dask is for files and folders, not for standard input (-)"])


def test_what_a_worker_answers() -> None:
    contents = [(".py", MODEL.format(n=n).encode()) for n in range(3)] + [(".py", b"F.softmax(")]
    found = lower_chunk(contents, lambda: b"7")
    assert found == (b"7", [packed(encoded(lower_content(Path(f"x{suffix}"), data))) for suffix, data in contents])
