"""The child process as the window sees it: real children that do what children do."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from app.training.process import Lines, Outcome, TrainingProcess, for_the_window, training_command, unexpected
from tests.conftest import PATIENCE, SAMPLES
from tests.trainer.conftest import soft_dataset, train_arguments
from trainer.events import Checkpoint, Done, Error, Event, Hello, State, Step, encode
from trainer.run_folder import RunFolder

ROOT = SAMPLES.parent.parent
SLOW = pytest.mark.slow
SPEAKING = "import sys, time, os\ndef say(text): print(text, flush=True)\n"
HELLO = encode(Hello("anna", "/runs/anna", "quick", 0, 10, "cpu", "fp32", 2, 1, 1000, 8, 2))


class Heard:
    """What a child said."""

    def __init__(self, process: TrainingProcess) -> None:
        self.process = process
        self.events: list[Event] = []
        self.lines: list[str] = []
        self.outcomes: list[Outcome] = []
        process.said.connect(self.events.append)
        process.muttered.connect(self.lines.append)
        process.ended.connect(self.outcomes.append)

    def has(self, kind: type[Event], **values: object) -> bool:
        return any(
            isinstance(event, kind) and all(getattr(event, key) == value for key, value in values.items())
            for event in self.events
        )


@pytest.fixture
def start(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Heard]]:
    """Starts a Python program as the child, or the trainer itself."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.chdir(ROOT)
    made: list[TrainingProcess] = []

    def begin(program: str = "", *arguments: str, **options: int) -> Heard:
        command = [sys.executable, "-c", SPEAKING + program] if program else training_command()
        process = TrainingProcess(None, command, **options)
        made.append(process)
        heard = Heard(process)
        process.start(arguments)
        return heard

    yield begin
    for process in made:
        process.close()


def ended(heard: Heard, qtbot: QtBot) -> Outcome:
    qtbot.waitUntil(lambda: bool(heard.outcomes))
    assert not heard.process.running
    (outcome,) = heard.outcomes
    return outcome


# Lines.


@given(st.lists(st.binary(max_size=20)), st.randoms())
def test_lines_are_put_together_wherever_they_are_cut(parts: list[bytes], chance: random.Random) -> None:
    whole = [part.replace(b"\n", b"") for part in parts]
    data = b"".join(line + b"\n" for line in whole)
    lines, found = Lines(), []
    while data:
        size = chance.randint(1, len(data))
        found += lines.feed(data[:size])
        data = data[size:]
    assert found == [line.decode("utf-8", "replace").rstrip("\r") for line in whole]
    assert lines.end() == []


def test_a_line_without_an_end_takes_no_memory() -> None:
    lines = Lines()
    for _ in range(30):
        assert lines.feed(b"x" * 100_000) == []
    (line,) = lines.end()
    assert len(line) <= 1_000_000


# Ends.


def test_garbage_between_events_is_passed_on_as_what_it_is(start: Callable[..., Heard], qtbot: QtBot) -> None:
    heard = start(
        f"say('loading \\xff ...'); os.write(1, b'\\xff\\xfe\\n'); say('{{\"event\": \"dance\"}}')\n"
        f"hello = {HELLO!r}\n"
        "for part in (hello[:7], hello[7:90], hello[90:] + '\\n'): os.write(1, part.encode()); time.sleep(0.02)\n"
        "say('[1, 2'); say('null'); say('{\"event\": \"step\"}')\n"
        f"os.write(1, {encode(Done('finished', 10, 'm', 'anna'))!r}.encode())"
    )
    outcome = ended(heard, qtbot)
    assert [type(event) for event in heard.events] == [Hello, Done]
    assert len(heard.lines) == 6
    assert (outcome.state, outcome.done) == ("finished", Done("finished", 10, "m", "anna"))
    assert outcome.sentence == "The training is finished, after 10 steps."


