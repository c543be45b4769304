"""FID: the distance between the distributions of two sets of pictures (Heusel et al. 2017)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models.inception import Inception3

from core.checksums import file_sha256
from core.errors import ModelError
from core.networks.weights import as_float32, read_state_dict

Features = npt.NDArray[np.float64]

_PUBLISHED = "6726825d"
"""How the SHA-256 of pytorch-fid's file begins (its name has it too)."""

_BEFORE_POOL = ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "maxpool1", "Conv2d_3b_1x1", "Conv2d_4a_3x3")
_BLOCKS = ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c")


def frechet_distance(first: Features, second: Features) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)) of two sets of features, (n1, d) and (n2, d), of at least two.

    With X1 and X2 the centred features over (n - 1)^(1/2), the trace of (C1 C2)^(1/2) is the sum of the singular
    values of X1 X2^T: no root of a d x d matrix, and exact with fewer pictures than features.
    """
    mean1, mean2 = first.mean(axis=0), second.mean(axis=0)
    x1 = (first - mean1) / np.sqrt(len(first) - 1)
    x2 = (second - mean2) / np.sqrt(len(second) - 1)
    both = np.linalg.svd(x1 @ x2.T, compute_uv=False).sum()
    return float(((mean1 - mean2) ** 2).sum() + (x1**2).sum() + (x2**2).sum() - 2 * both)


class FIDInception(nn.Module):
    """The Inception of FID: RGB in [-1, 1], (N, 3, H, W) -> its last pooled features, (N, 2048).

    torchvision's Inception v3 with TensorFlow's pooling, as the published weights want it (the port of
    pytorch-fid, `pt_inception-2015-12-05-6726825d.pth`). Pictures are resized bilinearly to 299 px.
    """

    def __init__(self, state: dict[str, Tensor]) -> None:
        """RuntimeError where `state` is not that of an Inception with 1008 classes."""
        super().__init__()
        network: Any = Inception3(num_classes=1008, aux_logits=False, init_weights=False)
        network.load_state_dict(state)
        for name in ("5b", "5c", "5d", "6b", "6c", "6d", "6e", "7b"):
            block = getattr(network, f"Mixed_{name}")
            setattr(network, f"Mixed_{name}", _OtherPool(block, nn.AvgPool2d(3, 1, 1, count_include_pad=False)))
        network.Mixed_7c = _OtherPool(network.Mixed_7c, nn.MaxPool2d(3, 1, 1))
        names = (*_BEFORE_POOL, "maxpool2", *(f"Mixed_{name}" for name in _BLOCKS))
        self.layers = nn.Sequential(*(getattr(network, name) for name in names))
        self.eval().requires_grad_(False)

    def forward(self, image: Tensor) -> Tensor:
        resized = F.interpolate(image, (299, 299), mode="bilinear", align_corners=False)
        features: Tensor = self.layers(resized).mean((2, 3))
        return features


class _OtherPool(nn.Module):
    """An Inception block whose last branch, the pooled one, pools otherwise."""

    def __init__(self, block: Any, pool: nn.Module) -> None:
        super().__init__()
        self.block, self.pool = block, pool

    def forward(self, x: Tensor) -> Tensor:
        pooled = self.block.branch_pool(self.pool(x))
        return torch.cat((self.block(x)[:, : -pooled.shape[1]], pooled), dim=1)


def load_inception(path: Path) -> FIDInception:
    """The network of pytorch-fid's weights file. ModelError for any other: with it the number would not be FID."""
    state, _ = read_state_dict(path)
    if not file_sha256(path).startswith(_PUBLISHED):
        raise ModelError(
            f"'{path.name}' is not the Inception of FID; give pt_inception-2015-12-05-{_PUBLISHED}.pth."
        )
    return FIDInception(as_float32(state, path.name))
