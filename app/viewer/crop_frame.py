"""The frame that crops a photo, and the gestures that straighten it."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.theme import GRID, current, themes
from app.viewer.compare_view import ARROWS
from app.viewer.crop import Crop, dragged, levelled, moved, turned_about
from app.viewer.pyramid import Pyramid
from app.viewer.tile_maker import tile_maker
from core.geometry import Geometry, Size, has_empty_corner, largest_inside
from core.types import Pixels

_GRIP = 14.0  # logical px around the frame's edges
_MARGIN = 4.0 * GRID
_SHORTEST_LINE = 12.0  # logical px

_CURSORS = {
    (0, 0): Qt.CursorShape.SizeAllCursor,
    (-1, 0): Qt.CursorShape.SizeHorCursor,
    (1, 0): Qt.CursorShape.SizeHorCursor,
    (0, -1): Qt.CursorShape.SizeVerCursor,
    (0, 1): Qt.CursorShape.SizeVerCursor,
    (-1, -1): Qt.CursorShape.SizeFDiagCursor,
    (1, 1): Qt.CursorShape.SizeFDiagCursor,
}


class CropFrame(QWidget):
    """The photo, turned, below a frame whose edges and corners can be dragged; dragging inside moves it, dragging
    outside turns the photo. A line drawn along what should be level or upright, with Ctrl or after `draw_line`,
    straightens it."""

    degrees_wanted = Signal(float)
    line_drawn = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Crop frame"))
        self._pyramid: Pyramid | None = None
        self._size: Size = (1, 1)
        self.geometry_ = Geometry()
        self._held = (0, 0)  # which edges: -1 left/top, 1 right/bottom, (0, 0) all
        self._last = QPointF()
        self._dragging = ""  # "frame", "line", "turn"
        self._line: tuple[QPointF, QPointF] | None = None
        self._drawing_lines = False
        self._turned_from = (0.0, QPointF())  # degrees, pointer
        themes().changed.connect(self.update)
        tile_maker().made.connect(self._on_tile_made)

    def set_photo(self, pixels: Pixels, geometry: Geometry) -> None:
        """Work on a photo as its file has it."""
        self._size = (pixels.shape[1], pixels.shape[0])
        self._pixels = pixels
        self._pyramid = None
        self.set_geometry(geometry)

    @property
    def photo_size(self) -> Size:
        """(width, height) of the photo as its file has it."""
        return self._size

    def set_geometry(self, geometry: Geometry) -> None:
        """Show another geometry."""
        if self._pyramid is None or geometry.quarter_turns != self.geometry_.quarter_turns:
            turned_: Pixels = np.ascontiguousarray(np.rot90(self._pixels, -geometry.quarter_turns))  # type: ignore[assignment]
            self._pyramid = Pyramid(turned_)
        self.geometry_ = geometry
        self.update()

    def draw_line(self, wanted: bool) -> None:
        """Have the next drag draw a line."""
        self._drawing_lines = wanted
        self._update_cursor(self._last, ctrl=False)

    @property
    def crop(self) -> tuple[float, float, float, float]:
        """The frame, in pixels of the straightened picture."""
        return self.geometry_.crop or largest_inside(self.geometry_, self._size)

    @Slot(object)
    def _on_tile_made(self, of: object) -> None:
        if of is self._pyramid:
            self.update()

    # Where things are.

    def _whole(self) -> tuple[float, float]:
        """(width, height) of the straightened picture."""
        turned_ = self._pyramid.size if self._pyramid else (1, 1)
        angle = np.radians(abs(self.geometry_.degrees))
        sine, cosine = float(np.sin(angle)), float(np.cos(angle))
        return turned_[0] * cosine + turned_[1] * sine, turned_[0] * sine + turned_[1] * cosine

    def _scale(self) -> float:
        width, height = self._whole()
        return min((self.width() - 2 * _MARGIN) / width, (self.height() - 2 * _MARGIN) / height)

    def _origin(self) -> QPointF:
        width, height = self._whole()
        scale = self._scale()
        return QPointF((self.width() - width * scale) / 2, (self.height() - height * scale) / 2)

    def frame(self) -> QRectF:
        """Where the frame is in the widget."""
        scale, origin = self._scale(), self._origin()
        left, top, right, bottom = self.crop
        return QRectF(
            origin.x() + left * scale, origin.y() + top * scale, (right - left) * scale, (bottom - top) * scale
        )

    # Events.

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        """The photo, what is cut off of it darkened, and the frame with its thirds."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(current().canvas))
        if self._pyramid is None:
            return
        scale, (width, height) = self._scale(), self._pyramid.size
        painter.save()
        painter.translate(QPointF(self.width() / 2, self.height() / 2))
        painter.rotate(self.geometry_.degrees)
        place = QRectF(-width * scale / 2, -height * scale / 2, width * scale, height * scale)
        self._pyramid.paint(painter, place, place, self.devicePixelRatioF())
        painter.restore()
        frame = self.frame()
        outside = QPainterPath()
        outside.addRect(QRectF(self.rect()))
        inside = QPainterPath()
        inside.addRect(frame)
        painter.fillPath(outside.subtracted(inside), QColor(0, 0, 0, 150))
        self._paint_frame(painter, frame, fine=self._dragging in ("turn", "line"))
        if self._line is not None:
            _paint_line(painter, *self._line)

    @staticmethod
    def _paint_frame(painter: QPainter, frame: QRectF, fine: bool) -> None:
        """Thirds; a finer grid while the photo turns, to judge by."""
        painter.setPen(QPen(QColor(255, 255, 255, 90), 1))
        parts = 9 if fine else 3
        for part in range(1, parts):
            share = part / parts
            x, y = frame.left() + frame.width() * share, frame.top() + frame.height() * share
            painter.drawLine(QPointF(x, frame.top()), QPointF(x, frame.bottom()))
            painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y))
        painter.setPen(QPen(QColor("white"), 1.5))
        painter.drawRect(frame)
        painter.setPen(QPen(QColor("white"), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        arm = min(20.0, frame.width() / 3, frame.height() / 3)
        for x, toward_x in ((frame.left(), 1), (frame.right(), -1)):
            for y, toward_y in ((frame.top(), 1), (frame.bottom(), -1)):
                painter.drawLine(QPointF(x, y), QPointF(x + toward_x * arm, y))
                painter.drawLine(QPointF(x, y), QPointF(x, y + toward_y * arm))

    def _edges_at(self, at: QPointF) -> tuple[int, int] | None:
        frame = self.frame()
        if not frame.adjusted(-_GRIP, -_GRIP, _GRIP, _GRIP).contains(at):
            return None

        def edge(value: float, low: float, high: float) -> int:
            return -1 if abs(value - low) <= _GRIP else 1 if abs(value - high) <= _GRIP else 0

        return edge(at.x(), frame.left(), frame.right()), edge(at.y(), frame.top(), frame.bottom())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        at = self._last = event.position()
        self._dragging = self._what_is_at(at, _ctrl(event))
        self._held = self._edges_at(at) or (0, 0)
        self._turned_from = (self.geometry_.degrees, at)
        self._line = (at, at) if self._dragging == "line" else None
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag what is held."""
        at, before = event.position(), self._last
        self._last = at
        self._update_cursor(at, _ctrl(event))
        if self._dragging == "frame":
            moved_by = (at - before) / self._scale()
            self.drag(self._held, moved_by.x(), moved_by.y())
        elif self._dragging == "turn":
            degrees, start = self._turned_from
            self.degrees_wanted.emit(turned_about(degrees, QPointF(self.rect().center()), start, at))
        elif self._line is not None:
            self._line = (self._line[0], at)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go; a line straightens."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        line, self._line, self._dragging = self._line, None, ""
        if line is not None:
            if (line[1] - line[0]).manhattanLength() >= _SHORTEST_LINE:
                self.degrees_wanted.emit(levelled(self.geometry_.degrees, *line))
            self.line_drawn.emit()
        self._update_cursor(event.position(), _ctrl(event))
        self.update()

    def _what_is_at(self, at: QPointF, ctrl: bool) -> str:
        if self._drawing_lines or ctrl:
            return "line"
        return "turn" if self._edges_at(at) is None else "frame"

    def _update_cursor(self, at: QPointF, ctrl: bool) -> None:
        match self._dragging or self._what_is_at(at, ctrl):
            case "line":
                self.setCursor(Qt.CursorShape.CrossCursor)
            case "turn":
                held = self._dragging == "turn"
                self.setCursor(Qt.CursorShape.ClosedHandCursor if held else Qt.CursorShape.OpenHandCursor)
            case _:
                held_edges = self._held if self._dragging else self._edges_at(at) or (0, 0)
                self.setCursor(_CURSORS.get(held_edges, Qt.CursorShape.SizeBDiagCursor))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows move the frame, with Shift its lower right corner."""
        key = Qt.Key(event.key())
        if key in ARROWS:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            step = max(1.0, min(self._whole()) / 100)
            dx, dy = ARROWS[key]
            self.drag((1, 1) if shift else (0, 0), dx * step, dy * step)
        else:
            super().keyPressEvent(event)

    def drag(self, edges: tuple[int, int], dx: float, dy: float) -> None:
        """Move edges by so many pixels of the picture; it stays on the picture, and never becomes too small."""
        left, top, right, bottom = self.crop
        width, height = self._whole()
        left, right = dragged(left, right, edges[0], dx, width)
        top, bottom = dragged(top, bottom, edges[1], dy, height)
        if edges == (0, 0):
            left, right = moved(*self.crop[::2], dx, width)
            top, bottom = moved(*self.crop[1::2], dy, height)
        self._crop_towards((left, top, right, bottom))

    def _crop_towards(self, wanted: Crop) -> None:
        """Crop as is wanted, or as near to it as leaves no empty corner."""
        before, share = self.crop, 1.0
        for _ in range(8):
            crop = tuple(old + share * (new - old) for old, new in zip(before, wanted, strict=True))
            geometry = replace(self.geometry_, crop=cast(Crop, crop))
            if not has_empty_corner(geometry, self._size):
                self.set_geometry(geometry)
                return
            share /= 2


def _ctrl(event: QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


def _paint_line(painter: QPainter, start: QPointF, end: QPointF) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((QColor(0, 0, 0, 150), 4.0), (QColor(current().accent), 2.0)):
        painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.setBrush(QColor("white"))
        painter.drawLine(start, end)
        for at in (start, end):
            painter.drawEllipse(at, 3.5, 3.5)
