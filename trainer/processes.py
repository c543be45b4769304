"""The processes that train together, each with its own device and its share of every batch.

Hugging Face accelerate tells who and where this process is, here and nowhere else. Networks are not wrapped in
DistributedDataParallel: alternating generator and discriminators, the double backward of R1 and looking at
features do not go with its hooks; one reduction of all gradients before the optimizer's step does the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

import torch
import torch.distributed as dist
from torch import Tensor, nn

from core.engines.pytorch import best_device
from core.errors import UsageError

if TYPE_CHECKING:
    from accelerate import PartialState

_COUNTS = ("WORLD_SIZE", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE")
"""Environment variables with the number of processes: from torchrun and accelerate launch, and from MPI."""

_ONE_OF_SEVERAL = (
    "Only one of several processes was started; on CPUs use device=cpu and "
    "'accelerate launch --multi_gpu --num_processes 2 ...' or 'torchrun --nproc-per-node 2 ...'."
)

_PATIENCE = timedelta(days=1)
"""How long one process waits for another, which may be evaluating or paused; the library's own ten minutes are
too short for that. The launcher notices a process that dies."""


class Processes:
    """This process among all `count` that were launched; alone where none were.

    rank     of this process over all machines, from 0
    count    processes over all machines
    device   where this process computes
    is_main  whether this is the one that writes files and speaks

    Every method but `close` must be called by all processes, in the same order, and gives each the same answer.
    """

    def __init__(self, device: str = "auto") -> None:
        """`device` as torch names it, "auto" for the best; of several processes, each takes its own card.

        Raises UsageError for a device that there is not, and where a launcher started one process of several.
        """
        self.device = best_device() if device == "auto" else _device(device)
        self.rank, self.count = 0, 1
        self._state = _joined(self.device)
        if self._state is not None:
            self.rank, self.count = self._state.process_index, self._state.num_processes
            if self.device.type != "cpu":
                self.device = self._state.device

    @property
    def is_main(self) -> bool:
        return self.rank == 0

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace each gradient by its mean over the processes, in place. All must have gradients for the same
        parameters."""
        if self.count == 1:
            return
        by_dtype: dict[torch.dtype, list[Tensor]] = {}
        for parameter in parameters:
            if parameter.grad is not None:
                by_dtype.setdefault(parameter.grad.dtype, []).append(parameter.grad)
        for gradients in by_dtype.values():
            # flatten gives the logical order, whatever the memory format; one long message is faster than many.
            mean = self.mean(torch.cat([gradient.flatten() for gradient in gradients]))
            parts = torch.split(mean, [gradient.numel() for gradient in gradients])
            for gradient, part in zip(gradients, parts, strict=True):
                gradient.copy_(part.view_as(gradient))

    def mean(self, tensor: Tensor) -> Tensor:
        """The mean of each element over the processes; floating point, on `device`. `tensor` may be changed."""
        if self.count > 1:
            dist.all_reduce(tensor)
            tensor = tensor.div_(self.count)
        return tensor

    def same_start(self, module: nn.Module) -> None:
        """Give every process the parameters and buffers that the first one has."""
        if self.count == 1:
            return
        for tensor in (*module.parameters(), *module.buffers()):
            # Raw memory is sent, in which two memory formats would differ.
            sent = tensor.detach().contiguous()
            dist.broadcast(sent, 0)
            tensor.detach().copy_(sent)

    def any(self, flag: bool) -> bool:
        """Whether `flag` is set in any process."""
        if self.count == 1:
            return flag
        flags = torch.tensor(int(flag), device=self.device)
        dist.all_reduce(flags, dist.ReduceOp.MAX)
        return bool(flags)

    def wait(self) -> None:
        """Until all are here."""
        if self._state is not None:
            self._state.wait_for_everyone()

    def close(self) -> None:
        """Leave the group; the last thing that a process which succeeded does."""
        if self._state is not None:
            self._state.destroy_process_group()


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UsageError(f"The device '{name}' cannot be used here; try device=auto or device=cpu.") from error
    return device


def _joined(device: torch.device) -> PartialState | None:
    """The group of all processes; None where there is one process."""
    if max(int(os.environ.get(name, 1)) for name in _COUNTS) == 1:
        # `accelerate launch --cpu --num_processes 2` starts one process and tells nobody (accelerate issue 2741).
        if "ACCELERATE_USE_CPU" in os.environ and "MASTER_ADDR" in os.environ and "RANK" not in os.environ:
            raise UsageError(_ONE_OF_SEVERAL)
        return None
    # Optimizers import it. Imported after the group began, it holds the group beyond `close`; gloo's thread then
    # lives when Python ends, and now and then ends the process with "terminate called".
    import torch._dynamo  # noqa: F401

    # Not above: the import takes half a second, and most runs have one process.
    from accelerate import PartialState

    state = PartialState(cpu=device.type == "cpu", timeout=_PATIENCE)
    if state.num_processes == 1:
        raise UsageError(_ONE_OF_SEVERAL)
    return state
