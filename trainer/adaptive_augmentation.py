"""Adaptive discriminator augmentation, for data sets too small for a GAN.

Source: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data" (ADA). The discriminator
sees true and generated images through random transformations alone, each applied with probability p; p follows
how much the discriminator overfits. The transformations are those of the paper's pipeline "bgc" (blitting,
geometry, colour; section 2.3) with the values of its appendix B.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.networks.layers import at_least_float32

Array = np.ndarray[Any, np.dtype[np.float64]]

GREY_AXIS = np.full(3, 1 / math.sqrt(3))
"""The direction of grey in RGB (appendix B)."""

TAPS = 12
"""Length of the resampling filter, in samples at twice the resolution."""


class AdaptiveAugmentation:
    """Images (N, 3, S, S), S >= 8, RGB in [-1, 1], float, and a seed each -> augmented images, the same shape.

    Differentiable, twice too (R1 goes through it). Colours may leave [-1, 1]. A sample depends on its image, its
    seed (at least 0) and p alone.

    p       the probability of each transformation; 0 changes nothing
    target  the r_t that p is adapted to (ADA, section 3)
    every   calls of `adapt` between two changes of p
    images  how many true images it takes p to go from 0 to 1 at the fastest
    limit   the highest p: from about 0.8 on the generator learns the transformations themselves (section 2.2)
    """

    def __init__(
        self,
        p: float = 0.0,
        *,
        target: float = 0.6,
        every: int = 4,
        images: int = 500_000,
        limit: float = 0.8,
    ) -> None:
        self.p, self.target, self.every, self.images, self.limit = p, target, every, images, limit
        self._signs: list[float] = []
        self._seen = 0

    def __call__(self, images: Tensor, seeds: Sequence[int]) -> Tensor:
        """Augment; ValueError when there is not one seed for each image."""
        if len(seeds) != len(images):
            raise ValueError(f"{len(seeds)} seeds for {len(images)} images")
        if self.p == 0:
            return images
        draws = [np.random.default_rng(seed) for seed in seeds]
        geometry = np.stack([geometry_matrix(random, self.p, images.shape[-1]) for random in draws])
        colours = np.stack([colour_matrix(random, self.p) for random in draws])
        # Autocast would round positions and colours to bfloat16.
        with torch.autocast(images.device.type, enabled=False):
            return recoloured(warped(at_least_float32(images), geometry), colours)

    def adapt(self, sign: float, images: int) -> None:
        """Once a step: `sign` is the mean of sign(D(y)) over this step's true `images`, of all processes.

        r_t, its mean over `every` steps, is 0 without overfitting and 1 with nothing else (ADA, section 3).
        """
        self._signs.append(sign)
        self._seen += images
        if len(self._signs) == self.every:
            change = math.copysign(self._seen / self.images, sum(self._signs) / self.every - self.target)
            self.p = min(max(self.p + change, 0.0), self.limit)
            self._signs, self._seen = [], 0

    def state(self) -> dict[str, Any]:
        """What continuing needs: p, and what was seen since it changed."""
        return {"p": self.p, "signs": list(self._signs), "seen": self._seen}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over what `state` gave."""
        self.p, self._signs, self._seen = state["p"], list(state["signs"]), state["seen"]


def geometry_matrix(random: np.random.Generator, p: float, size: int) -> Array:
    """Where an augmented image of `size` px looks into its original: (3, 3), in pixels from the image's centre.

    First the exact transformations, then the others (ADA, appendix B, "pixel blitting" and "general geometric
    transformations"). Always draws the same count of numbers.
    """
    flip, quarter = int(random.integers(2)), int(random.integers(4))
    whole_x, whole_y = np.round(random.uniform(-0.125, 0.125, 2) * size)
    scale, stretch = np.exp2(random.normal(0, 0.2, 2))
    turn_before, turn_after = random.uniform(-math.pi, math.pi, 2)
    x, y = random.normal(0, 0.125, 2) * size
    # Two rotations, around the stretching: together they are to happen with probability p.
    p_turn = 1 - math.sqrt(1 - p)
    steps = (
        (p, _scaling(1 - 2 * flip, 1)),
        (p, _rotation(quarter * math.pi / 2)),
        (p, _translation(whole_x, whole_y)),
        (p, _scaling(scale, scale)),
        (p_turn, _rotation(turn_before)),
        (p, _scaling(stretch, 1 / stretch)),
        (p_turn, _rotation(turn_after)),
        (p, _translation(x, y)),
    )
    return np.asarray(np.linalg.inv(_composed(steps, random, 3)), float)


def colour_matrix(random: np.random.Generator, p: float) -> Array:
    """From an image's to its augmented colours, (4, 4), for RGB in [-1, 1] and 1 (ADA, appendix B, "color
    transformations"): brightness, contrast, luma flip, hue, saturation. Always draws the same count of numbers."""
    brightness = random.normal(0, 0.2)
    contrast, saturation = np.exp2(random.normal(0, (0.5, 1.0)))
    flip, hue = int(random.integers(2)), random.uniform(-math.pi, math.pi)
    grey = np.outer(GREY_AXIS, GREY_AXIS)
    cross = np.cross(np.eye(3), GREY_AXIS)
    rotation = grey + math.cos(hue) * (np.eye(3) - grey) - math.sin(hue) * cross
    steps = (
        (p, _affine(np.eye(3), np.full(3, brightness))),
        (p, _affine(contrast * np.eye(3))),
        (p, _affine(np.eye(3) - 2 * flip * grey)),
        (p, _affine(rotation)),
        (p, _affine(grey + saturation * (np.eye(3) - grey))),
    )
    return _composed(steps, random, 4)


