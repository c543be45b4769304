"""What is asked once when the window is closed while a model is trained."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.theme import GRID, current, icon, themes


class ClosingQuestion(QFrame):
    """A bar above the photo with three answers. Escape is the last of them: the window stays."""

    background_asked = Signal()
    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messages")
        self.mark, self.words = QLabel(), QLabel(self.tr("A model is being trained."))
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.background = QPushButton(self.tr("Keep training in the background"))
        self.background.setProperty("primary", "true")
        self.stop, self.stay = QPushButton(self.tr("Save, stop and close")), QPushButton(self.tr("Cancel"))
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        row.setSpacing(GRID)
        for widget in (self.mark, self.words, self.background, self.stop, self.stay):
            row.addWidget(widget)
        self.background.clicked.connect(self._on_background)
        self.stop.clicked.connect(self._on_stop)
        self.stay.clicked.connect(self.hide)
        themes().changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def ask(self) -> None:
        """Show it."""
        self.words.setText(self.tr("A model is being trained."))
        for button in (self.background, self.stop, self.stay):
            button.show()
        self.show()
        self.background.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape cancels."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_background(self) -> None:
        self.hide()
        self.background_asked.emit()

    @Slot()
    def _on_stop(self) -> None:
        self.words.setText(self.tr("Saving what was learned; the window closes then."))
        for button in (self.background, self.stop, self.stay):
            button.hide()
        self.stop_asked.emit()

    @Slot()
    def _restyle(self) -> None:
        theme = current()
        line = f"border: none; border-left: 4px solid {theme.accent};"
        self.setStyleSheet(f"QFrame#messages {{ background: {theme.raised}; {line} }}")
        self.mark.setPixmap(icon("school-outline").pixmap(20, 20))
