"""The loop, with a training that counts and everything around it real."""

import itertools
import math
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import ANY

import pytest
import torch
from torch import nn

from core.errors import CoreError, OutOfMemoryError, PhotoError
from trainer.checkpoint import CheckpointError, Checkpoints, read_checkpoint
from trainer.config import TrainConfig
from trainer.control import Control
from trainer.dataset import DatasetError
from trainer.events import Checkpoint, Event, Sample, State, Step, Warning
from trainer.guards import Guard
from trainer.loop import LostRunError, Run, train
from trainer.processes import Processes
from trainer.resolving import resolve
from trainer.types import Values


class Counting:
    """Its state is how many updates it has had; `hook` is called with that number before each."""

    def __init__(self) -> None:
        self.model = nn.Identity()
        self.updates = self.releases = 0
        self.seen: list[tuple[int, list[Any], float]] = []
        self.hook: Callable[[int], Values | None] = lambda step: None

    def update(self, step: int, batches: Sequence[Any], rate: float) -> Values:
        self.seen.append((step, list(batches), rate))
        values = self.hook(step) or {"total": 1.0, "l1": float(step)}
        self.updates += 1
        return values

    def state(self) -> dict[str, Any]:
        return {"updates": self.updates}

    def release(self) -> None:
        self.releases += 1

    def load_state(self, state: Any) -> None:
        self.updates = state["updates"]


class Scripted:
    """An evaluator and samples."""

    def __init__(self) -> None:
        self.psnr = itertools.count(20.0)
        self.trouble: CoreError | None = None

    def measure(self, network: nn.Module) -> dict[str, float]:
        return {"psnr": next(self.psnr)}

    def write(self, network: nn.Module, step: int) -> Path:
        if self.trouble:
            raise self.trouble
        return Path(f"{step}.jpg")


class Heard(list[Event]):
    """What was said; `hook` is called with each event."""

    hook: Callable[[Event], None] = staticmethod(lambda event: None)

    def __call__(self, event: Event) -> None:
        self.append(event)
        self.hook(event)

    def warn(self, message: str) -> None:
        self.append(Warning(message))

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self if isinstance(event, kind)]


def config(**settings: Any) -> TrainConfig:
    changes = {"optimizer.warmup": 0, "every.report": 1, "every.evaluation": 0, "every.sample": 0, **settings}
    return resolve({}, [f"{key.replace('__', '.')}={value}" for key, value in changes.items()])


@pytest.fixture
def begin(tmp_path: Path) -> Callable[..., Run]:
    """Make a run in the same folder each time."""

    def make(**settings: Any) -> Run:
        scripted: Any = Scripted()
        return Run(
            config=config(**settings),
            training=Counting(),
            batches=lambda first: itertools.count(first),  # type: ignore[arg-type, return-value]
            control=Control(),
            say=Heard(),
            checkpoints=Checkpoints(tmp_path / "checkpoints", 3),
            guard=Guard(),
            processes=Processes("cpu"),
            base_rate=0.01,
            evaluator=scripted,
            samples=scripted,
        )

    return make


def files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "checkpoints").iterdir())


def training(run: Run) -> Counting:
    return run.training  # type: ignore[return-value]


def heard(run: Run) -> Heard:
    return run.say  # type: ignore[return-value]


def test_what_is_said_and_when(begin: Callable[..., Run], tmp_path: Path) -> None:
    run = begin(steps=7, batch=4, every__report=3, every__evaluation=4, every__sample=5, every__checkpoint=6)
    assert train(run)
    assert [(type(event).__name__, event.step) for event in heard(run)] == [  # type: ignore[attr-defined]
        *[("Sample", 0), ("Sample", 0), ("Checkpoint", 0)],
        ("Step", 3),
        *[("Sample", 4), ("Checkpoint", 4)],
        ("Sample", 5),
        *[("Step", 6), ("Checkpoint", 6)],
        *[("Step", 7), ("Sample", 7), ("Sample", 7), ("Checkpoint", 7)],
    ]
    assert [(event.step, event.losses["l1"], event.rate) for event in heard(run).of(Step)] == [
        (3, 1.0, 0.01),
        (6, 4.0, 0.01),
        (7, 6.0, 0.01),
    ]
    assert [(event.step, event.best) for event in heard(run).of(Checkpoint)] == [
        (0, False),
        (4, True),
        (6, False),
        (7, True),
    ]
    assert files(tmp_path) == ["best-000007.ckpt", "step-000004.ckpt", "step-000006.ckpt", "step-000007.ckpt"]
    assert (run.before, run.best_metrics) == ({"psnr": 20.0}, {"psnr": 22.0})


