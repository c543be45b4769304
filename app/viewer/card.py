"""The card of a face: its crop before and after, its number and state, beside the face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen

from app.faces.pixmaps import FACE_WITH_ROOM
from app.theme import GRID, RADIUS, Theme
from app.viewer.pyramid import Pyramid

_SIDE = 13.0 * GRID  # of a crop
_LINE = 18.0  # of text


@dataclass(frozen=True)
class Card:
    """What is written on it, and the face's box in a photo of (width, height)."""

    title: str
    state: str
    box: tuple[float, float, float, float]
    photo: tuple[float, float]


SIZE = QSizeF(2 * _SIDE + 2.5 * GRID, _SIDE + 2 * _LINE + 2 * GRID)
"""Of a card, in logical pixels."""


def place_beside(box: QRectF, view: QRectF) -> QRectF | None:
    """Where in the view a card goes that does not cover a face's box; None where there is no room."""
    gap = 2.0 * GRID
    room = view.adjusted(GRID, GRID, -GRID, -GRID)
    centred = box.center() - QPointF(SIZE.width(), SIZE.height()) / 2
    beside = [
        QPointF(box.right() + gap, centred.y()),
        QPointF(box.left() - gap - SIZE.width(), centred.y()),
        QPointF(centred.x(), box.bottom() + gap),
        QPointF(centred.x(), box.top() - gap - GRID * 2 - SIZE.height()),
    ]
    for corner in beside:
        x = min(max(corner.x(), room.left()), room.right() - SIZE.width())
        y = min(max(corner.y(), room.top()), room.bottom() - SIZE.height())
        place = QRectF(QPointF(x, y), SIZE)
        if room.contains(place) and not place.intersects(box):
            return place
    return None


def paint_card(
    painter: QPainter, card: Card, pictures: Sequence[Pyramid], place: QRectF, ratio: float, theme: Theme
) -> None:
    """Draw it with the face in each of the pictures, before and after or before alone."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for grow, alpha in ((3, 20), (1.5, 40)):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, alpha))
        painter.drawRoundedRect(place.adjusted(-grow, -grow + 1, grow, grow + 1), RADIUS + grow, RADIUS + grow)
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.setBrush(QColor(theme.panel))
    painter.drawRoundedRect(place, RADIUS, RADIUS)
    corner = place.topLeft() + QPointF(GRID, GRID)
    width = place.width() - 2 * GRID
    if len(pictures) == 1:
        _paint_crop(painter, pictures[0], card, QRectF(corner, QSizeF(width, _SIDE)), ratio)
    else:
        for number, picture in enumerate(pictures):
            at = corner + QPointF(number * (_SIDE + GRID / 2), 0)
            _paint_crop(painter, picture, card, QRectF(at, QSizeF(_SIDE, _SIDE)), ratio)
    line = QRectF(corner.x(), corner.y() + _SIDE + GRID / 2, width, _LINE)
    _paint_line(painter, card.title, line, theme.text, bold=True)
    _paint_line(painter, card.state, line.translated(0, _LINE), theme.secondary, bold=False)
    painter.restore()


def _paint_crop(painter: QPainter, picture: Pyramid, card: Card, place: QRectF, ratio: float) -> None:
    left, top, right, bottom = card.box
    scale = place.height() / (FACE_WITH_ROOM * max(right - left, bottom - top))
    middle = QPointF((left + right + 1) / 2, (top + bottom + 1) / 2)
    target = QRectF(place.center() - middle * scale, QSizeF(*card.photo) * scale)
    path = QPainterPath()
    path.addRoundedRect(place, RADIUS - 2, RADIUS - 2)
    painter.save()
    painter.setClipPath(path)
    picture.paint(painter, target, place, ratio)
    painter.restore()


def _paint_line(painter: QPainter, text: str, place: QRectF, color: str, bold: bool) -> None:
    font = QFont(painter.font())
    font.setPixelSize(12)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    painter.setFont(font)
    painter.setPen(QColor(color))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(place.width()))
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
