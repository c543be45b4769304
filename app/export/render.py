"""Pictures of a photo before and after, to show to others."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from core.encoding import JPEG_SIDE
from core.files import write_atomically
from core.photos.picture import eight_bits
from core.types import Pixels

Rgb = npt.NDArray[np.uint8]

ANIMATION_SIDE = 1280  # px, long side: such files are sent around
HOLD, FADE = 900, 60  # ms: how long a picture stands, and each step between the two
STEPS = 8
_GAP = 0.01  # of the long side


def side_by_side(before: Pixels, after: Pixels) -> Rgb:
    """The photo before and after, (H, 2 W + gap, 3), both as large as the larger one, with white between them."""
    left, right = _same_size(before, after)
    gap = np.full((left.shape[0], max(2, round(max(left.shape[:2]) * _GAP)), 3), 255, np.uint8)
    return np.hstack([left, gap, right])


def write_animation(path: Path, before: Pixels, after: Pixels) -> None:
    """An endless WebP that fades from the photo before to the photo after and back. Raises PhotoError."""
    left, right = (_at_most(picture, ANIMATION_SIDE) for picture in _same_size(before, after))
    shares = [step / STEPS for step in range(STEPS + 1)]
    frames = [cv2.addWeighted(left, 1 - share, right, share, 0) for share in [*shares, *shares[-2:0:-1]]]
    times = [HOLD if index in (0, STEPS) else FADE for index in range(len(frames))]
    pictures = [Image.fromarray(frame) for frame in frames]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "WEBP", save_all=True, append_images=pictures[1:], duration=times, loop=0, quality=85)
    write_atomically(path, buffer.getvalue())


def write_side_by_side(path: Path, before: Pixels, after: Pixels) -> None:
    """`side_by_side` as a JPEG, smaller where that holds no more. Raises PhotoError."""
    buffer = io.BytesIO()
    picture = _at_most(side_by_side(before, after), JPEG_SIDE)
    Image.fromarray(picture).save(buffer, "JPEG", quality=92, subsampling=0)
    write_atomically(path, buffer.getvalue())


def _same_size(before: Pixels, after: Pixels) -> tuple[Rgb, Rgb]:
    left, right = eight_bits(before), eight_bits(after)
    if left.shape != right.shape:
        size = (right.shape[1], right.shape[0])
        left = np.asarray(cv2.resize(left, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    return left, right


def _at_most(picture: Rgb, side: int) -> Rgb:
    scale = side / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
