"""What the pointer does on a photo: one small object for each tool, in photo coordinates."""

from __future__ import annotations

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

    def press(self, point: Point) -> object:
        """The button went down."""
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

    def press(self, point: Point) -> object:
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
    """Three clicks: the eye on the left, the eye on the right, the middle of the mouth."""

    def __init__(self) -> None:
        self.points: list[Point] = []

    def press(self, point: Point) -> object:
        """One more point; the three of them with the third."""
        self.points.append(point)
        if len(self.points) < 3:
            return None
        made, self.points = tuple(self.points), []
        return made

    def move(self, point: Point) -> None:
        """Nothing."""

    def release(self, _: Point, /) -> object:
        """Nothing."""
        return None

    def paint(self, painter: QPainter, viewport: Viewport, theme: Theme) -> None:
        """The points so far."""
        for point in self.points:
            paint_point(painter, QPointF(*viewport.to_view(point)), theme)

    def cancel(self) -> bool:
        """Forget the points."""
        was, self.points = bool(self.points), []
        return was


class BrushTool:
    """Paints a stroke. `radius` is in photo pixels."""

    _STEP = 0.15  # of the radius, between two points of a stroke

    def __init__(self, erases: bool, radius: float, softness: float) -> None:
        self.erases, self.radius, self.softness = erases, radius, softness
        self._points: list[Point] = []
        self._at: Point | None = None

    def press(self, point: Point) -> object:
        """Begin."""
        self._points, self._at = [point], point
        return None

    def move(self, point: Point) -> None:
        """Go on."""
        self._at = point
        if self._points:
            x, y = self._points[-1]
            if (point[0] - x) ** 2 + (point[1] - y) ** 2 >= (self._STEP * self.radius) ** 2:
                self._points.append(point)

    def release(self, _: Point, /) -> object:
        """The stroke."""
        points, self._points = self._points, []
        return Stroke(tuple(points), self.radius, self.erases, self.softness) if points else None

    def paint(self, painter: QPainter, viewport: Viewport, theme: Theme) -> None:
        """The stroke so far, and the brush around the pointer: its edge, and where it begins to fade."""
        scale = viewport.scale
        if self._points:
            path = QPainterPath(QPointF(*viewport.to_view(self._points[0])))
            for point in self._points[1:] or self._points:
                path.lineTo(QPointF(*viewport.to_view(point)))
            color = QColor("#F08A80" if self.erases else theme.accent)
            color.setAlpha(110)
            pen = QPen(color, 2 * self.radius * scale)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(pen)
            painter.drawPath(path)
        if self._at is not None:
            centre, inner = QPointF(*viewport.to_view(self._at)), self.radius * (1 - self.softness)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for color, width in ((QColor(0, 0, 0, 160), 3.0), (QColor("#FFFFFF"), 1.25)):
                painter.setPen(QPen(color, width))
                painter.drawEllipse(centre, self.radius * scale, self.radius * scale)
            painter.setPen(QPen(QColor(255, 255, 255, 130), 1, Qt.PenStyle.DotLine))
            painter.drawEllipse(centre, inner * scale, inner * scale)

    def cancel(self) -> bool:
        """Forget the stroke."""
        was, self._points = bool(self._points), []
        return was
