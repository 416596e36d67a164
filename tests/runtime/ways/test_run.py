"""`ce-lint run` on real programs: what they do, say and return is what they do under python."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

pytestmark = [pytest.mark.torch, pytest.mark.slow]

Python = Callable[..., Any]
Script = Callable[[str], str]
WRONG = "train.py:12: CEL001 softmax output is the input of cross_entropy"

LOOP = """
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 5), nn.Softmax(dim=1))
data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, Y), batch_size=16, shuffle=True)
criterion, optimizer = nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters())
for _ in range(50):
    for x, y in data:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
torch.save(model.state_dict(), sys.argv[1])
"""


def test_a_training_of_200_steps_ends_with_the_same_weights_bit_for_bit(
    python: Python, watched: Python, script: Script, tmp_path: Path
) -> None:
    script(LOOP)
    assert python("train.py", "plain.pt").status == 0
    outcome = watched("train.py", "watched.pt")
    assert outcome.told == ["200 loss calls at 1 call site: 1 confirmed, 0 right, 0 inconclusive"]
    plain, other = (torch.load(tmp_path / name) for name in ("plain.pt", "watched.pt"))
    assert plain.keys() == other.keys()
    assert all(torch.equal(plain[name], other[name]) for name in plain)


def test_the_programs_world_is_pythons(python: Python, watched: Python, script: Script) -> None:
    script(
        "import json\n"
        "wrong()\n"
        "print(json.dumps([sys.argv, __name__, __file__, sys.path, sys.stdin.read()]))\n"
        "print('sitecustomize' in sys.modules)\n"
        "print(type(torch.__spec__.loader).__name__, torch.__spec__.loader is torch.__loader__, sys.flags)\n"
    )
    arguments = ("train.py", "--steps", "3", "-x", "--", "a b")
    plain, other = python(*arguments, stdin="in"), watched(*arguments, stdin="in")
    assert other.out == plain.out
    assert other.err.startswith(WRONG)


def test_a_module_is_run_as_python_does(python: Python, watched: Python, script: Script, tmp_path: Path) -> None:
    script("")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    (tmp_path / "package" / "main.py").write_text("import sys, train\ntrain.right(4)\nprint(sys.argv, __package__)\n")
    arguments = ("-m", "package.main", "--format", "json")
    plain, other = python(*arguments), watched(*arguments)
    assert other.out == plain.out
    assert other.told == ["4 loss calls at 1 call site: 0 confirmed, 1 right, 0 inconclusive"]


CUT_OFF = "1 process ended at once, after which calls are not counted: there may have been more"


@pytest.mark.parametrize(
    ("body", "status", "calls"),
    [
        ("wrong(200)\nraise ValueError('out of data')\n", 1, 200),
        ("wrong(200)\nsys.exit(3)\n", 3, 200),
        ("wrong(200)\nsys.exit('no more')\n", 1, 200),
        ("wrong(200)\nraise KeyboardInterrupt\n", -signal.SIGINT, 200),
        ("wrong(200)\nos._exit(7)\n", 7, 3),
        ("wrong(200)\nos.kill(os.getpid(), signal.SIGKILL)\n", -signal.SIGKILL, 3),
        ("wrong(200)\nos.kill(os.getpid(), signal.SIGTERM)\n", -signal.SIGTERM, 3),
    ],
    ids=["raises", "exits", "exits with a text", "interrupted", "_exit", "killed", "terminated"],
)
def test_how_a_program_ends_is_kept_and_no_finding_is_lost(
    python: Python, watched: Python, script: Script, body: str, status: int, calls: int
) -> None:
    script(body)
    plain, other = python("train.py"), watched("train.py")
    assert plain.status == other.status == status
    assert other.own_err == plain.err
    assert WRONG in other.err
    count = f"{calls} loss calls at 1 call site: 1 confirmed, 0 right, 0 inconclusive"
    assert other.told == ([count] if calls == 200 else [count, CUT_OFF])


def test_a_traceback_from_within_a_loss_is_torchs_own_but_for_the_call(watched: Python, script: Script) -> None:
    script("cross_entropy(X, Y[:3])\n")
    outcome = watched("train.py")
    assert outcome.status == 1
    assert "ValueError: Expected input batch_size (64) to match target batch_size (3)." in outcome.own_err


@pytest.mark.parametrize(
    "arguments",
    [("broken.py",), ("nowhere.py",), ("folder",), ("-m", "nowhere"), ("quiet.py",)],
    ids=["syntax error", "no such script", "a folder", "no such module", "no torch"],
)
def test_what_python_says_of_a_program_that_calls_no_loss_is_all_that_is_said(
    python: Python, watched: Python, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "broken.py").write_text("import os\nif :\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "quiet.py").write_text("import sys\nprint([name for name in sys.modules if 'ce_lint' in name])\n")
    plain, other = python(*arguments), watched(*arguments)
    assert (other.status, other.out, other.own_err) == (plain.status, plain.out, plain.err)
    assert other.told == ["no loss call was seen: nothing can be said"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_model_that_needs_a_gpu_says_so_itself(python: Python, watched: Python, script: Script) -> None:
    script("nn.Linear(2, 2).cuda()\n")
    plain, other = python("train.py"), watched("train.py")
    assert (other.status, other.own_err) == (plain.status, plain.err)
    assert other.status == 1


FORKS = """
right(4)
child = os.fork()
wrong(2)
if child:
    os.waitpid(child, 0)
