"""The networks that training plays against: for the whole face, and for eyes and mouth (paper, section 3.5).

Both take RGB in [-1, 1] and return logits: positive means "real". They are equalized networks with FIR
resampling, and their state-dict keys are the published ones.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from core.networks.layers import EqualizedConv2d, EqualizedLinear, at_least_float32
from core.networks.variants import ORIGINAL, ResBlock, channels_at, log2_size


class StyleGAN2Discriminator(nn.Module):
    """StyleGAN2's residual discriminator: (N, 3, size, size) -> logits (N, 1).

    `stddev_group`: the minibatch standard deviation is taken over groups of this many samples, or the largest
    smaller number that divides the batch. ValueError for a size that is no power of two of at least 8.
    """

    def __init__(
        self,
        size: int = 512,
        channel_multiplier: float = 2,
        narrow: float = 1.0,
        stddev_group: int = 4,
    ) -> None:
        super().__init__()
        self.stddev_group = stddev_group
        widths = [channels_at(2**level, channel_multiplier, narrow) for level in range(log2_size(size), 1, -1)]
        self.conv_body = nn.Sequential(ORIGINAL.conv_layer(3, widths[0], 1))
        for high, low in pairwise(widths):
            self.conv_body.append(ResBlock(ORIGINAL, high, low, "down"))
        width = widths[-1]
        self.final_conv = ORIGINAL.conv_layer(width + 1, width, 3)
        self.final_linear = nn.Sequential(
            EqualizedLinear(width * 16, width, activate=True), EqualizedLinear(width, 1)
        )

    def forward(self, image: Tensor) -> Tensor:
        x = self.conv_body(image)
        x = torch.cat((x, minibatch_stddev(x, self.stddev_group)), dim=1)
        logits: Tensor = self.final_linear(self.final_conv(x).flatten(1))
        return logits


def minibatch_stddev(x: Tensor, group: int) -> Tensor:
    """The mean standard deviation over each group of samples as one more channel: (N, C, H, W) -> (N, 1, H, W).

    Lets the discriminator see variety (Karras et al. 2018, section 3).
    """
    batch, channels, height, width = x.shape
    group = next(size for size in range(min(group, batch), 0, -1) if batch % size == 0)
    grouped = x.reshape(group, -1, channels, height, width)
    # In float32: float16 rounds 1e-8 to 0, and the root of 0 has no gradient.
    stddev = torch.sqrt(at_least_float32(grouped).var(0, unbiased=False) + 1e-8).mean((1, 2, 3)).to(x.dtype)
    return stddev.repeat(group)[:, None, None, None].expand(-1, 1, height, width)


class FacialComponentDiscriminator(nn.Module):
    """A local discriminator of eye or mouth patches: (N, 3, H, W) -> logits (N, 1, H / 4, W / 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = ORIGINAL.conv_layer(3, 64, 3)
        self.conv2 = ORIGINAL.conv_layer(64, 128, 3, resample="down")
        self.conv3 = ORIGINAL.conv_layer(128, 128, 3)
        self.conv4 = ORIGINAL.conv_layer(128, 256, 3, resample="down")
        self.conv5 = ORIGINAL.conv_layer(256, 256, 3)
        self.final_conv = nn.Sequential(EqualizedConv2d(256, 1, 3, padding=1))

    def forward(self, patch: Tensor) -> Tensor:
        logits: Tensor = self.final_conv(self.features(patch)[1])
        return logits

    def features(self, patch: Tensor) -> tuple[Tensor, Tensor]:
        """psi_1 (N, 128, H / 2, W / 2) and psi_2 (N, 256, H / 4, W / 4), for the feature style loss."""
        first = self.conv3(self.conv2(self.conv1(patch)))
        return first, self.conv5(self.conv4(first))

    def logits_and_features(self, patch: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """The logits of `forward` and the features behind them, in one pass."""
        features = self.features(patch)
        return self.final_conv(features[1]), features
