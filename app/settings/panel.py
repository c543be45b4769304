"""The settings, page by page, in a window beside the main one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QWidget

from app.settings.about_page import AboutPage
from app.settings.device_page import DevicePage
from app.settings.models_page import ModelsPage
from app.settings.pages import GeneralPage, PrivacyPage, RestorationPage
from app.settings.settings import SettingsStore
from app.theme import GRID, icon, themes


class SettingsPanel(QDialog):
    """Pages with a list of them. Others add theirs with `add_page`."""

    models_changed = Signal()

    def __init__(self, store: SettingsStore, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.resize(860, min(600, self.screen().availableGeometry().height() - 8 * GRID))
        self.list = QListWidget()
        self.list.setFixedWidth(24 * GRID)
        self.list.setIconSize(QSize(20, 20))
        self.list.setAccessibleName(self.tr("Pages"))
        self.stack = QStackedWidget()
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        row.setSpacing(3 * GRID)
        row.addWidget(self.list)
        row.addWidget(self.stack, 1)
        self.models, self.devices, self.about = ModelsPage(store), DevicePage(store), AboutPage(store, folder)
        self.restoration = RestorationPage(store)
        self.models.changed.connect(self.restoration.refresh_models)
        self.privacy, self.training = PrivacyPage(), QWidget()
        self._icons: list[str] = []
        self.add_page(self.tr("General"), "tune", GeneralPage(store))
        self.add_page(self.tr("Restoration"), "face-man-shimmer-outline", self.restoration)
        self.add_page(self.tr("Devices"), "chip", self.devices)
        self.add_page(self.tr("Models"), "cube-outline", self.models)
        self.add_page(self.tr("Privacy"), "shield-lock-outline", self.privacy)
        self.add_page(self.tr("About"), "information-outline", self.about)
        self.list.currentRowChanged.connect(self.stack.setCurrentIndex)
        self.list.setCurrentRow(0)
        self.models.changed.connect(self.models_changed)
        themes().changed.connect(self._restyle)

    def add_page(self, title: str, icon_name: str, page: QWidget, before: QWidget | None = None) -> None:
        """Add a page before another one, or behind all."""
        place = self.stack.count() if before is None else self.stack.indexOf(before)
        self._icons.insert(place, icon_name)
        self.list.insertItem(place, QListWidgetItem(icon(icon_name), title))
        self.stack.insertWidget(place, page)

    def show_page(self, page: QWidget) -> None:
        """Open the panel at a page."""
        self.list.setCurrentRow(self.stack.indexOf(page))
        self.show()
        self.raise_()

    @Slot()
    def refresh_models(self) -> None:
        """Somebody else made, renamed or removed a model."""
        self.models.refresh()
        self.restoration.refresh_models()

    def close_threads(self) -> None:
        """Stop what the pages do."""
        self.models.work.close()
        self.devices.work.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Downloads go on; the panel is only hidden."""
        event.accept()

    @Slot()
    def _restyle(self) -> None:
        for place, name in enumerate(self._icons):
            self.list.item(place).setIcon(icon(name))
