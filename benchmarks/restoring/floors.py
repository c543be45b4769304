"""The least time that a task can take here: its operations over the rate of convolutions, its bytes over that of
copying."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import torch
from facexlib.detection.retinaface import RetinaFace
from facexlib.parsing.parsenet import ParseNet
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.measuring import convolution_rate, copy_rate
from core.networks.gfpgan import GFPGAN

DETECTOR_SIDE = 640  # px, of the picture on which the detector's operations are counted


@dataclass(frozen=True)
class Rates:
    """What this machine does in a second: operations by precision, and bytes copied."""

    operations: dict[str, float]
    bytes: float

    def seconds(self, operations: float, precision: str | None = None) -> float:
        """The floor of so many operations in one precision, in the fastest one for None."""
        rate = max(self.operations.values()) if precision is None else self.operations[precision]
        return operations / rate

    def as_text(self) -> str:
        """For people."""
        rates = [f"{rate / 1e9:.0f} GFLOP/s in {precision}" for precision, rate in self.operations.items()]
        return f"{', '.join(rates)}, {self.bytes / 1e9:.1f} GB/s copied"


def measure_rates() -> Rates:
    """Take a second to find out."""
    cpu = torch.device("cpu")
    operations = {"fp32": convolution_rate(torch.float32, cpu), "bf16": convolution_rate(torch.bfloat16, cpu)}
    return Rates(operations, copy_rate())


@functools.cache
def restorer_operations() -> int:
    """Of the 512 px clean network for one face."""
    return count_operations(GFPGAN("clean"), 512)


@functools.cache
def parser_operations(size: int) -> int:
    """Of ParseNet for one face seen at `size` px."""
    return count_operations(ParseNet(in_size=512, out_size=512, parsing_ch=19), size)


@functools.cache
def detector_operations() -> float:
    """Of RetinaFace ResNet-50 for one pixel."""
    network = RetinaFace(network_name="resnet50", device=torch.device("cpu"))
    return count_operations(network, DETECTOR_SIDE) / DETECTOR_SIDE**2


def count_operations(network: nn.Module, size: int) -> int:
    """Of a network for one picture (1, 3, size, size); it has no parameters afterwards."""
    network = network.eval().requires_grad_(False).to("meta")
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.empty(1, 3, size, size, device="meta"))
    return counter.get_total_flops()
