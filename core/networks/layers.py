"""The layers that every network of the family is made of, in plain PyTorch.

Tensors are float, shape (N, C, H, W), unless a docstring says otherwise. Sources: StyleGAN2 (Karras et al. 2020,
"Analyzing and Improving the Image Quality of StyleGAN", appendix B) for the equalized learning rate and the
FIR resampling, GFP-GAN section 3.2 for the blocks made of them (`variants.py`).
"""

import math
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLOPE = 0.2
"""Negative slope of every leaky ReLU in the family."""

ROOT2 = math.sqrt(2)
"""Gain that keeps the variance after a leaky ReLU; equalized networks apply it at run time."""

Resample = Literal["down", "up"]


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


def resample_bilinear(x: Tensor, mode: Resample | None) -> Tensor:
    """Halve ("down"), double ("up") or keep (None) height and width, bilinear with align_corners False.

    Halving needs even sides: there the bilinear value is the mean of 2 x 2 pixels, which is cheaper said so.
    """
    if mode == "down":
        return F.avg_pool2d(x, 2)
    if mode == "up":
        return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    return x


def conv_upsampled(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """conv2d(resample_bilinear(x, "up"), weight, bias), padded to keep the size, at a quarter of its cost.

    x (N, C, H, W), weight (C', C, K, K) with K 1 or 3, bias (C',) -> (N, C', 2 H, 2 W). All of these are linear,
    and channels mix independently of places: a 1 x 1 convolution can go first, and a 3 x 3 one can be applied to
    the samples with zeros between them (which a transposed convolution skips), before the smoothing that makes
    the upsampling bilinear.
    """
    if weight.shape[-1] == 1:
        return resample_bilinear(F.conv2d(x, weight, bias), "up")
    if x.is_cuda:
        # Measured on processors only: there the multiplications are the bottleneck.
        return F.conv2d(resample_bilinear(x, "up"), weight, bias, padding=1)
    wide = _padded(x)
    spread = F.conv_transpose2d(wide, weight.flip(2, 3).transpose(0, 1), stride=2, padding=1)
    out = filter_channels(spread, BILINEAR.to(spread), bias=bias)
    return _without_frame(out, x, wide, weight)


def _padded(x: Tensor) -> Tensor:
    """`x` with its edges repeated once. Autocast would do it in float32 on processors, for a tenth of a step."""
    casts = torch.is_autocast_enabled(x.device.type)
    with torch.autocast(x.device.type, enabled=False) if casts else nullcontext():
        return F.pad(x, (1, 1, 1, 1), mode="replicate")


def _without_frame(out: Tensor, x: Tensor, wide: Tensor, weight: Tensor) -> Tensor:
    """Take from `out` what the convolution read one pixel outside of the upsampled image, where it reads zeros.

    There the upsampled `wide` repeats the image's edge, because `wide` does.
    """
    rows = F.interpolate(wide[:, :, :: x.shape[2] + 1], scale_factor=(1, 2), mode="bilinear")[..., 1:-1]
    columns = F.interpolate(x[..., :: x.shape[3] - 1], scale_factor=(2, 1), mode="bilinear")
    above, below = (F.conv2d(rows[:, :, i : i + 1], weight[:, :, j : j + 1]) for i, j in ((0, 0), (1, 2)))
    left, right = (
        F.conv2d(columns[..., i : i + 1], weight[..., j : j + 1], padding=(1, 0)) for i, j in ((0, 0), (1, 2))
    )
    for dim, frame in ((2, (above, below)), (3, (left, right))):
        edges = torch.tensor([0, out.shape[dim] - 1], device=x.device)
        # In place, and by index: the gradient of a slice that was written to is a copy of the whole.
        out.index_add_(dim, edges, torch.cat(frame, dim), alpha=-1)
    return out


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
        return filter_channels(x, self.kernel.to(x.dtype), self.padding)


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


def filter_channels(x: Tensor, kernel: Tensor, padding: int = 0, bias: Tensor | None = None) -> Tensor:
    """Filter every channel of x (N, C, H, W) with one symmetric kernel (1, 1, T, T), then add bias (C,).

    Zero-pads by `padding` < T on every side: -> (N, C, H + 2 padding - T + 1, W + 2 padding - T + 1).
    """
    if torch.is_grad_enabled() and (x.requires_grad or (bias is not None and bias.requires_grad)):
        filtered: Tensor = _ChannelFilter.apply(x, kernel, padding, bias)
        return filtered
    return F.conv2d(x, kernel.expand(x.shape[1], -1, -1, -1), bias, padding=padding, groups=x.shape[1])


class _ChannelFilter(torch.autograd.Function):
    """A filter whose gradient is that filter again, for a symmetric kernel, with the rest of the padding.

    PyTorch's own gradient of a convolution with one channel a group is made for any kernel, and on processors in
    bfloat16 it took a fifth of a training step: 50 ms for (4, 8, 256, 256), where the filter itself takes 2.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: Tensor, padding: int, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(kernel)
        ctx.padding = padding
        return F.conv2d(x, kernel.expand(x.shape[1], -1, -1, -1), bias, padding=padding, groups=x.shape[1])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (kernel,) = ctx.saved_tensors
        (gradient,) = gradients
        rest = kernel.shape[-1] - 1 - ctx.padding
        of_bias = gradient.sum((0, 2, 3)) if ctx.needs_input_grad[3] else None
        return filter_channels(gradient, kernel, rest), None, None, of_bias


def fir_kernel(taps: Sequence[float], gain: float = 1.0) -> Tensor:
    """The (1, 1, T, T) float32 outer product of symmetric `taps`, summing to `gain`."""
    line = torch.tensor(taps, dtype=torch.float32)
    kernel = torch.outer(line, line)
    return (kernel * (gain / kernel.sum()))[None, None]


BILINEAR = fir_kernel((1.0, 3.0, 3.0, 1.0), 4.0)
"""The filter that makes bilinear upsampling by two of zeros between samples, away from the edges."""
