"""Halving and doubling images inside networks: bilinear, by FIR filters, and together with a convolution.

Tensors are float, shape (N, C, H, W), unless a docstring says otherwise. Source: StyleGAN2 (Karras et al. 2020,
"Analyzing and Improving the Image Quality of StyleGAN", appendix B) for the FIR filters.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Resample = Literal["down", "up"]


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
    out = filter_channels(spread, _BILINEAR_KERNEL.to(spread), bias=bias)
    return _without_frame(out, x, wide, weight)


def _padded(x: Tensor) -> Tensor:
    """`x` with its edges repeated once. Autocast would do it in float32 on processors, for a tenth of a step."""
    casts = x.is_cpu and torch.is_autocast_enabled("cpu")
    with torch.autocast("cpu", enabled=False) if casts else nullcontext():
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


_BILINEAR_KERNEL = fir_kernel((1.0, 3.0, 3.0, 1.0), 4.0)
"""The filter that makes bilinear upsampling by two of zeros between samples, away from the edges."""
