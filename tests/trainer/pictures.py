"""Pictures as tensors, for tests of losses."""

import numpy as np
import torch
from torch import Tensor


def images(*shape: int) -> Tensor:
    """Random images in [-1, 1], float64."""
    return torch.rand(*shape, dtype=torch.float64) * 2 - 1


def to_tensor(image: np.ndarray) -> Tensor:
    """(H, W, 3) RGB, 0..255 -> (1, 3, H, W) in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None].float() / 127.5 - 1
