"""What every engine is: a network on a device, numpy in and numpy out. No torch, no OpenVINO."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


class Precision(StrEnum):
    """The number format that a network computes in; its inputs and outputs are float32 whatever it is."""

    FP32 = "fp32"
    BF16 = "bf16"
    FP16 = "fp16"


@dataclass(frozen=True)
class Target:
    """Where and how a network runs.

    `device` is PyTorch's name ("cpu", "cuda:0", "mps") or OpenVINO's ("CPU", "GPU", "NPU"), as `backend` says.
    `threads` is the number of processor threads, None for the engine's own choice.
    """

    backend: Literal["pytorch", "openvino"]
    device: str
    precision: Precision = Precision.FP32
    threads: int | None = None

    def __str__(self) -> str:
        """For people: "openvino:CPU in bf16"."""
        device = self.device if self.backend == "pytorch" else f"openvino:{self.device}"
        return f"{device} in {self.precision}"


class Engine(Protocol):
    """A network that is ready to run. Not for two threads at a time."""

    @property
    def target(self) -> Target:
        """Where and how it runs."""
        ...

    @property
    def size(self) -> int | None:
        """Side in pixels of the square pictures that it takes, None where it takes any size."""
        ...

    def run(self, images: FloatArray) -> FloatArray:
        """images (N, C, H, W) -> the network's output, (N, ...), an array of the caller's own.

        Raises MemoryError, or a RuntimeError that `out_of_memory` knows, when memory does not suffice.
        """
        ...
