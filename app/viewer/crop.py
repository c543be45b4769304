"""Crop frames and angles: plain arithmetic."""

from __future__ import annotations

import math
from typing import cast

from PySide6.QtCore import QPointF

Crop = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the straightened picture."""

LEAST = 16.0
"""Photo pixels that a frame has at least to each side."""

MOST_DEGREES = 45.0


def levelled(degrees: float, start: QPointF, end: QPointF) -> float:
    """The angle of a picture that is straightened by `degrees` now, for a line that is seen in it to become level
    or upright, whichever is nearer; in steps of a tenth."""
    line = math.degrees(math.atan2(end.y() - start.y(), end.x() - start.x()))
    return _in_range(degrees - ((line + 45) % 90 - 45))


def turned_about(degrees: float, centre: QPointF, start: QPointF, end: QPointF) -> float:
    """The angle of a picture that is straightened by `degrees` after it was dragged about its centre."""
    before, after = (math.atan2(at.y() - centre.y(), at.x() - centre.x()) for at in (start, end))
    by = math.degrees(after - before)
    return _in_range(degrees + (by + 180) % 360 - 180)


def _in_range(degrees: float) -> float:
    return round(min(max(degrees, -MOST_DEGREES), MOST_DEGREES), 1)


def dragged(low: float, high: float, edge: int, by: float, limit: float) -> tuple[float, float]:
    """A frame's extent along one axis after one of its edges (-1 low, 1 high, 0 none) was dragged."""
    if edge < 0:
        return min(max(low + by, 0.0), high - LEAST), high
    if edge > 0:
        return low, max(min(high + by, limit), low + LEAST)
    return low, high


def moved(low: float, high: float, by: float, limit: float) -> tuple[float, float]:
    """The same moved as a whole, as far as it stays in [0, limit]."""
    by = min(max(by, -low), limit - high)
    return low + by, high + by


def carried(crop: Crop, old: Crop, new: Crop) -> Crop:
    """The part of `new` that `crop` is of `old`."""
    scale = [(new[axis + 2] - new[axis]) / (old[axis + 2] - old[axis]) for axis in (0, 1)]
    edges = (new[place % 2] + (crop[place] - old[place % 2]) * scale[place % 2] for place in range(4))
    return cast(Crop, tuple(edges))
