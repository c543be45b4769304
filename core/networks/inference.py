"""The networks as engines want them: one batch of pictures in, one tensor out."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from core.networks.gfpgan import GFPGAN
from core.networks.loading import LoadedNetwork

PARSING_SIZE = 256
"""Side in pixels of the pictures that ParseNet is given. The mask made of its labels is blurred far more than
the half that this leaves of its own 512 px, which would cost four times as much."""


def for_inference(loaded: LoadedNetwork) -> tuple[nn.Module, int | None]:
    """A module with one output, and the side of the square pictures it takes (None: any height and width).

    restorer  (N, 3, size, size), RGB in [-1, 1] -> the same
    detector  (N, 3, H, W), BGR less its mean -> (N, anchors, 16): box offsets, probabilities, landmark offsets
    parser    (N, 3, size, size), size = PARSING_SIZE, RGB in [-1, 1] -> scores (N, classes, size, size)
    """
    if loaded.kind == "detector":
        return _Joined(loaded.module), None
    if loaded.kind == "parser":
        return _First(loaded.module), PARSING_SIZE
    return loaded.module, cast(GFPGAN, loaded.module).size


class _Joined(nn.Module):
    """The outputs of a module side by side."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, images: Tensor) -> Tensor:
        return torch.cat(self.module(images), dim=-1)


class _First(nn.Module):
    """The first output of a module."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, images: Tensor) -> Tensor:
        first: Tensor = self.module(images)[0]
        return first
