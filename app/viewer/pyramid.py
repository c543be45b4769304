"""Draws a picture of any size at once: only what is seen, at the size it is seen."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from app.viewer.tile_maker import tile_maker
from app.viewer.tiles import (
    MARGIN,
    TileKey,
    changed_in,
    level_for,
    overview,
    source_of,
    tile_image,
    tiles_in,
)
from core.compositing import Region
from core.types import Pixels

MEMORY = 192_000_000
"""Bytes of tiles that are kept."""

_AT_ONCE = 1_000_000  # px of the picture that the GUI thread reduces in one paint: about 2 ms
_ROUGH = 700  # px of the long side of what is shown before there are tiles


class Pyramid:
    """Draws a picture, (H, W, 3) uint8 or uint16, of which parts may be changed in place (`refresh`).

    A tile of level n shows the picture reduced 2**n times (area averages), and is made when it is first seen, from
    the picture itself: what is off the screen costs nothing. Where more is to be made than a paint has time for,
    another thread makes it (`tile_maker().made` tells), and a coarser level, or what was there before, is drawn
    meanwhile.
    """

    def __init__(self, pixels: Pixels, memory: int = MEMORY) -> None:
        self._pixels = pixels
        self._memory = memory
        self._tiles: OrderedDict[TileKey, QImage] = OrderedDict()
        self._stale: set[TileKey] = set()  # tiles that show what the picture was
        self._asked: set[TileKey] = set()
        self._overtaken: set[TileKey] = set()  # asked for before the picture changed
        large = pixels.shape[0] * pixels.shape[1] > _AT_ONCE
        self._rough: QImage | None = overview(pixels, _ROUGH) if large else None

    @property
    def pixels(self) -> Pixels:
        """The picture."""
        return self._pixels

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the picture."""
        return self._pixels.shape[1], self._pixels.shape[0]

    @property
    def is_waiting(self) -> bool:
        """Whether tiles of it are being made."""
        return bool(self._asked)

    def followed_by(self, pixels: Pixels) -> Pyramid:
        """What draws the picture that takes this one's place: where both are of one size, this one is seen until
        the other's tiles are made, so that nothing flickers."""
        following = Pyramid(pixels, self._memory)
        if following.size == self.size:
            following._tiles = OrderedDict((key, QImage(tile)) for key, tile in self._tiles.items())
            following._stale = set(self._tiles)
        return following

    def refresh(self, region: Region) -> None:
        """Show a region of the picture anew, whose samples were changed: at once where it is small."""
        self._rough = None
        self._overtaken |= {key for key in self._asked if not changed_in(key, region, self.size).empty}
        small = region.size[0] * region.size[1] <= _AT_ONCE
        for key, tile in self._tiles.items():
            part = changed_in(key, region, self.size)
            if part.empty:
                continue
            if small:
                painter = QPainter(tile)
                painter.drawImage(QPoint(part.left, part.top), tile_image(self._pixels, key, part))
                painter.end()
            else:
                self._stale.add(key)

    def take(self, key: TileKey, tile: QImage) -> None:
        """A tile that was asked for."""
        self._keep(key, tile)
        self._asked.discard(key)
        if key in self._overtaken:
            self._overtaken.discard(key)
            self._stale.add(key)

    def paint(self, painter: QPainter, target: QRectF, visible: QRectF, ratio: float) -> None:
        """Draw the picture so that it fills `target`, as far as that is in `visible`, both in the painter's
        logical pixels; `ratio` is device pixels a logical one. Above 300 % pixels are shown as they are."""
        seen = target.intersected(visible)
        if seen.isEmpty():
            return
        scale = target.width() / self.size[0]
        part = Region(
            int((seen.left() - target.left()) / scale),
            int((seen.top() - target.top()) / scale),
            int(np.ceil((seen.right() - target.left()) / scale)),
            int(np.ceil((seen.bottom() - target.top()) / scale)),
        )
        keys = list(tiles_in(part, level_for(scale * ratio, self.size), self.size))
        self._provide(keys)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale * ratio <= 3)
        painter.setClipRect(seen, Qt.ClipOperation.IntersectClip)
        self._paint_meanwhile(painter, [key for key in keys if key not in self._tiles], target)
        for key in keys:
            if key in self._tiles:
                self._tiles.move_to_end(key)
                self._paint_tile(painter, key, target)
        painter.restore()

    def _provide(self, keys: list[TileKey]) -> None:
        """Make these tiles, or have them made."""
        missing = [key for key in keys if key not in self._tiles or key in self._stale]
        sources = [source_of(key, self.size).size for key in missing]
        if sum(width * height for width, height in sources) <= _AT_ONCE:
            for key in missing:
                self._keep(key, tile_image(self._pixels, key))
        else:
            # From the middle outwards.
            column, row = (sum(axis) / len(keys) for axis in list(zip(*keys, strict=True))[1:])
            missing.sort(key=lambda key: abs(key.column - column) + abs(key.row - row))
            self._asked |= set(missing)
            tile_maker().ask(self, missing)

    def _paint_meanwhile(self, painter: QPainter, missing: list[TileKey], target: QRectF) -> None:
        """Draw the best there is of tiles that are not."""
        coarser: dict[TileKey, None] = {}
        for key in missing:
            above = key.coarser
            while above not in self._tiles and above.level < key.level + 8:
                above = above.coarser
            coarser[above] = None
        if any(key not in self._tiles for key in coarser):
            if self._rough is None:
                self._rough = overview(self._pixels, _ROUGH)
            painter.drawImage(target, self._rough)
        for key in coarser:
            if key in self._tiles:
                self._paint_tile(painter, key, target)

    def _paint_tile(self, painter: QPainter, key: TileKey, target: QRectF) -> None:
        scale, step, source = target.width() / self.size[0], 1 << key.level, source_of(key, self.size)
        width, height = source.size
        place = QRectF(
            target.left() + source.left * scale, target.top() + source.top * scale, width * scale, height * scale
        )
        # Part of the margin goes into each edge, so that smoothing leaves no line between tiles.
        painter.drawImage(place, self._tiles[key], QRectF(MARGIN, MARGIN, width / step, height / step))

    def _keep(self, key: TileKey, tile: QImage) -> None:
        self._tiles[key] = tile
        self._tiles.move_to_end(key)
        self._stale.discard(key)
        while len(self._tiles) > 1 and sum(each.sizeInBytes() for each in self._tiles.values()) > self._memory:
            gone, _ = self._tiles.popitem(last=False)
            self._stale.discard(gone)
