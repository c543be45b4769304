"""What a run will take, from a few steps of it: time, memory and disk; and what to change when it cannot fit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import psutil
import torch

from core.engines.ladder import out_of_memory
from core.errors import CoreError, OutOfMemoryError
from trainer.config import TrainConfig
from trainer.durations import amount, duration
from trainer.graphed import WARM_UP
from trainer.types import Batch, Training


class DoesNotFitError(CoreError):
    """A run that needs more disk than there is."""


@dataclass(frozen=True)
class Measured:
    """What a training step takes.

    peak_bytes   on a CPU all memory of this process, on a GPU what it has reserved there
    kind         of device: "cpu", "cuda" or "mps"
    state_bytes  of the training's state once a step was made, for it creates Adam's two moments of each parameter
    """

    seconds_per_step: float
    peak_bytes: int
    kind: str
    state_bytes: int


def measure(
    training: Training, draw: Callable[[], Sequence[Batch]], config: TrainConfig, *, first: int = 0, steps: int = 3
) -> Measured:
    """Make a few steps, each with the batches that `draw` gives, and take them back: the training's state and
    torch's random numbers are as before.

    Step number `first` counts for the memory alone; it should be one in which everything is due (a multiple of
    losses.r1_every, after discriminators.delay). So do the three steps after it on a graphics card, where they are
    slower than all later ones. The time of `steps` more is measured: with waiting for data, without what is due
    only now and then. Raises OutOfMemoryError when memory runs out; the training must not be used then.
    """
    batches = draw()
    device = batches[0].truths.device
    state = _copied(training.state())
    devices = [device] if device.type == "cuda" else []
    times = []
    settling = WARM_UP if device.type == "cuda" else 0
    with torch.random.fork_rng(devices), _peak(device) as peak, _memory_errors(config):
        for step in range(first, first + 1 + settling + steps):
            start = time.perf_counter()
            training.update(step, batches if step == first else draw(), 1.0)
            _finish(device)
            times.append(time.perf_counter() - start)
    grown = bytes_of(training.state())
    training.load_state(state)
    # What is looked at next is to find as much memory free as it will in the run.
    training.release()
    return Measured(median(times[-steps:]), peak(), device.type, grown)


def bytes_of(state: Any) -> int:
    """Of all tensors in nested dicts and lists."""
    if isinstance(state, torch.Tensor):
        return state.numel() * state.element_size()
    if isinstance(state, dict):
        return sum(map(bytes_of, state.values()))
    return sum(map(bytes_of, state)) if isinstance(state, list | tuple) else 0


@contextmanager
def _memory_errors(config: TrainConfig) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        raise OutOfMemoryError(f"A training step does not fit into memory. {advice(config)}") from error


def advice(config: TrainConfig, *, begun: bool = False) -> str:
    """A sentence with the settings that would still save memory; of a begun run, those that can change."""
    known = bool(config.network.base or config.network.prior) and not begun
    changes = {
        f"batch={config.batch // 2} with accumulate={config.accumulate * 2}": config.batch > 1,
        "network.freeze_prior=true": config.trains == "restorer" and known and not config.network.freeze_prior,
        "checkpointing=true": not config.checkpointing,
        "precision=bf16": config.precision == "fp32",
    }
    possible = [change for change, helps in changes.items() if helps]
    if not possible:
        return "Nothing is left that saves memory but a smaller network; else it takes a machine with more."
    return f"Set {', or '.join(possible)}."


def memory_at_hand(device: torch.device) -> int:
    """Bytes that this process has and can still get: of the GPU, else of RAM."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] + torch.cuda.memory_reserved(device)
    return int(psutil.virtual_memory().available + psutil.Process().memory_info().rss)


def _copied(state: Any) -> Any:
    """Nested dicts and lists with their tensors copied to the CPU, where they do not count for a GPU's memory."""
    if isinstance(state, torch.Tensor):
        return state.detach().to("cpu", copy=True)
    if isinstance(state, dict):
        return {key: _copied(value) for key, value in state.items()}
    if isinstance(state, list | tuple):
        return type(state)(_copied(value) for value in state)
    return state


def _finish(device: torch.device) -> None:
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


@contextmanager
def _peak(device: torch.device) -> Iterator[Callable[[], int]]:
    """Gives a function that tells the bytes at the peak, once this is over."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
        yield lambda: torch.cuda.max_memory_reserved(device)
        return
    # Neither RAM nor MPS has a peak that can be reset everywhere: look every few milliseconds.
    seen, over = [peak_memory(device)], threading.Event()

    def watch() -> None:
        while not over.wait(0.005):
            seen[0] = max(seen[0], peak_memory(device))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield lambda: seen[0]
    finally:
        over.set()
        watcher.join()


def peak_memory(device: torch.device) -> int:
    """Bytes at the peak on a CUDA device; what this process has now on others, which do not count peaks."""
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device)
    return torch.mps.driver_allocated_memory() if device.type == "mps" else _resident()


def _resident() -> int:
    return int(psutil.Process().memory_info().rss)


@dataclass(frozen=True)
class Estimate:
    """What a run needs, and what there is: bytes of memory and of free disk."""

    seconds: float
    memory_bytes: int
    disk_bytes: int
    kind: str
    total_memory: int
    free_disk: int

    def sentences(self) -> list[str]:
        """For people."""
        return [
            f"The run takes {duration(self.seconds)}.",
            f"It needs {amount(self.memory_bytes)} of {self._memory}, of {amount(self.total_memory)}.",
            f"It writes up to {amount(self.disk_bytes)}; {amount(self.free_disk)} are free.",
        ]

    def check(self, config: TrainConfig, *, begun: bool = False) -> None:
        """Raises OutOfMemoryError or DoesNotFitError, with advice, when memory or disk is too small.

        begun: the run goes on, so that it has its network and its folder.
        """
        if self.memory_bytes > self.total_memory:
            raise OutOfMemoryError(
                f"The run needs {amount(self.memory_bytes)} of {self._memory}, of {amount(self.total_memory)}. "
                f"{advice(config, begun=begun)}"
            )
        if self.disk_bytes > self.free_disk:
            if begun:
                raise DoesNotFitError(
                    f"To go on the run needs up to {amount(self.disk_bytes)} more on disk, and "
                    f"{amount(self.free_disk)} are free; free some space."
                )
            fewer = "set keep=1, or " if config.keep > 1 else ""
            raise DoesNotFitError(
                f"The run needs up to {amount(self.disk_bytes)} on disk, and {amount(self.free_disk)} are free; "
                f"{fewer}free some space, or choose another folder with --out."
            )

    @property
    def _memory(self) -> str:
        return "GPU memory" if self.kind == "cuda" else "memory"


def estimate(
    measured: Measured,
    *,
    steps_left: int,
    evaluation_seconds: float,
    keep: int,
    held_bytes: int,
    sample_bytes: int,
    free_disk: int,
    total_memory: int,
) -> Estimate:
    """What the rest of a run needs.

    evaluation_seconds  of all evaluations to come, together
    keep                how many checkpoints are kept besides the best
    held_bytes          what the checkpoints that are there take on the disk
    sample_bytes        what all sample pictures take
    total_memory        see `memory_at_hand`
    """
    # A new checkpoint is whole before an old one goes.
    disk = max((keep + 2) * measured.state_bytes - held_bytes, measured.state_bytes) + sample_bytes
    seconds = measured.seconds_per_step * steps_left + evaluation_seconds
    return Estimate(seconds, measured.peak_bytes, disk, measured.kind, total_memory, free_disk)
