"""Who is in a picture: networks from faces to embeddings, for likeness, the identity loss and the evaluation.

Faces come as aligned crops (the FFHQ position). Each network is fed what it was trained on, cut out of the crop by
one fixed transform: the landmarks of a restored crop are those of its input, and are not looked for anew.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.alignment import FFHQ_TEMPLATE, fit_similarity, invert, rescaled
from core.networks.arcface import ArcFace
from core.networks.layers import at_least_float32
from core.networks.loading import load_network
from core.types import CROP_SIZE, Alignment

ARCFACE_TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
"""Where the five landmarks lie in ArcFace's crop of 112 px, (5, 2) (InsightFace)."""


def load_embedding(path: str | Path) -> nn.Module:
    """RGB in [-1, 1], (N, 3, S, S), faces in the FFHQ position -> embeddings (N, D), compared by their cosine.

    From a weights file of an ArcFace ResNet (128 px, grey), or an `.onnx` file of a network that takes ArcFace's
    RGB crop of 112 px, ImageNet-normalised. Float32, on the CPU, in eval mode and frozen; it passes gradients on
    to the images. ModelError, one sentence to show as it is: the file cannot be read, or is neither.
    """
    return embedding_of(load_network(path, expect="identity").module)


def embedding_of(network: nn.Module) -> nn.Module:
    """The same for a network that `load_network` has loaded."""
    kind = GreyEmbedding if isinstance(network, ArcFace) else AlignedEmbedding
    return kind(network).eval().requires_grad_(False)


class GreyEmbedding(nn.Module):
    """The paper's eta: RGB in [-1, 1], (N, 3, S, S) -> what `network` makes of (N, 1, 128, 128), grey in [-1, 1].

    grey = 0.2989 R + 0.5870 G + 0.1140 B, resized bilinearly. `network`: `ArcFace`.
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