@pytest.mark.parametrize(
    ("program", "sentence", "memory"),
    [
        ("pass", "ended without a word", False),
        ("sys.exit(3)", "ended without a word", False),
        ("sys.exit('the cat pulled the plug')", "the cat pulled the plug", False),
        ("raise MemoryError", "There was not enough memory", True),
        ("sys.exit('torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB')", "enough memory", True),
        ("sys.exit('RuntimeError: CUDA error: CUDA_ERROR_OUT_OF_MEMORY')", "enough memory", True),
        ("sys.exit('RuntimeError: MPS backend out of memory')", "enough memory", True),
        ("sys.exit('OSError: [Errno 28] No space left on device')", "The disk is full", False),
        ("sys.exit('CUDA driver version is insufficient for CUDA runtime')", "graphics driver is too old", False),
        ("os.kill(os.getpid(), 11)", "The training crashed", False),
        ("os.kill(os.getpid(), 9)", "most likely because memory ran out", True),
        (f"say({encode(Error('No face is accepted; correct it.'))!r}); "
         f"say({encode(Done('failed', 0))!r}); sys.exit(1)", "No face is accepted; correct it.", False),
        (f"say({encode(Error('Too large.', memory=True))!r}); "
         f"say({encode(Done('failed', 0))!r})", "Too large.", True),
        (f"say({encode(Done('failed', 0))!r})", "ended without a word", False),
        (f"say({encode(Done('stopped', 7))!r})", "stopped after 7 steps", False),
        ("say('{\"event\": \"hello\", \"version\": 99}'); time.sleep(60)", "newer version", False),
    ],
)  # fmt: skip
def test_every_end_is_one_sentence(
    start: Callable[..., Heard], qtbot: QtBot, program: str, sentence: str, memory: bool
) -> None:
    outcome = ended(start(program), qtbot)
    assert sentence in outcome.sentence
    assert outcome.lacks_memory is memory
    assert outcome.state == ("stopped" if "stopped" in sentence else "failed")


def test_a_program_that_is_not_there_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    process = TrainingProcess(None, [str(tmp_path / "nothing")])
    heard = Heard(process)
    process.start([])
    assert "could not be started" in ended(heard, qtbot).sentence


def test_a_child_that_never_says_hello_is_ended(start: Callable[..., Heard], qtbot: QtBot) -> None:
    heard = start("say('thinking'); time.sleep(60)", patience=300)
    assert "did not begin" in ended(heard, qtbot).sentence


