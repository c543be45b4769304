"""How far features are from the truth's: the second part of L_rec (paper, section 3.5)."""

import math

import torch
from torch import Tensor, nn

from core.networks.layers import at_least_float32
from trainer.losses.feature_distances import l1_distance, lpips_distance
from trainer.losses.features import FeatureNetwork
from trainer.losses.terms import Terms, gram, mean_l1


class PerceptualLoss(nn.Module):
    """weight * sum_k w_k mean |phi_k(y_hat) - phi_k(y)|, and the same of Gram matrices with `style_weight`.

    Terms "perceptual" and "style". phi_k and w_k are the layers and weights of `network`. The style term is not
    in the paper; the released options have 50. For a `relative` network, features of both images are divided by
    the RMS that this layer has in this sample's truth; nothing else makes its layers comparable.

    Term "lpips", with `lpips_weight`: the distance of LPIPS without its heads (Zhang et al. 2018, equation 1),
    sum_k w_k mean_hw |u_k(y_hat) - u_k(y)|^2, u_k being phi_k divided by its length at each place.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        weight: float = 1.0,
        style_weight: float = 0.0,
        lpips_weight: float = 0.0,
    ) -> None:
        super().__init__()
        self.network, self.weight, self.style_weight = network, weight, style_weight
        self.lpips_weight = lpips_weight

    def forward(self, restored: Tensor, truth: Tensor) -> Terms:
        """`restored` and `truth`: RGB in [-1, 1], (N, 3, S, S). The truth gets no gradient.

        ValueError for two shapes.
        """
        if not (self.weight or self.style_weight or self.lpips_weight):
            return {}
        if restored.shape != truth.shape:
            raise ValueError(f"cannot compare {tuple(restored.shape)} with {tuple(truth.shape)}")
        with torch.no_grad():
            expected = self.network(truth)
        found = self.network(restored)
        layers = self.network.layers.items()
        sizes = {k: _size(x) if self.network.relative else x.new_ones(()) for k, x in expected.items()}
        terms: Terms = {}
        if self.weight:
            distances = [w * (l1_distance(found[k], expected[k]) / sizes[k]).mean() for k, w in layers]
            terms["perceptual"] = self.weight * torch.stack(distances).sum()
        if self.style_weight:
            squares = {k: (size * size).view(-1, 1, 1) for k, size in sizes.items()}
            distances = [
                w * mean_l1(gram(found[k]) / squares[k], gram(expected[k]) / squares[k]) for k, w in layers
            ]
            terms["style"] = self.style_weight * torch.stack(distances).sum()
        if self.lpips_weight:
            distances = [w * lpips_distance(found[k], expected[k]).mean() for k, w in layers]
            terms["lpips"] = self.lpips_weight * torch.stack(distances).sum()
        return terms


def _size(features: Tensor) -> Tensor:
    """The RMS of each sample's features, (N,); 1 for a layer that is silent, which has no scale of its own."""
    length: Tensor = torch.linalg.vector_norm(at_least_float32(features), dim=(1, 2, 3))
    size = length / math.sqrt(features[0].numel())
    return size.where(size > 0, 1)
