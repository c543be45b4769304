"""What the losses share: how a loss answers, and the two distances that they are made of.

A loss answers with its weighted terms by name, for the loop to add up and to report. A term of weight 0 is not
computed and not in the answer. The switches of the paper's ablations are therefore weights:

    table 4, d) no pyramid loss          PyramidLoss(weight=0)
    figure 6, no component loss          ComponentLoss(weight=0)
    figure 6, discriminators only        ComponentLoss(style_weight=0)
    figure 6, feature matching loss      ComponentLoss(style_weight=0, matching_weight=matching_weight(...))
    figure 6, feature style loss         ComponentLoss()

a) to c) of table 4 change the network and no loss. Every term is a mean over samples and none mixes samples, so
that two processes with half the batch each have the gradients of one. Distances are computed in float32 (float64
stays float64) under mixed precision too.
"""

import torch
from torch import Tensor

from core.networks.layers import at_least_float32

Terms = dict[str, Tensor]
"""Weighted scalar terms of a loss by name, differentiable."""


def mean_l1(x: Tensor, y: Tensor) -> Tensor:
    """mean |x - y| over everything; a scalar. ValueError for two shapes, instead of broadcasting."""
    if x.shape != y.shape:
        raise ValueError(f"cannot compare {tuple(x.shape)} with {tuple(y.shape)}")
    return (at_least_float32(x) - at_least_float32(y)).abs().mean()


def gram(features: Tensor) -> Tensor:
    """F F^T / (c h w) of each sample: (N, c, h, w) -> (N, c, c) (paper, section 3.5, feature style loss)."""
    _, channels, height, width = features.shape
    # Half precision, which autocast would choose, overflows in sums over a whole map.
    with torch.autocast(features.device.type, enabled=False):
        flat = at_least_float32(features).flatten(2)
        return flat @ flat.transpose(1, 2) / (channels * height * width)
