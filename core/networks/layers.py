"""The layers that every network of the family is made of, in plain PyTorch.

Tensors are float, shape (N, C, H, W), unless a docstring says otherwise. Sources: StyleGAN2 (Karras et al. 2020,
"Analyzing and Improving the Image Quality of StyleGAN", appendix B) for the equalized learning rate and the
FIR resampling, GFP-GAN section 3.2 for the blocks made of them (`variants.py`).
"""

import math
from collections.abc import Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLOPE = 0.2
"""Negative slope of every leaky ReLU in the family."""

ROOT2 = math.sqrt(2)
"""Gain that keeps the variance after a leaky ReLU; equalized networks apply it at run time."""

Resample = Literal["down", "up"]


class EqualizedConv2d(nn.Module):
    """A convolution whose N(0, 1) weights are scaled by 1 / sqrt(fan_in) at run time.

    (N, in_channels, H, W) -> (N, out_channels, H', W'). Equalized learning rate: every weight moves at the same
    relative speed under Adam (StyleGAN2, appendix B). `bias_fill` is the initial bias.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
        bias_fill: float = 0.0,
    ) -> None:
        super().__init__()
        self.stride, self.padding = stride, padding
        self.scale = 1 / math.sqrt(in_channels * kernel_size**2)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.full((out_channels,), bias_fill)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight * self.scale, self.bias, self.stride, self.padding)


class EqualizedLinear(nn.Module):
    """A linear layer with equalized learning rate; (..., in_features) -> (..., out_features).

    `lr_multiplier` slows the layer down (StyleGAN2 uses 0.01 in the mapping network): weights start at
    N(0, 1 / lr_multiplier^2) and are scaled by lr_multiplier / sqrt(in_features), biases by lr_multiplier.
    `activate` applies leaky_relu(., 0.2) * sqrt(2) to the result.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        bias_fill: float = 0.0,
        lr_multiplier: float = 1.0,
        activate: bool = False,
    ) -> None:
        super().__init__()
        self.lr_multiplier, self.activate = lr_multiplier, activate
        self.scale = lr_multiplier / math.sqrt(in_features)
        self.weight = nn.Parameter(torch.randn(out_features, in_features) / lr_multiplier)
        self.bias = nn.Parameter(torch.full((out_features,), bias_fill / lr_multiplier))

    def forward(self, x: Tensor) -> Tensor:
        x = F.linear(x, self.weight * self.scale, self.bias * self.lr_multiplier)
        return F.leaky_relu(x, SLOPE) * ROOT2 if self.activate else x


class FusedLeakyReLU(nn.Module):
    """leaky_relu(x + bias, 0.2) * sqrt(2) with one bias per channel; (N, C, H, W) -> same."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(x + self.bias.view(1, -1, 1, 1), SLOPE) * ROOT2


class ScaledLeakyReLU(nn.Module):
    """leaky_relu(x, 0.2) * sqrt(2); any shape."""

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(x, SLOPE) * ROOT2


class ActivatedConv2d(nn.Conv2d):
    """A plain convolution that resamples its input bilinearly first and ends in leaky_relu(., 0.2), both optional.

    (N, in_channels, H, W) -> (N, out_channels, H', W'); H' is H, H / 2 ("down") or 2 H ("up"). Weights start at
    N(0, gain^2 / fan_in), by default with gain sqrt(2) before the activation: as an equalized layer does.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        resample: Resample | None = None,
        bias: bool = True,
        bias_fill: float = 0.0,
        activate: bool = True,
        gain: float | None = None,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, padding=kernel_size // 2, bias=bias)
        self.resample, self.activate = resample, activate
        gain = gain or (ROOT2 if activate else 1.0)
        nn.init.normal_(self.weight, std=gain / math.sqrt(in_channels * kernel_size**2))
        if self.bias is not None:
            nn.init.constant_(self.bias, bias_fill)

    def forward(self, x: Tensor) -> Tensor:
        x = super().forward(resample_bilinear(x, self.resample))
        # In place: nothing else reads a convolution's output, and at 512 px a copy costs 64 MiB.
        return F.leaky_relu(x, SLOPE, inplace=True) if self.activate else x


class EqualizedUpConv2d(EqualizedConv2d):
    """Bilinear upsampling, an equalized convolution and a fused leaky ReLU (with `activate`, else neither bias
    nor activation), in one module; (N, in_channels, H, W) -> (N, out_channels, 2 H, 2 W)."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, *, activate: bool) -> None:
        super().__init__(in_channels, out_channels, kernel_size, padding=kernel_size // 2, bias=False)
        self.activation = FusedLeakyReLU(out_channels) if activate else None

    def forward(self, x: Tensor) -> Tensor:
        x = super().forward(resample_bilinear(x, "up"))
        return x if self.activation is None else self.activation(x)


def resample_bilinear(x: Tensor, mode: Resample | None) -> Tensor:
    """Halve ("down"), double ("up") or keep (None) height and width, bilinear with align_corners False.

    Halving needs even sides: there the bilinear value is the mean of 2 x 2 pixels, which is cheaper said so.
    """
    if mode == "down":
        return F.avg_pool2d(x, 2)
    if mode == "up":
        return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    return x


class BilinearResample(nn.Module):
    """`resample_bilinear` as a module."""

    def __init__(self, mode: Resample) -> None:
        super().__init__()
        self.mode: Resample = mode

    def forward(self, x: Tensor) -> Tensor:
        return resample_bilinear(x, self.mode)


class FIRSmooth(nn.Module):
    """Low-pass filter before a strided or after a transposed convolution (StyleGAN2, appendix B).

    Zero-pads by `padding` on every side, then filters each channel with the normalised outer product of `taps`
    times `gain`: (N, C, H, W) -> (N, C, H + 2 padding - 3, W + 2 padding - 3) for four taps.
    """

    kernel: Tensor

    def __init__(self, taps: Sequence[float], *, padding: int, gain: float = 1.0) -> None:
        super().__init__()
        self.padding = padding
        self.register_buffer("kernel", fir_kernel(taps, gain), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        kernel = self.kernel.to(x.dtype).expand(x.shape[1], -1, -1, -1)
        return F.conv2d(x, kernel, padding=self.padding, groups=x.shape[1])


class FIRUpsample(nn.Module):
    """Double height and width: zeros between the samples, then the FIR low-pass filter times four.

    (N, C, H, W) -> (N, C, 2 H, 2 W). Written as the transposed convolution that it is.
    """

    kernel: Tensor

    def __init__(self, taps: Sequence[float]) -> None:
        super().__init__()
        self.padding = len(taps) // 2 - 1
        self.register_buffer("kernel", fir_kernel(taps, 4.0), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        kernel = self.kernel.to(x.dtype).expand(x.shape[1], -1, -1, -1)
        return F.conv_transpose2d(x, kernel, stride=2, padding=self.padding, groups=x.shape[1])


def fir_kernel(taps: Sequence[float], gain: float = 1.0) -> Tensor:
    """The (1, 1, T, T) float32 outer product of symmetric `taps`, summing to `gain`."""
    line = torch.tensor(taps, dtype=torch.float32)
    kernel = torch.outer(line, line)
    return (kernel * (gain / kernel.sum()))[None, None]
