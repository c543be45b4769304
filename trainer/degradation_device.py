"""The degradation of `trainer.degradation` in batches, on the device where the batch is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.transforms.functional import rgb_to_grayscale

from trainer.degradation import Draw, compressed, draw, gaussian_kernel, recolored, smaller
from trainer.recipes import Degradation, Resampling


class DeviceDegradation:
    """Degrades batches as `trainer.degradation.degrade` does single pictures.

    A sample depends on its picture and its seed, not on its neighbours: the parameters are those that
    `draw` gives for the seed, so that only the noise differs from the CPU's (it is drawn on the device).
    Blur (by FFT), resizing, noise and colours stay on the device. The JPEG is made on the host, from the
    downsampled 8-bit picture: torchvision's encoder on the GPU writes 4:4:4 chroma only, where the published
    options and the CPU's path have 4:2:0, and it is deprecated (0.29).
    """

    def __init__(self, settings: Degradation) -> None:
        self.settings = settings

    def __call__(self, batch: Tensor, seeds: Sequence[int]) -> Tensor:
        """Degrade RGB pictures: (N, 3, H, W) in [0, 1], one seed each -> same shape, float32, whole 255ths.

        ValueError when there is not one seed for each picture.
        """
        return self._degraded(batch, self._draws(batch, seeds), seeds)

    def pair(self, batch: Tensor, seeds: Sequence[int]) -> tuple[Tensor, Tensor]:
        """(inputs, truths) as `__call__` takes and gives them; a truth is grey where `gt_gray` asks for it."""
        draws = self._draws(batch, seeds)
        truths = batch
        if self.settings.gt_gray and any(drawn.grey for drawn in draws):
            truths = batch.clone()
            for truth, drawn in zip(truths, draws, strict=True):
                if drawn.grey:
                    truth.copy_(_levels(rgb_to_grayscale(truth, 3)) / 255)
        return self._degraded(batch, draws, seeds), truths

    def _draws(self, batch: Tensor, seeds: Sequence[int]) -> list[Draw]:
        if len(seeds) != len(batch):
            raise ValueError(f"{len(seeds)} seeds for {len(batch)} pictures")
        return [draw(self.settings, np.random.default_rng(seed)) for seed in seeds]

    @torch.no_grad()
    def _degraded(self, batch: Tensor, draws: list[Draw], seeds: Sequence[int]) -> Tensor:
        size = self.settings.kernel_size
        kernels = [torch.from_numpy(gaussian_kernel(drawn.sigma, drawn.angle, size)) for drawn in draws]
        blurred = _convolved(batch.float(), torch.stack(kernels).to(batch.device))
        samples = zip(blurred, draws, seeds, strict=True)
        return torch.stack([self._after_blur(x, drawn, seed) for x, drawn, seed in samples])

    def _after_blur(self, x: Tensor, drawn: Draw, seed: int) -> Tensor:
        height, width = x.shape[-2:]
        x = self._resized(x, *smaller(width, height, drawn.factor))
        if drawn.noise:
            generator = torch.Generator(x.device).manual_seed(seed)
            x = x + drawn.noise / 255 * torch.randn(x.shape, generator=generator, device=x.device)
        if drawn.jpeg is not None:
            levels = _levels(x).to(torch.uint8).permute(1, 2, 0).cpu().numpy()
            x = torch.from_numpy(compressed(levels, drawn.jpeg)).to(x.device).permute(2, 0, 1) / 255
        x = recolored(self._resized(x, width, height).clamp(0, 1), drawn)
        return _levels(x) / 255

    def _resized(self, x: Tensor, width: int, height: int) -> Tensor:
        # What torch calls antialias is also what makes its bicubic kernel Pillow's (a = -0.5, not -0.75).
        bicubic = self.settings.resampling is Resampling.BICUBIC
        mode = self.settings.resampling.value
        return F.interpolate(x[None], (height, width), mode=mode, align_corners=False, antialias=bicubic)[0]


def _convolved(batch: Tensor, kernels: Tensor) -> Tensor:
    """Each picture of (N, C, H, W) with its own kernel of (N, k, k), k odd, mirrored at the border.

    By FFT, whose cost does not depend on k: a 41 px kernel takes 1681 multiplications a sample otherwise.
    """
    margin = kernels.shape[-1] // 2
    padded = F.pad(batch, (margin,) * 4, mode="reflect")
    shape = list(padded.shape[-2:])
    product = torch.fft.rfft2(padded) * torch.fft.rfft2(kernels[:, None], shape)
    # The circular convolution wraps into its first k - 1 rows and columns, and only there.
    convolved: Tensor = torch.fft.irfft2(product, shape)
    return convolved[..., 2 * margin :, 2 * margin :]


def _levels(x: Tensor) -> Tensor:
    """[0, 1] as whole numbers of [0, 255]."""
    return (x * 255).round().clamp(0, 255)
