"""How far features are from the truth's: the second part of L_rec (paper, section 3.5)."""

import torch
from torch import Tensor, nn

from core.networks.layers import at_least_float32
from trainer.losses.features import FeatureNetwork
from trainer.losses.terms import Terms, gram, mean_l1


class PerceptualLoss(nn.Module):
    """weight * sum_k w_k mean |phi_k(y_hat) - phi_k(y)|, and the same of Gram matrices with `style_weight`.

    Terms "perceptual" and "style". phi_k and w_k are the layers and weights of `network`. The style term is not
    in the paper; the released options have 50. For a `relative` network, features of both images are divided by
    the RMS that this layer has in this sample's truth; nothing else makes its layers comparable.
    """

    def __init__(self, network: FeatureNetwork, weight: float = 1.0, style_weight: float = 0.0) -> None:
        super().__init__()
        self.network, self.weight, self.style_weight = network, weight, style_weight

    def forward(self, restored: Tensor, truth: Tensor) -> Terms:
        """`restored` and `truth`: RGB in [-1, 1], (N, 3, S, S). The truth gets no gradient."""
        if not (self.weight or self.style_weight):
            return {}
        with torch.no_grad():
            expected = self.network(truth)
        found = self.network(restored)
        if self.network.relative:
            for name, features in expected.items():
                size = at_least_float32(features).square().mean((1, 2, 3), keepdim=True).sqrt()
                # A layer that is silent in the truth has no scale of its own.
                size = size.where(size > 0, 1)
                expected[name], found[name] = features / size, found[name] / size
        terms: Terms = {}
        if self.weight:
            distances = [w * mean_l1(found[k], expected[k]) for k, w in self.network.layers.items()]
            terms["perceptual"] = self.weight * torch.stack(distances).sum()
        if self.style_weight:
            distances = [w * mean_l1(gram(found[k]), gram(expected[k])) for k, w in self.network.layers.items()]
            terms["style"] = self.style_weight * torch.stack(distances).sum()
        return terms
