"""How far feature maps are from the truth's, with gradients that need no float32 copies of the maps.

Maps of a perceptual network at 512 px are the largest tensors of a training step. Autograd would keep float32
copies of both, and go over them once for every operation.

Distances are of each sample, (N,), in at least float32; features (N, C, H, W). The truth gets no gradient.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from core.networks.layers import at_least_float32

_SILENT = 1e-10
"""Features shorter than that have no direction."""


def l1_distance(found: Tensor, expected: Tensor) -> Tensor:
    """mean |found - expected| over channels and places."""
    distance: Tensor = _L1.apply(found, expected)
    return distance


def lpips_distance(found: Tensor, expected: Tensor, head: Tensor | None = None) -> Tensor:
    """One layer of LPIPS (Zhang et al. 2018, equation 1).

    The squared differences of features of unit length at each place, weighed by `head` (C,), else all alike; sums
    over channels, means over places. With a head there are no gradients: it is for measuring.
    """
    if head is None:
        distance: Tensor = _Directions.apply(found, expected)
        return distance
    with torch.no_grad():
        return (head.view(1, -1, 1, 1) * _difference(found, expected)[0] ** 2).sum(1).mean((1, 2))


class _L1(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, found: Tensor, expected: Tensor) -> Tensor:
        ctx.save_for_backward(found, expected)
        return (at_least_float32(found) - expected).abs_().mean((1, 2, 3))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        found, expected = ctx.saved_tensors
        share = (gradient / found[0].numel()).to(found.dtype)
        return torch.sub(found, expected).sign_().mul_(share.view(-1, 1, 1, 1)), None


class _Directions(torch.autograd.Function):
    """mean_hw |u - v|^2 of unit vectors u = x / |x|, v = y / |y|. Its gradient by x is
    2 (u (1 - |u - v|^2 / 2) - v) / |x| at each place, for u . v = 1 - |u - v|^2 / 2."""

    @staticmethod
    def forward(ctx: Any, found: Tensor, expected: Tensor) -> Tensor:
        difference, found_scale, expected_scale = _difference(found, expected)
        squares = difference.square_().sum(1, keepdim=True)
        ctx.save_for_backward(found, expected, found_scale, expected_scale, squares)
        return squares.mean((1, 2, 3))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        found, expected, found_scale, expected_scale, squares = ctx.saved_tensors
        share = 2 * gradient.view(-1, 1, 1, 1) / squares[0].numel() * found_scale
        # Without a direction of the truth's all of the face's are equally far from it.
        share = torch.where(expected_scale > 0, share, 0)
        along, towards = (1 - squares / 2) * share * found_scale, share * expected_scale
        # In float32: the two parts nearly cancel.
        return (found * along).sub_(expected * towards).to(found.dtype), None


def _difference(found: Tensor, expected: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """u - v, and what makes each of them of unit length, (N, 1, H, W); 0 where there is no direction."""
    scales = []
    for features in (found, expected):
        length = torch.linalg.vector_norm(at_least_float32(features), dim=1, keepdim=True)
        scales.append(torch.where(length > _SILENT, 1 / length, 0))
    return (found * scales[0]).sub_(expected * scales[1]), scales[0], scales[1]
