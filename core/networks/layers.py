"""The layers that every network of the family is made of, in plain PyTorch.

Tensors are float, shape (N, C, H, W), unless a docstring says otherwise. Sources: StyleGAN2 (Karras et al. 2020,
"Analyzing and Improving the Image Quality of StyleGAN", appendix B) for the equalized learning rate, GFP-GAN
section 3.2 for the blocks made of them (`variants.py`). How they change sizes is in `resampling.py`.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.networks.resampling import Resample, conv_upsampled, resample_bilinear

SLOPE = 0.2
"""Negative slope of every leaky ReLU in the family."""

ROOT2 = math.sqrt(2)
"""Gain that keeps the variance after a leaky ReLU; equalized networks apply it at run time."""


def at_least_float32(x: Tensor) -> Tensor:
    """`x` in float32 where it has less."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


class EqualizedConv2d(nn.Module):
    """A convolution whose N(0, 1) weights are scaled by 1 / sqrt(fan_in) at run time.

    (N, in_channels, H, W) -> (N, out_channels, H', W'). Equalized learning rate: every weight moves at the same
    relative speed under Adam (StyleGAN2, appendix B). `bias_fill` is the initial bias, `gain` one more factor on
    the weights. The bias may also come with the call, from a module that owns it.
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
        gain: float = 1.0,
    ) -> None:
        super().__init__()
        self.stride, self.padding = stride, padding
        self.scale = gain / math.sqrt(in_channels * kernel_size**2)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.full((out_channels,), bias_fill)) if bias else None

    def forward(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        bias = self.bias if bias is None else bias
        return F.conv2d(x, self.weight * self.scale, bias, self.stride, self.padding)


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
    """leaky_relu(x / gain + bias, 0.2) * gain with one bias per channel; (N, C, H, W) -> same.

    A leaky ReLU lets positive factors through, so the layer before it applies `gain` to its few weights instead
    of its many outputs, and a convolution takes `scaled_bias` along.
    """

    def __init__(self, channels: int, *, gain: float = ROOT2) -> None:
        super().__init__()
        self.gain = gain
        self.bias = nn.Parameter(torch.zeros(channels))

    @property
    def scaled_bias(self) -> Tensor:
        """bias * gain, (C,)."""
        return self.bias * self.gain

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(x + self.scaled_bias.view(1, -1, 1, 1), SLOPE, inplace=True)


class EqualizedLayer(nn.Sequential):
    """Any modules, then an EqualizedConv2d without bias, then its FusedLeakyReLU; (N, C, H, W) -> (N, C', H', W').

    The convolution's gain must contain the activation's.
    """

    def forward(self, x: Tensor) -> Tensor:
        *before, conv, activation = self
        for module in before:
            x = module(x)
        return F.leaky_relu(conv(x, activation.scaled_bias), SLOPE, inplace=True)


class ScaledLeakyReLU(nn.Module):
    """leaky_relu(x, 0.2) * sqrt(2); any shape."""

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(x, SLOPE) * ROOT2


class ActivatedConv2d(nn.Conv2d):
    """A plain convolution that resamples its input bilinearly first and ends in leaky_relu(., 0.2), both optional.

    (N, in_channels, H, W) -> (N, out_channels, H', W'); H' is H, H / 2 ("down") or 2 H ("up"). Weights start at
    N(0, gain^2 / fan_in), times two before an activation: as an equalized layer does.
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
        gain: float = 1.0,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, padding=kernel_size // 2, bias=bias)
        self.resample, self.activate = resample, activate
        gain *= ROOT2 if activate else 1.0
        nn.init.normal_(self.weight, std=gain / math.sqrt(in_channels * kernel_size**2))
        if self.bias is not None:
            nn.init.constant_(self.bias, bias_fill)

    def forward(self, x: Tensor) -> Tensor:
        if self.resample == "up":
            x = conv_upsampled(x, self.weight, self.bias)
        else:
            x = super().forward(resample_bilinear(x, self.resample))
        # In place: nothing else reads a convolution's output, and at 512 px a copy costs 64 MiB.
        return F.leaky_relu(x, SLOPE, inplace=True) if self.activate else x


class EqualizedUpConv2d(EqualizedConv2d):
    """Bilinear upsampling, an equalized convolution and a fused leaky ReLU (with `activate`, else neither bias
    nor activation), in one module; (N, in_channels, H, W) -> (N, out_channels, 2 H, 2 W)."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, *, activate: bool, gain: float = 1.0
    ) -> None:
        activation_gain = gain * ROOT2 if activate else gain
        super().__init__(in_channels, out_channels, kernel_size, bias=False, gain=activation_gain)
        self.activation = FusedLeakyReLU(out_channels, gain=activation_gain) if activate else None

    def forward(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        weight = self.weight * self.scale
        if self.activation is None:
            return conv_upsampled(x, weight, bias)
        return F.leaky_relu(conv_upsampled(x, weight, self.activation.scaled_bias), SLOPE, inplace=True)
