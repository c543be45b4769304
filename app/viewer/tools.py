"""What the pointer does on a photo: one small object for each tool, in photo coordinates."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from app.theme import Theme
from app.viewer.marks import paint_point
from app.viewer.viewport import Point, Viewport
from core.strokes import Stroke


class Tool(StrEnum):
    """PAN moves the photo and chooses faces; ERASE and BRUSH take the restoration away and paint it back."""

    PAN = "pan"
    DRAW_FACE = "draw face"
    PLACE_LANDMARKS = "place landmarks"
    ERASE = "erase"
    BRUSH = "brush"


class ToolAction(Protocol):
    """A tool at work. Each method takes a point of the photo; `press` and `release` return what was made, if it is
    made now."""

    def press(self, point: Point, reach: float) -> object:
        """The button went down; `reach` is how far, in photo pixels, the pointer takes hold of things."""
        ...

    def move(self, point: Point) -> None:
        """The pointer moved, pressed or not."""
        ...

    def release(self, point: Point, /) -> object:
        """The button went up."""
        ...

    def paint(self, painter: QPainter, viewport: Viewport, theme: Theme) -> None:
        """Draw what is being made, in view coordinates."""
        ...

    def cancel(self) -> bool:
        """Forget what is being made; returns whether there was anything."""
        ...


class BoxTool:
    """Drags a box around a face; makes (left, top, right, bottom)."""

    _SMALLEST = 4.0  # photo px

    def __init__(self) -> None:
        self._from: Point | None = None
        self._to: Point = (0.0, 0.0)

    def press(self, point: Point, _: float) -> object:
        """A corner."""
        self._from = self._to = point
        return None

    def move(self, point: Point) -> None:
        """The corner opposite."""
        if self._from is not None:
            self._to = point

    def release(self, point: Point, /) -> object:
        """The box, unless it is no more than a click."""
        if self._from is None:
            return None
        (x0, y0), (x1, y1), self._from = self._from, point, None
        if min(abs(x1 - x0), abs(y1 - y0)) < self._SMALLEST:
            return None
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def paint(self, painter: QPainter, viewport: Viewport, theme: Theme) -> None:
        """The box so far."""
        if self._from is not None:
            corners = (QPointF(*viewport.to_view(self._from)), QPointF(*viewport.to_view(self._to)))
            box = QRectF(*corners).normalized()
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for pen in (QPen(QColor(0, 0, 0, 150), 4), QPen(QColor(theme.accent), 2)):
                painter.setPen(pen)
                painter.drawRoundedRect(box, 4, 4)

    def cancel(self) -> bool:
        """Forget the box."""
        was, self._from = self._from is not None, None
        return was


class PointsTool:
    """Three clicks: the eye on the left, the eye on the right, the middle of the mouth. A point that is there can
    be dragged; the third one makes the face when it is let go of."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self._held = -1

    def press(self, point: Point, reach: float) -> object:
        """Take hold of a point, or of a new one."""
        self._held = next((i for i, each in enumerate(self.points) if math.dist(each, point) <= reach), -1)
        if self._held < 0:
            self._held = len(self.points)
            self.points.append(point)
        return None

    def move(self, point: Point) -> None:
        """Drag it."""
        if self._held >= 0:
            self.points[self._held] = point

    def release(self, point: Point, /) -> object:
        """The three of them, once there are so many."""
        self.move(point)
        self._held = -1
        if len(self.points) < 3:
            return None
        made, self.points = tuple(self.points), []
        return made

    def paint(self, painter: QPainter, viewport: Viewport, theme: Theme) -> None:
        """The points so far, and the lines between them."""
        seen = [QPointF(*viewport.to_view(point)) for point in self.points]
        for pen in (QPen(QColor(0, 0, 0, 150), 3), QPen(QColor(theme.accent), 1.5)):
            painter.setPen(pen)
            painter.drawPolyline([*seen, *seen[:1]])
        for at in seen:
            paint_point(painter, at, theme)

    def cancel(self) -> bool:
        """Forget the points."""
        was, self.points, self._held = bool(self.points), [], -1
        return was


class BrushTool:
    """Paints a stroke. `radius` is in photo pixels. What it does is seen on the photo; where nothing is restored
    yet, `shows_path` draws it in colour."""

    _STEP = 0.15  # of the radius, between two points of a stroke

    def __init__(self, erases: bool, radius: float, softness: float) -> None:
        self.erases, self.radius, self.softness = erases, radius, softness
        self.shows_path = False
        self._points: list[Point] = []
        self._at: Point | None = None

    @property
    def stroke(self) -> Stroke | None:
        """The stroke so far."""
        if not self._points:
            return None
        return Stroke(tuple(self._points), self.radius, self.erases, self.softness)

    def press(self, point: Point, _: float) -> object:
        """Begin."""
        self._points, self._at = [point], point
        return None

    def move(self, point: Point) -> None:
        """Go on."""
        self._at = point
        if self._points and math.dist(point, self._points[-1]) >= self._STEP * self.radius:
            self._points.append(point)

    def release(self, _: Point, /) -> object:
        """The stroke."""
        made, self._points = self.stroke, []
        return made

    def paint(self, painter: QPainter, viewport: Viewport, theme: Theme) -> None:
        """The brush around the pointer: where it is half transparent, and between which rings it fades."""
        if self._points and self.shows_path:
            self._paint_path(painter, viewport, theme)
        if self._at is None:
            return
        centre, fade = QPointF(*viewport.to_view(self._at)), self.radius * self.softness
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((QColor(0, 0, 0, 160), 3.0), (QColor("#FFFFFF"), 1.25)):
            painter.setPen(QPen(color, width))
            painter.drawEllipse(centre, self.radius * viewport.scale, self.radius * viewport.scale)
        for radius in (self.radius - fade, self.radius + fade) if self.softness else ():
            for color, style in (
                (QColor(0, 0, 0, 110), Qt.PenStyle.SolidLine),
                (QColor("#FFFFFF"), Qt.PenStyle.DotLine),
            ):
                painter.setPen(QPen(color, 1, style))
                painter.drawEllipse(centre, radius * viewport.scale, radius * viewport.scale)

    def _paint_path(self, painter: QPainter, viewport: Viewport, theme: Theme) -> None:
        path = QPainterPath(QPointF(*viewport.to_view(self._points[0])))
        for point in self._points[1:] or self._points:
            path.lineTo(QPointF(*viewport.to_view(point)))
        color = QColor(theme.danger if self.erases else theme.accent)
        color.setAlpha(110)
        pen = QPen(color, 2 * self.radius * viewport.scale)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawPath(path)

    def cancel(self) -> bool:
        """Forget the stroke."""
        was, self._points = bool(self._points), []
        return was
