"""Turning, straightening and cropping a photo before it is restored: scans lie sideways, and crooked."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from core.alignment import transform
from core.photos.picture import with_sides_swapped
from core.types import Matrix, Photo

Size = tuple[int, int]
"""(width, height) in pixels."""

_CHANNELS = 4  # that OpenCV warps at once


@dataclass(frozen=True)
class Geometry:
    """What to do with a photo as its file has it, in this order.

    quarter_turns   clockwise, 0 to 3; loses nothing
    degrees         clockwise about the centre, in [-45, 45]; the picture grows to hold all of it
    crop            (left, top, right, bottom) of what stays, in pixels of the picture so far, edges counted from
                    its left and upper edge; None for all
    """

    quarter_turns: int = 0
    degrees: float = 0.0
    crop: tuple[float, float, float, float] | None = None

    @property
    def is_identity(self) -> bool:
        """Whether it leaves photos as they are."""
        return self == Geometry()


def turned(geometry: Geometry, quarters: int, size: Size) -> Geometry:
    """The same geometry of a photo of `size`, whose result is then turned clockwise by so many quarters."""
    for _ in range(quarters % 4):
        crop = geometry.crop
        if crop is not None:
            _, height = _straightened_size(geometry, size)
            left, top, right, bottom = crop
            crop = (height - bottom, left, height - top, right)
        geometry = replace(geometry, quarter_turns=(geometry.quarter_turns + 1) % 4, crop=crop)
    return geometry


def changed_size(geometry: Geometry, size: Size) -> Size:
    """The size of what becomes of a photo of `size`."""
    left, top, right, bottom = _crop(geometry, size)
    return right - left, bottom - top


def matrix(geometry: Geometry, size: Size) -> Matrix:
    """Pixels of a photo of `size` -> pixels of what becomes of it; pixel centres are at integers."""
    width, height = size
    to_turned = {
        0: np.array([[1.0, 0, 0], [0, 1, 0]]),
        1: np.array([[0.0, -1, height - 1], [1, 0, 0]]),
        2: np.array([[-1.0, 0, width - 1], [0, -1, height - 1]]),
        3: np.array([[0.0, 1, 0], [-1, 0, width - 1]]),
    }[geometry.quarter_turns % 4]
    left, top, _, _ = _crop(geometry, size)
    both = np.vstack([_straightening(geometry, size), [0, 0, 1]]) @ np.vstack([to_turned, [0, 0, 1]])
    return _of_target(both[:2], left, top)


def changed(photo: Photo, geometry: Geometry) -> Photo:
    """What becomes of a photo; the same one for the identity.

    Turns and crops keep samples as they are; straightening resamples them (bicubic), and continues the outermost
    ones into corners that hold nothing of the photo.
    """
    if geometry.is_identity:
        return photo
    samples = _changed(photo.samples, geometry)
    rgb = samples if photo.rgb is photo.samples else _changed(photo.rgb, geometry)
    metadata = with_sides_swapped(photo.metadata) if geometry.quarter_turns % 2 else photo.metadata
    return replace(photo, samples=samples, rgb=rgb, metadata=metadata)


def largest_inside(geometry: Geometry, size: Size) -> tuple[float, float, float, float]:
    """The largest crop (by area, centred) without empty corners, of a photo of `size`; a `Geometry.crop`."""
    width, height = _turned_size(geometry, size)
    wide, high = _straightened_size(geometry, size)
    angle = math.radians(abs(geometry.degrees))
    sine, cosine = math.sin(angle), math.cos(angle)
    long, short = max(width, height), min(width, height)
    if short <= 2 * sine * cosine * long:
        # Two corners of the crop lie on the middle line of the long sides, or beyond.
        half = short / 2
        inside = (half / sine, half / cosine) if width >= height else (half / cosine, half / sine)
    else:
        double = cosine * cosine - sine * sine
        inside = ((width * cosine - height * sine) / double, (height * cosine - width * sine) / double)
    # A pixel less: the outermost ones are mixed with what continues them.
    margin = 1.0 if geometry.degrees else 0.0
    w, h = (max(1.0, side - 2 * margin) for side in inside)
    return (wide - w) / 2, (high - h) / 2, (wide + w) / 2, (high + h) / 2


def has_empty_corner(geometry: Geometry, size: Size) -> bool:
    """Whether what becomes of a photo of `size` shows a place that is not in it, by more than half a pixel."""
    width, height = changed_size(geometry, size)
    corners = np.array([[-0.5, -0.5], [width - 0.5, -0.5], [-0.5, height - 0.5], [width - 0.5, height - 0.5]])
    back = cv2.invertAffineTransform(matrix(geometry, size))
    seen = transform(np.asarray(back, np.float64), corners)
    return bool((seen < -1.0).any() or (seen > np.array(size, np.float64)).any())


def _turned_size(geometry: Geometry, size: Size) -> Size:
    return size if geometry.quarter_turns % 2 == 0 else (size[1], size[0])


def _straightened_size(geometry: Geometry, size: Size) -> Size:
    width, height = _turned_size(geometry, size)
    if geometry.degrees == 0:
        return width, height
    angle = math.radians(abs(geometry.degrees))
    sine, cosine = math.sin(angle), math.cos(angle)
    return math.ceil(width * cosine + height * sine), math.ceil(width * sine + height * cosine)


def _straightening(geometry: Geometry, size: Size) -> Matrix:
    """Turned picture -> straightened picture: about the centre of both."""
    before, after = _turned_size(geometry, size), _straightened_size(geometry, size)
    angle = math.radians(geometry.degrees)
    linear = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    centre, target = ((np.array(sides) - 1) / 2 for sides in (before, after))
    return np.column_stack([linear, target - linear @ centre])


def _crop(geometry: Geometry, size: Size) -> tuple[int, int, int, int]:
    """The crop in whole pixels, inside the straightened picture and never empty."""
    width, height = _straightened_size(geometry, size)
    left, top, right, bottom = map(round, geometry.crop or (0, 0, width, height))
    left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    return left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height)


def _changed(samples: npt.NDArray[Any], geometry: Geometry) -> npt.NDArray[Any]:
    size = (samples.shape[1], samples.shape[0])
    left, top, right, bottom = _crop(geometry, size)
    picture = np.rot90(samples, -(geometry.quarter_turns % 4))
    if geometry.degrees == 0:
        return np.ascontiguousarray(picture[top:bottom, left:right])
    to_crop = _of_target(_straightening(geometry, size), left, top)
    return _warped(np.ascontiguousarray(picture), to_crop, (right - left, bottom - top))


def _of_target(to_target: Matrix, left: float, top: float) -> Matrix:
    """The same transform to a target whose first pixel is (left, top) of the old one."""
    return np.asarray(to_target - [[0, 0, left], [0, 0, top]], np.float64)


def _warped(samples: npt.NDArray[Any], to_target: Matrix, size: Size) -> npt.NDArray[Any]:
    if samples.ndim == 3 and samples.shape[2] > _CHANNELS:
        parts = (samples[..., start : start + _CHANNELS] for start in range(0, samples.shape[2], _CHANNELS))
        return np.dstack([_warped(np.ascontiguousarray(part), to_target, size) for part in parts])
    known = samples.dtype in (np.uint8, np.uint16, np.float32, np.float64)
    source = samples if known else samples.astype(np.float64)
    warped = cv2.warpAffine(source, to_target, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    warped = warped.reshape(size[1], size[0], *samples.shape[2:])
    if known:
        return np.asarray(warped)
    if samples.dtype.kind == "f":
        return np.asarray(warped.astype(samples.dtype))
    info = np.iinfo(samples.dtype)
    return np.asarray(np.rint(np.clip(warped, info.min, info.max)).astype(samples.dtype))
