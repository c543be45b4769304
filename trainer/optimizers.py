"""Adam and the loss scaler, as both trainings make them and take their states over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.optim import Adam


def fuses(network: nn.Module) -> bool:
    """Whether one kernel can take the step of all of a network's parameters."""
    return next(network.parameters()).device.type in ("cpu", "cuda")


def lazy_adam(network: nn.Module, rate: float, every: int | None) -> Adam:
    """Adam with betas (0, 0.99) for a network that takes one step more after each `every` steps, or never (None):
    rate and betas are those of every / (every + 1) steps (StyleGAN2, appendix B)."""
    share = every / (every + 1) if every else 1.0
    return Adam(network.parameters(), lr=rate * share, betas=(0.0, 0.99**share), fused=fuses(network))


def load_adam(optimizer: Adam, state: Mapping[str, Any]) -> None:
    """Take over a state, but not its betas: what is set now counts."""
    optimizer.load_state_dict(dict(state))
    for group in optimizer.param_groups:
        group["betas"] = optimizer.defaults["betas"]


def load_scaler(scaler: torch.amp.GradScaler, state: Mapping[str, Any]) -> None:
    """Take over a state; that of a run in another precision is empty."""
    if state:
        scaler.load_state_dict(dict(state))
