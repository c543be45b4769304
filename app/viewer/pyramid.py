"""Draws a picture of any size at once: only what is seen, at the size it is seen."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from app.viewer.tile_maker import tile_maker
from app.viewer.tiles import (
    MARGIN,
    Piece,
    Size,
    TileKey,
    around_both,
    changed_in,
    extent_of,
    level_for,
    overview,
    source_of,
    tile_image,
    tiles_in,
)
from core.types import Pixels, Region

MEMORY = 192_000_000
"""Bytes of tiles that are kept."""

_AT_ONCE = 1_000_000  # px of the picture that the GUI thread reduces in one paint: about 2 ms
_COARSER = 8  # levels that are looked for a tile to show meanwhile
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
        self._stale: dict[TileKey, Region] = {}  # tiles of which a part shows what the picture was
        self._asked: dict[TileKey, Piece] = {}
        self._overtaken: set[TileKey] = set()  # asked for before the picture changed there
        self._number = 0  # of the last piece that was asked for
        self._made_at: dict[TileKey, int] = {}  # the number of the last piece that a tile was made of
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
            following._stale = {key: extent_of(key, self.size) for key in self._tiles}
        return following

    def refresh(self, region: Region) -> None:
        """Show a region of the picture anew, whose samples were changed."""
        self._rough = None
        for key in {*self._tiles, *self._asked}:
            part = changed_in(key, region, self.size)
            if not part.empty:
                self._stale[key] = around_both(self._stale.get(key, part), part)
                self._overtaken.add(key)

    def take(self, piece: Piece, image: QImage) -> None:
        """A piece that was asked for."""
        key = piece.key
        if piece.number <= self._made_at.get(key, 0):
            return  # older than what is there
        self._made_at[key] = piece.number
        self._put(key, piece.part, image)
        if self._asked.get(key) is piece:
            del self._asked[key]
            if key not in self._overtaken:
                self._stale.pop(key, None)

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
        for key in keys:
            self._paint_best(painter, key, target)
        painter.restore()

    def _provide(self, keys: list[TileKey]) -> None:
        """Make what there is not of these tiles, or have it made."""
        pieces = [self._piece(key) for key in keys if key not in self._tiles or key in self._stale]
        if sum(piece.cost for piece in pieces) > _AT_ONCE:
            # From the middle outwards.
            column, row = (sum(axis) / len(keys) for axis in list(zip(*keys, strict=True))[1:])
            pieces.sort(key=lambda piece: abs(piece.key.column - column) + abs(piece.key.row - row))
            self._asked |= {piece.key: piece for piece in pieces}
            self._overtaken -= {piece.key for piece in pieces}
            tile_maker().ask(self, pieces)
            return
        for key, part, number in pieces:
            self._put(key, part, tile_image(self._pixels, key, part))
            self._made_at[key] = number
            self._asked.pop(key, None)
            self._stale.pop(key, None)

    def _piece(self, key: TileKey) -> Piece:
        """What is to be made of a tile: what was asked for, unless the picture changed since."""
        if key in self._asked and key not in self._overtaken:
            return self._asked[key]
        self._number += 1
        part = self._stale[key] if key in self._tiles else extent_of(key, self.size)
        return Piece(key, part, self._number)

    def _paint_best(self, painter: QPainter, key: TileKey, target: QRectF) -> None:
        """Draw a place of the picture from its tile, or from the best there is until that is made."""
        source, best = source_of(key, self.size), key
        while best not in self._tiles and best.level < key.level + _COARSER:
            best = best.coarser
        if best in self._tiles:
            self._tiles.move_to_end(best)
            corner = source_of(best, self.size)
            _paint_part(painter, self._tiles[best], 1 << best.level, MARGIN, corner, source, target, self.size)
            return
        if self._rough is None:
            self._rough = overview(self._pixels, _ROUGH)
        step, whole = self.size[0] / self._rough.width(), Region(0, 0, *self.size)
        _paint_part(painter, self._rough, step, 0, whole, source, target, self.size)

    def _put(self, key: TileKey, part: Region, image: QImage) -> None:
        if part == extent_of(key, self.size):
            self._tiles[key] = image
        elif key in self._tiles:
            painter = QPainter(self._tiles[key])
            painter.drawImage(QPoint(part.left, part.top), image)
            painter.end()
        else:
            return  # the tile was given up meanwhile
        self._tiles.move_to_end(key)
        while len(self._tiles) > 1 and sum(each.sizeInBytes() for each in self._tiles.values()) > self._memory:
            gone, _ = self._tiles.popitem(last=False)
            self._stale.pop(gone, None)


def _paint_part(
    painter: QPainter,
    image: QImage,
    step: float,
    margin: int,
    corner: Region,
    source: Region,
    target: QRectF,
    size: Size,
) -> None:
    """Draw what an image shows of a region of a picture of `size` that fills `target`. The image begins at a
    corner of the picture, after its margin, and is reduced `step` times."""
    scale, (width, height) = target.width() / size[0], source.size
    place = QRectF(
        target.left() + source.left * scale, target.top() + source.top * scale, width * scale, height * scale
    )
    inner = QRectF(
        margin + (source.left - corner.left) / step,
        margin + (source.top - corner.top) / step,
        width / step,
        height / step,
    )
    # Part of the margin goes into each edge, so that smoothing leaves no line between tiles.
    painter.drawImage(place, image, inner)
