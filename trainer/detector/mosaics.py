"""Pictures full of faces: what a face detector learns from.

A mosaic is a patchwork of photos at one scale, so that a crowd of small real faces, a group or one large face
results, with single faces pasted over it at any size and tilt; then `disturb` ages the whole. Where the faces are
is not written down: the detector that is learned from (`trainer.detector.distillation`) says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from core.errors import PhotoError, UsageError
from core.photo import read_photo
from trainer.detector.disturbances import disturb
from trainer.types import Picture

Rng = np.random.Generator

FACE_SIDE = 320  # px that an aligned face is kept at: its box is then about 200 px, larger ones are enlarged
_FACE_SHARE = 0.64  # of the side of an aligned picture that the box of its face takes
_PHOTO_SIDE = 640  # px, long side that photos are kept at


@dataclass(frozen=True)
class Pictures:
    """What mosaics are made of, BGR, uint8: aligned faces, (FACE_SIDE, FACE_SIDE, 3), photos of any size, and the
    same photos at a quarter of their sides, for shrinking the large ones for a crowd takes most of the time."""

    faces: Sequence[Picture]
    photos: Sequence[Picture]
    small_photos: Sequence[Picture]


def read_pictures(faces: Iterable[Path], photos: Iterable[Path]) -> Pictures:
    """Read and shrink everything at once; a thousand faces take 0.3 GB. Files that are no picture are left out.

    UsageError when no face or no photo remains.
    """
    large = [_shrunk(picture, _PHOTO_SIDE) for picture in _read(photos)]
    small = [_shrunk(picture, max(picture.shape) // 4) for picture in large]
    read = Pictures([_shrunk(picture, FACE_SIDE, square=True) for picture in _read(faces)], large, small)
    for what, found in (("faces", read.faces), ("photos", read.photos)):
        if not found:
            raise UsageError(f"There are no {what} to learn from; name a folder that holds some.")
    return read


def _read(paths: Iterable[Path]) -> Iterable[Picture]:
    for path in paths:
        try:
            yield np.asarray(read_photo(path).rgb[..., ::-1], np.uint8)
        except PhotoError:
            continue


def _shrunk(picture: Picture, side: int, *, square: bool = False) -> Picture:
    height, width = picture.shape[:2]
    factor = min(1.0, side / max(height, width))
    size = (side, side) if square else (max(1, round(width * factor)), max(1, round(height * factor)))
    return _as_picture(cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA))


def mosaic(pictures: Pictures, side: int, rng: Rng) -> Picture:
    """A picture to learn from, BGR, uint8, (side, side, 3); the same for the same state of `rng`."""
    canvas = patchwork(pictures, side, rng)
    # Few large faces or many small ones, so that each mosaic has room for what is behind them.
    typical = _log_uniform(rng, 10, 0.8 * side)
    room = max(1, round(0.5 * (side / (2 * typical)) ** 2))
    for _ in range(int(rng.integers(0, min(room, 24) + 1))):
        size = float(np.clip(typical * _log_uniform(rng, 0.6, 1.6), 8, 0.9 * side))
        paste(canvas, _chosen(pictures.faces, rng), size, rng)
    if rng.random() < 0.08:
        canvas = np.ascontiguousarray(np.rot90(canvas, int(rng.integers(1, 4))))
    return disturb(canvas, rng)


def patchwork(pictures: Pictures, side: int, rng: Rng) -> Picture:
    """Photos beside and below each other at a random scale, cut off at the border, BGR, uint8, (side, side, 3)."""
    canvas = np.empty((side, side, 3), np.uint8)
    scale = _log_uniform(rng, 0.07, 2.2)
    cell = max(20, round(340 * scale))
    photos = pictures.photos
    if scale < 0.2:
        photos, scale = pictures.small_photos, 4 * scale
    left_most, top = -int(rng.integers(0, cell)), -int(rng.integers(0, cell))
    while top < side:
        height = round(cell * rng.uniform(0.7, 1.3))
        left = left_most - int(rng.integers(0, cell))
        while left < side:
            width = round(cell * rng.uniform(0.6, 1.2))
            _fill(canvas, _chosen(photos, rng), (left, top, width, height), scale, rng)
            left += width
        top += height
    return canvas


def _fill(canvas: Picture, photo: Picture, cell: tuple[int, int, int, int], scale: float, rng: Rng) -> None:
    """Show in a cell (left, top, width, height) as much of the photo as fits at about `scale`, and fill it."""
    left, top, width, height = cell
    scale *= rng.uniform(0.7, 1.4)
    scale = max(scale, width / photo.shape[1], height / photo.shape[0])
    wide, high = width / scale, height / scale
    x, y = rng.random(2) * np.maximum(0, [photo.shape[1] - wide, photo.shape[0] - high])
    part = photo[int(y) : int(y) + max(1, int(high)), int(x) : int(x) + max(1, int(wide))]
    flip = rng.random() < 0.5
    seen = canvas[max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)]
    if seen.size:
        shown = resized(part, (width, height))[:, :: -1 if flip else 1]
        shown = shown[max(0, -top) :, max(0, -left) :]
        seen[:] = shown[: seen.shape[0], : seen.shape[1]]


def paste(canvas: Picture, face: Picture, size: float, rng: Rng) -> None:
    """Paste an aligned face over `canvas`, its box about `size` px large, tilted and behind a soft edge.

    Its middle lies anywhere in the canvas, so that faces cut off by the border come up too.
    """
    side = size / _FACE_SHARE
    small = resized(face, (max(4, round(side)),) * 2)
    if rng.random() < 0.5:
        small = np.ascontiguousarray(small[:, ::-1])
    tilt = rng.normal(0, 15) if rng.random() < 0.85 else rng.uniform(-180, 180)
    middle = (small.shape[0] - 1) / 2
    turn = cv2.getRotationMatrix2D((middle, middle), tilt, rng.uniform(0.9, 1.0))
    turn[0, 1] *= rng.uniform(0.85, 1.15)
    turn[0, 0] *= rng.uniform(0.85, 1.1)
    mask = cv2.warpAffine(_mask(small.shape[0], rng), turn, small.shape[:2])[..., None]
    turned = cv2.warpAffine(small, turn, small.shape[:2], borderMode=cv2.BORDER_REFLECT_101)
    left, top = (int(rng.integers(0, side_) - middle) for side_ in (canvas.shape[1], canvas.shape[0]))
    below = canvas[max(0, top) : max(0, top + len(small)), max(0, left) : max(0, left + len(small))]
    rows, columns = slice(max(0, -top), max(0, -top) + below.shape[0]), slice(max(0, -left), None)
    above, mask = turned[rows, columns][:, : below.shape[1]], mask[rows, columns][:, : below.shape[1]]
    below[:] = (below * (1 - mask) + above * mask + 0.5).astype(np.uint8)


def _mask(side: int, rng: Rng) -> npt.NDArray[np.float32]:
    """How much a pasted face covers, (side, side), in 0 to 1: an oval or the whole square, with a soft edge."""
    mask = np.zeros((side, side), np.float32)
    if rng.random() < 0.7:
        axes = (round(side * rng.uniform(0.32, 0.48)), round(side * rng.uniform(0.4, 0.49)))
        cv2.ellipse(mask, (side // 2, round(side * 0.5)), axes, 0, 0, 360, 1.0, -1)
    else:
        edge = max(1, round(0.04 * side))
        mask[edge:-edge, edge:-edge] = 1
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.3, side * rng.uniform(0.005, 0.05))), np.float32)


def resized(picture: Picture, size: tuple[int, int]) -> Picture:
    """The picture at `size` (width, height)."""
    smaller = size[0] < picture.shape[1]
    return _as_picture(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC))


def _as_picture(array: object) -> Picture:
    return np.asarray(array, np.uint8)


def _chosen(pictures: Sequence[Picture], rng: Rng) -> Picture:
    return pictures[int(rng.integers(len(pictures)))]


def _log_uniform(rng: Rng, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
