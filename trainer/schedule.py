"""The learning rate over a run."""

from __future__ import annotations

import math

from trainer.config import Optimizer


def rate_share(config: Optimizer, step: int, steps: int) -> float:
    """The share of the base learning rate at step `step`, counted from 0, of `steps`.

    "steps": gamma for each milestone that is reached (paper, section 4.1). "cosine": from 1 to `final` at the last
    step (Loshchilov and Hutter 2017, equation 5, without restarts). Both rise linearly over the warm-up.
    """
    warm = min(1.0, (step + 1) / (config.warmup + 1))
    if config.schedule == "steps":
        return warm * config.gamma ** sum(step >= milestone for milestone in config.milestones)
    done = min(1.0, step / max(1, steps - 1))
    return warm * (config.final + (1 - config.final) * (1 + math.cos(math.pi * done)) / 2)
