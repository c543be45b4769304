"""Training runs as users start them: to the end, stopped, killed, resumed, in trouble, and in two processes."""

import io
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from core.alignment import FFHQ_TEMPLATE
from core.engines.engine import Target
from core.engines.pytorch import TorchEngine
from core.models import find_model
from core.networks.loading import load_network
from core.restoration import NetworkRestorer
from core.types import Face
from tests.conftest import PATIENCE, crop_of, smooth_photo
from tests.trainer.conftest import Ran, during, soft_dataset, train, train_arguments
from trainer.checkpoint import read_checkpoint
from trainer.dataset import read_dataset
from trainer.events import Checkpoint, Done, Error, Event, Hello, Sample, State, Step, Warning, decode, read_events
from trainer.loop import Run
from trainer.run_folder import RunFolder
from trainer.sampling import split
from trainer.types import Values

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow

FULL_GAME = {
    "losses__adversarial": 0.1,
    "losses__component": 1,
    "losses__r1_every": 2,
    "every__evaluation": 2,
    "steps": 6,
    "batch": 1,
}
"""Everything that has a state of its own: adversarial and component discriminators, R1 now and then, the best."""
ALONE = {"every__checkpoint": 100_000, "steps": 100_000}
"""A run in a process of its own, until it is told to stop."""


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """As in the child processes: the number of threads changes the last digits of sums."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def stop_after(steps: int, number: int = signal.SIGTERM) -> Callable[[Run, Values], None]:
    """A hook that sends this process a signal in the middle of that step."""

    def hook(run: Run, values: Values) -> None:
        if run.step == steps - 1:
            os.kill(os.getpid(), number)

    return hook


def assert_same_bits(a: Path, b: Path) -> None:
    """Two runs ended alike: model and checkpoint."""
    first, second = load_file(a / "model.safetensors"), load_file(b / "model.safetensors")
    torch.testing.assert_close(first, second, rtol=0, atol=0)
    states = []
    for folder in (a, b):
        newest = max((folder / "checkpoints").glob("step-*.ckpt"))
        state = read_checkpoint(newest)
        states.append((newest.name, {key: value for key, value in state.items() if key != "record"}))
    assert states[0][0] == states[1][0]
    assert _digest(states[0][1]) == _digest(states[1][1])


def _digest(state: Any) -> Any:
    if isinstance(state, torch.Tensor):
        return (state.dtype, tuple(state.shape), state.contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    if isinstance(state, dict):
        return {key: _digest(value) for key, value in state.items()}
    return [_digest(value) for value in state] if isinstance(state, list | tuple) else state


def test_from_a_clean_base_to_a_model_that_is_used_by_name(
    tmp_path: Path, dataset: Path, clean_base: Path
) -> None:
    out = tmp_path / "anna"
    ran = train(out, dataset, network__base=clean_base, every__evaluation=1, tensorboard="true")

    assert ran.code == 0
    assert isinstance(ran.events[0], Hello)
    assert (ran.events[0].faces, ran.events[0].held_out, ran.events[0].terms) == (
        10,
        2,
        ["l1", "pyramid"],
    )
    assert [event.step for event in ran.of(Step)] == [1, 2, 3]
    done = ran.events[-1]
    assert isinstance(done, Done)
    assert (done.state, done.step, done.name) == ("finished", 3, "anna")
    assert done.metrics.keys() == {"before", "after", "inputs"}
    assert done.metrics["before"]["psnr"] != done.metrics["after"]["psnr"]
    assert "--model anna" in ran.said
    for made in ("config.toml", "checkpoints", "samples/000000.jpg", "samples/000003.jpg", "model.md"):
        assert (out / made).exists()
    assert list((out / "tensorboard").iterdir())
    card = (out / "model.md").read_text()
    assert f"| {done.metrics['before']['psnr']:.2f} | {done.metrics['after']['psnr']:.2f} |" in card

    file = find_model("anna", "restorer")
    network = load_network(file.path, expect="restorer")
    assert network.module.hyperparameters["variant"] == "clean"  # type: ignore[index]
    picture = smooth_photo(512, 512)
    crop = crop_of(picture, Face((0.0, 0.0, 512.0, 512.0), FFHQ_TEMPLATE, 1.0))
    restored = NetworkRestorer(TorchEngine(network.module, Target("pytorch", "cpu"), 32)).restore([crop])[0]
    assert restored.restored is not None
    assert restored.restored.shape == (512, 512, 3)
    before = load_file(clean_base)
    after = load_file(file.path)
    assert before.keys() == after.keys()
    assert sum(bool((before[key] != after[key]).any()) for key in before) > len(before) / 2


def test_faces_may_be_larger_than_the_network(tmp_path: Path, dataset: Path) -> None:
    """Also for the discriminators, and in the sheets of samples."""
    ran = train(tmp_path / "large", dataset, **FULL_GAME, data__size=128)
    assert ran.code == 0
    sheet = tmp_path / "large" / "samples" / "000006.jpg"
    assert sheet.exists()
    normal = train(tmp_path / "normal", dataset, **(FULL_GAME | {"steps": 1}))
    inputs = [run.events[-1].metrics["inputs"]["psnr"] for run in (ran, normal)]
    assert inputs[0] != inputs[1]


def test_a_run_goes_on_for_longer_and_without_its_base(tmp_path: Path, dataset: Path, clean_base: Path) -> None:
    out, base = tmp_path / "anna", tmp_path / "base.safetensors"
    shutil.copy(clean_base, base)
    first = train(out, dataset, network__base=base)
    base.unlink()
    again = train(out, None, steps=5)
    assert (first.code, again.code) == (0, 0)
    assert [hello.step for hello in again.of(Hello)] == [0, 3]
    assert [event.step for event in again.of(Step)] == [1, 2, 3, 4, 5]
    assert [(done.step, done.name) for done in again.of(Done)] == [(3, "anna"), (5, "anna")]
    with safe_open(find_model("anna", "restorer").path, "np") as file:
        assert file.metadata()["steps"] == "5"
    refused = train(out, None, network__size=64)
    assert refused.code == 2
    assert "network cannot be changed once a run has begun" in refused.said
    # There is nothing left to do, and that is no error.
    over = train(out, None)
    assert (over.code, over.events[-1].state, over.events[-1].step) == (0, "finished", 5)  # type: ignore[attr-defined]


def test_another_run_of_that_name_leaves_the_first_ones_model(tmp_path: Path, dataset: Path) -> None:
    names = []
    for place in ("one", "two"):
        done = train(tmp_path / place / "anna", dataset, steps=1).events[-1]
        assert isinstance(done, Done)
        names.append(done.name)
    assert names == ["anna", "anna-2"]


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory, dataset: Path) -> tuple[Path, Ran]:
    """A run without interruption."""
    folder = tmp_path_factory.mktemp("straight")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("GFPGAN_DESKTOP_MODELS", str(folder / "models"))
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        ran = train(folder / "anna", dataset, **FULL_GAME)
        torch.set_num_threads(before)
    return folder / "anna", ran


def test_stopped_and_resumed_is_the_same_in_bits(
    tmp_path: Path, dataset: Path, straight: tuple[Path, Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        during(patched, stop_after(3))
        stopped = train(tmp_path / "anna", dataset, **FULL_GAME)
    assert stopped.code == 128 + signal.SIGTERM
    assert is_such(stopped.events[-1], Done, state="stopped", step=3)
    resumed = train(tmp_path / "anna", None)
    assert resumed.code == 0
    assert [event.step for event in resumed.of(Step)] == [1, 2, 3, 4, 5, 6]
    assert_same_bits(straight[0], tmp_path / "anna")
    for a, b in zip(straight[1].of(Step), resumed.of(Step), strict=True):
        assert (a.losses, a.rate) == (b.losses, b.rate)


def start(arguments: list[str], **options: Any) -> "subprocess.Popen[str]":
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    return subprocess.Popen(
        [sys.executable, "-m", "app", *arguments],
        env={**environment, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "error"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


class Child:
    """The child of a window."""

    def __init__(self, arguments: list[str]) -> None:
        self.process = start([*arguments, "--train-worker"], stdin=subprocess.PIPE)
        self._watchdog = threading.Timer(120, self.process.kill)
        self._watchdog.daemon = True
        self._watchdog.start()

    def say(self, command: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def until(self, kind: type[Event], **values: object) -> list[Any]:
        """The events up to the next of that kind with these values."""
        assert self.process.stdout
        events: list[Event] = []
        while not events or not is_such(events[-1], kind, **values):
            line = self.process.stdout.readline()
            event = decode(line)
            assert event is not None, (line, events)
            events.append(event)
        return events

    def end(self) -> tuple[int, str]:
        """Its exit code and standard error; nothing is said after `Done`."""
        rest, errors = self.process.communicate(timeout=PATIENCE)
        self._watchdog.cancel()
        assert rest == ""
        return self.process.returncode, errors


def is_such(event: Event, kind: type[Event], **values: object) -> bool:
    return isinstance(event, kind) and all(getattr(event, key) == value for key, value in values.items())


def test_the_windows_child_obeys(tmp_path: Path, dataset: Path) -> None:
    out = tmp_path / "anna"
    child = Child(train_arguments(out, dataset, **ALONE))
    assert isinstance(child.until(Step)[0], Hello)
    child.say("pause")
    paused = child.until(State, state="paused")[-1].step
    child.say("sample")
    # Nothing else was said in between, and no step is taken.
    assert [type(event) for event in child.until(Sample, step=paused)] == [Sample]
    child.say("dance")
    assert [event.message for event in child.until(Warning)] == [
        "'dance' is no command; there are pause, resume, sample, stop."
    ]
    child.say("resume")
    running = child.until(State, state="running")
    assert [(type(event), event.step) for event in running] == [(State, paused)]
    assert child.until(Step)[-1].step == paused + 1
    child.say("sample")
    assert (out / child.until(Sample)[-1].sheet).is_file()
    child.say("stop")
    *_, saved, done = child.until(Done)
    assert child.end() == (0, "")
    assert (type(saved), saved.step, done.state) == (Checkpoint, done.step, "stopped")
    assert Path(saved.path).name == f"step-{done.step:06}.ckpt"


def test_the_end_of_its_input_stops_the_windows_child(
    tmp_path: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs, ours = os.pipe()
    monkeypatch.setattr("sys.stdin", os.fdopen(theirs))

    def leave(run: Run, values: Values) -> None:
        if run.step == 2:
            os.close(ours)

    during(monkeypatch, leave)
    ran = train(tmp_path / "anna", dataset, "--train-worker", **ALONE)
    assert (ran.code, ran.said) == (0, "")
    *_, saved, done = ran.events
    assert isinstance(done, Done)
    assert (done.state, done.step >= 3) == ("stopped", True)
    assert is_such(saved, Checkpoint, step=done.step)
    assert [decode(line) for line in capsys.readouterr().out.splitlines()] == ran.events


def wait_for_step(child: "subprocess.Popen[str]", out: Path, step: int) -> None:
    """Until a run in a process of its own has taken that step."""
    log, deadline = out / "events.jsonl", time.monotonic() + PATIENCE
    while not log.exists() or not any(is_such(event, Step, step=step) for event in read_events(log)):
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_ctrl_c_in_a_shell_saves_and_stops(tmp_path: Path, dataset: Path) -> None:
    out = tmp_path / "anna"
    arguments = train_arguments(out, dataset, **ALONE, data__workers=1)
    # Standard input is at its end, as under nohup, and that stops nothing.
    child = start(arguments, stdin=subprocess.DEVNULL, start_new_session=True)
    wait_for_step(child, out, 3)
    # As a terminal does: to the workers as well.
    os.killpg(child.pid, signal.SIGINT)
    output, errors = child.communicate(timeout=PATIENCE)
    assert child.returncode == 130
    assert output == ""
    assert "Traceback" not in errors
    assert "Stopped; --resume goes on" in errors
    done = list(read_events(out / "events.jsonl"))[-1]
    assert isinstance(done, Done)
    resumed = train(out, None, steps=done.step + 1, data__workers=0)
    assert (resumed.code, [hello.step for hello in resumed.of(Hello)]) == (0, [0, done.step])


def test_killed_and_resumed_is_the_same_in_bits(tmp_path: Path, dataset: Path, straight: tuple[Path, Ran]) -> None:
    out = tmp_path / "anna"
    arguments = train_arguments(out, dataset, **FULL_GAME, data__workers=1)
    child = start(arguments, stdin=subprocess.DEVNULL)
    wait_for_step(child, out, 3)
    child.kill()
    child.communicate(timeout=PATIENCE)
    killed = list(read_events(out / "events.jsonl"))
    resumed = train(out, None, data__workers=0)
    assert resumed.code == 0
    begun = resumed.of(Hello)[-1].step
    assert begun == max(event.step for event in killed if isinstance(event, Checkpoint))
    assert 2 <= begun < 6
    assert_same_bits(straight[0], out)


def test_not_a_number_takes_the_run_back(tmp_path: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoiled = []

    def spoil(run: Run, values: Values) -> None:
        if run.step == 3 and not spoiled:
            spoiled.append(run.step)
            for network in (run.training.generator, run.training.average):  # type: ignore[attr-defined]
                torch.nn.utils.vector_to_parameters(
                    torch.nn.utils.parameters_to_vector(network.parameters()) * float("nan"), network.parameters()
                )
            values["total"] = float("nan")

    during(monkeypatch, spoil)
    ran = train(tmp_path / "anna", dataset, steps=5, optimizer__schedule="steps", optimizer__warmup=0)
    assert ran.code == 0
    assert [event.message for event in ran.of(Warning) if "roll-back" in event.message] == [
        "The value of total is not finite in step 3: back to the last checkpoint, and on at 0.00025, half the "
        "learning rate (roll-back 1 of 3)."
    ]
    assert [event.step for event in ran.of(Step)] == [1, 2, 3, 3, 4, 5]
    assert [event.rate for event in ran.of(Step)] == [5e-4] * 3 + [2.5e-4] * 3
    assert all(value.isfinite().all() for value in load_file(tmp_path / "anna" / "model.safetensors").values())


def test_a_full_disk_ends_a_run_with_a_sentence_and_what_was_saved_stays(
    tmp_path: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(run: Run, values: Values) -> None:
        if run.step == 2:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))

    out = tmp_path / "anna"
    try:
        with monkeypatch.context() as patched:
            during(patched, fill)
            ran = train(out, dataset, steps=5)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert ran.code == 1
    assert [event.step for event in ran.of(Step)] == [1, 2, 3, 4, 5]
    assert sum("free some space" in event.message for event in ran.of(Warning)) >= 2
    assert [event.message for event in ran.of(Error)] == [
        "The last steps are lost, for their checkpoint could not be written."
    ]
    done = ran.events[-1]
    assert isinstance(done, Done)
    assert (done.state, done.step) == ("failed", 5)
    again = train(out, None)
    assert (again.code, again.of(Hello)[-1].step) == (0, 2)


def test_a_dataset_that_is_removed_ends_a_run_and_nothing_is_lost(
    tmp_path: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, out = tmp_path / "data", tmp_path / "anna"
    shutil.copytree(dataset, data)

    def remove(run: Run, values: Values) -> None:
        if run.step == 2:
            shutil.rmtree(data)

    with monkeypatch.context() as patched:
        during(patched, remove)
        ran = train(out, data, steps=5)
    assert ran.code == 1
    error, done = ran.events[-2:]
    assert isinstance(error, Error)
    assert "are gone or cannot be read; put them back, then go on with --resume" in error.message
    assert is_such(done, Done, state="failed", step=3)
    assert is_such(ran.events[-3], Checkpoint, step=3)
    refused = train(out, None)
    assert refused.code == 2
    assert "holds no dataset.json" in refused.said
    shutil.copytree(dataset, data)
    again = train(out, None)
    assert (again.code, again.of(Hello)[-1].step) == (0, 3)


def test_memory_that_runs_out_is_said(tmp_path: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run_out(run: Run, values: Values) -> None:
        if run.step == 2:
            torch.empty(2**50)

    during(monkeypatch, run_out)
    ran = train(tmp_path / "anna", dataset)
    assert ran.code == 1
    assert ran.of(Error)[0].message.startswith("The memory is used up. Set batch=1 with accumulate=2")
    assert is_such(ran.events[-1], Done, state="failed", step=2)


def test_an_error_of_the_program_is_said_and_logged(
    tmp_path: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(run: Run, values: Values) -> None:
        raise ZeroDivisionError

    during(monkeypatch, stumble)
    ran = train(tmp_path / "anna", dataset)
    assert ran.code == 1
    assert "error of the program" in ran.of(Error)[0].message
    assert is_such(ran.events[-1], Done, state="failed", step=0)
    assert [record.exc_info is not None for record in caplog.records if record.levelname == "ERROR"] == [True]
    caplog.clear()


def nothing_begun(out: Path) -> bool:
    return not out.exists() or all(path.name == ".lock" for path in out.iterdir())


@pytest.mark.parametrize(
    ("options", "settings", "sentence"),
    [
        ([], {"losses__pyramit": 1}, "There is no setting losses.pyramit; did you mean losses.pyramid?"),
        ([], {"steps": 0}, "steps is to be a whole number, namely >= 1"),
        ([], {"device": "cuda:77"}, "The device 'cuda:77' cannot be used here; try device=auto or device=cpu."),
        (["--base", "nobody"], {"network__base": "nobody"}, "nobody"),
        ([], {"network__size": 33}, "network: "),
        ([], {"network__freeze_prior": "true"}, "A prior that starts at random cannot be frozen"),
        (
            [],
            {"losses__l1": 0, "losses__pyramid": 0},
            "No loss term is on from the start",
        ),
        ([], {"losses__l1": 0, "losses__pyramid_drop": 2}, "No loss term is on from step 2 on"),
        (
            [],
            {"losses__l1": 0, "losses__pyramid": 0, "losses__component": 1, "discriminators__delay": 2},
            "No loss term is on from step 0 on",
        ),
        (
            ["--preset", "standard"],
            {"losses__perceptual": 1},
            "The perceptual loss needs losses.perceptual_network",
        ),
    ],
)
def test_a_run_that_cannot_begin_says_so_and_leaves_nothing(
    tmp_path: Path, dataset: Path, options: list[str], settings: dict[str, Any], sentence: str
) -> None:
    refused = train(tmp_path / "anna", dataset, *options, **settings)
    assert refused.code == 2
    assert sentence in refused.said
    assert len(refused.said.strip().splitlines()) == 1
    assert nothing_begun(tmp_path / "anna")


def test_the_window_is_told_why_a_run_cannot_begin(
    tmp_path: Path, dataset: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    refused = train(tmp_path / "anna", dataset, "--preset", "standard", "--train-worker", losses__perceptual=1)
    assert (refused.code, refused.said) == (1, "")
    error, done = map(decode, capsys.readouterr().out.splitlines())
    assert isinstance(error, Error)
    assert "--allow-missing" in error.message
    assert done == Done("failed", 0)
    monkeypatch.setenv("RANK", "1")
    silent = train(tmp_path / "anna", dataset, "--preset", "standard", "--train-worker", losses__perceptual=1)
    assert (silent.code, silent.said, capsys.readouterr().out) == (1, "", "")
    monkeypatch.delenv("RANK")
    went_on = train(
        tmp_path / "anna", dataset, "--preset", "standard", "--allow-missing", losses__perceptual=1, steps=1
    )
    assert went_on.code == 0
    assert "The perceptual loss is off, so textures come out softer or noisier" in went_on.said
    assert "textures come out softer" in (tmp_path / "anna" / "model.md").read_text()


def test_an_estimate_leaves_nothing_behind(
    tmp_path: Path, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = train(tmp_path / "anna", dataset, "--estimate", "--json", steps=1000)
    hello, done = map(decode, capsys.readouterr().out.splitlines())
    assert ran.code == 0
    assert isinstance(hello, Hello)
    assert hello.seconds > 0
    assert hello.memory_bytes > 10**8
    assert done == Done("stopped", 0)
    assert nothing_begun(tmp_path / "anna")


def test_lack_of_memory_is_told_apart(
    tmp_path: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("trainer.rehearsal.memory_at_hand", lambda _: 1000)
    assert train(tmp_path / "anna", dataset, "--train-worker").code == 1
    error, _ = map(decode, capsys.readouterr().out.splitlines())
    assert isinstance(error, Error)
    assert error.memory
    assert "The run needs" in error.message
    assert nothing_begun(tmp_path / "anna")


def test_folders_that_are_refused(tmp_path: Path, dataset: Path) -> None:
    out = tmp_path / "anna"
    absent = train(out, None)
    assert (absent.code, "begin one without --resume" in absent.said) == (2, True)
    assert not RunFolder(out).in_use
    with RunFolder(out).locked():
        assert RunFolder(out).in_use
        locked = train(out, dataset)
    assert (locked.code, "Another process is training" in locked.said) == (2, True)
    assert nothing_begun(out)
    assert train(out, dataset, steps=1).code == 0
    taken = train(out, dataset)
    assert (taken.code, "holds a run already" in taken.said) == (2, True)
    assert len(taken.of(Done)) == 1
    other = train(tmp_path / "bob", None, "--base", "none")
    assert other.code == 2


def test_datasets_of_no_face_and_of_one(tmp_path: Path, dataset: Path) -> None:
    nowhere = train(tmp_path / "anna", tmp_path / "nowhere")
    assert (nowhere.code, "holds no dataset.json" in nowhere.said) == (2, True)
    one = soft_dataset(tmp_path / "one", 1)
    none = soft_dataset(tmp_path / "none", 1)
    rejected = read_dataset(none)
    rejected.faces[0] = replace(rejected.faces[0], accepted=False)
    rejected.save()
    refused = train(tmp_path / "anna", none)
    assert (refused.code, "No face in" in refused.said) == (2, True)
    assert nothing_begun(tmp_path / "anna")
    uncompiled = train(tmp_path / "bob", one, compile="true", device="cpu")
    assert (uncompiled.code, "set compile=false" in uncompiled.said) == (2, True)
    ran = train(tmp_path / "anna", one)
    assert ran.code == 0
    done = ran.events[-1]
    assert isinstance(done, Done)
    assert (done.state, ran.of(Hello)[0].held_out) == ("finished", 0)
    assert find_model("anna", "restorer").path.is_file()


def test_few_faces_judge_in_several_degradations(tmp_path: Path, dataset: Path) -> None:
    ran = train(tmp_path / "anna", dataset, evaluate=9)
    once = train(tmp_path / "bert", dataset)
    assert [each.of(Hello)[0].held_out for each in (ran, once)] == [2, 2]
    assert (
        "2 faces that it did not learn from, degraded as in training, each in 4 ways."
        in (tmp_path / "anna" / "model.md").read_text()
    )
    inputs = [each.of(Done)[0].metrics["inputs"]["psnr"] for each in (ran, once)]
    assert inputs[0] != inputs[1]
    # The sheets show each face once.
    first, second = (tmp_path / name / "samples" / "input" for name in ("anna", "bert"))
    assert [path.read_bytes() for path in sorted(first.iterdir())] == [
        path.read_bytes() for path in sorted(second.iterdir())
    ]


def test_images_that_were_deleted_are_done_without(tmp_path: Path) -> None:
    """Also the one that alone would have been held out."""
    data = soft_dataset(tmp_path / "data", 6)
    learned, (held_out,) = split(read_dataset(data).faces, 1)
    for face in (held_out, learned[0]):
        (data / face.file).unlink()
    ran = train(tmp_path / "anna", data, data__held_out=1, batch=4)
    assert (ran.code, ran.of(Hello)[0].faces, ran.of(Hello)[0].held_out) == (0, 3, 1)
    assert [event.message for event in ran.of(Warning)] == [
        f"The images of 2 of 6 faces in '{data}' are gone; the run does without them."
    ]
    shutil.rmtree(data / "faces")
    refused = train(tmp_path / "bert", data)
    assert (refused.code, "The images of all faces in" in refused.said) == (2, True)


def test_a_prior_is_trained_resumed_and_used(
    tmp_path: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: dict[str, Any] = {"steps": 5, "prior__path_every": 2, "losses__r1_every": 2}
    prior = ["--preset", "prior"]
    straight = train(tmp_path / "straight", dataset, *prior, **settings)
    with monkeypatch.context() as patched:
        during(patched, stop_after(3))
        assert train(tmp_path / "stopped", dataset, *prior, **settings).code == 143
    assert (straight.code, train(tmp_path / "stopped", None).code) == (0, 0)
    assert_same_bits(tmp_path / "straight", tmp_path / "stopped")
    model = tmp_path / "straight" / "model.safetensors"
    done = straight.events[-1]
    assert isinstance(done, Done)
    assert (done.state, Path(done.model), done.name) == ("finished", model, "")
    assert load_network(model).kind == "prior"
    assert (tmp_path / "straight" / "samples" / "000005.jpg").is_file()

    variant = load_network(model).module.hyperparameters["variant"]  # type: ignore[index]
    restorer = train(
        tmp_path / "anna",
        dataset,
        network__prior=model,
        network__variant=variant,
        network__freeze_prior="true",
        steps=1,
    )
    assert restorer.code == 0
    before, after = load_file(model), load_file(tmp_path / "anna" / "model.safetensors")
    for key, value in before.items():
        assert (after[f"stylegan_decoder.{key}"] == value).all()


L1_ONLY: dict[str, Any] = {
    "losses__l1": 1,
    "losses__pyramid": 0,
    "optimizer__rate": 1e-3,
    "every__evaluation": 1,
}


def test_two_processes_learn_what_one_does_with_twice_the_batch(tmp_path: Path, dataset: Path) -> None:
    assert train(tmp_path / "one", dataset, **L1_ONLY).code == 0
    out = tmp_path / "two"
    launch = (
        "accelerate.commands.launch --multi_gpu --num_processes 2 --num_machines 1 --mixed_precision no "
        "--dynamo_backend no --main_process_port 0 -m trainer.worker"
    )
    arguments = train_arguments(out, dataset, **(L1_ONLY | {"batch": 1}))[2:]
    ended = subprocess.run(
        [sys.executable, "-m", *launch.split(), *arguments, "--json"],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    events = [decode(line) for line in ended.stdout.splitlines()]
    assert events == list(read_events(out / "events.jsonl"))
    assert [type(event) for event in events].count(Hello) == [type(event) for event in events].count(Done) == 1
    assert any(is_such(event, Hello, processes=2, batch=2) for event in events if event)
    half = train(tmp_path / "half", dataset, **(L1_ONLY | {"batch": 1}))
    assert half.code == 0
    one, two, other = (load_file(tmp_path / name / "model.safetensors") for name in ("one", "two", "half"))
    assert furthest(one, two) < 1e-5
    assert furthest(one, other) > 1e-4


def furthest(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> float:
    """The largest difference of any parameter."""
    assert a.keys() == b.keys()
    return max(float((a[key] - b[key]).abs().max()) for key in a)
