"""From a good picture to a bad one: the inputs that training makes from its truths (paper, section 4.1).

    x = [(y convolved with k_sigma) downsampled by r + n_delta] JPEG_q, resized back to the size of y

and then, on the input only, changes of colour. `draw` chooses the parameters of one sample, `degrade` carries
them out with OpenCV, `trainer.degradation_device` in batches with PyTorch. Everything is RGB.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.functional import (
    adjust_brightness,
    adjust_contrast,
    adjust_hue,
    adjust_saturation,
    rgb_to_grayscale,
)

from trainer.recipes import Degradation, Resampling

ImageArray = npt.NDArray[Any]
"""RGB, shape (height, width, 3), uint8 in [0, 255] or float32 in [0, 1]."""

_ADJUST: dict[str, Callable[[Tensor, float], Tensor]] = {
    "brightness": adjust_brightness,
    "contrast": adjust_contrast,
    "saturation": adjust_saturation,
    "hue": adjust_hue,
}


@dataclass(frozen=True)
class Draw:
    """The parameters of one sample, in the units of `Degradation`.

    `sigma` are the widths along the axes of a kernel turned by `angle` (radians); `shift` is None where the
    channels stay; `jitter` are names and values of adjustments in their order, empty for none.
    """

    sigma: tuple[float, float]
    angle: float
    factor: float
    noise: float
    jpeg: int | None
    shift: tuple[float, float, float] | None
    grey: bool
    jitter: tuple[tuple[str, float], ...]


def draw(settings: Degradation, rng: np.random.Generator) -> Draw:
    """Choose the parameters of one sample; the same state of `rng` gives the same ones."""
    sigma = rng.uniform(*settings.sigma)
    turned = rng.random() < settings.anisotropic
    shifted = rng.random() < settings.shift_probability
    jittered = rng.random() < settings.jitter_probability
    adjustments = rng.permutation(list(_ADJUST)).tolist() if jittered else []
    return Draw(
        sigma=(sigma, rng.uniform(*settings.sigma) if turned else sigma),
        angle=rng.uniform(-np.pi, np.pi) if turned else 0.0,
        factor=rng.uniform(*settings.factor),
        noise=rng.uniform(*settings.noise),
        jpeg=None if settings.jpeg is None else int(rng.uniform(*settings.jpeg)),
        shift=tuple(rng.uniform(-settings.shift, settings.shift, 3).tolist()) if shifted else None,
        grey=rng.random() < settings.grey_probability,
        jitter=tuple((name, rng.uniform(*getattr(settings, name))) for name in adjustments),
    )


def gaussian_kernel(sigma: tuple[float, float], angle: float, size: int) -> npt.NDArray[np.float32]:
    """A Gaussian of the covariance R diag(sigma^2) R^T, (size, size), cut off at its edge, of sum 1.

    R turns by `angle`, in radians, from x to y. sigma in pixels, above 0; the first is the width along the
    axis at `angle`.
    """
    offsets = np.arange(size) - size // 2
    x, y = np.meshgrid(offsets, offsets)
    along = (np.cos(angle) * x + np.sin(angle) * y) / sigma[0]
    across = (np.cos(angle) * y - np.sin(angle) * x) / sigma[1]
    kernel: npt.NDArray[np.float64] = np.exp(-0.5 * (along**2 + across**2))
    return np.asarray(kernel / kernel.sum(), np.float32)


def recolored(image: Tensor, drawn: Draw) -> Tensor:
    """The changes of colour in their order: shift, grey, jitter. (3, H, W) in [0, 1] -> same."""
    if drawn.shift is not None:
        image = (image + image.new_tensor(drawn.shift)[:, None, None]).clamp(0, 1)
    if drawn.grey:
        image = rgb_to_grayscale(image, 3)
    for name, value in drawn.jitter:
        image = _ADJUST[name](image, value)
    return image


def degrade(image: ImageArray, settings: Degradation, rng: np.random.Generator) -> ImageArray:
    """A degraded copy of `image`, of the same shape and dtype, in whole 255ths of the range.

    Runs on the CPU with OpenCV. The same image, settings and state of `rng` give the same picture. At its
    border the picture is mirrored (without repeating the outermost pixel) for the blur. Samples are clipped
    to the range where JPEG needs it and at the end.
    """
    return _degraded(image, draw(settings, rng), settings, rng)


def degraded_pair(
    truth: ImageArray, settings: Degradation, rng: np.random.Generator
) -> tuple[ImageArray, ImageArray]:
    """(input, truth) of one sample: `degrade`, and the truth itself, grey where `gt_gray` asks for it."""
    drawn = draw(settings, rng)
    image = _degraded(truth, drawn, settings, rng)
    if drawn.grey and settings.gt_gray:
        truth = _as_dtype(_with_torch(_as_float(truth), lambda x: rgb_to_grayscale(x, 3)), truth.dtype)
    return image, truth


def _degraded(image: ImageArray, drawn: Draw, settings: Degradation, rng: np.random.Generator) -> ImageArray:
    height, width = image.shape[:2]
    x = _resized(_shrunk(image, drawn, settings, rng), width, height, settings.resampling).clip(0, 1)
    if drawn.shift is not None or drawn.grey or drawn.jitter:
        x = _with_torch(x, lambda tensor: recolored(tensor, drawn))
    return _as_dtype(x, image.dtype)


def shrunk(image: ImageArray, settings: Degradation, rng: np.random.Generator) -> ImageArray:
    """The small picture that `degrade` makes of the same image and state of `rng` on its way, before it enlarges
    it and changes colours; of the image's dtype."""
    return _as_dtype(_shrunk(image, draw(settings, rng), settings, rng), image.dtype)


