"""The settings, page by page, in a window beside the main one."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from app.logs import LOG
from app.settings.device_page import DevicePage
from app.settings.fields import heading, note
from app.settings.models_page import ModelsPage
from app.settings.pages import GeneralPage, Page, PrivacyPage, RestorationPage
from app.settings.settings import SettingsStore, overrides_of
from app.theme import GRID, icon, themes
from core.models.folders import APP_NAME, models_folder


class AboutPage(Page):
    """What program this is, and a report for those who help."""

    def __init__(self, store: SettingsStore, folder: Path) -> None:
        super().__init__()
        self._store, self._folder = store, folder
        self.column.addWidget(heading(f"GFP-GAN Desktop {version(APP_NAME)}"))
        self.column.addWidget(
            note(
                self.tr(
                    "Restores the faces in old photos with GFP-GAN, on this computer. The program is under "
                    "Apache-2.0; the bundled models are for non-commercial use."
                )
            )
        )
        self.report = QPlainTextEdit()
        self.report.setReadOnly(True)
        self.report.setPlainText(self._report())
        self.copy = QPushButton(self.tr("Copy this report"))
        self.copy.clicked.connect(self._copy)
        self.column.addWidget(self.report, 1)
        self.column.addWidget(self.copy, alignment=Qt.AlignmentFlag.AlignLeft)

    def _report(self) -> str:
        packages = ("PySide6", "torch", "openvino", "opencv-python", "numpy", "pillow")
        lines = [
            f"{APP_NAME} {version(APP_NAME)}, Python {platform.python_version()}, {platform.platform()}",
            ", ".join(f"{name} {version(name)}" for name in packages),
            f"models: {models_folder()}",
            f"settings: {overrides_of(self._store.value) or 'as they come'}",
        ]
        log = self._folder / LOG
        if log.is_file():
            lines += ["log:", *log.read_text(encoding="utf-8", errors="replace").splitlines()[-40:]]
        return "\n".join(lines)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())


class SettingsPanel(QDialog):
    """Pages with a list of them. Others add theirs with `add_page`."""

    models_changed = Signal()

    def __init__(self, store: SettingsStore, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.resize(860, 600)
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
