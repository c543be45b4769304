"""A button that shows or hides what is below it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QToolButton, QWidget

from app.theme import icon, themes


class UnfoldButton(QToolButton):
    """Is checked while `body`, which is hidden at first, is shown."""

    def __init__(self, text: str, body: QWidget) -> None:
        super().__init__()
        self._body = body
        self.setProperty("text", "true")
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setText(text)
        body.hide()
        self.toggled.connect(self._on_toggled)
        themes().changed.connect(self._restyle)
        self._restyle()

    @Slot(bool)
    def _on_toggled(self, shown: bool) -> None:
        self._body.setVisible(shown)
        self._restyle()

    @Slot()
    def _restyle(self) -> None:
        self.setIcon(icon("chevron-down" if self.isChecked() else "chevron-right"))