def _shrunk(image: ImageArray, drawn: Draw, settings: Degradation, rng: np.random.Generator) -> ImageArray:
    height, width = image.shape[:2]
    x = _blurred(_as_float(image), drawn, settings.kernel_size)
    x = _resized(x, *smaller(width, height, drawn.factor), settings.resampling)
    if drawn.noise:
        x = x + np.float32(drawn.noise / 255) * rng.standard_normal(x.shape, np.float32)
    if drawn.jpeg is not None:
        x = _as_float(compressed(_as_dtype(x, np.uint8), drawn.jpeg))
    return x


def _blurred(x: ImageArray, drawn: Draw, size: int) -> ImageArray:
    kernel = gaussian_kernel(drawn.sigma, drawn.angle, size)
    if drawn.sigma[0] != drawn.sigma[1]:
        return cv2.filter2D(x, -1, kernel)
    # A round Gaussian is one of rows and one of columns, at a tenth of the cost.
    line = kernel.sum(0)
    return cv2.sepFilter2D(x, -1, line, line)


def compressed(image: npt.NDArray[np.uint8], quality: int) -> npt.NDArray[np.uint8]:
    """The picture, (H, W, 3) RGB, after JPEG of this quality in [1, 100], with 4:2:0 chroma."""
    _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])


def smaller(width: int, height: int, factor: float) -> tuple[int, int]:
    """(width, height) in pixels after downsampling by `factor`."""
    return max(1, int(width // factor)), max(1, int(height // factor))


def _resized(x: ImageArray, width: int, height: int, resampling: Resampling) -> ImageArray:
    if resampling is Resampling.BILINEAR:
        return cv2.resize(x, (width, height), interpolation=cv2.INTER_LINEAR)
    # OpenCV's bicubic does not widen its kernel where it shrinks; Pillow knows float pictures of one channel.
    channels = [Image.fromarray(x[..., c]).resize((width, height), Image.Resampling.BICUBIC) for c in range(3)]
    return np.stack([np.asarray(channel) for channel in channels], axis=2)


def _as_float(image: ImageArray) -> ImageArray:
    """Samples in [0, 1], float32."""
    return image.astype(np.float32) / (255 if image.dtype == np.uint8 else 1)


def _as_dtype(x: ImageArray, dtype: Any) -> ImageArray:
    levels: ImageArray = np.rint(x * 255).clip(0, 255)
    return levels.astype(np.uint8) if dtype == np.uint8 else (levels / 255).astype(dtype)


def _with_torch(x: ImageArray, change: Callable[[Tensor], Tensor]) -> ImageArray:
    return np.ascontiguousarray(change(torch.from_numpy(x).permute(2, 0, 1)).permute(1, 2, 0).numpy())
