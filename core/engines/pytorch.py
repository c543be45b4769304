"""Networks through PyTorch, on NVIDIA and Apple GPUs and on any processor."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

from core.engines.engine import FloatArray, Precision, Target

Module = TypeVar("Module", bound=nn.Module)

_DTYPES = {Precision.FP32: torch.float32, Precision.BF16: torch.bfloat16, Precision.FP16: torch.float16}


class TorchEngine:
    """A module in eval mode on a PyTorch device. Below float32 it runs in automatic mixed precision.

    The module is moved to the device, with its convolution weights' channels last: they are read so anyway,
    and keeping them so saves turning them over at every run.
    """

    def __init__(self, module: nn.Module, target: Target, size: int | None = None) -> None:
        if target.threads is not None:
            torch.set_num_threads(target.threads)
        self.target, self.size = target, size
        self._device = torch.device(target.device)
        self._dtype = _DTYPES[target.precision]
        self._module = to_channels_last(module.eval().to(self._device))

    def run(self, images: FloatArray) -> FloatArray:
        """See `Engine`."""
        with (
            torch.inference_mode(),
            torch.autocast(self._device.type, self._dtype, enabled=self._dtype is not torch.float32),
        ):
            output: torch.Tensor = self._module(self._to_device(images)).float()
            return output.contiguous().cpu().numpy()

    def _to_device(self, images: FloatArray) -> torch.Tensor:
        tensor = torch.from_numpy(images)
        if self._device.type == "cuda":
            # Pinned memory lets the copy run beside the work that is queued already.
            tensor = tensor.pin_memory().to(self._device, non_blocking=True)
        return tensor.to(self._device, memory_format=torch.channels_last)


def to_channels_last(network: Module) -> Module:
    """Store convolution weights with their channels last, in place; returns `network`."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.to(memory_format=torch.channels_last)
    return network


def has_bfloat16(device: torch.device) -> bool:
    """Whether the hardware computes in bfloat16; without, it is emulated and many times slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def best_device() -> torch.device:
    """CUDA where there is a usable card, else Apple's MPS, else the CPU."""
    names = [name for name, _ in gpus()]
    return torch.device(names[0].partition(":")[0] if names else "cpu")


def gpus() -> list[tuple[str, str]]:
    """The name of each graphics card for PyTorch, and what it is called, the best first."""
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    cards = [(f"cuda:{i}", torch.cuda.get_device_name(i)) for i in range(count)]
    return [*cards, *([("mps", "Apple GPU")] if torch.backends.mps.is_available() else [])]


def threads() -> int:
    """How many processor threads PyTorch uses."""
    return torch.get_num_threads()


def precisions(device: str) -> list[Precision]:
    """What a PyTorch device can compute in at a good speed."""
    kind = torch.device(device)
    fast = [Precision.BF16] if has_bfloat16(kind) else []
    return [Precision.FP32, *fast, *([Precision.FP16] if kind.type in ("cuda", "mps") else [])]


def has_device(device: str) -> bool:
    """Whether PyTorch can use a graphics card of that name, with or without a number, here."""
    names = [name for name, _ in gpus()]
    return device in names or f"{device}:0" in names
