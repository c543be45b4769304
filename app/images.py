"""Samples as Qt's pictures."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from core.photos.picture import eight_bits
from core.types import Pixels


def image_of(pixels: Pixels) -> QImage:
    """A picture, (H, W, 3) RGB, uint8 or uint16, as a QImage with samples of its own."""
    eight = np.ascontiguousarray(eight_bits(pixels))
    height, width = eight.shape[:2]
    return QImage(eight.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
