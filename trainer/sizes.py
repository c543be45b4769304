"""Training a network on faces larger than its own size: they are reduced for it, and its output is enlarged.

The program shows what a network of 256 px makes at 512 px; trained on faces of 512 px it learns what looks right
there.
"""

import torch.nn.functional as F
from torch import Tensor


def reduced(images: Tensor, size: int) -> Tensor:
    """(N, C, S, S) as a network of `size` px sees them, (N, C, size, size): means of areas. Smaller ones stay."""
    return images if images.shape[-1] <= size else F.interpolate(images, size=(size, size), mode="area")


def enlarged(images: Tensor, size: int) -> Tensor:
    """(N, C, S, S) as they are shown at `size` px, (N, C, size, size): bicubic. Larger ones stay."""
    if images.shape[-1] >= size:
        return images
    return F.interpolate(images, size=(size, size), mode="bicubic", align_corners=False)
