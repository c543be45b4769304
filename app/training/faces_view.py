"""The grid of faces: which are learned from, which are not, and why."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QKeyEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.theme import GRID, current, icon
from app.training.faces_model import FaceRole, FacesModel, verdict
from trainer.dataset import FaceRecord

PICTURE = 104
_LINE = 15  # px of the words below a picture; there are two
CELL = QSize(PICTURE + 2 * GRID, PICTURE + 2 * _LINE + 2 * GRID)


class FacesView(QListView):
    """A click, or the space bar, accepts a face or leaves it out."""

    def __init__(self, model: FacesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setItemDelegate(FaceDelegate(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setGridSize(CELL)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Faces"))
        self.clicked.connect(model.toggle)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Space does what a click does."""
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self._model.toggle(self.currentIndex())
        else:
            super().keyPressEvent(event)


class FaceDelegate(QStyledItemDelegate):
    """Paints a face: bright with a tick, or faded with its reason."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        """All are alike."""
        return CELL

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint it."""
        theme = current()
        face: FaceRecord = index.data(FaceRole.FACE)
        image: QImage | None = index.data(FaceRole.THUMBNAIL)
        place = QRectF(option.rect.x() + GRID, option.rect.y() + GRID // 2, PICTURE, PICTURE)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        path = QPainterPath()
        path.addRoundedRect(place, 6, 6)
        painter.setClipPath(path)
        painter.fillRect(place, QColor(theme.raised))
        painter.setOpacity(1.0 if face.usable else 0.35)
        if image is not None and not image.isNull():
            painter.drawImage(place, image)
        painter.setOpacity(1.0)
        painter.setClipping(False)
        if option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(place, 6, 6)
        badge = QRectF(place.right() - 24, place.top() + 4, 20, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent if face.usable else theme.panel))
        painter.drawEllipse(badge)
        mark = icon("check" if face.usable else "close", accent=face.usable)
        mark.paint(painter, badge.toRect().adjusted(3, 3, -3, -3))
        font = QFont(option.font)
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(QColor(theme.secondary))
        lines = QRectF(place.left() - GRID / 2, place.bottom() + 2, place.width() + GRID, 2 * _LINE)
        words = "" if face.usable and not face.by_user else verdict(face)
        # What two lines can hold: breaking them between words costs room. The tooltip has it all.
        text = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, round(1.7 * lines.width()))
        centred = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(lines, centred, text)
        painter.restore()