def test_batches_go_on_where_they_were_after_a_resume(begin: Callable[..., Run]) -> None:
    run = begin(steps=4, accumulate=2)
    training(run).hook = lambda step: run.control.stop() if step == 1 else None
    assert not train(run)
    found = run.checkpoints.load_latest(heard(run).warn)
    assert found is not None
    again = begin(steps=4, accumulate=2)
    again.resume(*found)
    assert train(again)
    seen = [(step, batches) for step, batches, _ in training(run).seen + training(again).seen]
    assert seen == [(0, [0, 1]), (1, [2, 3]), (2, [4, 5]), (3, [6, 7])]
    assert training(again).updates == 4
    assert again.before == {"psnr": 20.0}
    over = begin(steps=4)
    over.resume(*again.checkpoints.load_latest(heard(run).warn))  # type: ignore[misc]
    assert train(over)
    assert training(over).seen == []


@pytest.mark.parametrize("version", ["former", "present"])
def test_other_metrics_after_a_resume_begin_the_judging_anew(begin: Callable[..., Run], version: str) -> None:
    run = begin(steps=2)
    run.yardstick = {"metrics": {"psnr": ""}, "faces": ["a"]}
    assert train(run)
    assert run.best_metrics == {"psnr": 21.0}
    found = run.checkpoints.load_latest(heard(run).warn)
    assert found is not None
    if version == "former":
        del found[1]["yardstick"]
    again = begin(steps=4)
    again.yardstick = {"metrics": {"psnr": "", "perceptual": "vgg"}, "faces": ["a"]}
    # By these metrics nothing is ever as good as it was by the others.
    measured = iter([9.0, 3.0])
    again.evaluator.measure = lambda network: {"psnr": next(measured), "perceptual": 9.0}  # type: ignore
    again.original = nn.Identity
    again.resume(*found)
    assert train(again)
    assert (again.before["psnr"], again.best_metrics["psnr"]) == (9.0, 3.0)
    assert "measured anew" in heard(again).of(Warning)[0].message
    best = again.checkpoints.load_best(heard(again).warn)
    assert best is not None
    assert best[0] == 4


def test_what_is_judged_by_the_same_stays_the_best(begin: Callable[..., Run]) -> None:
    run, again = begin(steps=2), begin(steps=4)
    run.yardstick = again.yardstick = {"metrics": {"psnr": ""}, "faces": ["a"]}
    assert train(run)
    again.evaluator.psnr = iter([3.0])  # type: ignore[union-attr]
    again.resume(*run.checkpoints.load_latest(heard(run).warn))  # type: ignore[misc]
    assert train(again)
    assert (again.before, again.best_metrics) == ({"psnr": 20.0}, {"psnr": 21.0})


def test_a_run_may_be_stopped_before_its_first_step(begin: Callable[..., Run], tmp_path: Path) -> None:
    run = begin(steps=4)
    run.control.stop()
    assert not train(run)
    assert (training(run).seen, files(tmp_path)) == ([], ["step-000000.ckpt"])


