"""A stroke of the brush while it is still being drawn."""

from __future__ import annotations

from dataclasses import replace

from core.canvas import Canvas
from core.strokes import Coverage, Stroke, draw
from core.types import Region


class Sketch:
    """Draws a growing stroke on a canvas: each time only what was added, for parts of a stroke, one after the
    other, leave what the whole of it leaves."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._coverage: Coverage | None = None
        self._drawn = 0

    def grow(self, stroke: Stroke) -> list[Region]:
        """Draw the stroke so far; returns the regions of the canvas that were redrawn."""
        if self._coverage is None:
            self._coverage = self.canvas.copy_of_coverage()
        added = stroke.points[max(0, self._drawn - 1) :]
        self._drawn = len(stroke.points)
        box = draw(replace(stroke, points=added), self._coverage)
        return self.canvas.limit(self._coverage, Region(*box))
