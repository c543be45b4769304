import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from trainer.checkpoint import CheckpointError, Checkpoints, read_checkpoint

ROOT = Path(__file__).parents[2]


def state_of(step: int) -> dict:
    return {
        "network": {"weight": torch.full((64, 64), float(step))},
        "numbers": [1, 2.5, "text", (0.0, 0.99)],
        "n": step,
    }


@pytest.fixture
def checkpoints(tmp_path):
    return Checkpoints(tmp_path / "checkpoints", keep=2)


def names(checkpoints: Checkpoints) -> list[str]:
    return sorted(path.name for path in checkpoints._folder.iterdir())


def test_a_state_comes_back(checkpoints):
    checkpoints.save(5, state_of(5))
    step, state = checkpoints.load_latest(pytest.fail)
    assert (step, state["n"], state["numbers"]) == (5, 5, [1, 2.5, "text", (0.0, 0.99)])
    assert torch.equal(state["network"]["weight"], torch.full((64, 64), 5.0))


def test_the_newest_and_the_best_are_kept(checkpoints):
    for step in range(0, 60, 10):
        checkpoints.save(step, state_of(step), best=step in (0, 20))
    assert names(checkpoints) == ["best-000020.ckpt", "step-000040.ckpt", "step-000050.ckpt"]
    assert checkpoints.load_best(pytest.fail)[0] == 20
    assert checkpoints.load_best(pytest.fail)[1]["n"] == 20


def test_a_run_that_was_rolled_back_forgets_its_lost_future(checkpoints):
    for step in (10, 20, 30):
        checkpoints.save(step, state_of(step))
    checkpoints.save(15, state_of(15))
    assert checkpoints.load_latest(pytest.fail)[0] == 15


def test_without_checkpoints_there_is_none(checkpoints):
    assert checkpoints.load_latest(pytest.fail) is None
    assert checkpoints.load_best(pytest.fail) is None


def damages() -> list:
    content = 20_000
    flips = [
        (f"byte {place}", lambda data, p=place: data[:p] + bytes([data[p] ^ 0x10]) + data[p + 1 :])
        for place in range(700, content - 3000, 1500)
    ]
    cuts = [(f"cut at {length}", lambda data, n=length: data[:n]) for length in (0, 1, 100, 5000, 15_000)]
    return [
        *flips,
        *cuts,
        ("text", lambda data: b"no checkpoint"),
        ("emptied middle", lambda data: data[:4000] + bytes(4000) + data[8000:]),
    ]


@pytest.mark.parametrize("damage", [d for _, d in damages()], ids=[name for name, _ in damages()])
def test_a_damaged_checkpoint_is_found_out_or_harmless(checkpoints, damage):
    checkpoints.save(10, state_of(10))
    path = checkpoints.save(20, state_of(20))
    path.write_bytes(damage(path.read_bytes()))
    said: list[str] = []
    step, state = checkpoints.load_latest(said.append)
    if step == 20:
        # A byte between the archive's entries, which nobody reads.
        assert torch.equal(state["network"]["weight"], torch.full((64, 64), 20.0))
        assert not said
        return
    assert step == 10
    assert said == ["The checkpoint 'step-000020.ckpt' is damaged. Trying the one before."]


def test_no_whole_checkpoint_is_an_error(checkpoints):
    checkpoints.save(10, state_of(10)).write_bytes(b"")
    with pytest.raises(CheckpointError, match="begin the run again"):
        checkpoints.load_latest(lambda _: None)


def test_code_in_a_checkpoint_is_not_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return (print, ("evil",))

    path = tmp_path / "step-000001.ckpt"
    torch.save({"x": Evil()}, path)
    with pytest.raises(CheckpointError):
        read_checkpoint(path)


FULL = """
import resource, signal, sys
import torch
from pathlib import Path
from trainer.checkpoint import CheckpointError, Checkpoints
checkpoints = Checkpoints(Path(sys.argv[1]), 3)
checkpoints.save(1, {"x": torch.ones(1000)})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    checkpoints.save(2, {"x": torch.ones(100_000)})
except CheckpointError as error:
    print(error)
print(checkpoints.load_latest(print)[0], sorted(p.name for p in Path(sys.argv[1]).iterdir()))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="limits are POSIX's")
def test_a_full_disk_leaves_what_was_there(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FULL, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    sentence, rest = done.stdout.splitlines()
    assert "cannot be written" in sentence
    assert rest == "1 ['step-000001.ckpt']"


KILLED = """
import sys
import torch
from pathlib import Path
from trainer.checkpoint import Checkpoints
checkpoints = Checkpoints(Path(sys.argv[1]), 2)
step = (checkpoints.load_latest(print) or (0,))[0]
print("ready", flush=True)
while True:
    step += 1
    checkpoints.save(step, {"x": torch.full((200_000,), float(step))}, best=step % 3 == 0)
    print(step, flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
def test_a_kill_at_any_moment_loses_no_checkpoint(tmp_path):
    chance = random.Random(0)
    safe = 0
    for _ in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
        for _ in range(chance.randrange(3, 12)):
            safe = int(child.stdout.readline())
        time.sleep(chance.random() * 0.02)
        child.send_signal(signal.SIGKILL)
        printed = child.communicate()[0].split()
        safe = max([safe, *map(int, printed)])
        found = Checkpoints(tmp_path, 2).load_latest(pytest.fail)
        assert found is not None
        step, state = found
        assert step in (safe, safe + 1)
        assert float(state["x"][0]) == step
        best, state = Checkpoints(tmp_path, 2).load_best(pytest.fail)
        assert best % 3 == 0
        assert float(state["x"][0]) == best
    Checkpoints(tmp_path, 2).save(step + 1, {"n": 1})
    assert not list(tmp_path.glob(".*"))
