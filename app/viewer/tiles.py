"""A picture in halved sizes, cut into tiles: which there are, and how they are made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from PySide6.QtGui import QImage

from core.types import Pixels, Region

TILE = 512  # px
MARGIN = 1
"""Pixels of the neighbours around each tile."""

Size = tuple[int, int]


class TileKey(NamedTuple):
    """A tile: how often its picture was halved, and its place in the grid."""

    level: int
    column: int
    row: int

    @property
    def coarser(self) -> TileKey:
        """The tile of the next level that shows the same place."""
        return TileKey(self.level + 1, self.column // 2, self.row // 2)


class Piece(NamedTuple):
    """A tile, or a part of it in its own pixels, to be made; of one tile, later ones have higher numbers."""

    key: TileKey
    part: Region
    number: int

    @property
    def cost(self) -> int:
        """Pixels of the picture that it is made of."""
        width, height = self.part.size
        return (width * height) << (2 * self.key.level)


def level_for(scale: float, size: Size) -> int:
    """How often a picture is halved for `scale` device pixels a pixel: never below what is seen."""
    level = 0
    while scale * 2 ** (level + 1) <= 1 and max(size) >> (level + 1) >= TILE // 2:
        level += 1
    return level


def tiles_in(part: Region, level: int, size: Size) -> Iterator[TileKey]:
    """The tiles of a level that show a part of a picture of (width, height)."""
    side = TILE << level
    part = part.common(Region(0, 0, *size))
    if not part.empty:
        for row in range(part.top // side, -(-part.bottom // side)):
            for column in range(part.left // side, -(-part.right // side)):
                yield TileKey(level, column, row)


def source_of(key: TileKey, size: Size) -> Region:
    """What of the picture a tile shows, without its margin."""
    side = TILE << key.level
    left, top = key.column * side, key.row * side
    return Region(left, top, min(left + side, size[0]), min(top + side, size[1]))


def extent_of(key: TileKey, size: Size) -> Region:
    """All of a tile in its own pixels, with its margin."""
    width, height = source_of(key, size).size
    return Region(0, 0, -(-width >> key.level) + 2 * MARGIN, -(-height >> key.level) + 2 * MARGIN)


def changed_in(key: TileKey, region: Region, size: Size) -> Region:
    """What of a tile, in its own pixels, shows a region of the picture; empty for nothing."""
    source, step, whole = source_of(key, size), 1 << key.level, extent_of(key, size)
    # What continues the picture beyond its edges changes with these.
    far = TILE << (key.level + 1)
    left, top = (low - far if low <= 0 else low for low in region[:2])
    right, bottom = (high + far if high >= end else high for high, end in zip(region[2:], size, strict=True))
    part = Region(
        (left - source.left) // step + MARGIN,
        (top - source.top) // step + MARGIN,
        -(-(right - source.left) // step) + MARGIN,
        -(-(bottom - source.top) // step) + MARGIN,
    )
    return part.common(whole)


def around_both(one: Region, other: Region) -> Region:
    """The smallest region that holds two."""
    left, top = min(one.left, other.left), min(one.top, other.top)
    return Region(left, top, max(one.right, other.right), max(one.bottom, other.bottom))


def tile_image(pixels: Pixels, key: TileKey, part: Region | None = None) -> QImage:
    """A tile of a picture, (H, W, 3) uint8 or uint16, or a part of it in its own pixels: area averages."""
    height, width = pixels.shape[:2]
    source, step = source_of(key, (width, height)), 1 << key.level
    part = extent_of(key, (width, height)) if part is None else part
    around = Region(*(start + (edge - MARGIN) * step for edge, start in zip(part, source[:2] * 2, strict=True)))
    inside = around.common(Region(0, 0, width, height))
    samples: np.ndarray = pixels[inside.slices()]
    pads = (inside.top - around.top, around.bottom - inside.bottom)
    sides = (inside.left - around.left, around.right - inside.right)
    if any((*pads, *sides)):
        samples = cv2.copyMakeBorder(samples, *pads, *sides, cv2.BORDER_REPLICATE)
    if step > 1:
        samples = cv2.resize(samples, part.size, interpolation=cv2.INTER_AREA)
    return rgb32(samples)


def overview(pixels: Pixels, side: int) -> QImage:
    """A rough picture of at least `side` px at once: every n-th sample."""
    step = max(1, max(pixels.shape[:2]) // side)
    return rgb32(pixels[::step, ::step])


def rgb32(samples: np.ndarray) -> QImage:
    """Samples as Qt draws them fastest."""
    if samples.dtype == np.uint16:
        samples = (samples >> 8).astype(np.uint8)
    bgra = cv2.cvtColor(np.ascontiguousarray(samples), cv2.COLOR_RGB2BGRA)
    return QImage(bgra.data, bgra.shape[1], bgra.shape[0], bgra.strides[0], QImage.Format.Format_RGB32).copy()
