"""Where an export is, and the way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from app.export.exporter import Exporter
from app.theme import GRID


class ExportProgress(QFrame):
    """A line that is there while an export runs."""

    def __init__(self, exporter: Exporter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("progress")
        self._exporter = exporter
        self.words = QLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setAccessibleName(self.tr("Cancel the export"))
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, GRID // 2, GRID, GRID // 2)
        row.setSpacing(2 * GRID)
        row.addWidget(self.words)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        self.hide()
        exporter.progressed.connect(self._on_progressed)
        exporter.finished.connect(self.hide)
        self.cancel.clicked.connect(self._on_cancel)

    @Slot(int, int)
    def _on_progressed(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        text = self.tr("Exporting: {done} of {total}")
        self.words.setText(text.format(done=min(done + 1, total), total=total))
        self.cancel.setEnabled(True)
        self.setVisible(self._exporter.busy)

    @Slot()
    def _on_cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.words.setText(self.tr("Stopping after this file …"))
        self._exporter.cancel()
