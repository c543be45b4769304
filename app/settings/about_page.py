"""About the program: what it is, the licences of all that it is made of, and a report for those who help."""

from __future__ import annotations

import platform
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QPlainTextEdit, QPushButton, QWidget

from app.licences import LGPL_NOTICE, components, model_in_full, package_in_full
from app.logs import LOG
from app.settings.fields import heading, note
from app.settings.pages import Page
from app.settings.settings import SettingsStore, overrides_of
from app.theme import GRID
from app.translation import translated
from core.models import APP_NAME, catalogue, models_folder


class AboutPage(Page):
    """What program this is."""

    def __init__(self, store: SettingsStore, folder: Path) -> None:
        super().__init__()
        self._store, self._folder = store, folder
        self.column.addWidget(heading(f"GFP-GAN Desktop {version(APP_NAME)}"))
        self.column.addWidget(
            note(
                self.tr(
                    "Restores the faces in old photos with GFP-GAN, on this computer. The program is under "
                    "Apache-2.0; the bundled models are for non-commercial use. Qt is used under the LGPL."
                )
            )
        )
        self.report = _read_only()
        self.copy = QPushButton(self.tr("Copy this report"))
        self.copy.clicked.connect(self._copy)
        self.licences = QPushButton(self.tr("Licences…"))
        self.licences.clicked.connect(self._show_licences)
        self.column.addWidget(self.report, 1)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        for button in (self.copy, self.licences):
            row.addWidget(button)
        row.addStretch()
        self.column.addLayout(row)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """The report has what happened until now."""
        super().showEvent(event)
        self.report.setPlainText(self._report())

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
        self.report.setPlainText(self._report())
        QGuiApplication.clipboard().setText(self.report.toPlainText())

    @Slot()
    def _show_licences(self) -> None:
        dialog = LicencesDialog(self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class LicencesDialog(QDialog):
    """Every package and model with its terms, and the texts of the chosen one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Licences"))
        self.resize(940, 620)
        packages, models = components(), catalogue()
        restricted = self.tr("{name} (non-commercial)")
        self._rows: list[tuple[str, Callable[[], str]]] = [("Qt, PySide6, libheif", partial(str, LGPL_NOTICE))]
        self._rows += [(each.name, partial(package_in_full, each)) for each in packages]
        for model in models:
            title = translated(model.title)
            name = restricted.format(name=title) if model.non_commercial else title
            self._rows.append((name, partial(model_in_full, model)))
        self.list = QListWidget()
        self.list.setFixedWidth(36 * GRID)
        self.list.setAccessibleName(self.tr("Packages and models"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.ensurePolished()  # or rows are measured without the theme's padding
        self.list.addItems([name for name, _ in self._rows])
        self.text = _read_only()
        # The texts are laid out for it.
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        row = QHBoxLayout(self)
        row.addWidget(self.list)
        row.addWidget(self.text, 1)
        self.list.currentRowChanged.connect(self._show)
        self.list.setCurrentRow(0)

    @Slot(int)
    def _show(self, row: int) -> None:
        self.text.setPlainText(self._rows[row][1]())


def _read_only() -> QPlainTextEdit:
    field = QPlainTextEdit()
    field.setReadOnly(True)
    return field