def _composed(steps: Sequence[tuple[float, Array]], random: np.random.Generator, size: int) -> Array:
    """One after the other, each with its probability."""
    total = np.eye(size)
    for (probability, matrix), chance in zip(steps, random.random(len(steps)), strict=True):
        if chance < probability:
            total = matrix @ total
    return total


def _affine(matrix: Array, shift: Array | None = None) -> Array:
    total = np.eye(len(matrix) + 1)
    total[:-1, :-1] = matrix
    if shift is not None:
        total[:-1, -1] = shift
    return total


def _scaling(x: float, y: float) -> Array:
    return np.diag((x, y, 1.0))


def _rotation(angle: float) -> Array:
    cos, sin = math.cos(angle), math.sin(angle)
    return _affine(np.array(((cos, -sin), (sin, cos))))


def _translation(x: float, y: float) -> Array:
    return _affine(np.eye(2), np.array((x, y)))


def recoloured(images: Tensor, matrices: Array) -> Tensor:
    """(N, 3, H, W) -> the same, colours mapped by (N, 4, 4)."""
    matrix = torch.from_numpy(matrices).to(images)[:, :3, :, None, None]
    # Not a matrix product: GPUs may shorten those to TF32, and positions in `_grid` likewise.
    red, green, blue = (matrix[:, :, k] * images[:, k, None] for k in range(3))
    return red + green + blue + matrix[:, :, 3]


def warped(images: Tensor, matrices: Array) -> Tensor:
    """(N, 3, S, S) -> the same: each pixel looks where (N, 3, 3) points, in pixels from the centre, mirrored at
    the border. An identity changes nothing.

    Samples are taken at twice the resolution, from an image of twice the resolution, so that shrinking down to
    half the size does not alias (ADA, appendix B). The filter is symmetric, unlike the paper's sym6 wavelet: flips
    and quarter turns come out as such.
    """
    moved = np.flatnonzero((matrices != np.eye(3)).any((1, 2)))
    if not len(moved):
        return images
    chosen = torch.from_numpy(moved).to(images.device)
    grid = _grid(torch.from_numpy(matrices[moved]).to(images), images.shape[-1])
    return images.index_copy(0, chosen, _halved(_GridSample.apply(_doubled(images[chosen]), grid)))


def _lanczos() -> Tensor:
    """Lanczos' filter of three lobes for samples half a pixel apart, (12,), summing to 1."""
    x = (torch.arange(TAPS, dtype=torch.float64) - (TAPS - 1) / 2) / 2
    kernel = torch.sinc(x) * torch.sinc(x / 3)
    return kernel / kernel.sum()


def _doubled(images: Tensor) -> Tensor:
    """(N, 3, S, S) -> (N, 3, 2 S, 2 S), mirrored at the border."""
    columns, rows = _kernels(2 * _lanczos().to(images))
    padded = F.pad(images, (TAPS // 4,) * 4, mode="reflect")
    tall = F.conv_transpose2d(padded, columns, stride=(2, 1), padding=(TAPS - 1, 0), groups=3)
    return F.conv_transpose2d(tall, rows, stride=(1, 2), padding=(0, TAPS - 1), groups=3)


def _halved(images: Tensor) -> Tensor:
    """(N, 3, 2 S + 10, 2 S + 10) -> (N, 3, S, S); the margin is for the filter."""
    columns, rows = _kernels(_lanczos().to(images))
    return F.conv2d(F.conv2d(images, columns, stride=(2, 1), groups=3), rows, stride=(1, 2), groups=3)


def _kernels(line: Tensor) -> tuple[Tensor, Tensor]:
    """Convolution weights for three channels apart, along columns and along rows."""
    return line.view(1, 1, -1, 1).expand(3, -1, -1, -1), line.view(1, 1, 1, -1).expand(3, -1, -1, -1)


def _grid(matrices: Tensor, size: int) -> Tensor:
    """Where the samples of `_halved` look, (N, 2 S + 10, 2 S + 10, 2), for `grid_sample`; matrices (N, 3, 3)."""
    margin = TAPS // 2 - 1
    samples = torch.arange(-margin, 2 * size + margin, device=matrices.device, dtype=matrices.dtype)
    line = ((samples + 0.5) / 2 - size / 2)[:, None]
    x, y, one = matrices[:, None, None, :2].unbind(-1)
    return (x * line + y * line[:, None] + one) / (size / 2)


class _GridSample(torch.autograd.Function):
    """`grid_sample` (bilinear, mirrored at the border) that can be differentiated again, by the images alone.

    PyTorch's own cannot. It is linear in the images: the derivative of its backward pass is itself.
    """

    @staticmethod
    def forward(ctx: Any, images: Tensor, grid: Tensor) -> Tensor:
        ctx.save_for_backward(grid)
        ctx.shape = images.shape
        return F.grid_sample(images, grid, mode="bilinear", padding_mode="reflection", align_corners=False)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (grid,) = ctx.saved_tensors
        return _GridSampleTransposed.apply(gradient, grid, ctx.shape), None


class _GridSampleTransposed(torch.autograd.Function):
    """The backward pass of `_GridSample`."""

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, grid: Tensor, shape: torch.Size) -> Tensor:
        ctx.save_for_backward(grid)
        bilinear, reflection, align_corners = 0, 2, False
        # The gradient by the images does not depend on what they are, only on how large.
        images = gradient.new_zeros(()).expand(shape)
        result: Tensor = torch.ops.aten.grid_sampler_2d_backward(
            gradient, images, grid, bilinear, reflection, align_corners, (True, False)
        )[0]
        return result

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (grid,) = ctx.saved_tensors
        return _GridSample.apply(gradient, grid), None, None
