"""Turning, straightening and cropping a photo before it is restored."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QToolButton, QVBoxLayout, QWidget

from app.theme import GRID, current, icon, themes
from app.viewer.pyramid import Pyramid
from app.viewer.tile_maker import tile_maker
from core.geometry import Geometry, Size, has_empty_corner, largest_inside, turned
from core.types import Pixels

Crop = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the straightened picture."""

_GRIP = 14.0  # logical px around the frame's edges
_LEAST = 16.0  # photo px
_MARGIN = 4.0 * GRID


class CropFrame(QWidget):
    """The photo, turned, below a frame whose edges and corners can be dragged; dragging inside moves it."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Crop frame"))
        self._pyramid: Pyramid | None = None
        self._size: Size = (1, 1)
        self.geometry_ = Geometry()
        self._held: tuple[int, int] | None = None  # which edges: -1 left/top, 1 right/bottom, (0, 0) all
        self._last = QPointF()
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
        self.changed.emit()

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
        self._paint_frame(painter, frame)

    @staticmethod
    def _paint_frame(painter: QPainter, frame: QRectF) -> None:
        painter.setPen(QPen(QColor(255, 255, 255, 90), 1))
        for third in (1 / 3, 2 / 3):
            x, y = frame.left() + frame.width() * third, frame.top() + frame.height() * third
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
        if event.button() is Qt.MouseButton.LeftButton:
            self._held, self._last = self._edges_at(event.position()), event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag the edges that are held."""
        held = self._held if self._held is not None else self._edges_at(event.position())
        shapes = {
            (0, 0): Qt.CursorShape.SizeAllCursor,
            (-1, 0): Qt.CursorShape.SizeHorCursor,
            (1, 0): Qt.CursorShape.SizeHorCursor,
            (0, -1): Qt.CursorShape.SizeVerCursor,
            (0, 1): Qt.CursorShape.SizeVerCursor,
            (-1, -1): Qt.CursorShape.SizeFDiagCursor,
            (1, 1): Qt.CursorShape.SizeFDiagCursor,
        }
        arrow = Qt.CursorShape.ArrowCursor
        self.setCursor(arrow if held is None else shapes.get(held, Qt.CursorShape.SizeBDiagCursor))
        if self._held is not None:
            moved = (event.position() - self._last) / self._scale()
            self._last = event.position()
            self.drag(self._held, moved.x(), moved.y())

    def mouseReleaseEvent(self, _: QMouseEvent) -> None:  # noqa: N802
        """Let go."""
        self._held = None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows move the frame, with Shift its lower right corner."""
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        key = Qt.Key(event.key())
        if key in steps:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            step = max(1.0, min(self._whole()) / 100)
            dx, dy = steps[key]
            self.drag((1, 1) if shift else (0, 0), dx * step, dy * step)
        else:
            super().keyPressEvent(event)

    def drag(self, edges: tuple[int, int], dx: float, dy: float) -> None:
        """Move edges by so many pixels of the picture; it stays on the picture, and never becomes too small."""
        left, top, right, bottom = self.crop
        width, height = self._whole()
        left, right = _dragged(left, right, edges[0], dx, width)
        top, bottom = _dragged(top, bottom, edges[1], dy, height)
        if edges == (0, 0):
            left, right = _moved(*self.crop[::2], dx, width)
            top, bottom = _moved(*self.crop[1::2], dy, height)
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


def _dragged(low: float, high: float, edge: int, by: float, limit: float) -> tuple[float, float]:
    if edge < 0:
        return min(max(low + by, 0.0), high - _LEAST), high
    if edge > 0:
        return low, max(min(high + by, limit), low + _LEAST)
    return low, high


def _moved(low: float, high: float, by: float, limit: float) -> tuple[float, float]:
    by = min(max(by, -low), limit - high)
    return low + by, high + by


def _carried(crop: Crop, old: Crop, new: Crop) -> Crop:
    """The part of `new` that `crop` is of `old`."""
    scale = [(new[axis + 2] - new[axis]) / (old[axis + 2] - old[axis]) for axis in (0, 1)]
    edges = (new[place % 2] + (crop[place] - old[place % 2]) * scale[place % 2] for place in range(4))
    return cast(Crop, tuple(edges))


class StraightenView(QWidget):
    """The crop frame with its controls."""

    accepted = Signal(object)  # Geometry
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.frame = CropFrame()
        self.left, self.right = QToolButton(), QToolButton()
        self.left.setToolTip(self.tr("Turn left"))
        self.right.setToolTip(self.tr("Turn right"))
        self.angle = QSlider(Qt.Orientation.Horizontal)
        self.angle.setRange(-450, 450)
        self.angle.setPageStep(10)
        self.angle.setAccessibleName(self.tr("Straighten, in tenths of a degree"))
        self.degrees = QLabel()
        self.degrees.setMinimumWidth(7 * GRID)
        self.reset = QPushButton(self.tr("Reset"))
        self.cancel = QPushButton(self.tr("Cancel"))
        self.accept = QPushButton(self.tr("Apply"))
        self.accept.setProperty("primary", "true")
        row = QHBoxLayout()
        row.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        row.setSpacing(GRID)
        controls: list[QWidget] = [self.left, self.right, self.angle, self.degrees]
        for widget in [*controls, self.reset, self.cancel, self.accept]:
            row.addWidget(widget, 1 if widget is self.angle else 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.frame, 1)
        column.addLayout(row)
        self.left.clicked.connect(lambda: self._turn(3))
        self.right.clicked.connect(lambda: self._turn(1))
        self.angle.valueChanged.connect(self._on_angle)
        self.reset.clicked.connect(lambda: self._show(Geometry()))
        self.cancel.clicked.connect(self.cancelled)
        self.accept.clicked.connect(self._on_accept)
        themes().changed.connect(self._restyle)
        self._restyle()

    def set_photo(self, pixels: Pixels, geometry: Geometry) -> None:
        """Work on a photo as its file has it."""
        self.frame.set_photo(pixels, geometry)
        self._show(geometry)
        self.frame.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Return applies, Escape leaves."""
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._on_accept()
            case Qt.Key.Key_Escape:
                self.cancelled.emit()
            case _:
                super().keyPressEvent(event)

    def _show(self, geometry: Geometry) -> None:
        blocker = QSignalBlocker(self.angle)
        self.angle.setValue(round(geometry.degrees * 10))
        del blocker
        self.degrees.setText(f"{geometry.degrees:+.1f}°" if geometry.degrees else "0°")
        self.frame.set_geometry(geometry)

    def _turn(self, quarters: int) -> None:
        self._show(turned(self.frame.geometry_, quarters, self.frame.photo_size))

    @Slot(int)
    def _on_angle(self, tenths: int) -> None:
        """Straighten; a crop stays what it is of the largest one."""
        geometry, size = self.frame.geometry_, self.frame.photo_size
        straightened = replace(geometry, degrees=tenths / 10, crop=None)
        old, new = largest_inside(replace(geometry, crop=None), size), largest_inside(straightened, size)
        crop = _carried(self.frame.crop, old, new)
        whole = tenths == 0 and np.allclose(crop, new, atol=0.5)
        self._show(replace(straightened, crop=None if whole else crop))

    @Slot()
    def _on_accept(self) -> None:
        self.accepted.emit(self.frame.geometry_)

    @Slot()
    def _restyle(self) -> None:
        self.left.setIcon(icon("rotate-left"))
        self.right.setIcon(icon("rotate-right"))
