"""What the window shows while no photo is open: how to open one, and how to get better models."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.amounts import number
from app.theme import GRID, current, icon, themes
from core.models.catalogue import ModelInfo, catalogue
from core.models.store import best_model


class EmptyState(QWidget):
    """Says that photos can be dropped, and opens them."""

    open_asked = Signal()
    models_asked = Signal()

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
        column.addSpacing(5 * GRID)
        self.offer = QLabel()
        self.offer.setObjectName("secondary")
        self.offer.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.offer.setWordWrap(True)
        self.models = QPushButton(self.tr("Show the models…"))
        self.models.clicked.connect(self.models_asked)
        column.addWidget(self.offer)
        column.addSpacing(GRID)
        column.addWidget(self.models, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        self.refresh()
        themes().changed.connect(self._restyle)
        self._restyle()

    @Slot()
    def refresh(self) -> None:
        """Offer the full-size models while the small ones are the best there are."""
        best, wanted = best_model("restorer"), published_models()
        offers = bool(wanted) and (best is None or (best.info is not None and best.info.bundled))
        self.offer.setVisible(offers)
        self.models.setVisible(offers)
        if offers:
            size = sum(info.size or 0 for info in wanted)
            text = self.tr(
                "It works at once with the small models that came along.\n"
                "The full-size ones restore far more detail ({size} MB to download)."
            )
            self.offer.setText(text.format(size=number(size / 1e6)))

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


def published_models() -> list[ModelInfo]:
    """The best restorer, detector and parser that can be downloaded, of those whose sizes are known."""
    known = [info for info in catalogue() if info.url is not None and info.size is not None]
    kinds = ([info for info in known if info.kind == kind] for kind in ("restorer", "detector", "parser"))
    return [max(infos, key=lambda info: info.rank) for infos in kinds if infos]
