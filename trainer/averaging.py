"""The running average of a network's parameters, which is better than the network itself (EMA)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel


def ema_of(network: nn.Module, decay: float) -> AveragedModel:
    """The exponential moving average of a network's parameters, of this `decay` per step.

    `.update_parameters(network)` adds a step, `.module` is the averaged network.

    After n steps the decay is min(decay, (1 + n) / (10 + n)), so that a short run is not mostly its start.
    """

    @torch.no_grad()
    def average(averages: Any, parameters: Any, steps: Tensor | int) -> None:
        n = int(steps)
        torch._foreach_lerp_(list(averages), list(parameters), 1 - min(decay, (1 + n) / (10 + n)))

    averaged = AveragedModel(network, multi_avg_fn=average)
    averaged.eval().requires_grad_(False)
    return averaged
