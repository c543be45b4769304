"""One photo in the strip: its thumbnail, its name, and where it stands."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.document.library import PhotoState, Role
from app.theme import GRID, current, icon

WIDTH, HEIGHT = 132, 128
PICTURE = 84  # logical px, height of the thumbnail

ICONS = {
    PhotoState.LOOKING: "face-recognition",
    PhotoState.QUEUED: "clock-outline",
    PhotoState.RESTORING: "creation",
    PhotoState.DONE: "check-circle",
    PhotoState.FAILED: "alert-circle",
}


class PhotoDelegate(QStyledItemDelegate):
    """Paints an item."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        """All are alike."""
        return QSize(WIDTH, HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint it."""
        # Qt makes plain text of it.
        theme, state = current(), PhotoState(index.data(Role.STATE))
        rect = QRectF(option.rect).adjusted(3, 3, -3, -3)
        flags = option.state
        selected = bool(flags & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if selected or flags & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(QColor(theme.accent), 2) if selected else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(rect, 8, 8)
        picture = QRectF(rect.left() + 6, rect.top() + 6, rect.width() - 12, PICTURE)
        self._paint_picture(painter, picture, index.data(Role.THUMBNAIL), state)
        self._paint_state(painter, picture, state, index.data(Role.PROGRESS))
        painter.setPen(QColor(theme.danger if state is PhotoState.FAILED else theme.text))
        font = QFont(option.font)
        font.setPixelSize(12)
        painter.setFont(font)
        line = QRectF(picture.left(), picture.bottom() + 6, picture.width(), 18)
        name = painter.fontMetrics().elidedText(
            index.data(Qt.ItemDataRole.DisplayRole), Qt.TextElideMode.ElideMiddle, round(line.width())
        )
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, name)
        painter.restore()

    def _paint_picture(
        self, painter: QPainter, place: QRectF, thumbnail: QImage | None, state: PhotoState
    ) -> None:
        theme = current()
        if thumbnail is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.border))
            painter.drawRoundedRect(place, 5, 5)
            name = "image-broken-variant" if state is PhotoState.FAILED else "image-outline"
            icon(name).paint(painter, place.toRect().adjusted(30, 26, -30, -26))
            return
        size = thumbnail.size().scaled(place.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(0, 0, size.width(), size.height())
        target.moveCenter(place.center())
        path = QPainterPath()
        path.addRoundedRect(target, 5, 5)
        painter.save()
        painter.setClipPath(path)
        painter.drawImage(target, thumbnail)
        painter.restore()

    def _paint_state(self, painter: QPainter, place: QRectF, state: PhotoState, progress: float) -> None:
        theme = current()
        if state in ICONS:
            badge = QRectF(place.right() - 25, place.top() + 3, 22, 22)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.panel))
            painter.drawEllipse(badge)
            icon(ICONS[state]).paint(painter, badge.toRect().adjusted(3, 3, -3, -3))
        if state is PhotoState.RESTORING:
            bar = QRectF(place.left(), place.bottom() - 4, place.width(), 4)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.border))
            painter.drawRoundedRect(bar, 2, 2)
            bar.setWidth(max(4.0, bar.width() * progress))
            painter.setBrush(QColor(theme.accent))
            painter.drawRoundedRect(bar, 2, 2)


SPACING = GRID // 2
