"""What makes training faster, or smaller in memory."""

from __future__ import annotations

from functools import partial
from typing import TypeVar

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from core.networks.stylegan2 import StyleConv
from core.networks.variants import ResBlock

Module = TypeVar("Module", bound=nn.Module)


def fast_dtype(device: torch.device) -> torch.dtype:
    """The dtype of the fastest convolutions on `device`: bfloat16 where the hardware has it, else float32."""
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    if device.type == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):
        return torch.bfloat16
    return torch.float32


def to_channels_last(network: Module) -> Module:
    """Store convolution weights with their channels last, in place; returns `network`."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.to(memory_format=torch.channels_last)
    return network


def checkpointed(network: nn.Module) -> None:
    """Let residual blocks and style convolutions forget their activations and compute them again in the backward
    pass, in place."""
    for module in network.modules():
        if isinstance(module, ResBlock | StyleConv):
            module.forward = partial(checkpoint, module.forward, use_reentrant=False)  # type: ignore[method-assign]