else:
    os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_tells_what_it_saw_and_its_parent_the_rest(watched: Python, script: Script) -> None:
    script(FORKS)
    outcome = watched("train.py")
    assert outcome.told == ["8 loss calls at 2 call sites: 1 confirmed, 1 right, 0 inconclusive", CUT_OFF]
    assert "(looked at 4 of 4 calls)" in next(line for line in outcome.err.splitlines() if line.startswith(WRONG))


WORKERS = """
if __name__ == "__main__":
    data = torch.utils.data.TensorDataset(X, Y)
    for x, y in torch.utils.data.DataLoader(data, batch_size=16, num_workers=2, multiprocessing_context=sys.argv[1]):
        cross_entropy(x[:, :5].softmax(dim=1), y)
    print("done")
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_that_load_data_are_nothing_to_tell_of(watched: Python, script: Script, method: str) -> None:
    script(WORKERS)
    outcome = watched("train.py", method)
    assert (outcome.status, outcome.out) == (0, "done\n")
    assert outcome.told == ["4 loss calls at 1 call site: 1 confirmed, 0 right, 0 inconclusive"]


SPAWNS = """
import multiprocessing
if __name__ == "__main__":
    worker = multiprocessing.get_context("spawn").Process(target=wrong, args=(5,))
    worker.start()
    worker.join()
"""


def test_a_process_that_is_spawned_is_watched_too(watched: Python, script: Script) -> None:
    script(SPAWNS)
    assert watched("train.py").told == ["5 loss calls at 1 call site: 1 confirmed, 0 right, 0 inconclusive"]


WORKS = """
import multiprocessing
if __name__ == "__main__":
    worker = multiprocessing.get_context("fork").Process(target=wrong, args=(50,))
    worker.start()
    worker.join()
    right(2)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_all_that_a_forked_worker_called_is_counted(watched: Python, script: Script) -> None:
    script(WORKS)
    assert watched("train.py").told == ["52 loss calls at 2 call sites: 1 confirmed, 1 right, 0 inconclusive"]


STUBBORN = """
for _ in range(9):
    try:
        wrong()
    except SystemExit:
        print("not yet")
print("never")
"""
IN_A_THREAD = """
thread = threading.Thread(target=wrong, args=(100,))
thread.start()
thread.join()
for _ in range(1000):
    pass
print("never")
"""


def test_a_program_ends_after_so_many_steps(watched: Python, script: Script) -> None:
    script("try:\n    right(100)\nfinally:\n    print('in order')\nprint('never')\n")
    outcome = watched("--steps", "5", "train.py")
    assert (outcome.status, outcome.out) == (0, "in order\n")
    assert outcome.told == ["5 loss calls at 1 call site: 0 confirmed, 1 right, 0 inconclusive"]


def test_a_program_that_would_not_end_is_told_at_each_further_call(watched: Python, script: Script) -> None:
    script(STUBBORN)
    assert watched("--steps", "5", "train.py").out == "not yet\n" * 5 + "never\n"


def test_a_program_that_trains_in_a_thread_ends_as_well(watched: Python, script: Script) -> None:
    script(IN_A_THREAD)
    outcome = watched("--steps", "5", "train.py")
    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.told[0].startswith("5 loss calls")


