"""The program as the desktop sees it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class Application(QApplication):
    """Takes photos that the desktop opens with it: macOS sends them as events, not as arguments."""

    photos_asked = Signal(list)
    """Paths to open."""

    def event(self, event: QEvent) -> bool:
        """Pass a photo on."""
        if isinstance(event, QFileOpenEvent):
            self.photos_asked.emit([Path(event.file())])
            return True
        return super().event(event)
