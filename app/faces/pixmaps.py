"""Crops as pictures for widgets."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPixmap

from app.images import image_of
from core.types import FaceCrop, Pixels

RADIUS = 6  # logical px

FACE_WITH_ROOM = 1.4
"""Side of what is shown of a face, in sides of its box."""


def small_image_of(pixels: Pixels, side: int) -> QImage:
    """A crop, (n, n, 3), as a square picture of `side` device pixels."""
    return image_of(cast(Pixels, cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)))


def before_and_after(crop: FaceCrop, side: int, ratio: float) -> QPixmap:
    """A crop as it was on the left, restored on the right; whole where it is not restored. In a rounded square."""
    pixels = round(side * ratio)
    picture = small_image_of(crop.pixels, pixels)
    if crop.restored is not None:
        painter = QPainter(picture)
        half = pixels // 2
        painter.drawImage(half, 0, small_image_of(crop.restored, pixels), half, 0)
        painter.fillRect(half - round(ratio / 2), 0, max(1, round(ratio)), pixels, QColor(255, 255, 255, 200))
        painter.end()
    return rounded(picture, side, ratio)


def portrait(photo: Pixels, box: tuple[float, float, float, float], side: int) -> QImage:
    """A face cut out of its photo with room around its box, its edge repeated beyond it, `side` device pixels."""
    left, top, right, bottom = box
    size = max(1, round(FACE_WITH_ROOM * max(right - left, bottom - top)))
    x, y = round((left + right - size) / 2), round((top + bottom - size) / 2)
    rows, columns = (np.arange(start, start + size) for start in (y, x))
    height, width = photo.shape[:2]
    cut = photo[rows.clip(0, height - 1)[:, None], columns.clip(0, width - 1)]
    return small_image_of(cut, side)


def rounded(picture: QImage, side: int, ratio: float) -> QPixmap:
    """A square picture with rounded corners, `side` logical pixels on a screen of this ratio."""
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = QPainterPath()
    path.addRoundedRect(QRectF(0, 0, side, side), RADIUS, RADIUS)
    painter.setClipPath(path)
    painter.drawImage(QRectF(0, 0, side, side), picture)
    painter.end()
    return pixmap