def test_what_does_not_stop_is_ended_with_its_children(start: Callable[..., Heard], qtbot: QtBot) -> None:
    heard = start(
        f"import subprocess; say({HELLO!r})\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "say(f'child {child.pid}'); time.sleep(60)",
        grace=200,
    )
    qtbot.waitUntil(lambda: bool(heard.lines))
    child = psutil.Process(int(heard.lines[0].split()[1]))
    heard.process.stop()
    assert "did not stop in time" in ended(heard, qtbot).sentence
    # A busy machine may let it see the signal a moment later.
    qtbot.waitUntil(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_a_sentence_for_a_shell_is_one_for_the_window() -> None:
    assert for_the_window("Free some space, then go on with --resume.") == "Free some space, then go on."
    absent = "'vgg19.pth' is not on this machine: get it with \"gfpgan-desktop models get vgg19\"."
    assert for_the_window(absent) == "'vgg19.pth' is not on this machine: get it in the settings, under models."
    assert unexpected(1, False, ["it is taken; go on with --resume"]) == ("it is taken; go on", False)


# The trainer itself.


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return soft_dataset(tmp_path_factory.mktemp("data") / "faces", 6)


def arguments(out: Path, dataset: Path, **settings: object) -> list[str]:
    endless = {"steps": 100_000, "every__checkpoint": 100_000, "batch": 1}
    return train_arguments(out, dataset, **(endless | settings))[2:]


@SLOW
def test_random_orders_at_random_moments(
    start: Callable[..., Heard], qtbot: QtBot, dataset: Path, tmp_path: Path
) -> None:
    """One child obeys what 20 seeds say; it is where it says it is, and ends with all that it learned."""
    heard = start("", *arguments(tmp_path / "anna", dataset))
    qtbot.waitUntil(lambda: heard.has(Step))
    for seed in range(20):
        chance = random.Random(seed)
        heard.events.clear()
        orders = chance.choices(["pause", "resume", "sample"], k=chance.randint(1, 5))
        for order in orders:
            heard.process.tell(order)
            if chance.random() < 0.5:
                until = time.monotonic() + chance.random() / 20
                qtbot.waitUntil(lambda until=until: time.monotonic() > until)
        heard.process.tell("resume")
        heard.events.clear()
        qtbot.waitUntil(lambda: heard.has(Step))
    heard.process.tell(random.Random(1).choice(["pause", "resume"]))
    heard.process.stop()
    outcome = ended(heard, qtbot)
    assert outcome.state == "stopped"
    assert heard.lines == []
    saved = [event for event in heard.events if isinstance(event, Checkpoint)][-1]
    assert outcome.done is not None
    assert saved.step == outcome.done.step
    assert Path(outcome.done.model).is_file()


@SLOW
def test_stopped_at_random_moments_of_its_beginning(
    start: Callable[..., Heard], qtbot: QtBot, dataset: Path, tmp_path: Path
) -> None:
    for seed in range(2):
        heard = start("", *arguments(tmp_path / str(seed), dataset))
        until = time.monotonic() + random.Random(seed).uniform(0, 6)
        qtbot.waitUntil(lambda until=until: time.monotonic() > until)
        heard.process.stop()
        outcome = ended(heard, qtbot)
        assert outcome.state == "stopped", outcome
        assert not RunFolder(tmp_path / str(seed)).in_use


@SLOW
def test_killed_it_goes_on_from_its_last_checkpoint(
    start: Callable[..., Heard], qtbot: QtBot, dataset: Path, tmp_path: Path
) -> None:
    heard = start("", *arguments(tmp_path / "anna", dataset, every__checkpoint=2))
    qtbot.waitUntil(lambda: heard.has(Step, step=5))
    os.kill(heard.process._process.processId(), signal.SIGKILL)  # type: ignore[union-attr]
    outcome = ended(heard, qtbot)
    assert "most likely because memory ran out" in outcome.sentence
    again = start("", "--resume", "--out", str(tmp_path / "anna"), "--set", "steps=6")
    assert ended(again, qtbot).state == "finished"
    hello = next(event for event in again.events if isinstance(event, Hello))
    assert hello.step >= 4


@SLOW
def test_two_windows_do_not_train_in_one_folder(
    start: Callable[..., Heard], qtbot: QtBot, dataset: Path, tmp_path: Path
) -> None:
    first = start("", *arguments(tmp_path / "anna", dataset))
    qtbot.waitUntil(lambda: first.has(Step))
    second = start("", "--resume", "--out", str(tmp_path / "anna"))
    assert "Another process is training in" in ended(second, qtbot).sentence
    assert first.process.running
    first.process.tell("pause")
    qtbot.waitUntil(lambda: first.has(State, state="paused"))
    first.process.stop()
    assert ended(first, qtbot).state == "stopped"


@SLOW
def test_a_full_disk_is_said(start: Callable[..., Heard], qtbot: QtBot, dataset: Path, small_disk: Path) -> None:
    heard = start("", *arguments(small_disk / "anna", dataset, network__style_dim=128))
    outcome = ended(heard, qtbot)
    assert outcome.state == "failed"
    assert "disk" in outcome.sentence
    assert "--" not in outcome.sentence


WINDOW = """
import sys
from PySide6.QtCore import QCoreApplication
from app.training.process import TrainingProcess
app = QCoreApplication([])
process = TrainingProcess()
process.said.connect(lambda event: print(type(event).__name__, flush=True))
process.start(sys.argv[1:])
app.exec()
"""


@SLOW
def test_the_child_of_a_window_that_was_killed_saves_and_stops(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    out = tmp_path / "anna"
    window = subprocess.Popen(
        [sys.executable, "-c", WINDOW, *arguments(out, dataset)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert window.stdout is not None
    for line in window.stdout:
        if line.strip() == "Step":
            break
    (child,) = psutil.Process(window.pid).children()
    window.send_signal(signal.SIGKILL)
    window.communicate(timeout=PATIENCE)
    child.wait(PATIENCE)
    said = (out / "events.jsonl").read_text().splitlines()
    assert '"event": "done"' in said[-1]
    assert '"stopped"' in said[-1]
    assert any((out / "checkpoints").glob("step-*.ckpt"))
