"""Taking times fairly, and what this machine can do at best."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import TypeVar

import numpy as np
import torch
import torch.nn.functional as F

T = TypeVar("T")


def alternate(steps: Sequence[Callable[[], T]], repeats: int) -> list[list[T]]:
    """What each step returned in `repeats` rounds, all by turns, so that a slow moment of the machine hits all."""
    results: list[list[T]] = [[] for _ in steps]
    for _ in range(repeats):
        for step, returned in zip(steps, results, strict=True):
            returned.append(step())
    return results


def seconds_of(step: Callable[[], object]) -> float:
    """How long one call takes, a GPU's work included."""
    synchronize()
    start = time.perf_counter()
    step()
    synchronize()
    return time.perf_counter() - start


def by_turns(steps: Sequence[Callable[[], object]], repeats: int) -> list[float]:
    """The median seconds of each, all by turns, after one turn that does not count."""
    turns = alternate([lambda step=step: seconds_of(step) for step in steps], repeats + 1)
    return [median(times[1:]) for times in turns]


def convolution_rate(dtype: torch.dtype, device: torch.device) -> float:
    """Operations a second of a 3 x 3 convolution with 128 channels: what this machine's convolutions can do."""
    x = torch.randn(4, 128, 64, 64, dtype=dtype, device=device).contiguous(memory_format=torch.channels_last)
    weight = torch.randn(128, 128, 3, 3, dtype=dtype, device=device).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        seconds = by_turns([lambda: F.conv2d(x, weight, padding=1)], 9)[0]
    return 2 * 4 * 128 * 128 * 9 * 64 * 64 / seconds


def copy_rate() -> float:
    """Bytes a second that one thread copies (each byte counts once), far beyond the caches."""
    source = np.ones(1 << 28, np.uint8)
    target = np.empty_like(source)
    return source.nbytes / by_turns([lambda: np.copyto(target, source)], 5)[0]


def synchronize() -> None:
    """Wait for the GPU, where there is one."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def peak_resident() -> int:
    """The most memory in bytes that this process has held. ImportError on Windows, which does not tell."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