SEVERAL = """
begin = threading.Event()
def train():
    begin.wait()
    wrong(3000)
threads = [threading.Thread(target=train) for _ in range(4)]
for thread in threads:
    thread.start()
"""
LEAVES = SEVERAL + "threading.Timer(0.3, begin.set).start()"
SAVES = (
    SEVERAL
    + """
try:
    begin.set()
    for thread in threads:
        thread.join()
finally:
    while any(thread.is_alive() for thread in threads):
        pass
    print("saved")
"""
)


@pytest.mark.parametrize(("body", "out"), [(LEAVES, ""), (SAVES, "saved\n")], ids=["has ended", "saves"])
def test_a_main_thread_on_its_way_out_is_not_interrupted_by_the_others(
    watched: Python, script: Script, body: str, out: str
) -> None:
    script(body)
    outcome = watched("--steps", "50", "train.py")
    assert (outcome.status, outcome.out, outcome.own_err) == (0, out, "")
    (count,) = outcome.told
    assert 50 <= int(count.split()[0]) < 60


def test_documents_and_a_picture_are_written_to_files(watched: Python, script: Script, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    script("wrong(50)\nright(2)\n")
    outcome = watched("--format", "json", "--output-file", "found.json", "--plot", "found.png", "train.py")
    assert outcome.err == "ce-lint: 52 loss calls at 2 call sites: 1 confirmed, 1 right, 0 inconclusive\n"
    document = json.loads((tmp_path / "found.json").read_text())
    assert document["loss_calls"] == {"right": 1, "reported": 1, "unresolved": 0, "set_aside": 0}
    (finding,) = document["findings"]
    assert (finding["code"], finding["path"], finding["line"]) == ("CEL001", "train.py", 12)
    assert finding["runtime"]["verdict"] == "confirmed"
    assert (tmp_path / "found.png").read_bytes().startswith(b"\x89PNG")


COUNTED = "3 loss calls at 1 call site: 1 confirmed, 0 right, 0 inconclusive"


@pytest.mark.parametrize("body", ["", "print('mine')\nos._exit(4)\n"], ids=["in order", "_exit"])
def test_a_document_is_alone_on_standard_error_and_says_what_was_counted(
    watched: Python, script: Script, body: str
) -> None:
    script("wrong(3)\n" + body)
    notes = [COUNTED, CUT_OFF] if body else [COUNTED]
    outcomes = [watched("--format", name, "train.py") for name in ("json", "sarif")]
    document, sarif = (json.loads(outcome.err) for outcome in outcomes)
    assert ([finding["code"] for finding in document["findings"]], document["notes"]) == (["CEL001"], notes)
    (run,) = sarif["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["CEL001"]
    assert [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]] == notes


def test_a_picture_that_cannot_be_written_after_all_is_said_within_the_document(
    watched: Python, script: Script, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    script("wrong(3)\nos.rmdir('pictures')\nsys.exit(3)\n")
    (tmp_path / "pictures").mkdir()
    outcome = watched("--format", "json", "--plot", "pictures/found.png", "train.py")
    assert outcome.status == 3
    assert json.loads(outcome.err)["notes"][1:] == [
        "pictures/found.png: cannot be written: there is no folder pictures"
    ]


@pytest.mark.parametrize("when", ["before", "after"])
def test_records_that_the_program_removes_cost_nothing_but_themselves(
    watched: Python, script: Script, when: str
) -> None:
    removal = "__import__('shutil').rmtree(os.environ['CE_LINT_RUN'])\n"
    script((removal + "wrong()\n" if when == "before" else "wrong()\n" + removal) + "sys.exit(3)\n")
    outcome = watched("train.py")
    assert (outcome.status, outcome.own_err) == (3, "")
    assert outcome.told[0] == "no loss call was seen: nothing can be said"
    assert outcome.told[1].startswith("a process could not be watched: its records cannot be read: [Errno 2]")


@pytest.mark.skipif(os.name == "nt", reason="pipes")
def test_the_status_is_kept_where_nobody_reads_what_is_said(script: Script, tmp_path: Path) -> None:
    script("wrong()\nsys.exit(3)\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "ce_lint", "run", "train.py"], cwd=tmp_path, stderr=subprocess.PIPE
    )  # fmt: skip
    assert process.stderr is not None
    process.stderr.close()
    assert process.wait(timeout=60) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux only")
@pytest.mark.parametrize("output", ["text", "json", "sarif"])
def test_a_script_whose_name_is_no_unicode_is_told_of(
    watched: Python, script: Script, tmp_path: Path, output: str
) -> None:
    (tmp_path / script("wrong()\nsys.exit(3)\n")).rename(tmp_path / os.fsdecode(b"\xff.py"))
    outcome = watched("--format", output, "--output-file", "found", os.fsdecode(b"\xff.py"))
    assert (outcome.status, outcome.told) == (3, ["1 loss call at 1 call site: 1 confirmed, 0 right, 0 inconclusive"])
    name = {"text": b"\xff.py:12:", "json": b'"\\udcff.py"', "sarif": b'"%FF.py"'}[output]
    assert name in (tmp_path / "found").read_bytes()


def test_a_torch_that_cannot_be_imported_can_be_tried_again(watched: Python, tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise ImportError('no driver')\n")
    (tmp_path / "train.py").write_text(
        "import sys\n"
        "try:\n    import torch\n"
        "except ImportError as error:\n    print(error)\n"
        "sys.path.pop(0)\n"
        "import torch\n"
        "torch.nn.functional.cross_entropy(torch.rand(9, 5, requires_grad=True).softmax(1), torch.arange(9) % 5)\n"
    )
    outcome = watched("train.py")
    assert outcome.out == "no driver\n"
    assert outcome.told == ["1 loss call at 1 call site: 1 confirmed, 0 right, 0 inconclusive"]


@pytest.mark.parametrize("error", ["ImportError('no driver')", "OSError('no driver')"])
def test_the_traceback_of_a_torch_that_cannot_be_imported_is_pythons(
    python: Python, watched: Python, tmp_path: Path, error: str
) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text(f"raise {error}\n")
    (tmp_path / "train.py").write_text("import torch\n")
    plain, other = python("train.py"), watched("train.py")
    assert (other.status, other.own_err) == (plain.status, plain.err)


def test_ones_own_start_up_file_still_runs(python: Python, watched: Python, script: Script, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "sitecustomize.py").write_text("import sys\nsys.mine = __name__, __file__\n")
    script("wrong()\nimport sitecustomize\nprint(sys.mine, sitecustomize.__file__, sys.path)\n")
    plain, other = (run("train.py", PYTHONPATH=str(tmp_path / "own")) for run in (python, watched))
    assert other.out == plain.out
    assert other.err.startswith(WRONG)


def started(folder: Path) -> subprocess.Popen[str]:
    """Start the script watched, in a group of its own and without a terminal, and wait until it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ce_lint", "run", "train.py"], cwd=folder, env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    for _ in range(600):
        if (folder / "ready").exists():
            break
        time.sleep(0.1)
    return process


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_is_the_programs(script: Script, tmp_path: Path, number: signal.Signals) -> None:
    script(
        "import time\n"
        "def leave(number, frame):\n    print('saved')\n    sys.exit(5)\n"
        f"signal.signal({int(number)}, leave)\n"
        "wrong(20)\nopen('ready', 'w').close()\ntime.sleep(60)\n"
    )
    process = started(tmp_path)
    # Ctrl-C reaches every process of a terminal, a batch system's SIGTERM the one that it has started.
    (os.killpg if number is signal.SIGINT else os.kill)(process.pid, number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (5, "saved\n")
    assert "ce-lint: 20 loss calls at 1 call site" in err


SLEEPS = "import time\nwrong(2)\nopen('ready', 'w').close()\ntime.sleep(60)\n"


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_that_only_ce_lint_was_sent_is_passed_on_when_it_is_sent_again(
    script: Script, tmp_path: Path
) -> None:
    script(SLEEPS)
    process = started(tmp_path)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in err
    assert "ce-lint: 2 loss calls at 1 call site" in err


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.usefixtures("interruptible")
def test_a_program_that_is_ended_from_the_keyboard_is_told_of(script: Script, tmp_path: Path) -> None:
    script(SLEEPS)
    process = started(tmp_path)
    os.killpg(process.pid, signal.SIGQUIT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGQUIT
    assert "ce-lint: 2 loss calls at 1 call site" in err
