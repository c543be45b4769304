"""The faces of a photo as they are marked on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from app.theme import Theme
from app.viewer.viewport import Viewport
from core.types import Face

HIT = 9.0
"""Logical pixels around a point in which it is taken hold of."""

_DOT = 4.5


@dataclass(frozen=True, eq=False)
class FaceMark:
    """A face, and how it is marked: `included` ones are to be restored and `restored` ones are, `drawn` ones were
    placed by hand."""

    face: Face
    included: bool = True
    drawn: bool = False
    selected: bool = False
    restored: bool = False


def box_in_view(face: Face, viewport: Viewport) -> QRectF:
    """Where a face's box is seen."""
    left, top, right, bottom = face.box
    return QRectF(QPointF(*viewport.to_view((left, top))), QPointF(*viewport.to_view((right, bottom))))


def face_at(marks: Sequence[FaceMark], viewport: Viewport, point: QPointF) -> int:
    """The index of the smallest face whose box holds a point of the view, -1 for none."""
    boxes = [(box_in_view(mark.face, viewport), index) for index, mark in enumerate(marks)]
    hit = [(box.width() * box.height(), index) for box, index in boxes if box.contains(point)]
    return min(hit)[1] if hit else -1


def neighbour(marks: Sequence[FaceMark], index: int, dx: int, dy: int) -> int:
    """The index of the face next to one in a direction: the nearest, counting twice what lies aside; the same
    where there is none."""
    x, y = _centre(marks[index].face)
    best, nearest = index, math.inf
    for other, mark in enumerate(marks):
        to_x, to_y = _centre(mark.face)
        ahead = (to_x - x) * dx + (to_y - y) * dy
        far = ahead + 2 * abs((to_x - x) * dy + (to_y - y) * dx)
        if ahead > 0 and far < nearest:
            best, nearest = other, far
    return best


def _centre(face: Face) -> tuple[float, float]:
    left, top, right, bottom = face.box
    return (left + right) / 2, (top + bottom) / 2


def landmark_at(mark: FaceMark, viewport: Viewport, point: QPointF) -> int:
    """The index of the landmark of a face that a pointer there would take hold of, -1 for none."""
    for index, (x, y) in enumerate(mark.face.landmarks.tolist()):
        seen = QPointF(*viewport.to_view((x, y)))
        if (seen - point).manhattanLength() <= HIT:
            return index
    return -1


def paint_marks(
    painter: QPainter,
    marks: Sequence[FaceMark],
    viewport: Viewport,
    theme: Theme,
    hovered: int = -1,
    focused: int = -1,
    held: int = -1,
    points: bool = True,
) -> None:
    """Draw the boxes: whole lines for faces that are restored, dashed ones for those left out, each with its
    number, and a pencil where it was placed by hand; a ring around the one that has the keyboard's focus. All of
    it on a dark line, so that it shows on any photo. `points`: also those of the chosen face, with a white ring
    around the one that is `held`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for index, mark in enumerate(marks):
        box = box_in_view(mark.face, viewport)
        strong = mark.selected or index == hovered
        if index == focused:
            _paint_ring(painter, box, theme)
        _paint_box(painter, box, mark, theme, 2.5 if strong else 1.5)
        _paint_number(painter, box, index + 1, mark, theme)
        if mark.selected and points:
            _paint_landmarks(painter, mark, viewport, theme, held)


def _paint_ring(painter: QPainter, box: QRectF, theme: Theme) -> None:
    around = box.adjusted(-6, -6, 6, 6)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((QColor(0, 0, 0, 170), 5.0), (QColor("#FFFFFF"), 3.0), (QColor(theme.accent), 1.5)):
        painter.setPen(QPen(color, width))
        painter.drawRoundedRect(around, 10, 10)


def _paint_box(painter: QPainter, box: QRectF, mark: FaceMark, theme: Theme, width: float) -> None:
    radius = min(8.0, box.width() / 6)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 130), width + 2))
    painter.drawRoundedRect(box, radius, radius)
    pen = QPen(QColor(theme.accent if mark.selected else "#FFFFFF"), width)
    if not mark.included:
        pen.setDashPattern([4, 4])
    painter.setPen(pen)
    painter.drawRoundedRect(box, radius, radius)


def _paint_number(painter: QPainter, box: QRectF, number: int, mark: FaceMark, theme: Theme) -> None:
    text = str(number) if mark.included else f"{number} ✕"
    font = QFont(painter.font())
    font.setPixelSize(12)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    pencil = 14 if mark.drawn else 0
    width = painter.fontMetrics().horizontalAdvance(text) + 12 + pencil
    above = box.top() >= 22  # else it would be cut off
    tag = QRectF(box.left(), box.top() - 22 if above else box.top() + 4, width, 18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.accent) if mark.selected else QColor(0, 0, 0, 190))
    painter.drawRoundedRect(tag, 5, 5)
    color = QColor(theme.on_accent if mark.selected else "#FFFFFF")
    painter.setPen(color)
    painter.drawText(tag.adjusted(0, 0, -pencil, 0), Qt.AlignmentFlag.AlignCenter, text)
    if mark.drawn:
        _paint_pencil(painter, QPointF(tag.right() - 12, tag.center().y()), color)


def _paint_pencil(painter: QPainter, at: QPointF, color: QColor) -> None:
    """A small pencil, pointing down to the left."""
    painter.save()
    painter.translate(at + QPointF(1, 4))
    painter.rotate(-45)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawPolygon([QPointF(0, 0), QPointF(3, -1.8), QPointF(3, 1.8)])
    painter.drawRect(QRectF(3.8, -1.8, 4.5, 3.6))
    painter.drawRect(QRectF(9.0, -1.8, 1.8, 3.6))
    painter.restore()


def _paint_landmarks(painter: QPainter, mark: FaceMark, viewport: Viewport, theme: Theme, held: int) -> None:
    for index, (x, y) in enumerate(mark.face.landmarks.tolist()):
        at = QPointF(*viewport.to_view((x, y)))
        if index == held:
            painter.setPen(QPen(QColor(0, 0, 0, 180), 1))
            painter.setBrush(QColor("#FFFFFF"))
            painter.drawEllipse(at, _DOT + 4, _DOT + 4)
        paint_point(painter, at, theme)


def paint_point(painter: QPainter, point: QPointF, theme: Theme) -> None:
    """A dot that can be dragged."""
    painter.setPen(QPen(QColor(0, 0, 0, 180), 1.5))
    painter.setBrush(QColor(theme.accent))
    painter.drawEllipse(point, _DOT, _DOT)
