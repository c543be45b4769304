"""The StyleGAN2 generator: GFP-GAN's generative facial prior, and a network of its own.

Source: Karras et al. 2020 (skip generator); GFP-GAN section 3.4 for the channel-split spatial feature transform.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.networks.layers import ROOT2, SLOPE, FusedLeakyReLU
from core.networks.variants import (
    ModulatedConv2d,
    Variant,
    VariantName,
    channels_at,
    get_variant,
    log2_size,
)

Noise = torch.Generator | Sequence[Tensor] | None
"""Where a generator's noise comes from: the stored buffers (None, always the same image), one (N or 1, 1, H, W)
tensor a layer, or a seeded random generator (fresh noise, for training)."""

Conditions = Sequence[tuple[Tensor, Tensor]]
"""CS-SFT conditions: (scale, shift), each (N, C, R, R), for the resolutions R = 8, 16, ..., size."""


class StyleConv(nn.Module):
    """Modulated convolution, noise and leaky ReLU; x (N, C, H, W), style (N, D), noise (N or 1, 1, H', W').

    `weight` is the learned strength of the noise.
    """

    def __init__(
        self,
        variant: Variant,
        in_channels: int,
        out_channels: int,
        style_dim: int,
        *,
        upsample: bool = False,
    ) -> None:
        super().__init__()
        self.modulated_conv = ModulatedConv2d(
            variant,
            in_channels,
            out_channels,
            3,
            style_dim,
            upsample=upsample,
            gain=ROOT2,
        )
        self.weight = nn.Parameter(torch.zeros(1))
        self.activate: FusedLeakyReLU | None = None
        if variant.equalized:
            self.activate = FusedLeakyReLU(out_channels)
        else:
            self.bias = nn.Parameter(torch.zeros(1, out_channels, 1, 1))

    def forward(self, x: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        x = self.modulated_conv(x, style)
        strength = self.weight if self.activate is None else self.weight * self.activate.gain
        bias = self.bias if self.activate is None else self.activate.scaled_bias.view(1, -1, 1, 1)
        # In place from here on: nothing reads these images again, not even a gradient.
        add_noise_and_bias(x, (strength * noise).to(x.dtype), bias.to(x.dtype))
        return F.leaky_relu(x, SLOPE, inplace=True)


def add_noise_and_bias(x: Tensor, noise: Tensor, bias: Tensor) -> None:
    """x += noise + bias, of one dtype: x (N, C, H, W), noise (N or 1, 1, H, W), bias (1, C, 1, 1).

    In training on processors in bfloat16 with channels last as a product of (N H W, 2) and (2, C), noise beside
    ones and ones above bias: there PyTorch's broadcast additions take three times as long.
    """
    trains = torch.is_grad_enabled() and x.dtype == torch.bfloat16 and x.device.type == "cpu"
    if not trains or not x.is_contiguous(memory_format=torch.channels_last):
        x += noise
        x += bias
        return
    by_place = noise.expand(x.shape[0], -1, -1, -1).reshape(-1)
    by_channel = bias.reshape(-1)
    left = torch.stack((by_place, torch.ones_like(by_place)), dim=1)
    right = torch.stack((torch.ones_like(by_channel), by_channel))
    x.permute(0, 2, 3, 1).view(-1, x.shape[1]).addmm_(left, right)


class ToRGB(nn.Module):
    """Features to an RGB image, added to the upsampled image of the level below (StyleGAN2's skip generator).

    x (N, C, H, W), style (N, D), image (N, 3, H / 2, W / 2) or None -> (N, 3, H, W). No demodulation.
    """

    def __init__(self, variant: Variant, in_channels: int, style_dim: int, *, upsample: bool = True) -> None:
        super().__init__()
        self.upsample = variant.upsample() if upsample else None
        self.modulated_conv = ModulatedConv2d(variant, in_channels, 3, 1, style_dim, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))

    def forward(self, x: Tensor, style: Tensor, image: Tensor | None = None) -> Tensor:
        rgb: Tensor = self.modulated_conv(x, style) + self.bias
        return rgb if image is None or self.upsample is None else rgb + self.upsample(image)


class ConstantInput(nn.Module):
    """The learned (1, C, 4, 4) features that every image starts from."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, channels, 4, 4))

    def forward(self, batch: int) -> Tensor:
        # All features that come of it have their channels last then, as convolutions read them on most devices.
        return self.weight.expand(batch, -1, -1, -1).contiguous(memory_format=torch.channels_last)


class StyleGAN2Generator(nn.Module):
    """StyleGAN2 with optional CS-SFT conditions.

    Input: z (N, style_dim), standard normal; or with `input_is_latent` w of that shape, or W+
    (N, num_latents, style_dim). Output: RGB, (N, 3, size, size), about [-1, 1], not clamped.
    ValueError for a size that is no power of two of at least 8.

    `lr_mlp`, the mapping network's learning rate multiplier, matters to equalized variants alone.
    `hyperparameters` repeats the arguments.
    """

    def __init__(
        self,
        variant: Variant | VariantName,
        size: int = 512,
        style_dim: int = 512,
        channel_multiplier: float = 2,
        narrow: float = 1.0,
        num_mlp: int = 8,
        *,
        lr_mlp: float = 0.01,
    ) -> None:
        super().__init__()
        variant = get_variant(variant)
        levels = range(3, log2_size(size) + 1)
        self.hyperparameters: dict[str, str | int | float | bool] = {
            "variant": variant.name,
            "size": size,
            "style_dim": style_dim,
            "channel_multiplier": channel_multiplier,
            "narrow": narrow,
            "num_mlp": num_mlp,
            "lr_mlp": lr_mlp,
        }
        self.size, self.style_dim = size, style_dim
        self.num_latents = 2 * len(levels) + 2
        self.style_mlp = variant.mapping(style_dim, num_mlp, lr_mlp)
        channels = channels_at(4, channel_multiplier, narrow)
        self.constant_input = ConstantInput(channels)
        self.style_conv1 = StyleConv(variant, channels, channels, style_dim)
        self.to_rgb1 = ToRGB(variant, channels, style_dim, upsample=False)
        self.style_convs = nn.ModuleList()
        self.to_rgbs = nn.ModuleList()
        self.noises = nn.Module()
        self.noises.register_buffer("noise0", torch.randn(1, 1, 4, 4))
        for level in levels:
            width = channels_at(2**level, channel_multiplier, narrow)
            self.style_convs.append(StyleConv(variant, channels, width, style_dim, upsample=True))
            self.style_convs.append(StyleConv(variant, width, width, style_dim))
            self.to_rgbs.append(ToRGB(variant, width, style_dim))
            for index in (2 * level - 5, 2 * level - 4):
                self.noises.register_buffer(f"noise{index}", torch.randn(1, 1, 2**level, 2**level))
            channels = width

    def forward(
        self,
        style: Tensor,
        *,
        conditions: Conditions | None = None,
        input_is_latent: bool = False,
        noise: Noise = None,
    ) -> Tensor:
        """Synthesise images from styles; see the class for shapes.

        `conditions` modulate each resolution's features between its two convolutions; fewer channels than the
        features have means the last channels only (CS-SFT).
        """
        latents = self.latents(style, input_is_latent=input_is_latent)
        noises = self.noise_tensors(latents, noise)
        x = self.style_conv1(self.constant_input(latents.shape[0]), latents[:, 0], noises[0])
        image: Tensor = self.to_rgb1(x, latents[:, 1])
        for level, to_rgb in enumerate(self.to_rgbs):
            first = 2 * level + 1
            x = self.style_convs[first - 1](x, latents[:, first], noises[first])
            if conditions is not None:
                x = modulate_features(x, *conditions[level])
            x = self.style_convs[first](x, latents[:, first + 1], noises[first + 1])
            image = to_rgb(x, latents[:, first + 2], image)
        return image

    def latents(self, style: Tensor, *, input_is_latent: bool = False) -> Tensor:
        """The W+ latents (N, num_latents, style_dim) of z or, with `input_is_latent`, of w or W+."""
        if not input_is_latent:
            style = self.style_mlp(style)
        if style.ndim == 2:
            style = style[:, None].expand(-1, self.num_latents, -1)
        return style

    def noise_tensors(self, latents: Tensor, noise: Noise) -> Sequence[Tensor]:
        """One noise tensor a layer, (1 or N, 1, H, W), from the source `noise` names."""
        if noise is None or isinstance(noise, torch.Generator):
            stored = [self.noises.get_buffer(f"noise{index}") for index in range(self.num_latents - 1)]
            if noise is None:
                return stored
            shapes = [(latents.shape[0], *buffer.shape[1:]) for buffer in stored]
            return [torch.randn(shape, generator=noise, device=noise.device).to(latents) for shape in shapes]
        return noise


def modulate_features(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """GFP-GAN section 3.4: concat[x's first channels as they are, scale * x's last channels + shift].

    x (N, C, H, W); scale and shift (N, K, H, W) with K <= C; K = C is the plain spatial feature transform.
    """
    kept = x.shape[1] - scale.shape[1]
    if kept == 0:
        return x * scale + shift
    # Not two slices: the gradient of each would be as large as x.
    first, last = x.split((kept, scale.shape[1]), dim=1)
    return torch.cat((first, last * scale + shift), dim=1)
