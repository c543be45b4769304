"""NIQE: how far a picture's statistics are from those of good photos, without a reference.

Mittal, Soundararajan and Bovik, "Making a Completely Blind Image Quality Analyzer", 2013; equations are numbered
as there. The statistics of good photos are the authors' own (`resources/niqe.npz`, see `resources/niqe.md`).
"""

from __future__ import annotations

import functools
import math
from importlib.resources import as_file, files

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Plane = npt.NDArray[np.float64]

BLOCK = 96
"""Side of the blocks in pixels, the authors'; a picture needs two of them at least."""

_LUMA = np.array([65.481, 128.553, 24.966]) / 255
_SHAPES = np.arange(200, 10001) / 1000
_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))


def niqe(pixels: npt.NDArray[np.uint8]) -> float:
    """NIQE of an RGB picture (H, W, 3), lower is better; of its BT.601 luma in [16, 235], whole blocks only.

    NaN for a picture of fewer than two blocks, or one without any structure.
    """
    rows, columns = pixels.shape[0] // BLOCK, pixels.shape[1] // BLOCK
    luma = np.rint(pixels[: rows * BLOCK, : columns * BLOCK] @ _LUMA + 16)
    if rows * columns < 2:
        return math.nan
    half = Image.fromarray(luma.astype(np.float32)).resize(
        (columns * BLOCK // 2, rows * BLOCK // 2), Image.Resampling.BICUBIC
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        features = np.hstack([_features(luma, BLOCK), _features(np.asarray(half, np.float64), BLOCK // 2)])
    features = features[np.isfinite(features).all(axis=1)]
    if len(features) < 2:
        return math.nan
    mean, covariance = _pristine()
    # Equation 10.
    difference = mean - features.mean(axis=0)
    pooled = np.linalg.pinv((covariance + np.cov(features, rowvar=False)) / 2)
    return float(np.sqrt(difference @ pooled @ difference))


@functools.cache
def _pristine() -> tuple[Plane, Plane]:
    """Mean (36,) and covariance (36, 36) of good photos."""
    with as_file(files("resources") / "niqe.npz") as path, np.load(path, allow_pickle=False) as content:
        return content["mean"], content["covariance"]


def _features(plane: Plane, block: int) -> Plane:
    """18 features of each block, (blocks, 18)."""
    normalized = _normalized(plane)
    height, width = plane.shape
    corners = ((top, left) for left in range(0, width, block) for top in range(0, height, block))
    return np.array([_of_block(normalized[y : y + block, x : x + block]) for y, x in corners])


def _normalized(plane: Plane) -> Plane:
    """Less the local mean, by the local deviation (equations 1 to 3)."""
    window = functools.partial(cv2.GaussianBlur, ksize=(7, 7), sigmaX=7 / 6, borderType=cv2.BORDER_REPLICATE)
    mean = window(plane)
    deviation = np.sqrt(np.abs(window(plane**2) - mean**2))
    return np.asarray((plane - mean) / (deviation + 1), np.float64)


def _of_block(block: Plane) -> list[float]:
    """Shape and scale of the samples, and shape, mean and scales of the products of neighbours (equation 8)."""
    shape, left, right = _fitted(block)
    features = [shape, (left + right) / 2]
    for shift in _NEIGHBOURS:
        shape, left, right = _fitted(block * np.roll(block, shift, axis=(0, 1)))
        mean = (right - left) * math.gamma(2 / shape) / math.gamma(1 / shape)
        features += [shape, mean, left, right]
    return features


def _fitted(samples: Plane) -> tuple[float, float, float]:
    """Shape and the scales of either side of an asymmetric generalised Gaussian, by its moments (equation 7)."""
    left = np.sqrt(np.mean(samples[samples < 0] ** 2)) if (samples < 0).any() else math.nan
    right = np.sqrt(np.mean(samples[samples > 0] ** 2)) if (samples > 0).any() else math.nan
    ratio = left / right
    wanted = np.mean(np.abs(samples)) ** 2 / np.mean(samples**2)
    wanted *= (ratio**3 + 1) * (ratio + 1) / (ratio**2 + 1) ** 2
    shape = float(_SHAPES[np.argmin((_ratios() - wanted) ** 2)])
    scale = math.sqrt(math.gamma(1 / shape) / math.gamma(3 / shape))
    return shape, float(left * scale), float(right * scale)


@functools.cache
def _ratios() -> Plane:
    """Squared mean magnitude by mean square of a generalised Gaussian, for each of `_SHAPES`."""
    return np.array([math.gamma(2 / s) ** 2 / (math.gamma(1 / s) * math.gamma(3 / s)) for s in _SHAPES])
