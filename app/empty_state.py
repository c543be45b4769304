"""What the window shows while no photo is open."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.theme import GRID, current, icon, themes


class EmptyState(QWidget):
    """Says that photos can be dropped, and opens them."""

    open_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mark = QLabel()
        self.mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title = QLabel(self.tr("Drop old photos here"))
        title.setObjectName("title")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text = QLabel(
            self.tr(
                "Blurred, scratched or small: the faces in them are found and restored.\n"
                "Everything happens on this computer; no photo leaves it."
            )
        )
        text.setObjectName("secondary")
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text.setWordWrap(True)
        self.button = QPushButton(self.tr("Open photos…"))
        self.button.setProperty("primary", "true")
        self.button.setFixedWidth(22 * GRID)
        self.button.clicked.connect(self.open_asked)
        column = QVBoxLayout(self)
        column.addStretch()
        for widget in (self.mark, title, text):
            column.addWidget(widget)
            column.addSpacing(GRID)
        column.addSpacing(GRID)
        column.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        themes().changed.connect(self._restyle)
        self._restyle()

    @Slot()
    def _restyle(self) -> None:
        self.mark.setPixmap(icon("image-plus").pixmap(64, 64))

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        """A dashed frame, as places to drop things have it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(current().canvas))
        pen = QPen(QColor(current().secondary), 1.5)
        pen.setDashPattern([6, 6])
        painter.setPen(pen)
        margin = 3 * GRID
        painter.drawRoundedRect(self.rect().adjusted(margin, margin, -margin, -margin), 12, 12)
