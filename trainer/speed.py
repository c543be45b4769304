"""What makes training faster, or smaller in memory."""

from __future__ import annotations

from functools import partial

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from core.engines.pytorch import has_bfloat16
from core.memory import glibc
from core.networks.stylegan2 import StyleConv
from core.networks.variants import ResBlock

# Of glibc's malloc.h: how large the free end of the heap may be (-1: any size), and how many blocks may be mapped.
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4


def fast_dtype(device: torch.device) -> torch.dtype:
    """The dtype of the fastest convolutions on `device`: bfloat16 where the hardware has it, else float32."""
    return torch.bfloat16 if has_bfloat16(device) else torch.float32


def checkpointed(network: nn.Module) -> None:
    """Let residual blocks and style convolutions forget their activations and compute them again in the backward
    pass, in place."""
    for module in network.modules():
        if isinstance(module, ResBlock | StyleConv):
            module.forward = partial(checkpoint, module.forward, use_reentrant=False)  # type: ignore[method-assign]


def keep_freed_memory() -> None:
    """Let this process keep what it frees for what it needs next, until `release_memory`. Only glibc must be told.

    It would give blocks of more than 32 MiB back to the system at once, which clears every page again when the
    next is asked for, some hundred times in a step.
    """
    if (library := glibc()) is not None:
        library.mallopt(_M_MMAP_MAX, 0)
        library.mallopt(_M_TRIM_THRESHOLD, -1)
