"""Which device the networks run on."""

from __future__ import annotations

import torch


def best_device() -> torch.device:
    """CUDA where there is a usable card, else Apple's MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def describe_devices() -> list[str]:
    """One line for each device that torch can use, the best first."""
    lines = [f"cuda:{i} {torch.cuda.get_device_name(i)}" for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        lines.append("mps Apple GPU")
    return [*lines, f"cpu {torch.get_num_threads()} threads"]
