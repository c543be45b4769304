"""Whether the restored face is still the same person (paper, section 3.5)."""

from typing import Literal, Self

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.alignment import FFHQ_TEMPLATE, fit_similarity, invert, rescaled
from core.types import CROP_SIZE, Alignment
from trainer.losses.terms import Terms, at_least_float32, mean_l1

ARCFACE_TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
"""Where the five landmarks lie in ArcFace's crop of 112 px, (5, 2) (InsightFace)."""

Distance = Literal["l1", "cosine"]


class GreyEmbedding(nn.Module):
    """The paper's eta: RGB in [-1, 1], (N, 3, S, S) -> what `network` makes of (N, 1, 128, 128), grey in [-1, 1].

    grey = 0.2989 R + 0.5870 G + 0.1140 B, resized bilinearly. `network`: `core.networks.arcface.ArcFace`.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        red, green, blue = at_least_float32(image).chunk(3, dim=1)
        grey = 0.2989 * red + 0.5870 * green + 0.1140 * blue
        embedding: Tensor = self.network(F.interpolate(grey, (128, 128), mode="bilinear", align_corners=False))
        return embedding


class AlignedEmbedding(nn.Module):
    """For networks that take ArcFace's RGB crop of 112 px, ImageNet-normalised, such as MobileFaceNet.

    RGB in [-1, 1], (N, 3, S, S), a face in the FFHQ position -> what `network` makes of (N, 3, 112, 112).
    """

    to_crop: Tensor
    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        matrix = fit_similarity(FFHQ_TEMPLATE, Alignment.LEAST_SQUARES, ARCFACE_TEMPLATE)
        # Shrunk to the crop's scale first, with a filter, the face is then moved without aliasing.
        self.scaled_size = round(CROP_SIZE * float(np.sqrt(np.linalg.det(matrix[:, :2]))))
        back = invert(rescaled(matrix, source=self.scaled_size / CROP_SIZE))
        rows, columns = np.mgrid[:112, :112]
        sources = np.stack((columns, rows), -1) @ back[:, :2].T + back[:, 2]
        grid = (2 * sources + 1) / self.scaled_size - 1
        self.register_buffer("to_crop", torch.from_numpy(grid).float()[None], persistent=False)
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1), persistent=False)

    def crop(self, image: Tensor) -> Tensor:
        """The crop alone: (N, 3, S, S) -> (N, 3, 112, 112), same range."""
        size = (self.scaled_size, self.scaled_size)
        scaled = F.interpolate(at_least_float32(image), size, mode="bilinear", antialias=True)
        grid = self.to_crop.to(scaled.dtype).expand(len(scaled), -1, -1, -1)
        return F.grid_sample(scaled, grid, mode="bilinear", padding_mode="border", align_corners=False)

    def forward(self, image: Tensor) -> Tensor:
        embedding: Tensor = self.network(((self.crop(image) + 1) / 2 - self.mean) / self.std)
        return embedding


class IdentityLoss(nn.Module):
    """weight * mean |eta(y_hat) - eta(y)|, or weight * mean (1 - cosine); term "identity".

    embed     eta: RGB in [-1, 1], (N, 3, S, S) -> (N, D); it is frozen here, and stays in eval mode
    distance  "l1" is the paper's. "cosine" does not depend on the embeddings' length, which differs by network
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
        return {"identity": self.weight * (1 - cosine).mean()}
