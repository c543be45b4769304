"""The networks as engines want them: one batch of pictures in, one tensor out."""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from core.networks.embedding import embedding_of
from core.networks.loading import LoadedNetwork
from core.types import CROP_SIZE

PARSING_SIZE = 256
"""Side in pixels of the pictures that ParseNet is given. Its own 512 px would cost four times as much, and the
mask made of its labels is blurred far more than by halving them."""


TILE_SIZES = 512, 256
"""Sides in pixels of the pictures that super-resolution networks are given, small networks and large ones."""

_SMALL = 5_000_000  # parameters; the pictures inside larger networks take gigabytes at 512 px


class ReadyNetwork(NamedTuple):
    """A module with one input and one output, the side of the square pictures it takes (None: any height and
    width), their channels, and how many times larger its pictures are."""

    module: nn.Module
    size: int | None
    channels: int = 3
    scale: int = 1


def for_inference(loaded: LoadedNetwork, size: int | None = None) -> ReadyNetwork:
    """What an engine runs. `size` is another side of the pictures, for an upscaler.

    restorer  (N, 3, size, size), RGB in [-1, 1] -> the same; with 4 channels, the last is the fidelity in [0, 1],
              see `CodeFormerRestorer`
    detector  (N, 3, H, W), BGR less its mean -> (N, anchors, 16): box offsets, probabilities, landmark offsets
    parser    (N, 3, size, size), size = PARSING_SIZE, RGB in [-1, 1] -> scores (N, classes, size, size)
    upscaler  (N, 3, size, size), RGB in [0, 1] -> (N, 3, size * scale, size * scale)
    identity  (N, 3, size, size), size = CROP_SIZE, RGB in [-1, 1], aligned crops -> embeddings (N, D)
    """
    module = loaded.module
    if loaded.kind == "detector":
        return ReadyNetwork(_Joined(module), None)
    if loaded.kind == "parser":
        return ReadyNetwork(_First(module), PARSING_SIZE)
    if loaded.kind == "identity":
        return ReadyNetwork(embedding_of(module), CROP_SIZE)
    if loaded.kind == "upscaler":
        return ReadyNetwork(module, size or _tile_size(module), scale=cast(int, module.scale))
    return ReadyNetwork(module, cast(int, module.size), cast(int, getattr(module, "channels", 3)))


def _tile_size(module: nn.Module) -> int:
    small = sum(parameter.numel() for parameter in module.parameters()) < _SMALL
    return TILE_SIZES[0 if small else 1]


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
