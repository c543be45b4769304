"""The page of the settings on fine-tuning. What it holds is read and made when it is first looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.settings.settings import SettingsStore
from app.theme import GRID
from app.training.controller import TrainingController

if TYPE_CHECKING:
    from app.training.steps import Steps


PAUSE = 50
"""Milliseconds in which the page says that it will take a moment."""

WANTED = QSize(140 * GRID, 95 * GRID)
"""What the settings grow to when the page is first looked at: faces, plots and previews want room."""


class TrainingPage(QWidget):
    """`photos` gives the photos that are open; `folder` is the window's own."""

    try_asked = Signal(str)
    models_changed = Signal()

    def __init__(
        self, controller: TrainingController, store: SettingsStore, photos: Callable[[], list[Path]], folder: Path
    ) -> None:
        super().__init__()
        self._controller, self._store, self._photos, self._folder = controller, store, photos, folder
        self._made: Steps | None = None
        # The plots' library takes a second. Not in another thread: it makes Qt's types known while it is read, and
        # programs crashed that used Qt meanwhile.
        self._reading = QTimer(self)
        self._reading.setSingleShot(True)
        self._reading.timeout.connect(self._read)
        self._waiting = QLabel(self.tr("One moment …"))
        self._waiting.setObjectName("secondary")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._waiting)

    @property
    def steps(self) -> Steps:
        """What the page holds."""
        if self._made is None:
            from app.training.steps import Steps

            self._made = Steps(self._controller, self._store, self._photos, self._folder)
            self._waiting.hide()
            self._made.try_asked.connect(self.try_asked)
            self._made.models_changed.connect(self.models_changed)
            self._column.addWidget(self._made)
        return self._made

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Begin to make it."""
        super().showEvent(event)
        if self._made is None:
            self._make_room()
            self._reading.start(PAUSE)

    @Slot()
    def _read(self) -> None:
        if self.isVisible():
            self.steps.show()

    def _make_room(self) -> None:
        """Let the window grow, as far as the screen goes."""
        window, screen = self.window(), self.screen().availableGeometry()
        window.resize(window.size().expandedTo(WANTED).boundedTo(screen.size() - QSize(4 * GRID, 8 * GRID)))
        frame = window.frameGeometry()
        right, bottom = screen.right() - frame.width(), screen.bottom() - frame.height()
        window.move(max(screen.left(), min(window.x(), right)), max(screen.top(), min(window.y(), bottom)))

    def refresh_models(self) -> None:
        """There are other models than before."""
        if self._made is not None:
            self._made.plan.refresh_models()

    def close_threads(self) -> None:
        """Stop what it does, but for the training."""
        self._reading.stop()
        if self._made is not None:
            self._made.close_threads()
