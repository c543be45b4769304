"""The list of the strip: photos are dragged to another place in it, and restored ones out of the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QMimeData, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from app.document.library import Role
from app.strip.delegate import HEIGHT, SPACING, PhotoDelegate
from app.theme import current

_PICTURE = 96  # logical px that a dragged photo is shown at

DataOf = Callable[[list[int]], QMimeData]
"""What programs that photos are dropped on get of them, by their keys."""


class PhotoList(QListView):
    """One row of photos. `data_of` makes what is dragged out; `moved` tells that photos shall lie before the one
    at a row."""

    moved = Signal(list, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.data_of: DataOf = lambda _: QMimeData()
        self._target: int | None = None
        self.setItemDelegate(PhotoDelegate(self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setSpacing(SPACING)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(HEIGHT + 2 * SPACING + 12)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)

    def selected_keys(self) -> list[int]:
        """The keys of the selected photos, in the order of the list."""
        indexes = sorted(self.selectionModel().selectedIndexes(), key=QModelIndex.row)
        return [index.data(Role.KEY) for index in indexes]

    def startDrag(self, _: Qt.DropAction) -> None:  # noqa: N802
        """Let the selected photos be dragged."""
        keys = self.selected_keys()
        if keys:
            drag = QDrag(self)
            drag.setMimeData(self.data_of(keys))
            drag.setPixmap(self._picture())
            # A copy wherever it goes: nobody shall move the file away that the photo is dragged as.
            drag.exec(Qt.DropAction.CopyAction)
            self._set_target(None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Its own photos may be dropped here; what comes from elsewhere is the window's."""
        self._answer(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802
        """Show where they would come to lie."""
        self._answer(event)
        if event.isAccepted():
            self._set_target(self.row_at(event.position().toPoint()))
            self._scroll(event.position().toPoint())

    def dragLeaveEvent(self, _: QDragLeaveEvent) -> None:  # noqa: N802
        """They would not."""
        self._set_target(None)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Put them there."""
        if event.source() is self:
            event.acceptProposedAction()
            self.moved.emit(self.selected_keys(), self.row_at(event.position().toPoint()))
        self._set_target(None)

    def row_at(self, at: QPoint) -> int:
        """The row before which something that is dropped at a place comes to lie."""
        rows = self.model().rowCount()
        rects = (self.visualRect(self.model().index(row, 0)) for row in range(rows))
        return next((row for row, rect in enumerate(rects) if at.x() < rect.center().x()), rows)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the photos, and a line where dragged ones would come to lie."""
        super().paintEvent(event)
        if self._target is None or not self.model().rowCount():
            return
        last = self._target == self.model().rowCount()
        rect = self.visualRect(self.model().index(self._target - int(last), 0))
        x = rect.right() + SPACING // 2 if last else rect.left() - SPACING // 2
        painter = QPainter(self.viewport())
        painter.fillRect(max(0, x - 1), rect.top() + 4, 3, rect.height() - 8, QColor(current().accent))

    def _answer(self, event: QDragMoveEvent) -> None:
        if event.source() is self:
            event.acceptProposedAction()
        else:
            event.ignore()

    def _scroll(self, at: QPoint) -> None:
        bar, edge = self.horizontalScrollBar(), 32
        if at.x() < edge:
            bar.setValue(bar.value() - edge // 2)
        elif at.x() > self.viewport().width() - edge:
            bar.setValue(bar.value() + edge // 2)

    def _set_target(self, row: int | None) -> None:
        if row != self._target:
            self._target = row
            self.viewport().update()

    def _picture(self) -> QPixmap:
        thumbnail = self.currentIndex().data(Role.THUMBNAIL)
        if thumbnail is None:
            return QPixmap()
        side = round(_PICTURE * self.devicePixelRatioF())
        pixmap = QPixmap.fromImage(thumbnail).scaled(
            side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        return pixmap
