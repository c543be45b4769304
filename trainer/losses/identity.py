"""Whether the restored face is still the same person (paper, section 3.5)."""

from typing import Literal, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.networks.layers import at_least_float32
from trainer.losses.terms import Terms, mean_l1

Distance = Literal["l1", "cosine", "angle"]

_LARGEST_COSINE = 1 - 1e-6
"""0.08 degrees: beyond it the angle's gradient by the cosine, 1 / sin, has no bounds."""


class IdentityLoss(nn.Module):
    """weight * mean |eta(y_hat) - eta(y)|, weight * mean (1 - cosine) or weight * mean angle; term "identity".

    embed     eta: RGB in [-1, 1], (N, 3, S, S) -> (N, D); it is frozen here, and stays in eval mode
    distance  "l1" is the paper's. "cosine" and "angle" (in radians) do not depend on the embeddings' length, which
              differs by network. The cosine's gradient is the sine of the angle: faces that are nearly right pull
              little. The angle's is the same for all
    """

    def __init__(self, embed: nn.Module, weight: float = 10.0, distance: Distance = "l1") -> None:
        super().__init__()
        self.embed, self.weight, self.distance = embed, weight, distance
        self.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> Self:  # noqa: ARG002
        """Stay in eval mode whatever `mode` says: batch statistics would make another embedding."""
        return super().train(False)

    def forward(self, restored: Tensor, truth: Tensor) -> Terms:
        """`restored` and `truth`: RGB in [-1, 1], (N, 3, S, S). The truth gets no gradient."""
        if not self.weight:
            return {}
        with torch.no_grad():
            expected = self.embed(truth)
        found = self.embed(restored)
        if self.distance == "l1":
            return {"identity": self.weight * mean_l1(found, expected)}
        cosine = F.cosine_similarity(at_least_float32(found), at_least_float32(expected))
        if self.distance == "cosine":
            return {"identity": self.weight * (1 - cosine).mean()}
        angle = cosine.clamp(-_LARGEST_COSINE, _LARGEST_COSINE).acos()
        return {"identity": self.weight * angle.mean()}
