"""Where the user's brush lets the restoration show: a model may get glasses, hands or hair wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Coverage = npt.NDArray[np.uint8]
"""How much of the restoration shows in each pixel of a photo, (H, W): 255 all, 0 nothing."""


@dataclass(frozen=True)
class Stroke:
    """One stroke of a round brush along `points`, photo pixels.

    radius    of the brush in photo pixels, where its edge is half transparent
    erases    takes the restoration away; else it paints it back
    softness  of the edge: 0 is hard, 1 begins to fade at the middle of the brush
    """

    points: tuple[tuple[float, float], ...]
    radius: float
    erases: bool = True
    softness: float = 0.5

    def __post_init__(self) -> None:
        if self.radius <= 0 or not 0 <= self.softness <= 1:
            raise ValueError("a brush has a radius above 0 and a softness in [0, 1]")


def coverage(strokes: Sequence[Stroke], size: tuple[int, int]) -> Coverage | None:
    """What the strokes leave of the restoration in a photo of (width, height), one after the other; None where
    there are none."""
    if not strokes:
        return None
    width, height = size
    result = np.full((height, width), 255, np.uint8)
    for stroke in strokes:
        draw(stroke, result)
    return result


def draw(stroke: Stroke, picture: Coverage) -> tuple[int, int, int, int]:
    """Draw one more stroke into a coverage, in place; returns the box of what may have changed."""
    height, width = picture.shape
    points = np.array(stroke.points, np.float64).reshape(-1, 2)
    reach = 2 * stroke.radius + 2
    left, top = np.clip(np.floor(points.min(axis=0) - reach), 0, (width, height)).astype(int).tolist()
    right, bottom = np.clip(np.ceil(points.max(axis=0) + reach) + 1, 0, (width, height)).astype(int).tolist()
    if left < right and top < bottom:
        here = picture[top:bottom, left:right]
        touched = _touched(stroke, points - (left, top), here.shape)
        here[...] = np.minimum(here, 255 - touched) if stroke.erases else np.maximum(here, touched)
    return left, top, max(left, right), max(top, bottom)


_SHIFT = 4  # bits of a pixel's fraction that OpenCV draws with


def _touched(stroke: Stroke, points: npt.NDArray[np.float64], shape: tuple[int, ...]) -> Coverage:
    """How much the brush touches each pixel: by the distance from its path."""
    fixed = np.rint(points * (1 << _SHIFT)).astype(np.int32)
    if len(fixed) == 1:
        fixed = np.repeat(fixed, 2, axis=0)  # OpenCV draws no line from one point
    path = np.full(shape, 255, np.uint8)
    cv2.polylines(path, [fixed.reshape(-1, 1, 2)], False, 0, 1, cv2.LINE_8, _SHIFT)
    distance = cv2.distanceTransform(path, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    fade = max(stroke.radius * stroke.softness, 0.5)
    share = np.clip((stroke.radius + fade - distance) / (2 * fade), 0, 1)
    return np.asarray(np.rint(share * share * (3 - 2 * share) * 255), np.uint8)
