"""The faces of a photo as they are marked on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from app.theme import Theme
from app.viewer.viewport import Viewport
from core.types import Face

_HIT = 9.0  # logical px around a landmark
_DOT = 4.5


@dataclass(frozen=True, eq=False)
class FaceMark:
    """A face, and how it is marked: `included` ones are restored, `drawn` ones are the user's."""

    face: Face
    included: bool = True
    drawn: bool = False
    selected: bool = False


def box_in_view(face: Face, viewport: Viewport) -> QRectF:
    """Where a face's box is seen."""
    left, top, right, bottom = face.box
    return QRectF(QPointF(*viewport.to_view((left, top))), QPointF(*viewport.to_view((right, bottom))))


def face_at(marks: Sequence[FaceMark], viewport: Viewport, point: QPointF) -> int:
    """The index of the smallest face whose box holds a point of the view, -1 for none."""
    boxes = [(box_in_view(mark.face, viewport), index) for index, mark in enumerate(marks)]
    hit = [(box.width() * box.height(), index) for box, index in boxes if box.contains(point)]
    return min(hit)[1] if hit else -1


def landmark_at(mark: FaceMark, viewport: Viewport, point: QPointF) -> int:
    """The index of the landmark of a face that a pointer there would take hold of, -1 for none."""
    for index, (x, y) in enumerate(mark.face.landmarks.tolist()):
        seen = QPointF(*viewport.to_view((x, y)))
        if (seen - point).manhattanLength() <= _HIT:
            return index
    return -1


def paint_marks(
    painter: QPainter, marks: Sequence[FaceMark], viewport: Viewport, theme: Theme, hovered: int
) -> None:
    """Draw the boxes: whole lines for faces that are restored, dashed ones for those left out, each with its
    number; on a dark line below, so that they show on any photo."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for index, mark in enumerate(marks):
        box = box_in_view(mark.face, viewport)
        strong = mark.selected or index == hovered
        _paint_box(painter, box, mark, theme, 2.5 if strong else 1.5)
        _paint_number(painter, box, index + 1, mark, theme)
        if mark.selected:
            _paint_landmarks(painter, mark, viewport, theme)


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
    width = painter.fontMetrics().horizontalAdvance(text) + 12
    above = box.top() >= 22  # else it would be cut off
    tag = QRectF(box.left(), box.top() - 22 if above else box.top() + 4, width, 18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.accent) if mark.selected else QColor(0, 0, 0, 190))
    painter.drawRoundedRect(tag, 5, 5)
    painter.setPen(QColor(theme.on_accent if mark.selected else "#FFFFFF"))
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)


def _paint_landmarks(painter: QPainter, mark: FaceMark, viewport: Viewport, theme: Theme) -> None:
    for x, y in mark.face.landmarks.tolist():
        paint_point(painter, QPointF(*viewport.to_view((x, y))), theme)


def paint_point(painter: QPainter, point: QPointF, theme: Theme) -> None:
    """A dot that can be dragged."""
    painter.setPen(QPen(QColor(0, 0, 0, 180), 1.5))
    painter.setBrush(QColor(theme.accent))
    painter.drawEllipse(point, _DOT, _DOT)
