"""Training in several processes, with two real ones over gloo, and alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.errors import UsageError
from tests.conftest import PATIENCE
from tests.trainer.two_processes import images, learn, network
from trainer.processes import Processes

ROOT = Path(__file__).parent.parent.parent
LAUNCH = (
    "accelerate.commands.launch --multi_gpu --num_processes 2 --num_machines 1 --mixed_precision no "
    "--dynamo_backend no --main_process_port 0 -m tests.trainer.two_processes"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("answers")
    command = [sys.executable, "-m", *LAUNCH.split(), str(folder)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "error"}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


@pytest.fixture(scope="module")
def answers(folder: Path) -> list[dict]:
    return [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in (0, 1)]


@pytest.mark.slow
def test_two_processes_know_who_they_are(answers: list[dict]) -> None:
    assert [answer["who"] for answer in answers] == [(0, 2, True, "cpu"), (1, 2, False, "cpu")]


@pytest.mark.slow
def test_two_processes_start_as_the_first(answers: list[dict]) -> None:
    expected = network(seed=0).state_dict()
    for answer in answers:
        torch.testing.assert_close(answer["start"], dict(expected), rtol=0, atol=0)


@pytest.mark.slow
def test_two_halves_of_a_batch_have_the_gradients_of_the_whole(answers: list[dict]) -> None:
    whole = network(seed=0)
    loss = learn(whole, images())
    for answer in answers:
        for name, parameter in whole.named_parameters():
            torch.testing.assert_close(answer["gradients"][name], parameter.grad, rtol=0, atol=1e-6)
        torch.testing.assert_close(answer["loss"], loss, rtol=0, atol=1e-6)
        assert answer["double"].tolist() == [0.5, 0.5]
    half = network(seed=0)
    learn(half, images()[:2])
    assert (half[0].weight.grad - whole[0].weight.grad).abs().max() > 1e-3
    assert whole.unused.grad is None


@pytest.mark.slow
def test_two_processes_agree_on_what_one_has_seen(answers: list[dict]) -> None:
    assert [answer["any"] for answer in answers] == [(True, False, True)] * 2


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux tells the names of native threads")
def test_no_thread_of_the_group_is_left(folder: Path) -> None:
    # One that is left when Python ends may end the process with "terminate called".
    for rank in (0, 1):
        names = (folder / f"{rank}.threads").read_text().splitlines()
        assert names
        assert not [name for name in names if "gloo" in name]


def test_a_launcher_that_starts_one_process_of_several_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    # What `accelerate launch --cpu --num_processes 2` gives the one process that it starts.
    monkeypatch.setenv("ACCELERATE_USE_CPU", "True")
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    with pytest.raises(UsageError, match="Only one of several processes"):
        Processes("cpu")
    # torchrun with one process is as good as none.
    for name, value in {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1"}.items():
        monkeypatch.setenv(name, value)
    assert Processes("cpu").count == 1


def test_alone_nothing_is_sent_or_changed() -> None:
    processes = Processes("cpu")
    layers = network(seed=0)
    loss = learn(layers, images())
    gradients = [p.grad.clone() for p in layers.parameters() if p.grad is not None]
    processes.same_start(layers)
    processes.average_gradients(layers.parameters())
    processes.wait()
    after = [p.grad for p in layers.parameters() if p.grad is not None]
    torch.testing.assert_close(after, gradients, rtol=0, atol=0)
    assert processes.mean(loss) == loss
    assert (processes.any(True), processes.any(False)) == (True, False)
    assert (processes.rank, processes.count, processes.is_main) == (0, 1, True)
    processes.close()


@pytest.mark.parametrize("name", ["cuda:99", "nonsense"])
def test_a_device_that_there_is_not_is_said(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be used here"):
        Processes(name)


@pytest.mark.slow
def test_alone_accelerate_is_not_imported() -> None:
    code = "import sys; from trainer.processes import Processes; Processes(); print('accelerate' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout.strip() == "False"
