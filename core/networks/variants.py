"""The three published variants of GFP-GAN as three settings of one kit of parts.

*original* is the paper's network: equalized layers, and [1, 3, 3, 1] FIR filters around every resampling except
in the U-Net's upward half, which is bilinear. *bilinear* has the same layers and keys with bilinear resampling
throughout. *clean* is the bilinear network with all run-time scales baked into its weights (`convert.py`), so
it is plain convolutions and leaky ReLUs. The state-dict keys are the published ones.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.networks.layers import (
    ROOT2,
    SLOPE,
    ActivatedConv2d,
    EqualizedConv2d,
    EqualizedLayer,
    EqualizedLinear,
    EqualizedUpConv2d,
    FusedLeakyReLU,
    ScaledLeakyReLU,
)
from core.networks.resampling import BilinearResample, FIRSmooth, FIRUpsample, Resample, conv_upsampled

VariantName = Literal["clean", "original", "bilinear"]


@dataclass(frozen=True)
class Variant:
    """What tells the published networks apart, and the layers that follow from it.

    `equalized`: scales at run time, fused leaky ReLU times sqrt(2), residual sums divided by sqrt(2).
    `fir_taps`: the resampling filter, None for bilinear resampling.
    """

    name: VariantName
    equalized: bool
    fir_taps: tuple[float, ...] | None = None

    def conv(
        self, in_channels: int, out_channels: int, kernel_size: int, *, bias_fill: float = 0.0, gain: float = 1.0
    ) -> nn.Module:
        """A same-size convolution with bias and without activation. `gain` scales a clean one's first weights."""
        if self.equalized:
            padding = kernel_size // 2
            return EqualizedConv2d(in_channels, out_channels, kernel_size, padding=padding, bias_fill=bias_fill)
        return ActivatedConv2d(
            in_channels, out_channels, kernel_size, bias_fill=bias_fill, activate=False, gain=gain
        )

    def condition(self, in_channels: int, out_channels: int, *, bias_fill: float) -> nn.Sequential:
        """Two convolutions from F_spatial to a scale or shift (GFP-GAN section 3.4), starting near `bias_fill`.

        (N, in_channels, H, W) -> (N, out_channels, H, W).
        """
        return nn.Sequential(
            self.conv(in_channels, in_channels, 3, gain=ROOT2),
            ScaledLeakyReLU() if self.equalized else nn.LeakyReLU(SLOPE),
            self.conv(in_channels, out_channels, 3, bias_fill=bias_fill),
        )

    def conv_layer(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        resample: Resample | None = None,
        activate: bool = True,
        gain: float = 1.0,
    ) -> nn.Module:
        """A convolution after optional resampling, with bias and leaky ReLU (`activate`) or with neither.

        (N, in_channels, H, W) -> (N, out_channels, H', W') with H' = H, H / 2 ("down") or 2 H ("up"). `gain` is
        a factor on the result: an equalized layer's always, a clean one's by its first weights.
        """
        if not self.equalized:
            return ActivatedConv2d(
                in_channels,
                out_channels,
                kernel_size,
                resample=resample,
                bias=activate,
                activate=activate,
                gain=gain,
            )
        if resample == "up":
            return EqualizedUpConv2d(in_channels, out_channels, kernel_size, activate=activate, gain=gain)
        layers: list[nn.Module] = []
        stride, padding = 1, kernel_size // 2
        if resample == "down" and self.fir_taps:
            # The filter's padding covers its own reach and the convolution's, which then strides unpadded.
            reach = len(self.fir_taps) - 2 + kernel_size - 1
            layers.append(FIRSmooth(self.fir_taps, padding=reach // 2))
            stride, padding = 2, 0
        elif resample == "down":
            layers.append(BilinearResample("down"))
        gain = gain * ROOT2 if activate else gain
        layers.append(
            EqualizedConv2d(
                in_channels, out_channels, kernel_size, stride=stride, padding=padding, bias=False, gain=gain
            )
        )
        if not activate:
            return nn.Sequential(*layers)
        return EqualizedLayer(*layers, FusedLeakyReLU(out_channels, gain=gain))

    def linear(self, in_features: int, out_features: int, *, bias_fill: float = 0.0) -> nn.Module:
        """A linear layer without activation; (..., in_features) -> (..., out_features)."""
        if self.equalized:
            return EqualizedLinear(in_features, out_features, bias_fill=bias_fill)
        return _plain_linear(in_features, out_features, bias_fill=bias_fill)

    def mapping(self, style_dim: int, depth: int, lr_multiplier: float) -> nn.Sequential:
        """StyleGAN2's mapping network z -> w: normalise, then `depth` activated linear layers; (..., D) -> same.

        `lr_multiplier` matters to equalized networks alone.
        """
        layers: list[nn.Module] = [NormalizeStyle()]
        for _ in range(depth):
            if self.equalized:
                layers.append(EqualizedLinear(style_dim, style_dim, lr_multiplier=lr_multiplier, activate=True))
            else:
                layers += [_plain_linear(style_dim, style_dim, gain=ROOT2), nn.LeakyReLU(SLOPE)]
        return nn.Sequential(*layers)

    def upsample(self) -> nn.Module:
        """The doubling of the decoder's running image."""
        return FIRUpsample(self.fir_taps) if self.fir_taps else BilinearResample("up")


CLEAN = Variant("clean", equalized=False)
ORIGINAL = Variant("original", equalized=True, fir_taps=(1.0, 3.0, 3.0, 1.0))
BILINEAR = Variant("bilinear", equalized=True)
VARIANTS: dict[str, Variant] = {variant.name: variant for variant in (CLEAN, ORIGINAL, BILINEAR)}


def get_variant(variant: Variant | str) -> Variant:
    """The variant of that name (or the variant itself). ValueError for an unknown name."""
    if isinstance(variant, Variant):
        return variant
    if variant not in VARIANTS:
        raise ValueError(f"unknown variant {variant!r}; it is one of {', '.join(get_args(VariantName))}")
    return VARIANTS[variant]


def channels_at(resolution: int, channel_multiplier: float, narrow: float) -> int:
    """Feature channels of a StyleGAN2 network at `resolution` pixels (StyleGAN2's table, scaled by `narrow`).

    512 up to 32 px; above, 16384 / resolution times the channel multiplier. ValueError when none would be left.
    """
    width = 512 if resolution <= 32 else 16384 / resolution * channel_multiplier
    channels = int(width * narrow)
    if channels < 1:
        raise ValueError(f"narrow={narrow} leaves no channels at {resolution} px")
    return channels


def log2_size(size: int) -> int:
    """log2 of an output size. ValueError unless it is a power of two of at least 8."""
    if size < 8 or size & (size - 1):
        raise ValueError(f"size must be a power of two of at least 8, not {size}")
    return size.bit_length() - 1


def _plain_linear(in_features: int, out_features: int, *, gain: float = 1.0, bias_fill: float = 0.0) -> nn.Linear:
    layer = nn.Linear(in_features, out_features)
    nn.init.normal_(layer.weight, std=gain / math.sqrt(in_features))
    nn.init.constant_(layer.bias, bias_fill)
    return layer


class NormalizeStyle(nn.Module):
    """Scale each style vector to unit mean square; (..., D) -> same (StyleGAN2's mapping network)."""

    def forward(self, style: Tensor) -> Tensor:
        return style * torch.rsqrt(style.square().mean(-1, keepdim=True) + 1e-8)


class ResBlock(nn.Module):
    """The residual block of U-Net and discriminator; (N, in_channels, H, W) -> (N, out_channels, H', W').

    Two 3 x 3 layers, the second resampling "down" or "up", plus a resampled 1 x 1 shortcut. Both terms of the
    sum come divided by sqrt(2), to keep the variance.
    """

    def __init__(self, variant: Variant, in_channels: int, out_channels: int, resample: Resample) -> None:
        super().__init__()
        gain = 1 / ROOT2
        self.conv1 = variant.conv_layer(in_channels, in_channels, 3)
        self.conv2 = variant.conv_layer(in_channels, out_channels, 3, resample=resample, gain=gain)
        self.skip = variant.conv_layer(in_channels, out_channels, 1, resample=resample, activate=False, gain=gain)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv2(self.conv1(x)) + self.skip(x)
        return out


class ModulatedConv2d(nn.Module):
    """StyleGAN2's modulated convolution (section 2.2, equations 1 to 3) with weights shared by all samples.

    x (N, in_channels, H, W), style (N, style_dim) -> (N, out_channels, H, W), or twice that with `upsample`.
    Modulating the weights is scaling the input's channels by the style, and demodulating them is scaling the
    output's channels by 1 / |modulated weights|; so one convolution serves the whole batch, exactly.
    `gain` is one more factor on the output, at no cost when there is a demodulation.
    """

    def __init__(
        self,
        variant: Variant,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        style_dim: int,
        *,
        demodulate: bool = True,
        upsample: bool = False,
        gain: float = 1.0,
    ) -> None:
        super().__init__()
        self.demodulate, self.upsample, self.gain = demodulate, upsample, gain
        self.padding = kernel_size // 2
        fan_in_scale = 1 / math.sqrt(in_channels * kernel_size**2)
        self.scale = fan_in_scale if variant.equalized else None
        weight = torch.randn(1, out_channels, in_channels, kernel_size, kernel_size)
        self.weight = nn.Parameter(weight if variant.equalized else weight * fan_in_scale)
        self.modulation = variant.linear(style_dim, in_channels, bias_fill=1.0)
        taps: Sequence[float] | None = variant.fir_taps
        self.smooth: FIRSmooth | None = None
        if upsample and taps:
            padding = (len(taps) - 2 - (kernel_size - 1)) // 2 + 1
            self.smooth = FIRSmooth(taps, padding=padding, gain=4.0)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        weight = self.weight[0] if self.scale is None else self.weight[0] * self.scale
        modulation: Tensor = self.modulation(style)
        x = x * modulation[:, :, None, None]
        if self.smooth is not None:
            x = self.smooth(F.conv_transpose2d(x, weight.transpose(0, 1), stride=2))
        elif self.upsample:
            x = conv_upsampled(x, weight)
        else:
            x = F.conv2d(x, weight, padding=self.padding)
        if not self.demodulate:
            return x if self.gain == 1.0 else x * self.gain
        return x * (self.demodulation(weight, modulation) * self.gain).to(x.dtype)[:, :, None, None]

    def demodulation(self, weight: Tensor, modulation: Tensor) -> Tensor:
        """1 / |modulated weights| for each sample and output channel: (N, out_channels), float32."""
        # In float32, and as products instead of a matmul that autocast would shorten: the squares leave the
        # range of half precision.
        energy = weight.float().square().sum((2, 3))
        modulated = energy * modulation.float().square()[:, None, :]
        return torch.rsqrt(modulated.sum(2) + 1e-8)
