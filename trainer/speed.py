"""What makes training faster, or smaller in memory."""

from __future__ import annotations

from functools import partial

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from core.engines.pytorch import has_bfloat16
from core.networks.stylegan2 import StyleConv
from core.networks.variants import ResBlock


def fast_dtype(device: torch.device) -> torch.dtype:
    """The dtype of the fastest convolutions on `device`: bfloat16 where the hardware has it, else float32."""
    return torch.bfloat16 if has_bfloat16(device) else torch.float32


def checkpointed(network: nn.Module) -> None:
    """Let residual blocks and style convolutions forget their activations and compute them again in the backward
    pass, in place."""
    for module in network.modules():
        if isinstance(module, ResBlock | StyleConv):
            module.forward = partial(checkpoint, module.forward, use_reentrant=False)  # type: ignore[method-assign]
