"""A picture in halved sizes, cut into tiles that Qt can draw: only what is seen, at the size it is seen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from core.compositing import Region
from core.types import Pixels

TILE = 512  # px
MEMORY = 192_000_000
"""Bytes of tiles that are kept."""


class TileKey(NamedTuple):
    """A tile: how often its picture was halved, and its place in the grid."""

    level: int
    column: int
    row: int


class Pyramid:
    """Draws a picture, (H, W, 3) uint8 or uint16, of which parts may be changed in place (`refresh`).

    A tile of level n shows the picture reduced 2**n times (area averages), and is made when it is first seen,
    from the picture itself: what is off the screen costs nothing."""

    def __init__(self, pixels: Pixels, memory: int = MEMORY) -> None:
        self._pixels = pixels
        self._memory = memory
        self._tiles: OrderedDict[TileKey, QImage] = OrderedDict()

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the picture."""
        return self._pixels.shape[1], self._pixels.shape[0]

    def refresh(self, region: Region) -> None:
        """Forget the tiles that show a region of the picture, whose samples were changed."""
        for key in [key for key in self._tiles if not _source(key, self.size).common(region).empty]:
            del self._tiles[key]

    def paint(self, painter: QPainter, target: QRectF, visible: QRectF, ratio: float) -> None:
        """Draw the picture so that it fills `target`, as far as that is in `visible`, both in the painter's
        logical pixels; `ratio` is device pixels a logical one. Above 300 % pixels are shown as they are."""
        seen = target.intersected(visible)
        if seen.isEmpty():
            return
        scale = target.width() / self.size[0]
        level = level_for(scale * ratio, self.size)
        smooth = scale * ratio <= 3
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        part = Region(
            int((seen.left() - target.left()) / scale),
            int((seen.top() - target.top()) / scale),
            int(np.ceil((seen.right() - target.left()) / scale)),
            int(np.ceil((seen.bottom() - target.top()) / scale)),
        )
        painter.save()
        painter.setClipRect(seen, Qt.ClipOperation.IntersectClip)
        for key in tiles_in(part, level, self.size):
            source = _source(key, self.size)
            place = QRectF(
                target.left() + source.left * scale,
                target.top() + source.top * scale,
                source.size[0] * scale,
                source.size[1] * scale,
            )
            tile = self._tile(key)
            # Half a pixel of the neighbour goes into each edge, so that smoothing leaves no line between tiles.
            inner = QRectF(_MARGIN, _MARGIN, tile.width() - 2 * _MARGIN, tile.height() - 2 * _MARGIN)
            painter.drawImage(place, tile, inner)
        painter.restore()

    def _tile(self, key: TileKey) -> QImage:
        if key in self._tiles:
            self._tiles.move_to_end(key)
            return self._tiles[key]
        tile = _image(self._pixels, key)
        self._tiles[key] = tile
        while len(self._tiles) > 1 and sum(each.sizeInBytes() for each in self._tiles.values()) > self._memory:
            self._tiles.popitem(last=False)
        return tile


_MARGIN = 1  # px of the neighbours around each tile


def level_for(scale: float, size: tuple[int, int]) -> int:
    """How often a picture is halved for `scale` device pixels a pixel: never below what is seen."""
    level = 0
    while scale * 2 ** (level + 1) <= 1 and max(size) >> (level + 1) >= TILE // 2:
        level += 1
    return level


def tiles_in(part: Region, level: int, size: tuple[int, int]) -> Iterator[TileKey]:
    """The tiles of a level that show a part of a picture of (width, height)."""
    side = TILE << level
    part = part.common(Region(0, 0, *size))
    if not part.empty:
        for row in range(part.top // side, -(-part.bottom // side)):
            for column in range(part.left // side, -(-part.right // side)):
                yield TileKey(level, column, row)


def _source(key: TileKey, size: tuple[int, int]) -> Region:
    """What of the picture a tile shows."""
    side = TILE << key.level
    left, top = key.column * side, key.row * side
    return Region(left, top, min(left + side, size[0]), min(top + side, size[1]))


def _image(pixels: Pixels, key: TileKey) -> QImage:
    source, step = _source(key, (pixels.shape[1], pixels.shape[0])), 1 << key.level
    height, width = pixels.shape[:2]
    margin = _MARGIN * step
    around = Region(source.left - margin, source.top - margin, source.right + margin, source.bottom + margin)
    inside = around.common(Region(0, 0, width, height))
    part: np.ndarray = pixels[inside.slices()]
    pads = (inside.top - around.top, around.bottom - inside.bottom)
    sides = (inside.left - around.left, around.right - inside.right)
    if any((*pads, *sides)):
        part = cv2.copyMakeBorder(part, *pads, *sides, cv2.BORDER_REPLICATE)
    if step > 1:
        size = (-(-source.size[0] // step) + 2 * _MARGIN, -(-source.size[1] // step) + 2 * _MARGIN)
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    if part.dtype == np.uint16:
        part = (part >> 8).astype(np.uint8)
    rgb32 = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2BGRA)
    return QImage(rgb32.data, rgb32.shape[1], rgb32.shape[0], rgb32.strides[0], QImage.Format.Format_RGB32).copy()