@pytest.mark.parametrize("seconds", [1.0, 300.0])
def test_stopped_early_it_is_measured_where_that_takes_little(
    begin: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seconds: float
) -> None:
    clock = itertools.count(step=seconds)  # between two looks at it
    monkeypatch.setattr("trainer.loop.time", SimpleNamespace(perf_counter=lambda: next(clock)))
    run = begin(steps=9, every__checkpoint=2)
    # Also where the last checkpoint has all steps already.
    heard(run).hook = lambda event: run.control.stop() if event == Checkpoint(2, ANY, best=False) else None
    assert not train(run)
    assert run.best_metrics == ({"psnr": 21.0} if seconds < 20 else {})
    assert files(tmp_path) == [
        *(["best-000002.ckpt"] if seconds < 20 else []),
        "step-000000.ckpt",
        "step-000002.ckpt",
    ]


def test_a_lost_loss_takes_it_back_three_times_and_then_ends_it(begin: Callable[..., Run], tmp_path: Path) -> None:
    run = begin(steps=10, every__checkpoint=4)
    training(run).hook = lambda step: {"total": math.nan} if step == 5 else None
    with pytest.raises(LostRunError, match="not finite in step 5, after 3 roll-backs; try a lower"):
        train(run)
    assert [step for step, _, _ in training(run).seen] == [0, 1, 2, 3, *[4, 5] * 4]
    assert [batches for step, batches, _ in training(run).seen if step == 4] == [[4]] * 4
    assert [rate for step, _, rate in training(run).seen if step == 5] == [1, 0.5, 0.25, 0.125]
    said = [event.message.partition("(")[2] for event in heard(run).of(Warning)]
    assert said == [f"roll-back {number} of 3)." for number in (1, 2, 3)]
    assert files(tmp_path)[-1] == "step-000004.ckpt"
    assert read_checkpoint(tmp_path / "checkpoints" / "step-000004.ckpt")["training"] == {"updates": 4}


def test_a_loss_that_recovers_goes_on_at_half_the_rate(begin: Callable[..., Run], tmp_path: Path) -> None:
    run = begin(steps=6, every__checkpoint=2)
    lost = iter([{"total": math.inf}])
    training(run).hook = lambda step: next(lost, None) if step == 3 else None
    assert train(run)
    assert [event.step for event in heard(run).of(Step)] == [1, 2, 3, 3, 4, 5, 6]
    assert [event.rate for event in heard(run).of(Step)] == [0.01] * 3 + [0.005] * 4
    assert training(run).updates == 6
    guard = Guard()
    guard.load_state(read_checkpoint(tmp_path / "checkpoints" / "step-000006.ckpt")["guard"])
    assert guard.share == 0.5


def test_a_checkpoint_waits_for_a_usual_loss(begin: Callable[..., Run]) -> None:
    run = begin(steps=37, every__checkpoint=12)
    training(run).hook = lambda step: {"total": 50.0 if step == 35 else 1.0}
    assert train(run)
    assert [event.step for event in heard(run).of(Checkpoint)] == [0, 12, 24, 37]


def block(tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "checkpoints")
    (tmp_path / "checkpoints").write_text("in the way")


def test_a_checkpoint_that_cannot_be_written_does_not_end_it(begin: Callable[..., Run], tmp_path: Path) -> None:
    run = begin(steps=6, every__checkpoint=2, every__evaluation=2)

    def hook(step: int) -> None:
        if step == 1:
            block(tmp_path)
        if step == 4:
            (tmp_path / "checkpoints").unlink()
            run.evaluator.psnr = iter([5.0])  # type: ignore[union-attr]

    training(run).hook = hook
    assert train(run)
    assert ["goes on from memory" in event.message for event in heard(run).of(Warning)] == [True, True]
    # What was measured of networks that were never saved is not the best: the last one is what there is.
    assert run.best_metrics == {"psnr": 5.0}
    assert files(tmp_path) == ["best-000006.ckpt", "step-000006.ckpt"]


def test_steps_that_are_lost_in_the_end_are_said(begin: Callable[..., Run], tmp_path: Path) -> None:
    run = begin(steps=3, every__checkpoint=10)
    training(run).hook = lambda step: block(tmp_path) if step == 2 else None
    with pytest.raises(CheckpointError, match="The last steps are lost"):
        train(run)
    assert run.step == 3


