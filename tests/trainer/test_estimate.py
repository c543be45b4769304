"""Measuring a run before it starts, without a trace, and what is said of it."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
import torch
from torch import nn

from core.engines.ladder import out_of_memory
from core.errors import OutOfMemoryError
from trainer.config import Network, TrainConfig
from trainer.estimate import (
    DoesNotFitError,
    Estimate,
    Measured,
    advice,
    amount,
    bytes_of,
    duration,
    estimate,
    measure,
    memory_at_hand,
)
from trainer.types import Batch, Values

CONFIG = TrainConfig(batch=4, precision="fp32")
MEGABYTE = 10**6


class Small:
    """A training like the real one: Adam, an average, a scaler's number, and noise from torch's own generator."""

    def __init__(self, bytes_in_step: int = 0) -> None:
        torch.manual_seed(3)
        self.network = nn.Conv2d(3, 3, 3, padding=1).to(memory_format=torch.channels_last)
        self.model = nn.Conv2d(3, 3, 3, padding=1)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=1e-2)
        self.scale = 1.0
        self.bytes_in_step = bytes_in_step
        self.asked: list[tuple[int, int, float]] = []

    def update(self, step: int, batches: Sequence[Batch], rate: float) -> Values:
        self.asked.append((step, len(batches), rate))
        scratch = torch.ones(self.bytes_in_step, dtype=torch.uint8)
        for batch in batches:
            noisy = batch.inputs + 0.1 * torch.randn_like(batch.inputs)
            loss = self.scale * (self.network(noisy) - batch.truths).square().mean()
            loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        with torch.no_grad():
            for mine, theirs in zip(self.model.parameters(), self.network.parameters(), strict=True):
                mine.lerp_(theirs, 0.1)
        self.scale *= 1.01
        del scratch
        return {"total": loss.item()}

    def state(self) -> dict[str, Any]:
        return {
            "network": self.network.state_dict(),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scale": self.scale,
        }

    def release(self) -> None:
        pass

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scale = state["scale"]


class Failing(Small):
    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def update(self, step: int, batches: Sequence[Batch], rate: float) -> Values:
        raise self.error


def batches() -> list[Batch]:
    images = torch.rand(2, 4, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    return [Batch(x, x, torch.zeros(4, 3, 4), torch.arange(4)) for x in images]


def numbers(training: Small, steps: range) -> list[torch.Tensor]:
    """Everything that a training is after some steps."""
    for step in steps:
        training.update(step, batches(), 0.5)
    optimizer = training.optimizer.state_dict()["state"].values()
    moments = [value for entry in optimizer for value in entry.values()]
    parameters = [*training.network.parameters(), *training.model.parameters()]
    return [*(p.detach().clone() for p in parameters), *(m.clone() for m in moments), torch.tensor(training.scale)]


@pytest.mark.parametrize("before", [0, 2])
def test_a_measured_run_goes_on_bit_for_bit_as_another(before: int) -> None:
    untouched, measured = Small(), Small()
    rest = range(before, before + 3)
    torch.manual_seed(7)
    numbers(untouched, range(before))
    expected = numbers(untouched, rest)
    torch.manual_seed(7)
    numbers(measured, range(before))
    measure(measured, batches, CONFIG, first=before)
    # The random numbers that follow are the same too: `update` draws noise.
    torch.testing.assert_close(numbers(measured, rest), expected, rtol=0, atol=0)


def test_the_first_step_is_not_timed_but_waiting_for_data_is(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("trainer.estimate.time", SimpleNamespace(perf_counter=lambda: now))

    class Slow(Small):
        def update(self, step: int, batches: Sequence[Batch], rate: float) -> Values:
            nonlocal now
            now += 100 if step == 16 else 2
            return super().update(step, batches, rate)

    def draw() -> list[Batch]:
        nonlocal now
        now += 0.5
        return batches()

    training = Slow()
    result = measure(training, draw, CONFIG, first=16, steps=2)
    assert training.asked == [(16, 2, 1.0), (17, 2, 1.0), (18, 2, 1.0)]
    assert (result.seconds_per_step, result.kind) == (2.5, "cpu")


def test_a_checkpoint_is_as_large_as_after_a_step() -> None:
    stepped = Small()
    without = bytes_of(stepped.state())
    stepped.update(0, batches(), 1.0)
    measured = measure(Small(), batches, CONFIG, steps=1).state_bytes
    assert measured == bytes_of(stepped.state()) > without + 2 * 4 * 84


def test_memory_is_that_of_the_peak() -> None:
    without = measure(Small(), batches, CONFIG, steps=1).peak_bytes
    within = measure(Small(bytes_in_step=200 * MEGABYTE), batches, CONFIG, steps=1).peak_bytes
    assert within - without == pytest.approx(200 * MEGABYTE, rel=0.2)
    assert within < memory_at_hand(torch.device("cpu"))


def test_a_step_that_does_not_fit_is_refused_with_advice() -> None:
    with pytest.raises(OutOfMemoryError, match=r"does not fit into memory. Set batch=2 with accumulate=2, or "):
        measure(Small(bytes_in_step=10**17), batches, CONFIG)


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("CUDA out of memory."), MemoryError(), RuntimeError("MPS backend out of memory")],
)
def test_every_kind_of_full_memory_counts(error: BaseException) -> None:
    assert out_of_memory(error)
    with pytest.raises(OutOfMemoryError):
        measure(Failing(error), batches, CONFIG)


def test_another_error_is_left_as_it_is() -> None:
    with pytest.raises(RuntimeError, match="shapes"):
        measure(Failing(RuntimeError("shapes do not match")), batches, CONFIG)


def test_advice_names_what_is_still_possible() -> None:
    config = msgspec.structs.replace(CONFIG, network=Network(base="best"))
    assert advice(config) == (
        "Set batch=2 with accumulate=2, or network.freeze_prior=true, or checkpointing=true, or precision=bf16."
    )
    # A prior that starts at random cannot be frozen.
    assert "freeze_prior" not in advice(CONFIG)
    assert "freeze_prior" not in advice(msgspec.structs.replace(config, trains="prior"))
    spent = msgspec.structs.replace(CONFIG, batch=1, checkpointing=True, precision="bf16")
    assert advice(spent).startswith("Nothing is left")
    # What to train cannot be changed once a run has begun.
    assert "freeze_prior" not in advice(config, begun=True)


def estimated(**changes: int) -> Estimate:
    there = {"free_disk": 20_000 * MEGABYTE, "total_memory": 8_000 * MEGABYTE}
    needed = {
        "steps_left": 4500,
        "evaluation_seconds": 600,
        "keep": 3,
        "held_bytes": 0,
        "sample_bytes": 240 * MEGABYTE,
    }
    return estimate(Measured(2.0, 3_100 * MEGABYTE, "cuda", 200 * MEGABYTE), **{**needed, **there, **changes})


def test_an_estimate_in_words() -> None:
    result = estimated()
    assert result.sentences() == [
        "The run takes about 2 h 40 min.",
        "It needs 3.1 GB of GPU memory, of 8.0 GB.",
        "It writes up to 1.2 GB; 20.0 GB are free.",
    ]
    result.check(CONFIG)


def test_too_little_memory_is_refused() -> None:
    with pytest.raises(OutOfMemoryError, match=r"needs 3.1 GB of GPU memory, of 3.0 GB. Set batch=2"):
        estimated(total_memory=3_000 * MEGABYTE).check(CONFIG)


def test_too_little_disk_is_refused() -> None:
    full = estimated(free_disk=900 * MEGABYTE)
    with pytest.raises(DoesNotFitError, match=r"up to 1.2 GB on disk, and 900 MB are free; set keep=1, or free"):
        full.check(CONFIG)
    with pytest.raises(DoesNotFitError, match="are free; free some space"):
        full.check(msgspec.structs.replace(CONFIG, keep=1))


def test_a_run_that_goes_on_has_a_folder_with_checkpoints() -> None:
    assert estimated(held_bytes=500 * MEGABYTE).disk_bytes == (5 * 200 - 500 + 240) * MEGABYTE
    # Even where all are there already one more is written before the oldest goes.
    result = estimated(held_bytes=900 * MEGABYTE, free_disk=100 * MEGABYTE)
    assert result.disk_bytes == (200 + 240) * MEGABYTE
    with pytest.raises(
        DoesNotFitError, match=r"needs up to 440 MB more on disk, and 100 MB are free; free some space\.$"
    ):
        result.check(CONFIG, begun=True)
    with pytest.raises(DoesNotFitError, match=r"or choose another folder with --out\.$"):
        result.check(CONFIG)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (12, "less than a minute"),
        (60, "about 1 min"),
        (3580, "about 1 h"),
        (9600, "about 2 h 40 min"),
        (35_990, "about 10 h"),
        (40_000, "about 11 h"),
        (172_000, "about 2 days"),
        (2_000_000, "about 23 days"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(("size", "words"), [(10, "1 MB"), (850e6, "850 MB"), (3.14e9, "3.1 GB")])
def test_amounts(size: float, words: str) -> None:
    assert amount(size) == words
