"""The settings are opened, and what changes there is passed on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.settings.panel import SettingsPanel
from app.settings.settings import SettingsStore
from app.window.training import Training


class Preferences(QObject):
    """Makes the settings when they are first wanted (`panel`, None before), with the page on training."""

    models_changed = Signal()
    """There are other models on this machine than before."""

    def __init__(self, settings: SettingsStore, training: Training, folder: Path, window: QWidget) -> None:
        super().__init__(window)
        self._settings, self._training, self._folder, self._window = settings, training, folder, window
        self.panel: SettingsPanel | None = None
        training.page_asked.connect(self.show_training)
        training.models_changed.connect(self._on_trained)

    @Slot()
    def show(self) -> None:
        """Open the settings where they were left."""
        self._made().show()

    @Slot()
    def show_models(self) -> None:
        """Open the models."""
        panel = self._made()
        panel.show_page(panel.models)

    @Slot()
    def show_about(self) -> None:
        """Open what is said about the program."""
        panel = self._made()
        panel.show_page(panel.about)

    @Slot()
    def show_training(self) -> None:
        """Open the page on fine-tuning."""
        panel = self._made()
        panel.show_page(panel.training)

    def close(self) -> None:
        """End what its pages do."""
        if self.panel is not None:
            self.panel.close()
            self.panel.close_threads()

    def _made(self) -> SettingsPanel:
        if self.panel is None:
            self.panel = SettingsPanel(self._settings, self._folder, self._window)
            self._training.add_page(self.panel)
            self.panel.models_changed.connect(self.models_changed)
        return self.panel

    @Slot()
    def _on_trained(self) -> None:
        if self.panel is not None:
            self.panel.refresh_models()
        self.models_changed.emit()