def test_a_run_does_not_begin_where_nothing_can_be_saved(begin: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("in the way")
    run = begin(steps=3)
    with pytest.raises(CheckpointError, match="The run cannot begin"):
        train(run)
    assert training(run).seen == []


def test_data_that_is_gone_ends_it_with_a_checkpoint(begin: Callable[..., Run], tmp_path: Path) -> None:
    def batches(first: int) -> Iterator[Any]:
        yield from range(3)
        raise DatasetError("The faces are gone.")

    run = begin(steps=9, every__checkpoint=100)
    run.batches = batches
    with pytest.raises(DatasetError, match="gone"):
        train(run)
    assert (run.step, files(tmp_path)[-1]) == (3, "step-000003.ckpt")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "The memory is used up. Set batch=2 with accumulate=2"),
        (torch.OutOfMemoryError("CUDA out of memory"), "The memory is used up."),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory"), "The memory is used up."),
        (RuntimeError("a shape is wrong"), "a shape is wrong"),
    ],
)
def test_memory_that_is_used_up_is_no_error_of_the_program(
    begin: Callable[..., Run], tmp_path: Path, error: Exception, said: str
) -> None:
    def fail(step: int) -> None:
        if step == 3:
            raise error

    run = begin(steps=9, batch=4, every__checkpoint=2)
    training(run).hook = fail
    with pytest.raises(OutOfMemoryError if "memory" in said else RuntimeError, match=said):
        train(run)
    assert files(tmp_path)[-1] == "step-000002.ckpt"


def test_a_paused_run_waits_and_still_shows_samples(
    begin: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(steps=4, batch=4)
    clock = itertools.count(step=1)  # a second between two looks at it
    monkeypatch.setattr("trainer.progress_meter.time", SimpleNamespace(perf_counter=lambda: float(next(clock))))
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        for _ in range(3600):
            next(clock)

    def answer(event: Event) -> None:
        if event == State("paused", 2):
            run.control.sample()
        elif isinstance(event, Sample) and run.control.paused:
            run.control.resume()

    monkeypatch.setattr(run.control, "wait", wait)
    heard(run).hook = answer
    training(run).hook = lambda step: run.control.pause() if step == 1 else None
    assert train(run)
    names = [(type(event).__name__, getattr(event, "step", None)) for event in heard(run)][3:]
    assert names[:5] == [("Step", 1), ("Step", 2), ("State", 2), ("Sample", 2), ("State", 2)]
    assert [event.state for event in heard(run).of(State)] == ["paused", "running"]
    # In the pause and before the evaluations at both ends, memory that is only for speed is free.
    assert training(run).releases == 3
    # The hour of the pause does not count.
    assert waits == [0.2]
    assert {event.images_per_second for event in heard(run).of(Step)} == {4.0}


def test_a_paused_run_can_be_stopped(begin: Callable[..., Run], tmp_path: Path) -> None:
    run = begin(steps=4)
    heard(run).hook = lambda event: run.control.stop() if event == State("paused", 1) else None
    training(run).hook = lambda step: run.control.pause()
    assert not train(run)
    # The second before it is measured, for which it had no time so far.
    assert [event.state for event in heard(run).of(State)] == ["paused", "stopping", "stopping"]
    assert files(tmp_path)[-1] == "step-000001.ckpt"


def test_samples_that_cannot_be_written_are_said(begin: Callable[..., Run]) -> None:
    run = begin(steps=2)
    run.samples.trouble = PhotoError("The disk is full.")  # type: ignore[union-attr]
    assert train(run)
    assert {event.message for event in heard(run).of(Warning)} == {"The samples are missing: The disk is full."}
    assert [event.sheet for event in heard(run).of(Sample)] == ["", ""]


def test_samples_come_when_asked_for(begin: Callable[..., Run]) -> None:
    run = begin(steps=3)
    training(run).hook = lambda step: run.control.sample() if step == 1 else None
    assert train(run)
    assert [event.step for event in heard(run).of(Sample) if event.sheet] == [0, 2, 3]
