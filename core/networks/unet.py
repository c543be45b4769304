"""GFP-GAN's degradation removal module: a U-Net of residual blocks (paper, section 3.2)."""

from itertools import pairwise

from torch import Tensor, nn

from core.networks.variants import ResBlock, Variant, channels_at, log2_size


class DegradationRemovalUNet(nn.Module):
    """Image (N, 3, size, size), RGB in [-1, 1] -> F_latent (4 px) and F_spatial (8 px to `size`).

    log2(size) - 2 halvings and doublings; every level has half the channels of the decoder's features there.
    ValueError for a size that is no power of two of at least 8. GFP-GAN derives from this class instead of
    holding one, because the published keys have no prefix for it.
    """

    def __init__(self, variant: Variant, size: int, channel_multiplier: float, narrow: float) -> None:
        super().__init__()
        widths = [channels_at(2**level, channel_multiplier, narrow / 2) for level in range(2, log2_size(size) + 1)]
        steps = list(pairwise(widths))
        self.conv_body_first = variant.conv_layer(3, widths[-1], 1)
        self.conv_body_down = nn.ModuleList(ResBlock(variant, high, low, "down") for low, high in reversed(steps))
        self.final_conv = variant.conv_layer(widths[0], widths[0], 3)
        self.conv_body_up = nn.ModuleList(ResBlock(variant, low, high, "up") for low, high in steps)
        self.toRGB = nn.ModuleList(variant.conv(width, 3, 1) for width in widths[1:])

    def remove_degradation(self, image: Tensor) -> tuple[Tensor, list[Tensor]]:
        """F_latent (N, C, 4, 4) and F_spatial, a list of (N, C, R, R) for R = 8, 16, ..., size."""
        x = self.conv_body_first(image)
        skips = []
        for down in self.conv_body_down:
            x = down(x)
            skips.append(x)
        latent_features = x = self.final_conv(x)
        spatial_features = []
        for up, skip in zip(self.conv_body_up, reversed(skips), strict=True):
            x = up(x + skip)
            spatial_features.append(x)
        return latent_features, spatial_features

    def pyramid(self, spatial_features: list[Tensor]) -> list[Tensor]:
        """The RGB image of each level, (N, 3, R, R), for the pyramid restoration loss (section 3.5)."""
        return [to_rgb(x) for to_rgb, x in zip(self.toRGB, spatial_features, strict=True)]
